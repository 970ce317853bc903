/**
 * How a secp256k1 key or signature can be wrong. Texts name upstream's reasons (`utils/crypto/secp256k1`).
 *
 * @module
 */

import { AvxError } from "../errors.ts";

/** What is wrong, by code. */
export type Secp256k1ErrorType =
  /** A private key's text does not start with `PrivateKey-`. */
  | { readonly code: "prefix" }
  /** Key, hash or signature of the wrong length. */
  | { readonly code: "length"; readonly length: number; readonly expected: number }
  /** A private key that is a multiple of the group's order: it has no public key. */
  | { readonly code: "private-key" }
  /** Not a point of the curve. */
  | { readonly code: "public-key" }
  /** A signature whose `s` is in the upper half: the same one with another face. */
  | { readonly code: "mutated-signature" }
  /** A recovery byte that asks for a compressed key. */
  | { readonly code: "compressed" }
  /** A signature from which no key follows. */
  | { readonly code: "signature" };

/**
 * A key or signature that cannot be, and why.
 *
 * @example
 * ```ts
 * try {
 *   parsePrivateKey("PrivateKye-…");
 * } catch (error) {
 *   if (error instanceof Secp256k1Error) console.log(error.type.code); // "prefix"
 * }
 * ```
 */
export class Secp256k1Error extends AvxError<Secp256k1ErrorType> {}
