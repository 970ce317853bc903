/**
 * The record layer of TLS 1.3 with AES-128-GCM (RFC 8446, 5).
 *
 * @module
 */

import { createCipheriv, createDecipheriv } from "node:crypto";
import { concatBytes } from "../../../lib/core/bytes.ts";
import { expandLabel } from "./key_schedule.ts";
import { uint, vector } from "./wire.ts";

export const ContentType = { ChangeCipherSpec: 20, Alert: 21, Handshake: 22, ApplicationData: 23 } as const;

/** What a record carries. */
export interface RecordContent {
  readonly type: number;
  readonly content: Uint8Array;
}

const CIPHER = "aes-128-gcm";
const KEY_LENGTH = 16;
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;
const HEADER_LENGTH = 5;
const NO_CONTEXT = new Uint8Array(0);

/** A record that nobody protects. */
export function plainRecord(type: number, content: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(type, 3, 3), vector(2, content));
}

/** Protects the records of one direction. */
export class RecordProtection {
  readonly #key: Uint8Array;
  readonly #nonce: Uint8Array;
  #sequence = 0;

  constructor(trafficSecret: Uint8Array) {
    this.#key = expandLabel(trafficSecret, "key", NO_CONTEXT, KEY_LENGTH);
    this.#nonce = expandLabel(trafficSecret, "iv", NO_CONTEXT, NONCE_LENGTH);
  }

  /** @param content At most 2^14 bytes. */
  seal(type: number, content: Uint8Array): Uint8Array {
    const header = recordHeader(content.length + 1 + TAG_LENGTH);
    const cipher = createCipheriv(CIPHER, this.#key, this.#nextNonce()).setAAD(header);
    const sealed = cipher.update(concatBytes(content, Uint8Array.of(type)));
    cipher.final();
    return concatBytes(header, sealed, cipher.getAuthTag());
  }

  /** @param sealed A record's body, without its header. @throws {Error} When it was made with another secret. */
  open(sealed: Uint8Array): RecordContent {
    const decipher = createDecipheriv(CIPHER, this.#key, this.#nextNonce()).setAAD(recordHeader(sealed.length));
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_LENGTH));
    const opened = new Uint8Array(decipher.update(sealed.subarray(0, sealed.length - TAG_LENGTH)));
    decipher.final();
    // Zeros after the type are padding.
    const typeAt = opened.findLastIndex((byte) => byte !== 0);
    return { type: opened[typeAt] as number, content: opened.subarray(0, typeAt) };
  }

  #nextNonce(): Uint8Array {
    const sequence = uint(this.#sequence++, NONCE_LENGTH);
    return this.#nonce.map((byte, i) => byte ^ (sequence[i] as number));
  }
}

function recordHeader(length: number): Uint8Array {
  return concatBytes(Uint8Array.of(ContentType.ApplicationData, 3, 3), uint(length, 2));
}

/** Cuts a stream of bytes into records, still protected. */
export class RecordReader {
  #bytes: Uint8Array = new Uint8Array(0);

  push(chunk: Uint8Array): void {
    this.#bytes = concatBytes(this.#bytes, chunk);
  }

  /** @returns The next whole record, or `undefined` until more is pushed. */
  next(): RecordContent | undefined {
    const bytes = this.#bytes;
    const length = HEADER_LENGTH + (((bytes[3] ?? 0) << 8) | (bytes[4] ?? 0));
    if (bytes.length < HEADER_LENGTH || bytes.length < length) return undefined;
    this.#bytes = bytes.subarray(length);
    return { type: bytes[0] as number, content: bytes.subarray(HEADER_LENGTH, length) };
  }
}
