/**
 * The one question to an EVM chain that a network's report needs.
 *
 * @module
 */

import { type CallOptions, callRPC } from "./json_rpc.ts";

/** The path of a chain's Ethereum API on a node. */
export function evmPath(chain: string): string {
  return `/ext/bc/${chain}/rpc`;
}

/**
 * The chain ID that transactions are signed for.
 *
 * @param chain An alias such as `C`, or a blockchain ID.
 * @throws {RPCError} When the node has no such chain: `status` 404.
 */
export async function getEVMChainID(uri: string, chain: string, options: CallOptions = {}): Promise<bigint> {
  return BigInt(await callRPC<string>(uri, evmPath(chain), "eth_chainId", [], options));
}
