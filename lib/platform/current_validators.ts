/**
 * Those who validate a subnet right now as the P-Chain tells of them, and as the network sees them.
 *
 * @module
 */

import { EMPTY_ID, type ID } from "../core/ids/id.ts";
import { EMPTY_NODE_ID, type NodeID } from "../core/ids/node_id.ts";
import type { Validator } from "../core/validators/manager.ts";
import { PlatformError } from "./errors.ts";

/** Validates the Primary Network or a subnet by stake, or a subnet by its owner's word. */
export interface CurrentStaker {
  readonly kind: "staker";
  readonly nodeID: NodeID;
  /** Of the transaction that made it a validator. */
  readonly txID: ID;
  /** With what is delegated to it; above 0. */
  readonly weight: bigint;
  /** BLS, compressed, 48 bytes: registered on the Primary Network alone, and not by all. */
  readonly publicKey: Uint8Array | undefined;
}

/** Validates an L1 (ACP-77). */
export interface CurrentL1Validator {
  readonly kind: "l1";
  readonly nodeID: NodeID;
  /** Its validation ID: it stands for the transaction. */
  readonly txID: ID;
  /** Above 0. */
  readonly weight: bigint;
  /** BLS, compressed, 48 bytes. */
  readonly publicKey: Uint8Array;
  /** Whether its balance still pays the fee. */
  readonly active: boolean;
}

export type CurrentValidator = CurrentStaker | CurrentL1Validator;

/**
 * The validators as a validator manager holds them (upstream `vms/platformvm/state/state.go`, `initValidatorSets`, and
 * `l1_validator.go`):
 *
 * - A staker of a subnet signs with its Primary Network's BLS key.
 * - An L1's inactive validators are nobody; what they weigh counts all the same, as the empty node ID's.
 *
 * @param primary The validators of the Primary Network; `undefined` where these are they.
 * @throws {PlatformError} `duplicate-validator` where a node is there twice.
 */
export function networkValidators(
  current: Iterable<CurrentValidator>,
  primary?: ReadonlyMap<NodeID, Validator>,
): Map<NodeID, Validator> {
  const validators = new Map<NodeID, Validator>();
  for (const entry of current) {
    if (entry.kind === "l1" && !entry.active) {
      const weight = (validators.get(EMPTY_NODE_ID)?.weight ?? 0n) + entry.weight;
      validators.set(EMPTY_NODE_ID, { nodeID: EMPTY_NODE_ID, publicKey: undefined, txID: EMPTY_ID, weight });
      continue;
    }
    const { nodeID, txID, weight } = entry;
    if (validators.has(nodeID)) {
      throw new PlatformError({ code: "duplicate-validator", nodeID }, `${nodeID} is among the validators twice`);
    }
    const ownKey = entry.kind === "l1" || primary === undefined;
    validators.set(nodeID, {
      nodeID,
      publicKey: ownKey ? entry.publicKey : primary.get(nodeID)?.publicKey,
      txID,
      weight,
    });
  }
  return validators;
}
