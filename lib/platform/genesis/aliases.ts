/**
 * The short names that chains and virtual machines go by (upstream `genesis/aliases.go`).
 *
 * @module
 */

import { type ID, PLATFORM_CHAIN_ID } from "../../core/ids/id.ts";
import { AVM_ID, EVM_ID, NFT_FX_ID, PLATFORM_VM_ID, PROPERTY_FX_ID, SECP256K1_FX_ID } from "../vm_ids.ts";
import type { GenesisInfo } from "./info.ts";

/** What virtual machines and feature extensions are called. */
export const VM_ALIASES: ReadonlyMap<ID, readonly string[]> = new Map([
  [PLATFORM_VM_ID, ["platform"]],
  [AVM_ID, ["avm"]],
  [EVM_ID, ["evm"]],
  [SECP256K1_FX_ID, ["secp256k1fx"]],
  [NFT_FX_ID, ["nftfx"]],
  [PROPERTY_FX_ID, ["propertyfx"]],
]);

/** What the Primary Network's chains are called, the usual name first. */
export function chainAliases({
  xChainID,
  cChainID,
}: Pick<GenesisInfo, "xChainID" | "cChainID">): ReadonlyMap<ID, readonly string[]> {
  return new Map([
    [PLATFORM_CHAIN_ID, ["P", "platform"]],
    [xChainID, ["X", "avm"]],
    [cChainID, ["C", "evm"]],
  ]);
}

/**
 * The ID of a chain that is named by an alias or by its ID.
 *
 * @returns `undefined` for a name that no chain of the Primary Network has.
 */
export function chainIDByAlias(info: Pick<GenesisInfo, "xChainID" | "cChainID">, name: string): ID | undefined {
  for (const [id, aliases] of chainAliases(info)) {
    if (id === name || aliases.includes(name)) return id;
  }
  return undefined;
}
