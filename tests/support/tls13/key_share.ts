/**
 * One side's share of an X25519 key exchange, as the 32 bytes that TLS sends.
 *
 * @module
 */

import { createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from "node:crypto";

const KEY_LENGTH = 32;

export class KeyShare {
  readonly publicBytes: Uint8Array;
  readonly #privateKey: KeyObject;
  readonly #spkiHeader: Uint8Array;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync("x25519");
    const spki = new Uint8Array(publicKey.export({ type: "spki", format: "der" }));
    this.#privateKey = privateKey;
    this.publicBytes = spki.slice(-KEY_LENGTH);
    this.#spkiHeader = spki.slice(0, -KEY_LENGTH);
  }

  /** What both sides come to. @param theirs The other side's 32 bytes. */
  sharedSecret(theirs: Uint8Array): Uint8Array {
    const key = Buffer.concat([this.#spkiHeader, theirs]);
    const publicKey = createPublicKey({ key, format: "der", type: "spki" });
    return new Uint8Array(diffieHellman({ privateKey: this.#privateKey, publicKey }));
  }
}
