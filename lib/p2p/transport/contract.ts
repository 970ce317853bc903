/**
 * What carries bytes between two nodes that have proven who they are.
 *
 * The network layer runs on any implementation of this: TLS over TCP is the real one, the in-memory one makes a
 * thousand nodes a test.
 *
 * @module
 */

import type { AddrPort } from "../../core/ip.ts";
import type { Certificate } from "../../core/staking/certificate.ts";

/** Why a connection ended: `undefined` when the other side closed it in order. */
export type CloseReason = Error | undefined;

/** Is told what happens on a connection. */
export interface ConnectionHandler {
  /** Bytes arrived. The chunk is the handler's to keep. */
  onData(chunk: Uint8Array): void;
  /** What was written has left; more may be written after a `write` that returned false. */
  onDrain(): void;
  /** The connection is over. Called exactly once, and nothing after it. */
  onClose(reason: CloseReason): void;
}

/** One authenticated, ordered stream of bytes. */
export interface Connection {
  /** Whether the other side dialled. */
  readonly isIngress: boolean;
  /** Where the other side is, as this side sees it, or as the load balancer between them says. */
  readonly remoteAddress: AddrPort;
  /** The other side's certificate: it has proven to hold the key. */
  readonly certificate: Certificate;

  /**
   * Begins the delivery of what arrives. Called once; bytes that came before it are kept until then.
   */
  open(handler: ConnectionHandler): void;
  /**
   * Sends bytes. The caller leaves them unchanged from here on.
   *
   * @returns False when the caller should wait for `onDrain` before it writes more.
   */
  write(bytes: Uint8Array): boolean;
  /** Stops reading: the other side is held back by the transport's own flow control. */
  pause(): void;
  /** Reads on. */
  resume(): void;
  /** Ends at once: what is not sent is lost. Calling it twice is harmless; `onClose` follows later. */
  close(): void;
}

/** What the listener asks and tells the network above it. */
export interface ListenHandler {
  /**
   * Asked for each accepted connection before anything is read from it: so many are taken up per second.
   *
   * @param signal Aborted when the connection ends before its turn.
   * @returns Nothing when it is its turn at once; else what resolves when it is, and rejects when the connection is to
   *   be closed.
   */
  takeTurn(signal: AbortSignal): Promise<void> | undefined;
  /**
   * Asked before a handshake is spent on an accepted connection.
   *
   * @param remoteAddress Who dialled; behind a load balancer that says so, the address that it names.
   * @returns Whether to go on; false closes the connection.
   */
  shouldUpgrade(remoteAddress: AddrPort): boolean;
  /** A stranger proved who it is. */
  onConnection(connection: Connection): void;
  /** A connection ended before it was one. */
  onUpgradeFailed(error: Error, remoteAddress: AddrPort | undefined): void;
  /** The listening socket itself failed to accept. */
  onAcceptFailed(error: Error): void;
}

/** A listening socket. Closing it ends the handshakes under way, not the connections. */
export interface Listener {
  /** Where it listens: the port is the real one also when 0 was asked for. */
  readonly address: AddrPort;
  close(): Promise<void>;
}

/** How a dial is bounded. */
export interface DialOptions {
  readonly signal: AbortSignal;
}

/** A way to reach other nodes and to be reached. */
export interface Transport {
  /**
   * Connects and proves who both are.
   *
   * @throws {TransportError} When nobody answers, the handshake fails or takes too long, or the certificate is none
   *   that a node may have.
   */
  dial(address: AddrPort, options: DialOptions): Promise<Connection>;
  /** @throws {TransportError} When the address cannot be listened on. */
  listen(address: AddrPort, handler: ListenHandler): Promise<Listener>;
}
