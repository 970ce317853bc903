/**
 * The checks of a node, each under the name and with the findings that avalanchego has.
 *
 * @module
 */

import { bytesEqual, toHex } from "../../core/bytes.ts";
import { PRIMARY_NETWORK_ID } from "../../core/ids/id.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import type { ValidatorManager } from "../../core/validators/manager.ts";
import type { Checker, Finding } from "./check.ts";

/** How much stake is there, of a subnet's validators. */
export interface ConnectedStake {
  /** This node's own included. */
  readonly connected: bigint;
  readonly total: bigint;
  readonly disconnected: readonly NodeID[];
}

/** The part of a quorum that is added for safety (upstream `snowball.MinPercentConnectedBuffer`). */
const CONNECTED_STAKE_BUFFER = 0.2;

/**
 * The share of stake that must be connected, 0 to 1: what a quorum needs and a fifth of the rest (upstream
 * `snow/consensus/snowball/parameters.go`, `MinPercentConnectedHealthy`).
 *
 * @param alphaConfidence Answers that a poll needs.
 * @param k Nodes asked in a poll.
 *
 * @example
 * ```ts
 * requiredConnectedStake(15, 20); // 0.8
 * ```
 */
export function requiredConnectedStake(alphaConfidence: number, k: number): number {
  return (alphaConfidence / k) * (1 - CONNECTED_STAKE_BUFFER) + CONNECTED_STAKE_BUFFER;
}

/**
 * Whether enough of the validators' stake is connected (upstream `snow/networking/handler/health.go`).
 *
 * @param required 0 to 1.
 */
export function connectedStakeCheck(read: () => ConnectedStake, required: number): Checker {
  return () => {
    const { connected, total, disconnected } = read();
    const percentConnected = total === 0n ? 1 : Number(connected) / Number(total);
    const details = { disconnectedValidators: [...disconnected].sort(), percentConnected };
    if (percentConnected >= required) return { details };
    const found = `connected to ${(percentConnected * 100).toFixed(6)}%`;
    return {
      details,
      error: `not connected to enough stake: ${found}; required at least ${(required * 100).toFixed(6)}%`,
    };
  };
}

/** Whether the validator set has this node with the BLS key that it signs with (upstream `node/node.go`). */
export function blsCheck(validators: ValidatorManager, nodeID: NodeID, publicKey: Uint8Array): Checker {
  return () => {
    const validator = validators.getValidator(PRIMARY_NETWORK_ID, nodeID);
    if (validator === undefined) return { details: "node is not a validator" };
    const registered = validator.publicKey;
    if (registered === undefined) return { details: "validator doesn't have a BLS key" };
    if (bytesEqual(registered, publicKey)) return { details: "node has the correct BLS key" };
    return {
      error: `node has BLS key 0x${toHex(publicKey)}, but is registered to the validator set with 0x${toHex(registered)}`,
    };
  };
}

/** Free space of the disk that a node writes to. */
export interface DiskSpace {
  readonly availableBytes: number;
  /** Whole percent, rounded down. */
  readonly availablePercentage: number;
}

/** What decides about disk space, percent. */
export interface DiskSpaceLimits {
  /** Below this the node stops. */
  readonly required: number;
  /** Below this the node is unhealthy. */
  readonly warning: number;
}

/**
 * Whether there is disk space to go on (upstream `node/node.go`).
 *
 * @param onTooLittle Called when there is less than required: the node must stop.
 */
export function diskSpaceCheck(
  read: () => Promise<DiskSpace>,
  limits: DiskSpaceLimits,
  onTooLittle: (space: DiskSpace) => void,
): Checker {
  return async (): Promise<Finding> => {
    const space = await read();
    const { availableBytes, availablePercentage } = space;
    const details = { availableDiskBytes: availableBytes, availableDiskPercentage: availablePercentage };
    const remaining = `remaining available disk space percentage (${availablePercentage}%) is below`;
    if (availablePercentage < limits.required) {
      onTooLittle(space);
      return { details, error: `${remaining} minimum required available space percentage (${limits.required}%)` };
    }
    if (availablePercentage < limits.warning) {
      return { details, error: `${remaining} warning threshold available space percentage (${limits.warning}%)` };
    }
    return { details };
  };
}

/**
 * Whether the node has found its network: enough of its first peers were connected at one time.
 *
 * A light node has nothing else to bootstrap. It names the Primary Network as avalanchego does while its chains
 * bootstrap.
 */
export function bootstrappedCheck(isBootstrapped: () => boolean): Checker {
  return () =>
    isBootstrapped() ? { details: [] } : { details: [PRIMARY_NETWORK_ID], error: "subnets not bootstrapped" };
}
