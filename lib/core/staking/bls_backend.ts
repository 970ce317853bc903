/**
 * What BLS12-381 has to be able to do for a node.
 *
 * Keys are points of G1 (48 bytes), signatures points of G2 (96 bytes), both compressed.
 *
 * @module
 */

/**
 * What a signature is for; each has its own domain separation tag (upstream `utils/crypto/bls/ciphersuite.go`).
 *
 * IPs and keys themselves are signed as proofs of possession.
 */
export type Ciphersuite = "signature" | "proof-of-possession";

/** The domain separation tags. */
export const CIPHERSUITES: Readonly<Record<Ciphersuite, string>> = {
  signature: "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_",
  "proof-of-possession": "BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_",
};

/** Why bytes are no point: they do not stand for one, or for one outside the group. */
export type PointFault = "no-point" | "not-in-group";

/** One implementation. Points that are handed in are compressed and not infinity; the caller has seen to that. */
export interface BLSBackend {
  /**
   * Who does the work: `blst+noble` is native points and plain signatures with portable proofs of possession.
   *
   * Reading it may load what does proofs.
   */
  readonly name: "blst" | "blst+noble" | "noble";
  /** @param secretKey 32 bytes, big-endian, above zero and below the order. */
  publicKey(secretKey: Uint8Array): Uint8Array;
  sign(secretKey: Uint8Array, message: Uint8Array, suite: Ciphersuite): Uint8Array;
  /** Both points have passed their checks. */
  verify(publicKey: Uint8Array, signature: Uint8Array, message: Uint8Array, suite: Ciphersuite): boolean;
  publicKeyFault(publicKey: Uint8Array): PointFault | undefined;
  signatureFault(signature: Uint8Array): PointFault | undefined;
  /** One signature of several over one message, whose points have passed their checks; at least one. */
  aggregate(signatures: readonly Uint8Array[]): Uint8Array;
  /** The 96 bytes of a public key that has passed its check. */
  uncompress(publicKey: Uint8Array): Uint8Array;
}
