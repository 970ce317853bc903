/**
 * IDs of the virtual machines and feature extensions that upstream knows by name: the name's letters, filled up with
 * zeros (upstream `utils/constants/vm_ids.go`, `vms/secp256k1fx`, `vms/nftfx`, `vms/propertyfx`).
 *
 * @module
 */

import { type ID, ID_LENGTH, idFromBytes } from "../core/ids/id.ts";

export const PLATFORM_VM_ID = named("platformvm");
export const AVM_ID = named("avm");
export const EVM_ID = named("evm");
export const SUBNET_EVM_ID = named("subnetevm");
export const XSVM_ID = named("xsvm");

export const SECP256K1_FX_ID = named("secp256k1fx");
export const NFT_FX_ID = named("nftfx");
export const PROPERTY_FX_ID = named("propertyfx");

function named(name: string): ID {
  const bytes = new Uint8Array(ID_LENGTH);
  bytes.set(new TextEncoder().encode(name));
  return idFromBytes(bytes);
}
