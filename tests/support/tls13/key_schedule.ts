/**
 * The secrets of a TLS 1.3 connection without resumption, for suites with SHA-256 (RFC 8446, 7).
 *
 * @module
 */

import { createHash, createHmac } from "node:crypto";
import { concatBytes } from "../../../lib/core/bytes.ts";
import { uint, vector } from "./wire.ts";

const HASH = "sha256";
const HASH_LENGTH = 32;
const NONE = new Uint8Array(0);
const ZEROS = new Uint8Array(HASH_LENGTH);

/** A traffic secret for each direction. */
export interface TrafficSecrets {
  readonly client: Uint8Array;
  readonly server: Uint8Array;
}

/** All handshake messages so far, headers included. */
export class Transcript {
  #messages: Uint8Array = NONE;

  add(message: Uint8Array): void {
    this.#messages = concatBytes(this.#messages, message);
  }

  hash(): Uint8Array {
    return sha256(this.#messages);
  }
}

/** The secrets that the key exchange gives. */
export class KeySchedule {
  readonly #handshakeSecret: Uint8Array;

  /** @param sharedSecret What the two key shares come to. */
  constructor(sharedSecret: Uint8Array) {
    const early = hmac(ZEROS, ZEROS);
    this.#handshakeSecret = hmac(deriveSecret(early, "derived", sha256(NONE)), sharedSecret);
  }

  /** @param transcriptHash Up to ServerHello. */
  handshakeTraffic(transcriptHash: Uint8Array): TrafficSecrets {
    return traffic(this.#handshakeSecret, "hs", transcriptHash);
  }

  /** @param transcriptHash Up to the server's Finished. */
  applicationTraffic(transcriptHash: Uint8Array): TrafficSecrets {
    const master = hmac(deriveSecret(this.#handshakeSecret, "derived", sha256(NONE)), ZEROS);
    return traffic(master, "ap", transcriptHash);
  }
}

/** What a Finished message holds: proof of the traffic secret and of all that was said before. */
export function finishedMAC(trafficSecret: Uint8Array, transcriptHash: Uint8Array): Uint8Array {
  return hmac(expandLabel(trafficSecret, "finished", NONE, HASH_LENGTH), transcriptHash);
}

/** HKDF-Expand-Label, for outputs of at most one hash. */
export function expandLabel(secret: Uint8Array, label: string, context: Uint8Array, length: number): Uint8Array {
  const name = new TextEncoder().encode(`tls13 ${label}`);
  const info = concatBytes(uint(length, 2), vector(1, name), vector(1, context));
  return hmac(secret, concatBytes(info, Uint8Array.of(1))).subarray(0, length);
}

function traffic(secret: Uint8Array, stage: "hs" | "ap", transcriptHash: Uint8Array): TrafficSecrets {
  return {
    client: deriveSecret(secret, `c ${stage} traffic`, transcriptHash),
    server: deriveSecret(secret, `s ${stage} traffic`, transcriptHash),
  };
}

function deriveSecret(secret: Uint8Array, label: string, transcriptHash: Uint8Array): Uint8Array {
  return expandLabel(secret, label, transcriptHash, HASH_LENGTH);
}

function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash(HASH).update(bytes).digest());
}

/** HKDF-Extract is the same, with the salt as key. */
function hmac(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac(HASH, key).update(bytes).digest());
}
