/**
 * What the source of validators asks a P-Chain.
 *
 * @module
 */

import type { ID } from "../../core/ids/id.ts";
import type { CurrentValidator } from "../../platform/current_validators.ts";
import { RPCError } from "../../platform/rpc/errors.ts";
import { getNetworkID } from "../../platform/rpc/info_client.ts";
import type { CallOptions } from "../../platform/rpc/json_rpc.ts";
import { getCurrentValidators, getHeight, getSubnetIDs } from "../../platform/rpc/platform_client.ts";

/** A node that knows the P-Chain. Each call may fail with an {@link RPCError}. */
export interface PlatformAPI {
  /** The network that it belongs to; `undefined` where it does not say, as some public endpoints do not. */
  networkID(signal: AbortSignal): Promise<number | undefined>;
  /** The height of its last block. */
  height(signal: AbortSignal): Promise<bigint>;
  /** All subnets, the Primary Network included. */
  subnetIDs(signal: AbortSignal): Promise<readonly ID[]>;
  currentValidators(subnetID: ID, signal: AbortSignal): Promise<readonly CurrentValidator[]>;
}

/** Asks the node at a URI. */
export function remotePlatformAPI(uri: string, options: Omit<CallOptions, "signal"> = {}): PlatformAPI {
  return {
    networkID: (signal) => optionalNetworkID(uri, { ...options, signal }),
    height: (signal) => getHeight(uri, { ...options, signal }),
    subnetIDs: (signal) => getSubnetIDs(uri, { ...options, signal }),
    currentValidators: (subnetID, signal) => getCurrentValidators(uri, subnetID, { ...options, signal }),
  };
}

/** Statuses of an endpoint that has the P-Chain's API alone. */
const NOT_SERVED = new Set([403, 404, 405]);

async function optionalNetworkID(uri: string, options: CallOptions): Promise<number | undefined> {
  try {
    return await getNetworkID(uri, options);
  } catch (error) {
    if (error instanceof RPCError && error.type.code === "status" && NOT_SERVED.has(error.type.status)) {
      return undefined;
    }
    throw error;
  }
}
