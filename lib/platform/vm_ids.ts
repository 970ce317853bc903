/**
 * IDs of the virtual machines and feature extensions that upstream knows by name: the name's letters, filled up with
 * zeros (upstream `utils/constants/vm_ids.go`, `vms/secp256k1fx`, `vms/nftfx`, `vms/propertyfx`).
 *
 * @module
 */

import { type ID, ID_LENGTH, idFromBytes, idToBytes } from "../core/ids/id.ts";

export const PLATFORM_VM_ID = named("platformvm");
export const AVM_ID = named("avm");
export const EVM_ID = named("evm");
export const SUBNET_EVM_ID = named("subnetevm");
export const XSVM_ID = named("xsvm");

export const SECP256K1_FX_ID = named("secp256k1fx");
export const NFT_FX_ID = named("nftfx");
export const PROPERTY_FX_ID = named("propertyfx");

/** The longest name of a virtual machine, in bytes. */
export const MAX_VM_NAME_LENGTH = ID_LENGTH;

/**
 * The ID of a virtual machine that is known by its name: plugins are called by it.
 *
 * @returns `undefined` for a name without letters, or with more than 32 bytes.
 *
 * @example
 * ```ts
 * vmIDFromName("xsvm"); // "v3m4wPxaHpvGr8qfMeyK6PRW3idZrPHmYcMTt7oXdK47yurVH"
 * ```
 */
export function vmIDFromName(name: string): ID | undefined {
  const bytes = new TextEncoder().encode(name);
  return bytes.length === 0 || bytes.length > MAX_VM_NAME_LENGTH ? undefined : named(name);
}

/**
 * The name that a virtual machine's ID was made from.
 *
 * @returns `undefined` where it was not made from plain letters, digits and signs.
 */
export function vmNameFromID(id: ID): string | undefined {
  const text = Buffer.from(idToBytes(id)).toString("latin1").replace(/\0+$/, "");
  return /^[!-~]+$/.test(text) ? text : undefined;
}

function named(name: string): ID {
  const bytes = new Uint8Array(ID_LENGTH);
  bytes.set(new TextEncoder().encode(name));
  return idFromBytes(bytes);
}
