/**
 * Two pools of bytes: one at large for everybody, up to a limit per node, and one for validators by their stake.
 *
 * What a node takes is kept per node and pool, not per message: what comes back fills the validator pool first
 * (upstream `network/throttling/common.go`).
 *
 * @module
 */

import type { NodeID } from "../../core/ids/node_id.ts";
import type { ValidatorManager } from "../../core/validators/manager.ts";
import { validatorShare } from "./validator_share.ts";

/** Sizes of the pools. All are bytes. */
export interface MsgByteThrottlerOptions {
  /** Shared by the validators of the primary network, each up to its share of the stake. */
  readonly vdrAllocSize?: number;
  /** Open to every node. */
  readonly atLargeAllocSize?: number;
  /** The most that one node takes from the at-large pool; at least the largest message. */
  readonly nodeMaxAtLargeBytes?: number;
}

/** What the pools hold and who has taken what, for tests and reports. Nodes that hold nothing are absent. */
export interface BytePoolsState {
  readonly remainingAtLargeBytes: number;
  readonly remainingVdrBytes: number;
  readonly nodeToAtLargeBytesUsed: Readonly<Record<string, number>>;
  readonly nodeToVdrBytesUsed: Readonly<Record<string, number>>;
}

interface NodeBytes {
  atLarge: number;
  vdr: number;
}

/** So many nodes are remembered although they hold nothing: most messages are given back before the next one comes. */
const MAX_IDLE_NODES = 1_024;

export class BytePools {
  readonly #validators: ValidatorManager;
  readonly #vdrAllocSize: number;
  readonly #nodeMaxAtLargeBytes: number;
  readonly #nodes = new Map<NodeID, NodeBytes>();
  #remainingAtLarge: number;
  #remainingVdr: number;

  constructor(validators: ValidatorManager, options: Required<MsgByteThrottlerOptions>) {
    this.#validators = validators;
    this.#vdrAllocSize = options.vdrAllocSize;
    this.#nodeMaxAtLargeBytes = options.nodeMaxAtLargeBytes;
    this.#remainingAtLarge = options.atLargeAllocSize;
    this.#remainingVdr = options.vdrAllocSize;
  }

  get remainingAtLarge(): number {
    return this.#remainingAtLarge;
  }

  get remainingVdr(): number {
    return this.#remainingVdr;
  }

  /** How many of `wanted` bytes the at-large pool has for a node. */
  atLargeRoom(nodeID: NodeID, wanted: number): number {
    const used = this.#nodes.get(nodeID)?.atLarge ?? 0;
    return Math.min(wanted, this.#nodeMaxAtLargeBytes - used, this.#remainingAtLarge);
  }

  /** How many of `wanted` bytes the validator pool has for a node, by its weight at this moment. */
  vdrRoom(nodeID: NodeID, wanted: number): number {
    const share = validatorShare(this.#validators, nodeID, this.#vdrAllocSize);
    const used = this.#nodes.get(nodeID)?.vdr ?? 0;
    return Math.min(this.#remainingVdr, wanted, Math.max(0, share - used));
  }

  /** Takes bytes that {@link atLargeRoom} has found. */
  takeAtLarge(nodeID: NodeID, bytes: number): void {
    if (bytes === 0) return;
    this.#remainingAtLarge -= bytes;
    this.#node(nodeID).atLarge += bytes;
  }

  /** Takes bytes that {@link vdrRoom} has found. */
  takeVdr(nodeID: NodeID, bytes: number): void {
    if (bytes === 0) return;
    this.#remainingVdr -= bytes;
    this.#node(nodeID).vdr += bytes;
  }

  /** What a node holds of the validator pool. */
  vdrUsed(nodeID: NodeID): number {
    return this.#nodes.get(nodeID)?.vdr ?? 0;
  }

  returnAtLarge(nodeID: NodeID, bytes: number): void {
    if (bytes === 0) return;
    this.#remainingAtLarge += bytes;
    const node = this.#node(nodeID);
    node.atLarge -= bytes;
    this.#forgetIfEmpty(nodeID, node);
  }

  returnVdr(nodeID: NodeID, bytes: number): void {
    if (bytes === 0) return;
    this.#remainingVdr += bytes;
    const node = this.#node(nodeID);
    node.vdr -= bytes;
    this.#forgetIfEmpty(nodeID, node);
  }

  state(): BytePoolsState {
    const of = (pool: keyof NodeBytes): Record<string, number> =>
      Object.fromEntries([...this.#nodes].flatMap(([id, used]) => (used[pool] === 0 ? [] : [[id, used[pool]]])));
    return {
      remainingAtLargeBytes: this.#remainingAtLarge,
      remainingVdrBytes: this.#remainingVdr,
      nodeToAtLargeBytesUsed: of("atLarge"),
      nodeToVdrBytesUsed: of("vdr"),
    };
  }

  #node(nodeID: NodeID): NodeBytes {
    let node = this.#nodes.get(nodeID);
    if (node === undefined) {
      node = { atLarge: 0, vdr: 0 };
      this.#nodes.set(nodeID, node);
    }
    return node;
  }

  #forgetIfEmpty(nodeID: NodeID, node: NodeBytes): void {
    if (this.#nodes.size > MAX_IDLE_NODES && node.atLarge === 0 && node.vdr === 0) this.#nodes.delete(nodeID);
  }
}
