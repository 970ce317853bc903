/**
 * A TLS socket as a {@link Connection}.
 *
 * @module
 */

import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { AddrPort } from "../../core/ip.ts";
import type { Certificate } from "../../core/staking/certificate.ts";
import type { CloseReason, Connection, ConnectionHandler } from "./contract.ts";

/**
 * Deno's TLS sockets read on into memory while they are paused, without a limit. The accepted socket below such a one
 * can be paused in its place; a dialled one has none, and goes on delivering, so that whoever counts what arrives can
 * cut it off. Measured with Deno 2.9.6.
 */
const HEEDS_PAUSE = !("Deno" in globalThis);

/** A socket with what the runtimes keep below it. */
type StreamWithHandle = Socket & { readonly _handle?: { readonly readStart?: () => void } };

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

  /** In Deno a dialled connection goes on delivering. */
  pause(): void {
    this.#reading?.pause();
  }

  resume(): void {
    const reading: StreamWithHandle | undefined = this.#reading;
    reading?.resume();
    // Deno's accepted socket, once it was paused below the secured one, reads on only when its handle is told to.
    if (!HEEDS_PAUSE) reading?._handle?.readStart?.();
  }

  close(): void {
    this.#socket.destroy();
  }

  /** The socket whose reading can be stopped. */
  get #reading(): Socket | undefined {
    return HEEDS_PAUSE ? this.#socket : (this.#socket as { readonly _parent?: Socket })._parent;
  }
}
