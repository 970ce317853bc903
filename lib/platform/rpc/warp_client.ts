/**
 * Asks a node whose signatures the P-Chain wants under a warp message: `/ext/bc/P`, since avalanchego 1.14.
 *
 * @module
 */

import { fromHex } from "../../core/bytes.ts";
import { type ID, parseID } from "../../core/ids/id.ts";
import { type CallOptions, callRPC } from "./json_rpc.ts";
import { checked } from "./platform_wallet_client.ts";

const PATH = "/ext/bc/P";
const PROPOSERVM_PATH = `${PATH}/proposervm`;

/** A time in which all blocks look at one set of validators (ACP-181). */
export interface Epoch {
  /** Unix seconds. */
  readonly startTime: bigint;
  /** The height of the P-Chain whose validators count. */
  readonly pChainHeight: bigint;
}

/** A key of a subnet's validators; several may have it. */
export interface WarpValidator {
  /** BLS, 48 bytes. */
  readonly publicKey: Uint8Array;
  readonly weight: bigint;
}

/** Who signs for a subnet. */
export interface WarpValidators {
  /** In the order by which signatures name them. */
  readonly validators: readonly WarpValidator[];
  /** Of all, also of those without a key. */
  readonly totalWeight: bigint;
}

/** The epoch that the P-Chain's next block belongs to. */
export async function getCurrentEpoch(uri: string, options: CallOptions = {}): Promise<Epoch> {
  const method = "proposervm.getCurrentEpoch";
  const reply = await callRPC<Record<string, unknown>>(uri, PROPOSERVM_PATH, method, {}, options);
  return checked(uri, PROPOSERVM_PATH, method, () => ({
    startTime: BigInt(String(reply["startTime"])),
    pChainHeight: BigInt(String(reply["pChainHeight"])),
  }));
}

/** Who signs for a subnet at a height of the P-Chain; nobody where it has no validators then. */
export async function getWarpValidators(
  uri: string,
  subnetID: ID,
  height: bigint,
  options: CallOptions = {},
): Promise<WarpValidators> {
  const method = "platform.getAllValidatorsAt";
  const reply = await callRPC<{ validatorSets?: Record<string, WarpSetReply> | null }>(
    uri,
    PATH,
    method,
    { height: String(height) },
    options,
  );
  return checked(uri, PATH, method, () => {
    const { validators, totalWeight = "0" } = reply.validatorSets?.[subnetID] ?? {};
    return {
      validators: (validators ?? []).map(({ publicKey, weight }) => ({
        publicKey: hex(publicKey),
        weight: BigInt(weight),
      })),
      totalWeight: BigInt(totalWeight),
    };
  });
}

/** The subnet whose validators run a chain. */
export async function getValidatedBy(uri: string, blockchainID: ID, options: CallOptions = {}): Promise<ID> {
  const method = "platform.validatedBy";
  const reply = await callRPC<{ subnetID?: unknown }>(uri, PATH, method, { blockchainID }, options);
  return checked(uri, PATH, method, () => parseID(String(reply.subnetID)));
}

interface WarpSetReply {
  readonly validators?: readonly { readonly publicKey: string; readonly weight: string }[] | null;
  readonly totalWeight?: string;
}

function hex(text: string): Uint8Array {
  const bytes = fromHex(text);
  if (bytes === undefined) throw new Error("a public key is no hex");
  return bytes;
}
