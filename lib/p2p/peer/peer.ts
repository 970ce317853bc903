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
import { unixSeconds } from "../../core/clock.ts";
import { errorMessage } from "../../core/errors.ts";
import { type ID, idToBytes, PRIMARY_NETWORK_ID } from "../../core/ids/id.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import type { LogFields } from "../../core/log.ts";
import type { Certificate } from "../../core/staking/certificate.ts";
import type { ClaimedIPPort } from "../../core/staking/claimed_ip.ts";
import type { SignedIP } from "../../core/staking/signed_ip.ts";
import { type Application, compareApplications, formatApplication } from "../../core/version/application.ts";
import type { GetPeerList, Handshake, Ping } from "../message/gen/p2p_pb.ts";
import type { InboundMessage, InboundMessageOf } from "../message/inbound.ts";
import { Op, opName } from "../message/ops.ts";
import type { OutboundMessage } from "../message/outbound.ts";
import type { Acquisition } from "../throttling/contract.ts";
import type { CloseReason, Connection } from "../transport/contract.ts";
import type { PeerCloseReason } from "./close_reason.ts";
import type { PeerModules, PeerOptions } from "./config.ts";
import { Fitness } from "./fitness.ts";
import { checkFilter, checkHandshake, type HandshakeClaims } from "./handshake.ts";
import type { PeerInfo } from "./info.ts";
import { MalformedMessageError } from "./malformed.ts";
import { MessageQueue } from "./message_queue.ts";
import { readClaims } from "./peer_list.ts";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

/** One connected node. */
export class Peer {
  readonly nodeID: NodeID;
  readonly #modules: PeerModules;
  readonly #options: PeerOptions;
  readonly #connection: Connection;
  readonly #reader: Reader;
  readonly #fitness: Fitness;
  readonly #queue: MessageQueue;
  readonly #writer: Writer;

  #claims: HandshakeClaims | undefined;
  #finishedHandshake = false;
  #observedUptime = 0;
  /** Milliseconds of `Clock.monotonic`, as all times here: a wall clock that is set does not make a peer silent. */
  #lastSent = 0;
  #lastReceived = 0;
  /** Pings that wait for their pong. */
  #unansweredPings = 0;
  /** Of the last ping. */
  #pingSentAt = 0;
  #pingTimer: Timer | undefined;

  #closeReason: PeerCloseReason | undefined;
  readonly #ready = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<PeerCloseReason>();

  constructor(modules: PeerModules, options: PeerOptions, connection: Connection) {
    this.nodeID = connection.certificate.nodeID;
    this.#modules = modules;
    this.#options = options;
    this.#connection = connection;
    this.#fitness = new Fitness(modules, this.nodeID);
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
    const isGreeted = this.#greet();
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
    return this.#claims !== undefined;
  }

  /** Whether the handshake is done and messages flow. */
  get finishedHandshake(): boolean {
    return this.#finishedHandshake;
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
    return this.#observedUptime;
  }

  /** What the peer said of itself; there once `gotHandshake` is. */
  get claims(): HandshakeClaims | undefined {
    return this.#claims;
  }

  /** The IP that the peer claims and signed. */
  get signedIP(): SignedIP | undefined {
    return this.#claims?.ip;
  }

  /** The primary network included; empty before the Handshake. */
  get trackedSubnets(): ReadonlySet<ID> {
    return this.#claims?.trackedSubnets ?? NOTHING;
  }

  /** What `info.peers` shows, or `undefined` before the Handshake. */
  info(): PeerInfo | undefined {
    const claims = this.#claims;
    if (claims === undefined) return undefined;
    return {
      nodeID: this.nodeID,
      ip: this.#connection.remoteAddress,
      publicIP: claims.ip.addrPort,
      version: formatApplication(claims.version),
      upgradeTime: claims.upgradeTime,
      lastSent: this.#unixSeconds(this.#lastSent),
      lastReceived: this.#unixSeconds(this.#lastReceived),
      observedUptime: this.#observedUptime,
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
    const { filter, salt } = this.#modules.network.knownPeers();
    this.send(this.#modules.messageBuilder.getPeerList(filter, salt, this.#wantsAllSubnets()));
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
    if (message.op === Op.PeerList) {
      this.#reader.inTurns(this.#handlePeerList(message));
      return;
    }
    const handleOwn = this.#ownHandler(message);
    if (handleOwn !== undefined) {
      this.#handleOwn(message, handleOwn);
      return;
    }
    if (!this.#finishedHandshake) {
      this.#debug("dropping message", message.op, { reason: "handshake isn't finished" });
      message.onFinishedHandling();
      return;
    }
    try {
      this.#modules.inboundHandler.handleInbound(message);
    } catch (error) {
      // A handler's fault is not the peer's: the message is released, and the peer goes on.
      this.#modules.log.error("failed to handle message", {
        nodeID: this.nodeID,
        messageOp: opName(message.op),
        error: errorMessage(error),
      });
      message.onFinishedHandling();
    }
  }

