/**
 * What two nodes say to each other for themselves: Handshake, peer lists, pings. No message of these goes further.
 *
 * The protocol of one peer knows how far the two have come, and what the peer said of itself. It reads nothing and
 * writes nothing: messages are handed to it, and it hands out its answers.
 *
 * @module
 */

import { unixSeconds } from "../../core/clock.ts";
import { errorMessage } from "../../core/errors.ts";
import { idToBytes, PRIMARY_NETWORK_ID } from "../../core/ids/id.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import type { LogFields } from "../../core/log.ts";
import type { Certificate } from "../../core/staking/certificate.ts";
import type { ClaimedIPPort } from "../../core/staking/claimed_ip.ts";
import { type Application, compareApplications, formatApplication } from "../../core/version/application.ts";
import type { GetPeerList, Handshake, Ping } from "../message/gen/p2p_pb.ts";
import type { InboundMessage, InboundMessageOf } from "../message/inbound.ts";
import { Op, opName } from "../message/ops.ts";
import type { OutboundMessage } from "../message/outbound.ts";
import type { PeerCloseReason } from "./close_reason.ts";
import type { PeerModules, PeerOptions } from "./config.ts";
import { Fitness } from "./fitness.ts";
import { checkFilter, checkHandshake, type HandshakeClaims } from "./handshake.ts";
import { MalformedMessageError } from "./malformed.ts";
import { readClaims } from "./peer_list.ts";

/** What the protocol needs of its peer, beside what all peers share. */
export interface ProtocolModules {
  readonly shared: PeerModules;
  readonly certificate: Certificate;
  /** Queues a message. */
  readonly send: (message: OutboundMessage) => void;
  /** Does work that a message asks for, a step at a time: the next message is handed in when it is done. */
  readonly inTurns: (work: Iterator<unknown>) => void;
  /** The handshake is done. Called at most once, and messages for others are dropped until it returns. */
  readonly onFinishedHandshake: () => void;
  /** The peer cannot stay. */
  readonly close: (reason: PeerCloseReason) => void;
}

/** One peer's part of the protocol. */
export class Protocol {
  readonly #modules: ProtocolModules;
  readonly #options: PeerOptions;
  readonly #nodeID: NodeID;
  readonly #fitness: Fitness;

  #claims: HandshakeClaims | undefined;
  #finishedHandshake = false;
  #observedUptime = 0;
  #clockAhead: number | undefined;
  /** Pings that wait for their pong. */
  #unansweredPings = 0;
  /** Of the last ping, milliseconds of `Clock.monotonic`. */
  #pingSentAt = 0;

  constructor(modules: ProtocolModules, options: PeerOptions) {
    this.#modules = modules;
    this.#options = options;
    this.#nodeID = modules.certificate.nodeID;
    this.#fitness = new Fitness(modules.shared, this.#nodeID);
  }

  /** What the peer said of itself; there once its Handshake was accepted. */
  get claims(): HandshakeClaims | undefined {
    return this.#claims;
  }

  /** Whether messages for others are let through. */
  get finishedHandshake(): boolean {
    return this.#finishedHandshake;
  }

  /** How far the peer's clock was ahead of ours when it told us the time, seconds; negative where it was behind. */
  get clockAhead(): number | undefined {
    return this.#clockAhead;
  }

  /** This node's uptime in the peer's eyes, 0 to 100. */
  get observedUptime(): number {
    return this.#observedUptime;
  }

  // ----------------------------------------------------------------------------------------------- what we say

