/**
 * One peer: a connection on which two nodes have begun to speak the protocol.
 *
 * The life of a peer, as upstream has it (`network/peer/peer.go`):
 *
 * 1. Our Handshake is the first message out.
 * 2. Theirs is checked; a PeerList answers it.
 * 3. Their PeerList ends the handshake: from here on messages go to the inbound handler.
 * 4. A Ping goes out every `pingFrequencyMs`; a whole message must come in, and what is written must go out, within
 *    `pongTimeoutMs`.
 * 5. Whatever ends it, the queue is emptied, what messages hold is released, and the network is told once.
 *
 * The way in is synchronous: all whole frames of a chunk are handled before the next chunk is read, and nothing is
 * awaited unless a throttler makes the peer wait, in which case the connection is not read from.
 *
 * @module
 */

import type { Timer } from "../../core/clock.ts";
import { errorMessage } from "../../core/errors.ts";
import type { ID } from "../../core/ids/id.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import type { Certificate } from "../../core/staking/certificate.ts";
import type { SignedIP } from "../../core/staking/signed_ip.ts";
import { formatApplication } from "../../core/version/application.ts";
import type { InboundMessage } from "../message/inbound.ts";
import { Op, opName } from "../message/ops.ts";
import type { OutboundMessage } from "../message/outbound.ts";
import type { Acquisition } from "../throttling/contract.ts";
import type { CloseReason, Connection } from "../transport/contract.ts";
import type { PeerCloseReason } from "./close_reason.ts";
import type { PeerModules, PeerOptions } from "./config.ts";
import type { HandshakeClaims } from "./handshake.ts";
import type { PeerInfo } from "./info.ts";
import { MessageQueue } from "./message_queue.ts";
import { Protocol } from "./protocol.ts";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

/** One connected node. */
export class Peer {
  readonly nodeID: NodeID;
  readonly #modules: PeerModules;
  readonly #options: PeerOptions;
  readonly #connection: Connection;
  readonly #reader: Reader;
  readonly #queue: MessageQueue;
  readonly #writer: Writer;
  readonly #protocol: Protocol;

  /** Milliseconds of `Clock.monotonic`, so that a wall clock that is set makes no peer silent. */
  #lastSent = 0;
  #lastReceived = 0;
  #pingTimer: Timer | undefined;

  #closeReason: PeerCloseReason | undefined;
  readonly #ready = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<PeerCloseReason>();

