/**
 * One end of a TLS 1.3 connection, made by hand: it says what it is told to say, right or wrong.
 *
 * It pulls: a record is opened when somebody waits for it, with the keys that hold by then.
 *
 * @module
 */

import type { Socket } from "node:net";
import { concatBytes } from "../../../lib/core/bytes.ts";
import { Transcript } from "./key_schedule.ts";
import type { HandshakeMessage } from "./messages.ts";
import { ContentType, plainRecord, type RecordContent, RecordProtection, RecordReader } from "./records.ts";
import { WireReader } from "./wire.ts";

/** How a connection ended. */
export interface Ending {
  /** The alert that the other side sent, where it sent one; 0 says goodbye, all others are faults. */
  readonly alert: number | undefined;
}

/** The other side ended the connection where something else was awaited. */
export class RawTLSEndedError extends Error {
  readonly ending: Ending;

  constructor(ending: Ending) {
    super(`TLS: ended by the other side, alert ${ending.alert ?? "none"}`);
    this.ending = ending;
  }
}

export class RawTLSEndpoint {
  readonly socket: Socket;
  readonly transcript = new Transcript();
  readonly #records = new RecordReader();
  #handshakeBytes: Uint8Array = new Uint8Array(0);
  #sendProtection: RecordProtection | undefined;
  #receiveProtection: RecordProtection | undefined;
  #alert: number | undefined;
  #closed = false;
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Uint8Array) => {
      this.#records.push(chunk);
      this.#wake();
    });
    // Whoever is refused may find the connection reset.
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#closed = true;
      this.#wake();
    });
  }

  /** Protects what is sent from here on. */
  sendWith(trafficSecret: Uint8Array): void {
    this.#sendProtection = new RecordProtection(trafficSecret);
  }

  /** Opens what is received from here on. */
  receiveWith(trafficSecret: Uint8Array): void {
    this.#receiveProtection = new RecordProtection(trafficSecret);
  }

  /** Sends handshake messages in one record, and notes them. */
  sendHandshake(...messages: readonly Uint8Array[]): void {
    for (const message of messages) this.transcript.add(message);
    this.#send(ContentType.Handshake, concatBytes(...messages));
  }

  /** Sends application data of at most 2^14 bytes. */
  sendData(data: Uint8Array): void {
    this.#send(ContentType.ApplicationData, data);
  }

  /**
   * The next handshake message, noted in the transcript.
   *
   * @param expected Its type; any will do where it is not given.
   * @throws {RawTLSEndedError} When the other side ends instead.
   */
  async nextHandshake(expected?: number): Promise<HandshakeMessage> {
    for (;;) {
      const message = this.#takeHandshake();
      if (message !== undefined) {
        if (expected !== undefined && message.type !== expected) {
          throw new Error(`TLS: handshake message ${message.type} instead of ${expected}`);
        }
        this.transcript.add(message.bytes);
        return message;
      }
      const record = await this.#nextRecord();
      if (record === undefined) throw new RawTLSEndedError({ alert: this.#alert });
      if (record.type === ContentType.Handshake) {
        this.#handshakeBytes = concatBytes(this.#handshakeBytes, record.content);
      }
    }
  }

  /** The next application data. @throws {RawTLSEndedError} When the other side ends instead. */
  async nextData(): Promise<Uint8Array> {
    for (;;) {
      const record = await this.#nextRecord();
      if (record === undefined) throw new RawTLSEndedError({ alert: this.#alert });
      if (record.type === ContentType.ApplicationData) return record.content;
    }
  }

  /** Resolves when the socket is closed, with what the other side said last. */
  async ended(): Promise<Ending> {
    while ((await this.#nextRecord()) !== undefined);
    return { alert: this.#alert };
  }

  #send(type: number, content: Uint8Array): void {
    this.socket.write(this.#sendProtection?.seal(type, content) ?? plainRecord(type, content));
  }

  #takeHandshake(): HandshakeMessage | undefined {
    const bytes = this.#handshakeBytes;
    if (bytes.length < 4) return undefined;
    const reader = new WireReader(bytes);
    const type = reader.uint(1);
    const length = 4 + reader.uint(3);
    if (bytes.length < length) return undefined;
    this.#handshakeBytes = bytes.subarray(length);
    return { type, body: bytes.subarray(4, length), bytes: bytes.subarray(0, length) };
  }

  /** @returns `undefined` once the connection is closed and all was read. */
  async #nextRecord(): Promise<RecordContent | undefined> {
    for (;;) {
      const record = this.#records.next();
      if (record === undefined) {
        if (this.#closed) return undefined;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      if (record.type === ContentType.ChangeCipherSpec) continue;
      const opened =
        record.type === ContentType.ApplicationData && this.#receiveProtection !== undefined
          ? this.#receiveProtection.open(record.content)
          : record;
      if (opened.type !== ContentType.Alert) return opened;
      this.#alert = opened.content[1];
    }
  }
}