  /** What handles a message that stops here, or `undefined` for all others. */
  #ownHandler(message: InboundMessage): (() => void) | undefined {
    switch (message.op) {
      case Op.Ping:
        return () => this.#handlePing(message.message);
      case Op.Pong:
        return () => this.#handlePong();
      case Op.Handshake:
        return () => this.#handleHandshake(message.message);
      case Op.GetPeerList:
        return () => this.#handleGetPeerList(message.message);
      default:
        return undefined;
    }
  }

  /** Handles a message that stops here: it is released, and a malformed one ends the peer. */
  #handleOwn(message: InboundMessage, handle: () => void): void {
    try {
      handle();
    } catch (error) {
      this.#onMalformed(message.op, error);
    } finally {
      message.onFinishedHandling();
    }
  }

  #onMalformed(op: Op, error: unknown): void {
    if (!(error instanceof MalformedMessageError)) throw error;
    this.#logMalformed(op, error);
    this.close("malformed-message");
  }

  #handlePing(message: Ping): void {
    if (message.uptime > 100) throw MalformedMessageError.values({ uptime: message.uptime });
    this.#observedUptime = message.uptime;
    this.send(this.#modules.messageBuilder.pong());
  }

  /**
   * A pong for which there was no ping ends the peer. Upstream remembers one ping only, so that it closes a peer that it
   * held back itself for longer than the time between two pings; here each ping may have its pong, however late.
   */
  #handlePong(): void {
    if (this.#unansweredPings === 0) throw MalformedMessageError.because("received unexpected pong");
    this.#unansweredPings--;
    const { clock, metrics } = this.#modules;
    if (this.#unansweredPings === 0) metrics.roundTrip(clock.monotonic() - this.#pingSentAt);
  }

  #handleHandshake(message: Handshake): void {
    if (this.#claims !== undefined) throw MalformedMessageError.because("already received handshake");

    const { clock, metrics, network, messageBuilder } = this.#modules;
    const claims = checkHandshake(message, {
      networkID: this.#options.networkID,
      now: unixSeconds(clock),
      maxClockDifference: this.#options.maxClockDifference,
      certificate: this.certificate,
      onClockSkew: (seconds) => metrics.clockSkew(seconds),
      onVersion: (version) => this.#noteNewerVersion(version),
    });
    const unfit = this.#fitness.unfitReason(claims);
    if (unfit !== undefined) {
      this.#disconnect(unfit);
      return;
    }
    this.#claims = claims;

    const { filter, salt } = claims.knownPeers;
    const peers = network.peers(this.nodeID, claims.trackedSubnets, claims.allSubnets, filter, salt);
    // The answer ends the peer's handshake, so no throttler may drop it.
    this.send(messageBuilder.peerList(peers, true));
  }

  #handleGetPeerList(message: GetPeerList): void {
    const claims = this.#claims;
    if (claims === undefined || !this.#finishedHandshake) {
      this.#debug("malformed message", Op.GetPeerList, { reason: "not finished handshake" });
      return;
    }
    const { filter, salt } = checkFilter(message.knownPeers);
    const { network, messageBuilder } = this.#modules;
    const peers = network.peers(this.nodeID, claims.trackedSubnets, message.allSubnets, filter, salt);
    if (peers.length === 0) {
      this.#debug("no peers to tell of", Op.GetPeerList, {});
      return;
    }
    this.send(messageBuilder.peerList(peers, false));
  }

  /** Reads step by step: a list may be of thousands. What is no news then costs next to nothing. */
  *#handlePeerList({ message, op, onFinishedHandling }: InboundMessageOf<typeof Op.PeerList>): Generator<void> {
    try {
      if (!this.#finishedHandshake && !this.#finishHandshake()) return;
      const claimedIPs: ClaimedIPPort[] = [];
      for (const claimedIP of readClaims(message)) {
        claimedIPs.push(claimedIP);
        yield;
      }
      this.#track(claimedIPs);
    } catch (error) {
      this.#onMalformed(op, error);
    } finally {
      onFinishedHandling();
    }
  }

  /** @returns False where their Handshake has not come. */
  #finishHandshake(): boolean {
    if (this.#claims === undefined) return false;
    this.#modules.network.connected(this);
    this.#finishedHandshake = true;
    this.#ready.resolve();
    return true;
  }

  #track(claimedIPs: readonly ClaimedIPPort[]): void {
    try {
      this.#modules.network.track(claimedIPs);
    } catch (error) {
      throw MalformedMessageError.field("claimedIP", {}, error);
    }
  }

  #disconnect(reason: "incompatible-version" | "invalid-bls-signature" | "not-desired"): void {
    this.#modules.log.debug("disconnecting from peer", { nodeID: this.nodeID, reason: REASON_TEXTS[reason] });
    this.close(reason);
  }

  #noteNewerVersion(version: Application): void {
    const { beacons, log, versionCompatibility } = this.#modules;
    if (compareApplications(versionCompatibility.current, version) >= 0) return;
    const say = beacons.getValidator(PRIMARY_NETWORK_ID, this.nodeID) === undefined ? log.debug : log.info;
    say("peer runs a newer version", {
      nodeID: this.nodeID,
      myVersion: formatApplication(versionCompatibility.current),
      peerVersion: formatApplication(version),
    });
  }

  #logMalformed(op: Op, error: MalformedMessageError): void {
    const { beacons, log } = this.#modules;
    const fields = { nodeID: this.nodeID, messageOp: opName(op), ...error.logFields };
    const ours = error.type.field === "myTime" || error.type.field === "tlsSignature";
    if (ours && beacons.getValidator(PRIMARY_NETWORK_ID, this.nodeID) !== undefined) {
      log.warn("malformed message", fields);
    } else {
      log.debug("malformed message", fields);
    }
  }

  #debug(message: string, op: Op, fields: LogFields): void {
    const { log } = this.#modules;
    if (log.enabled("debug")) log.debug(message, { nodeID: this.nodeID, messageOp: opName(op), ...fields });
  }

  // ---------------------------------------------------------------------------------------------------- writing

  /** @returns False when there is no Handshake to send. */
  #greet(): boolean {
    try {
      this.send(this.#makeHandshake());
      return true;
    } catch (error) {
      this.#modules.log.error("failed to create message", {
        nodeID: this.nodeID,
        messageOp: opName(Op.Handshake),
        error: errorMessage(error),
      });
      return false;
    }
  }

  #makeHandshake(): OutboundMessage {
    const { clock, ipSigner, messageBuilder, network, versionCompatibility } = this.#modules;
    const { client, networkID, objectedACPs, supportedACPs, trackedSubnets } = this.#options;
    const { filter, salt } = network.knownPeers();
    const ip = ipSigner.getSignedIP();
    return messageBuilder.handshake({
      networkID,
      myTime: unixSeconds(clock),
      ip,
      client,
      upgradeTime: BigInt(versionCompatibility.upgradeTime),
      trackedSubnets: [...trackedSubnets].map(idToBytes),
      supportedACPs,
      objectedACPs,
      knownPeersFilter: filter,
      knownPeersSalt: salt,
      requestAllSubnetIPs: this.#wantsAllSubnets(),
    });
  }

  #wantsAllSubnets(): boolean {
    const { connectToAllValidators, myNodeID } = this.#options;
    return connectToAllValidators || this.#modules.validators.getValidator(PRIMARY_NETWORK_ID, myNodeID) !== undefined;
  }

  #onWritten(message: OutboundMessage, now: number): void {
    if (message.op === Op.Ping) {
      this.#unansweredPings++;
      this.#pingSentAt = now;
    }
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
      this.#ping();
    } finally {
      resourceTracker.stopProcessing(this.nodeID, clock.monotonic());
    }
  }

  #ping(): void {
    const { messageBuilder, network, uptimeCalculator } = this.#modules;
    if (!network.allowConnection(this.nodeID)) {
      this.#disconnect("not-desired");
      return;
    }
    if (this.#finishedHandshake) {
      const unfit = this.#fitness.unfitReason(this.#claims as HandshakeClaims);
      if (unfit !== undefined) {
        this.#disconnect(unfit);
        return;
      }
    }
    const uptimePercent = Math.floor(uptimeCalculator.uptime(this.nodeID) * 100);
    this.send(messageBuilder.ping(uptimePercent));
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

/** What the log says, with upstream's words. */
const REASON_TEXTS = {
  "incompatible-version": "version not compatible",
  "invalid-bls-signature": "invalid BLS signature",
  "not-desired": "connection is no longer desired",
} as const;
