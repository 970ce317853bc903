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

let joined = new Uint8Array(0);

/**
 * sha256 of two pieces, one behind the other, as the runtime hands it out: for those who read a few bytes of it at once
 * and hash very often. Making a plain array of a digest costs twice what the hash does.
 */
export function sha256OfTwo(first: Uint8Array, second: Uint8Array): Uint8Array {
  const length = first.length + second.length;
  if (joined.length !== length) joined = new Uint8Array(length);
  joined.set(first);
  joined.set(second, first.length);
  return hash("sha256", joined, "buffer");
}

/** The 20 bytes of ripemd160. */
export function ripemd160(data: Uint8Array): Uint8Array {
  return plain(hash("ripemd160", data, "buffer"));
}

/** A plain view: `slice` of a Buffer would share memory where that of a Uint8Array copies. */
function plain(digest: Buffer): Uint8Array {
  return new Uint8Array(digest.buffer, digest.byteOffset, digest.byteLength);
}
