/**
 * The two hashes that the network layer is built on.
 *
 * Both go to the runtime's own implementation: they run for every certificate and every ID.
 *
 * @module
 */

import { hash } from "node:crypto";

/** Length of a sha256 digest in bytes. */
export const SHA256_LENGTH = 32;

/** Length of a ripemd160 digest in bytes. */
export const RIPEMD160_LENGTH = 20;

/** The 32 bytes of sha256. */
export function sha256(data: Uint8Array): Uint8Array {
  return plain(hash("sha256", data, "buffer"));
}

/** The 20 bytes of ripemd160. */
export function ripemd160(data: Uint8Array): Uint8Array {
  return plain(hash("ripemd160", data, "buffer"));
}

/** A plain view: `slice` of a Buffer would share memory where that of a Uint8Array copies. */
function plain(digest: Buffer): Uint8Array {
  return new Uint8Array(digest.buffer, digest.byteOffset, digest.byteLength);
}