  /** @returns False when there is no Handshake to send. */
  greet(): boolean {
    try {
      this.#modules.send(this.#makeHandshake());
      return true;
    } catch (error) {
      this.#modules.shared.log.error("failed to create message", {
        nodeID: this.#nodeID,
        messageOp: opName(Op.Handshake),
        error: errorMessage(error),
      });
      return false;
    }
  }

  /** Asks the peer whom else it knows. */
  askForPeers(): void {
    const { messageBuilder, network } = this.#modules.shared;
    const { filter, salt } = network.knownPeers();
    this.#modules.send(messageBuilder.getPeerList(filter, salt, this.#wantsAllSubnets()));
  }

  /** Pings the peer, unless it has become one that cannot stay. */
  ping(): void {
    const { messageBuilder, network, uptimeCalculator } = this.#modules.shared;
    if (!network.allowConnection(this.#nodeID)) {
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
    const uptimePercent = Math.floor(uptimeCalculator.uptime(this.#nodeID) * 100);
    this.#modules.send(messageBuilder.ping(uptimePercent));
  }

  /** A ping has left, at this moment of `Clock.monotonic`: one pong may come for it. */
  pingWritten(now: number): void {
    this.#unansweredPings++;
    this.#pingSentAt = now;
  }

  #makeHandshake(): OutboundMessage {
    const { clock, ipSigner, messageBuilder, network, versionCompatibility } = this.#modules.shared;
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
    const { validators } = this.#modules.shared;
    return connectToAllValidators || validators.getValidator(PRIMARY_NETWORK_ID, myNodeID) !== undefined;
  }

  // ------------------------------------------------------------------------------------------------ what they say

  /**
   * Takes a message that stops here: it is released, and a malformed one ends the peer.
   *
   * @returns False for all others: they are left alone.
   */
  handle(message: InboundMessage): boolean {
    switch (message.op) {
      case Op.Ping:
        this.#handleNow(message, () => this.#handlePing(message.message));
        return true;
      case Op.Pong:
        this.#handleNow(message, () => this.#handlePong());
        return true;
      case Op.Handshake:
        this.#handleNow(message, () => this.#handleHandshake(message.message));
        return true;
      case Op.GetPeerList:
        this.#handleNow(message, () => this.#handleGetPeerList(message.message));
        return true;
      case Op.PeerList:
        this.#modules.inTurns(this.#handlePeerList(message));
        return true;
      default:
        return false;
    }
  }

  #handleNow(message: InboundMessage, handle: () => void): void {
    try {
      handle();
    } catch (error) {
      this.#onMalformed(message.op, error);
    } finally {
      message.onFinishedHandling();
    }
  }

  #handlePing(message: Ping): void {
    if (message.uptime > 100) throw MalformedMessageError.values({ uptime: message.uptime });
    this.#observedUptime = message.uptime;
    this.#modules.send(this.#modules.shared.messageBuilder.pong());
  }

  /**
   * A pong for which there was no ping ends the peer. Upstream remembers one ping only, so that it closes a peer that it
   * held back itself for longer than the time between two pings; here each ping may have its pong, however late.
   */
  #handlePong(): void {
    if (this.#unansweredPings === 0) throw MalformedMessageError.because("received unexpected pong");
    this.#unansweredPings--;
    const { clock, metrics } = this.#modules.shared;
    if (this.#unansweredPings === 0) metrics.roundTrip(clock.monotonic() - this.#pingSentAt);
  }

  #handleHandshake(message: Handshake): void {
    if (this.#claims !== undefined) throw MalformedMessageError.because("already received handshake");

    const { clock, metrics, network, messageBuilder } = this.#modules.shared;
    const claims = checkHandshake(message, {
      networkID: this.#options.networkID,
      now: unixSeconds(clock),
      maxClockDifference: this.#options.maxClockDifference,
      certificate: this.#modules.certificate,
      onClock: (ahead) => {
        this.#clockAhead = ahead;
        metrics.clockSkew(Math.abs(ahead));
      },
      onVersion: (version) => this.#noteNewerVersion(version),
    });
    const unfit = this.#fitness.unfitReason(claims);
    if (unfit !== undefined) {
      this.#disconnect(unfit);
      return;
    }
    this.#claims = claims;

    const { filter, salt } = claims.knownPeers;
    const peers = network.peers(this.#nodeID, claims.trackedSubnets, claims.allSubnets, filter, salt);
    // The answer ends the peer's handshake, so no throttler may drop it.
    this.#modules.send(messageBuilder.peerList(peers, true));
  }

  #handleGetPeerList(message: GetPeerList): void {
    const claims = this.#claims;
    if (claims === undefined || !this.#finishedHandshake) {
      this.#debug("malformed message", Op.GetPeerList, { reason: "not finished handshake" });
      return;
    }
    const { filter, salt } = checkFilter(message.knownPeers);
    const { network, messageBuilder } = this.#modules.shared;
    const peers = network.peers(this.#nodeID, claims.trackedSubnets, message.allSubnets, filter, salt);
    if (peers.length === 0) {
      this.#debug("no peers to tell of", Op.GetPeerList, {});
      return;
    }
    this.#modules.send(messageBuilder.peerList(peers, false));
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
    this.#modules.onFinishedHandshake();
    this.#finishedHandshake = true;
    return true;
  }

  #track(claimedIPs: readonly ClaimedIPPort[]): void {
    try {
      this.#modules.shared.network.track(claimedIPs);
    } catch (error) {
      throw MalformedMessageError.field("claimedIP", {}, error);
    }
  }

  // ------------------------------------------------------------------------------------------------- who cannot stay

  #disconnect(reason: keyof typeof REASON_TEXTS): void {
    this.#modules.shared.log.debug("disconnecting from peer", { nodeID: this.#nodeID, reason: REASON_TEXTS[reason] });
    this.#modules.close(reason);
  }

  #onMalformed(op: Op, error: unknown): void {
    if (!(error instanceof MalformedMessageError)) throw error;
    this.#logMalformed(op, error);
    this.#modules.close("malformed-message");
  }

  #noteNewerVersion(version: Application): void {
    const { log, versionCompatibility } = this.#modules.shared;
    if (compareApplications(versionCompatibility.current, version) >= 0) return;
    const say = this.#isBeacon() ? log.info : log.debug;
    say("peer runs a newer version", {
      nodeID: this.#nodeID,
      myVersion: formatApplication(versionCompatibility.current),
      peerVersion: formatApplication(version),
    });
  }

  #logMalformed(op: Op, error: MalformedMessageError): void {
    const { log } = this.#modules.shared;
    const ours = error.type.field === "myTime" || error.type.field === "tlsSignature";
    const say = ours && this.#isBeacon() ? log.warn : log.debug;
    say("malformed message", { nodeID: this.#nodeID, messageOp: opName(op), ...error.logFields });
  }

  #isBeacon(): boolean {
    return this.#modules.shared.beacons.getValidator(PRIMARY_NETWORK_ID, this.#nodeID) !== undefined;
  }

  #debug(message: string, op: Op, fields: LogFields): void {
    const { log } = this.#modules.shared;
    if (log.enabled("debug")) log.debug(message, { nodeID: this.#nodeID, messageOp: opName(op), ...fields });
  }
}

/** What the log says, with upstream's words. */
const REASON_TEXTS = {
  "incompatible-version": "version not compatible",
  "invalid-bls-signature": "invalid BLS signature",
  "not-desired": "connection is no longer desired",
} as const;
