/**
 * Private keys of wallets: the `PrivateKey-…` text that tools exchange, the addresses that follow, signatures.
 *
 * A key shows its secret only when it is asked for by name: it has no `toString` and no `toJSON`.
 *
 * @module
 */

import { secp256k1 } from "@noble/curves/secp256k1.js";
import { toHex } from "../bytes.ts";
import { sha256 } from "../hashing.ts";
import { cb58Decode, cb58Encode } from "../ids/cb58.ts";
import { Secp256k1Error } from "./errors.ts";
import { publicKeyAddress, publicKeyEthAddress } from "./public_key.ts";
import { scalar, signRecoverable } from "./signature.ts";

/** Bytes of a private key: upstream `secp256k1.PrivateKeyLen`. */
export const PRIVATE_KEY_LENGTH = 32;

/** What a private key's text starts with. */
export const PRIVATE_KEY_PREFIX = "PrivateKey-";

/**
 * A private key with what follows from it, each worked out once and when it is first asked for.
 *
 * @example
 * ```ts
 * const key = new Secp256k1PrivateKey(new Uint8Array(32).fill(7));
 * formatAddress("P", "custom", key.address); // "P-custom1…"
 * formatEthAddress(key.ethAddress); // "0x…"
 * ```
 */
export class Secp256k1PrivateKey {
  readonly #bytes: Uint8Array;
  #secret: Uint8Array | undefined;
  #publicKey: Uint8Array | undefined;
  #address: Uint8Array | undefined;
  #ethAddress: Uint8Array | undefined;

  /**
   * @param bytes 32 bytes, copied. As upstream, a number beyond the group's order stands for its remainder.
   * @throws {Secp256k1Error} `length`.
   */
  constructor(bytes: Uint8Array) {
    if (bytes.length !== PRIVATE_KEY_LENGTH) {
      throw new Secp256k1Error(
        { code: "length", length: bytes.length, expected: PRIVATE_KEY_LENGTH },
        `private key has unexpected length, expected ${PRIVATE_KEY_LENGTH}`,
      );
    }
    this.#bytes = bytes.slice();
  }

  /** The secret itself, 32 bytes: a copy. */
  secretBytes(): Uint8Array {
    return this.#bytes.slice();
  }

  /** The secret in lowercase hex without prefix, as Ethereum wallets take it. */
  secretHex(): string {
    return toHex(this.#bytes);
  }

  /**
   * Compressed, 33 bytes. Do not change them.
   *
   * @throws {Secp256k1Error} `private-key` when the secret is a multiple of the group's order.
   */
  get publicKey(): Uint8Array {
    this.#publicKey ??= secp256k1.getPublicKey(this.#scalarBytes(), true);
    return this.#publicKey;
  }

  /** The address of X-, P- and C-Chain UTXOs, 20 bytes. Do not change them. */
  get address(): Uint8Array {
    this.#address ??= publicKeyAddress(this.publicKey);
    return this.#address;
  }

  /** The Ethereum address, 20 bytes. Do not change them. */
  get ethAddress(): Uint8Array {
    this.#ethAddress ??= publicKeyEthAddress(this.publicKey);
    return this.#ethAddress;
  }

  /** A 65-byte recoverable signature over sha256(message). */
  sign(message: Uint8Array): Uint8Array {
    return this.signHash(sha256(message));
  }

  /**
   * A 65-byte recoverable signature over a hash of 32 bytes.
   *
   * @throws {Secp256k1Error} `length` of the hash.
   */
  signHash(hash: Uint8Array): Uint8Array {
    return signRecoverable(hash, this.#scalarBytes());
  }

  #scalarBytes(): Uint8Array {
    this.#secret ??= reduce(this.#bytes);
    return this.#secret;
  }
}

/**
 * Makes a key from the runtime's cryptographic source.
 *
 * @example
 * ```ts
 * formatPrivateKey(newPrivateKey()); // "PrivateKey-…"
 * ```
 */
export function newPrivateKey(): Secp256k1PrivateKey {
  return new Secp256k1PrivateKey(secp256k1.utils.randomSecretKey());
}

/**
 * Reads `PrivateKey-…`.
 *
 * @throws {Secp256k1Error} `prefix` or `length`.
 * @throws {IdsError} When the rest is no CB58.
 *
 * @example
 * ```ts
 * const ewoq = parsePrivateKey("PrivateKey-ewoqjP7PxY4yr3iLTpLisriqt94hdyDFNgchSxGGztUrTXtNN");
 * formatEthAddress(ewoq.ethAddress); // "0x8db97C7cEcE249c2b98bDC0226Cc4C2A57BF52FC"
 * ```
 */
export function parsePrivateKey(text: string): Secp256k1PrivateKey {
  if (!text.startsWith(PRIVATE_KEY_PREFIX)) {
    throw new Secp256k1Error({ code: "prefix" }, `private key missing ${PRIVATE_KEY_PREFIX} prefix`);
  }
  return new Secp256k1PrivateKey(cb58Decode(text.slice(PRIVATE_KEY_PREFIX.length)));
}

/**
 * Writes `PrivateKey-…`.
 *
 * @example
 * ```ts
 * formatPrivateKey(newPrivateKey()); // "PrivateKey-…"
 * ```
 */
export function formatPrivateKey(key: Secp256k1PrivateKey): string {
  return PRIVATE_KEY_PREFIX + cb58Encode(key.secretBytes());
}

function reduce(bytes: Uint8Array): Uint8Array {
  if (secp256k1.utils.isValidSecretKey(bytes)) return bytes;
  const secret = scalar(bytes) % secp256k1.Point.Fn.ORDER;
  if (secret === 0n) {
    throw new Secp256k1Error({ code: "private-key" }, "private key is a multiple of the group's order");
  }
  return secp256k1.Point.Fn.toBytes(secret);
}