  constructor(modules: PeerModules, options: PeerOptions, connection: Connection) {
    this.nodeID = connection.certificate.nodeID;
    this.#modules = modules;
    this.#options = options;
    this.#connection = connection;
    this.#reader = new Reader(
      {
        clock: modules.clock,
        connection,
        throttler: modules.inboundMsgThrottler,
        resourceTracker: modules.resourceTracker,
        onFrame: (body, room, at) => this.#onFrame(body, room, at),
        onFailure: (reason, error) => this.#onReadFailure(reason, error),
      },
      { nodeID: this.nodeID, timeoutMs: options.pongTimeoutMs },
    );
    this.#queue = new MessageQueue(
      { throttler: modules.outboundMsgThrottler, onFailed: (message) => modules.metrics.sendFailed(message.op) },
      this.nodeID,
    );
    this.#writer = new Writer(
      {
        clock: modules.clock,
        connection,
        queue: this.#queue,
        onWritten: (message, now) => this.#onWritten(message, now),
        onTimeout: () => this.close("write-timeout"),
      },
      { timeoutMs: options.pongTimeoutMs },
    );
    this.#protocol = new Protocol(
      {
        shared: modules,
        certificate: connection.certificate,
        send: (message) => this.send(message),
        inTurns: (work) => this.#reader.inTurns(work),
        onFinishedHandshake: () => {
          modules.network.connected(this);
          this.#ready.resolve();
        },
        close: (reason) => this.close(reason),
      },
      options,
    );
    this.#ready.promise.catch(() => {});
  }

  /**
   * Begins: our Handshake goes out, and what arrives is read.
   *
   * The Handshake is queued, and the timer set, before the connection is opened: opening may deliver what has arrived
   * already, whose answer must come after our Handshake, and may even tell that the connection is over.
   */
  start(): void {
    const { clock } = this.#modules;
    this.#reader.start();
    this.#pingTimer = clock.setInterval(() => this.#onPingTimer(), this.#options.pingFrequencyMs);
    const isGreeted = this.#protocol.greet();
    this.#connection.open({
      onData: (chunk) => this.#reader.onData(chunk),
      onDrain: () => this.#writer.onDrain(),
      onClose: (reason) => this.#onClose(reason),
    });
    if (!isGreeted) this.close("internal-error");
  }

  get certificate(): Certificate {
    return this.#connection.certificate;
  }

  /** Whether the peer dialled. */
  get isIngress(): boolean {
    return this.#connection.isIngress;
  }

  /** Whether the peer's Handshake was accepted. */
  get gotHandshake(): boolean {
    return this.#protocol.claims !== undefined;
  }

  /** Whether the handshake is done and messages flow. */
  get finishedHandshake(): boolean {
    return this.#protocol.finishedHandshake;
  }

  /** Whether any message of the peer has come. */
  get hasSpoken(): boolean {
    return this.#lastReceived > 0;
  }

  /** Why it was closed; there once it is. */
  get closeReason(): PeerCloseReason | undefined {
    return this.#closeReason;
  }

  /** How far its clock is ahead of ours where that is too far, seconds; negative where it is behind. */
  get clockAhead(): number | undefined {
    const { clockAhead = 0 } = this.#protocol;
    return Math.abs(clockAhead) > this.#options.maxClockDifference ? clockAhead : undefined;
  }

  /** Resolves when the handshake is done; rejects when the peer closes before. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Resolves when all is over, with the reason. */
  get closed(): Promise<PeerCloseReason> {
    return this.#closed.promise;
  }

  /** This node's uptime in the peer's eyes, 0 to 100. */
  get observedUptime(): number {
    return this.#protocol.observedUptime;
  }

  /** What the peer said of itself; there once `gotHandshake` is. */
  get claims(): HandshakeClaims | undefined {
    return this.#protocol.claims;
  }

  /** The IP that the peer claims and signed. */
  get signedIP(): SignedIP | undefined {
    return this.#protocol.claims?.ip;
  }

  /** The primary network included; empty before the Handshake. */
  get trackedSubnets(): ReadonlySet<ID> {
    return this.#protocol.claims?.trackedSubnets ?? NOTHING;
  }

  /** What `info.peers` shows, or `undefined` before the Handshake. */
  info(): PeerInfo | undefined {
    const { claims, observedUptime } = this.#protocol;
    if (claims === undefined) return undefined;
    return {
      nodeID: this.nodeID,
      ip: this.#connection.remoteAddress,
      publicIP: claims.ip.addrPort,
      version: formatApplication(claims.version),
      upgradeTime: claims.upgradeTime,
      lastSent: this.#unixSeconds(this.#lastSent),
      lastReceived: this.#unixSeconds(this.#lastReceived),
      observedUptime,
      trackedSubnets: [...claims.trackedSubnets],
      supportedACPs: [...claims.supportedACPs],
      objectedACPs: [...claims.objectedACPs],
      isIngress: this.isIngress,
    };
  }

  /**
   * Queues a message.
   *
   * @returns False when it is certain not to be sent: no room, or the peer is closing.
   */
  send(message: OutboundMessage): boolean {
    if (!this.#queue.push(message)) return false;
    this.#writer.wake();
    return true;
  }

  /** Asks the peer whom else it knows. */
  sendGetPeerList(): void {
    this.#protocol.askForPeers();
  }

  /** Ends the peer at once. Calling it again is harmless; `closed` tells when all is released. */
  close(reason: PeerCloseReason): void {
    if (this.#closeReason !== undefined) return;
    this.#closeReason = reason;
    this.#pingTimer?.cancel();
    this.#reader.close();
    this.#writer.close();
    this.#queue.close();
    this.#connection.close();
  }

  // ---------------------------------------------------------------------------------------------------- reading

  #onReadFailure(reason: PeerCloseReason, error: Error | undefined): void {
    if (error !== undefined) {
      this.#modules.log.debug("cannot read on", { nodeID: this.nodeID, reason, error: error.message });
    }
    this.close(reason);
  }

  #onFrame(body: Uint8Array, room: Acquisition, at: number): void {
    const { log, messageParser, metrics } = this.#modules;
    let message: InboundMessage;
    try {
      message = messageParser.parse(body, this.nodeID, () => room.release());
    } catch (error) {
      // A message that nobody understands is counted and passed over: the peer may speak a newer protocol.
      metrics.failedToParse();
      room.release();
      if (log.enabled("verbo")) {
        log.verbo("failed to parse message", { nodeID: this.nodeID, error: errorMessage(error) });
      }
      return;
    }
    if (message.bytesSavedCompression > 0) room.decompressed(message.bytesSavedCompression);
    this.#lastReceived = at;
    metrics.received(message.op, body.length, message.bytesSavedCompression, at);
    this.#handle(message);
  }

  #handle(message: InboundMessage): void {
    if (this.#protocol.handle(message)) return;
    const { inboundHandler, log } = this.#modules;
    if (!this.#protocol.finishedHandshake) {
      if (log.enabled("debug")) {
        log.debug("dropping message", {
          nodeID: this.nodeID,
          messageOp: opName(message.op),
          reason: "handshake isn't finished",
        });
      }
      message.onFinishedHandling();
      return;
    }
    try {
      inboundHandler.handleInbound(message);
    } catch (error) {
      // A handler's fault is not the peer's: the message is released, and the peer goes on.
      log.error("failed to handle message", {
        nodeID: this.nodeID,
        messageOp: opName(message.op),
        error: errorMessage(error),
      });
      message.onFinishedHandling();
    }
  }

  // ---------------------------------------------------------------------------------------------------- writing

  #onWritten(message: OutboundMessage, now: number): void {
    if (message.op === Op.Ping) this.#protocol.pingWritten(now);
    this.#lastSent = now;
    this.#modules.metrics.sent(message.op, message.length, message.bytesSavedCompression, now);
  }

  /** The Unix seconds of a moment of `Clock.monotonic`. */
  #unixSeconds(at: number): number {
    const { clock } = this.#modules;
    return Math.floor((clock.now() - (clock.monotonic() - at)) / 1000);
  }

  // ----------------------------------------------------------------------------------------------------- timers

  /** A validator's signature may be checked here: that too is charged to the peer. */
  #onPingTimer(): void {
    const { clock, resourceTracker } = this.#modules;
    resourceTracker.startProcessing(this.nodeID, clock.monotonic());
    try {
      this.#protocol.ping();
    } finally {
      resourceTracker.stopProcessing(this.nodeID, clock.monotonic());
    }
  }

  // -------------------------------------------------------------------------------------------------------- end

  #onClose(cause: CloseReason): void {
    const { log, metrics, network } = this.#modules;
    this.close("remote-closed");
    const reason = this.#closeReason as PeerCloseReason;
    metrics.closed(reason);
    if (log.enabled("debug")) {
      log.debug("peer closed", {
        nodeID: this.nodeID,
        reason,
        ...(cause === undefined ? {} : { error: errorMessage(cause) }),
      });
    }
    this.#reader.end();
    network.disconnected(this);
    this.#ready.reject(new Error(`Peer closed before its handshake was done: ${reason}`));
    this.#closed.resolve(reason);
  }
}

const NOTHING: ReadonlySet<ID> = new Set();
