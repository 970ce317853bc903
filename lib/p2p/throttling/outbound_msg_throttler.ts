/**
 * Limits the bytes that are queued to be sent, with more for validators with more stake (upstream
 * `network/throttling/outbound_msg_throttler.go`). What does not fit is dropped: a sender never waits.
 *
 * @module
 */

import type { NodeID } from "../../core/ids/node_id.ts";
import type { MetricsNamespace } from "../../core/metrics.ts";
import type { ValidatorManager } from "../../core/validators/manager.ts";
import { BytePools, type BytePoolsState, type MsgByteThrottlerOptions } from "./byte_pools.ts";
import type { OutboundMsgThrottler } from "./contract.ts";

/** Bytes: 32 MiB (upstream `DefaultOutboundThrottlerAtLargeAllocSize`). */
export const DEFAULT_OUTBOUND_AT_LARGE_ALLOC_SIZE = 32 * 1024 * 1024;
/** Bytes: 32 MiB (upstream `DefaultOutboundThrottlerVdrAllocSize`). */
export const DEFAULT_OUTBOUND_VDR_ALLOC_SIZE = 32 * 1024 * 1024;
/** Bytes: 2 MiB, the largest message (upstream `DefaultOutboundThrottlerNodeMaxAtLargeBytes`). */
export const DEFAULT_OUTBOUND_NODE_MAX_AT_LARGE_BYTES = 2 * 1024 * 1024;

export interface OutboundMsgThrottlerModules {
  readonly validators: ValidatorManager;
  /** `avalanche_network`. */
  readonly metrics?: MetricsNamespace | undefined;
}

export class SybilOutboundMsgThrottler implements OutboundMsgThrottler {
  readonly #pools: BytePools;
  #successes = 0;
  #failures = 0;
  #awaitingRelease = 0;

  constructor(modules: OutboundMsgThrottlerModules, options: MsgByteThrottlerOptions = {}) {
    this.#pools = new BytePools(modules.validators, {
      vdrAllocSize: options.vdrAllocSize ?? DEFAULT_OUTBOUND_VDR_ALLOC_SIZE,
      atLargeAllocSize: options.atLargeAllocSize ?? DEFAULT_OUTBOUND_AT_LARGE_ALLOC_SIZE,
      nodeMaxAtLargeBytes: options.nodeMaxAtLargeBytes ?? DEFAULT_OUTBOUND_NODE_MAX_AT_LARGE_BYTES,
    });
    if (modules.metrics !== undefined) this.#declare(modules.metrics);
  }

  acquire(size: number, nodeID: NodeID, bypassThrottling: boolean): boolean {
    if (bypassThrottling) return true;
    const atLarge = this.#pools.atLargeRoom(nodeID, size);
    if (atLarge < size) {
      const vdr = this.#pools.vdrRoom(nodeID, size - atLarge);
      if (atLarge + vdr < size) {
        this.#failures++;
        return false;
      }
      this.#pools.takeVdr(nodeID, vdr);
    }
    this.#pools.takeAtLarge(nodeID, atLarge);
    this.#successes++;
    this.#awaitingRelease++;
    return true;
  }

  release(size: number, nodeID: NodeID, bypassThrottling: boolean): void {
    if (bypassThrottling) return;
    const vdr = Math.min(size, this.#pools.vdrUsed(nodeID));
    this.#pools.returnVdr(nodeID, vdr);
    this.#pools.returnAtLarge(nodeID, size - vdr);
    this.#awaitingRelease--;
  }

  state(): BytePoolsState {
    return this.#pools.state();
  }

  #declare(metrics: MetricsNamespace): void {
    metrics.countedBy(
      { name: "throttler_outbound_acquire_successes", help: "Outbound messages that the throttler let pass" },
      () => this.#successes,
    );
    metrics.countedBy(
      { name: "throttler_outbound_acquire_failures", help: "Outbound messages that the throttler dropped" },
      () => this.#failures,
    );
    metrics.gaugedBy(
      { name: "throttler_outbound_remaining_at_large_bytes", help: "Bytes left in the outbound at-large pool" },
      () => this.#pools.remainingAtLarge,
    );
    metrics.gaugedBy(
      { name: "throttler_outbound_remaining_validator_bytes", help: "Bytes left in the outbound validator pool" },
      () => this.#pools.remainingVdr,
    );
    metrics.gaugedBy(
      { name: "throttler_outbound_awaiting_release", help: "Messages that wait to be sent" },
      () => this.#awaitingRelease,
    );
  }
}

/** Lets everything pass: for single connections that somebody watches. */
export const NO_OUTBOUND_MSG_THROTTLER: OutboundMsgThrottler = {
  acquire: () => true,
  release: () => {},
};
