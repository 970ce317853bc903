/**
 * A TLS socket as a {@link Connection}.
 *
 * @module
 */

import type { TLSSocket } from "node:tls";
import type { AddrPort } from "../../core/ip.ts";
import type { Certificate } from "../../core/staking/certificate.ts";
import type { CloseReason, Connection, ConnectionHandler } from "./contract.ts";

export class TLSConnection implements Connection {
  readonly isIngress: boolean;
  readonly remoteAddress: AddrPort;
  readonly certificate: Certificate;
  readonly #socket: TLSSocket;
  #handler: ConnectionHandler | undefined;
  #closeReason: CloseReason;
  #closed = false;

  /** @param socket A socket whose handshake is done and whose peer's certificate is `certificate`. */
  constructor(socket: TLSSocket, certificate: Certificate, remoteAddress: AddrPort, isIngress: boolean) {
    this.#socket = socket;
    this.certificate = certificate;
    this.remoteAddress = remoteAddress;
    this.isIngress = isIngress;
    socket.setNoDelay(true);
    socket.on("error", (error) => {
      this.#closeReason ??= error;
    });
    socket.on("close", () => {
      this.#closed = true;
      this.#handler?.onClose(this.#closeReason);
    });
  }

  open(handler: ConnectionHandler): void {
    this.#handler = handler;
    if (this.#closed) {
      handler.onClose(this.#closeReason);
      return;
    }
    this.#socket.on("drain", () => handler.onDrain());
    this.#socket.on("data", (chunk: Uint8Array) => handler.onData(chunk));
  }

  write(bytes: Uint8Array): boolean {
    return this.#socket.write(bytes);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }
}
