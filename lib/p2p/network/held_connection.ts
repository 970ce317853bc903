/**
 * A second connection to a node, kept while the first one is tried.
 *
 * When two nodes dial each other at once each may see another connection first. Were both to drop the second, both
 * would be left with none, and their next dials would meet the throttler that let these pass. So the second is kept:
 *
 * 1. It is watched, to learn that the other side speaks on it or has closed it. What is said waits, up to a limit.
 * 2. The node with the smaller ID has its way: it goes on with the first connection that it saw. When the other node is
 *    spoken to on the one that it holds, it lets go of its own first and takes that one.
 * 3. Where the first connection ends before its handshake is done, whoever ended it, the held one takes its place.
 *
 * With a node that drops the second, as upstream's do, this works as well: one of the two connections is what both keep.
 *
 * @module
 */

import { concatBytes } from "../../core/bytes.ts";
import type { AddrPort } from "../../core/ip.ts";
import type { Certificate } from "../../core/staking/certificate.ts";
import type { CloseReason, Connection, ConnectionHandler } from "../transport/contract.ts";

/** Is told what the other side does with a connection that is held. */
export interface HeldConnectionListener {
  /** The other side has begun to speak on it. Called at most once. */
  onSpoken(): void;
  /** It is over. Called at most once, and not after {@link HeldConnection.open}. */
  onClosed(): void;
}

/** What may arrive before the connection is taken: a Handshake fits many times. Whoever sends more is cut off. */
const MAX_EARLY_BYTES = 64 * 1024;

/** A connection that waits to be opened by its peer. */
export class HeldConnection implements Connection {
  readonly #connection: Connection;
  #early: Uint8Array[] = [];
  #earlyBytes = 0;
  #handler: ConnectionHandler | undefined;
  #closed: { readonly reason: CloseReason } | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Begins to look at what the other side does. Called once, and before {@link open}. */
  watch(listener: HeldConnectionListener): void {
    this.#connection.open({
      onData: (chunk) => {
        if (this.#handler !== undefined) this.#handler.onData(chunk);
        else this.#keep(chunk, listener);
      },
      onDrain: () => this.#handler?.onDrain(),
      onClose: (reason) => {
        this.#closed = { reason };
        if (this.#handler === undefined) listener.onClosed();
        else this.#handler.onClose(reason);
      },
    });
  }

  get isIngress(): boolean {
    return this.#connection.isIngress;
  }

  get remoteAddress(): AddrPort {
    return this.#connection.remoteAddress;
  }

  get certificate(): Certificate {
    return this.#connection.certificate;
  }

  open(handler: ConnectionHandler): void {
    this.#handler = handler;
    if (this.#closed !== undefined) {
      handler.onClose(this.#closed.reason);
      return;
    }
    if (this.#earlyBytes === 0) return;
    const early = concatBytes(...this.#early);
    this.#early = [];
    handler.onData(early);
  }

  write(bytes: Uint8Array): boolean {
    return this.#connection.write(bytes);
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  close(): void {
    this.#connection.close();
  }

  #keep(chunk: Uint8Array, listener: HeldConnectionListener): void {
    const isFirst = this.#earlyBytes === 0;
    this.#early.push(chunk);
    this.#earlyBytes += chunk.length;
    if (this.#earlyBytes > MAX_EARLY_BYTES) this.#connection.close();
    else if (isFirst) listener.onSpoken();
  }
}
