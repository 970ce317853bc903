/**
 * All peers of a node: who is dialled, who is let in, who is told of whom.
 *
 * A node starts as disconnected from a peer; the handshake's end makes it connected, the end of the connection
 * disconnected again, and the router hears of both. There is never more than one connection to a node, and none to
 * oneself (upstream `network/network.go`).
 *
 * @module
 */

import { Averager } from "../../core/averager.ts";
import type { ReadFilter } from "../../core/bloom/filter.ts";
import { type Clock, systemClock, type Timer } from "../../core/clock.ts";
import { errorMessage } from "../../core/errors.ts";
import { type ID, PRIMARY_NETWORK_ID } from "../../core/ids/id.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import type { AddrPort } from "../../core/ip.ts";
import { type Logger, noLog } from "../../core/log.ts";
import { type MetricsNamespace, nanoseconds } from "../../core/metrics.ts";
import { type Random, systemRandom } from "../../core/random.ts";
import type { BLSSigner } from "../../core/staking/bls.ts";
import { type ClaimedIPPort, newClaimedIPPort } from "../../core/staking/claimed_ip.ts";
import { IPSigner } from "../../core/staking/ip_signer.ts";
import type { VerifyProofOfPossession } from "../../core/staking/known_proofs.ts";
import { verifySignedIP } from "../../core/staking/signed_ip.ts";
import type { TLSSigner } from "../../core/staking/tls_cert.ts";
import { ValidatorManager } from "../../core/validators/manager.ts";
import type { Application } from "../../core/version/application.ts";
import { currentCompatibility } from "../../core/version/current.ts";
import type { MessageBuilder } from "../message/builder.ts";
import type { OutboundMessage } from "../message/outbound.ts";
import type { MessageParser } from "../message/parser.ts";
import type { PeerModules, PeerOptions } from "../peer/config.ts";
import type { InboundHandler, KnownPeers, PeerHandle, PeerNetwork } from "../peer/contract.ts";
import type { PeerInfo } from "../peer/info.ts";
import { PeerMetrics } from "../peer/metrics.ts";
import { Peer } from "../peer/peer.ts";
import type { Throttlers } from "../throttling/throttlers.ts";
import type { Listener, Transport } from "../transport/contract.ts";
import { Admission } from "./admission.ts";
import { Dialer } from "./dialer.ts";
import { type HealthFinding, judgeNetworkHealth } from "./health.ts";
import { IPTracker } from "./ip_tracker.ts";
import { Isolation } from "./isolation.ts";
import { NetworkMetrics } from "./metrics.ts";
import {
  DEFAULT_NETWORK_HEALTH_OPTIONS,
  DEFAULT_NETWORK_OPTIONS,
  type NetworkHealthOptions,
  type NetworkOptions,
  type ResolvedNetworkOptions,
} from "./options.ts";
import { type Allower, allowAll, PeerSet, type SendConfig } from "./peer_set.ts";
import { subnetAllower } from "./subnet_allower.ts";
import { NO_UPTIME, nodeUptime, type UptimeResult, UptimeTracker } from "./uptime.ts";

/** Is told who comes and goes, and takes the messages. */
export interface NetworkHandler extends InboundHandler {
  /** A peer is there. Called for the primary network, and for each subnet that both sides track. */
  connected(nodeID: NodeID, version: Application, subnetID: ID): void;
  /** A peer that was there is gone. */
  disconnected(nodeID: NodeID): void;
}

/** What a network needs. */
export interface NetworkModules {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log?: Logger;
  /** `avalanche_network`; nothing is shown without it. */
  readonly metrics?: MetricsNamespace;
  readonly transport: Transport;
  readonly tlsCert: TLSSigner;
  readonly blsSigner: BLSSigner;
  readonly validators: ValidatorManager;
  /** The bootstrappers: what is odd about them is logged louder. @default None. */
  readonly beacons?: ValidatorManager;
  readonly handler: NetworkHandler;
  readonly messageBuilder: MessageBuilder;
  readonly messageParser: MessageParser;
  readonly throttlers: Throttlers;
  /** {@link FitnessModules.verifyProofOfPossession} */
  readonly verifyProofOfPossession?: VerifyProofOfPossession;
}

/** How much of a subnet's stake is connected. */
export interface ConnectedStake {
  readonly connected: bigint;
  readonly total: bigint;
  readonly disconnected: readonly NodeID[];
}

/** The peer-to-peer network of one node. */
export class Network implements PeerNetwork, AsyncDisposable {
  readonly myNodeID: NodeID;
  readonly peerMetrics: PeerMetrics;
  readonly metrics: NetworkMetrics;
  readonly ipTracker: IPTracker;

  readonly #modules: Required<Omit<NetworkModules, "beacons" | "metrics" | "verifyProofOfPossession">>;
  readonly #options: ResolvedNetworkOptions;
  readonly #health: NetworkHealthOptions;
  readonly #peerModules: PeerModules;
  readonly #peerOptions: PeerOptions;
  readonly #uptimeTracker: UptimeTracker;
  readonly #sendFailRate: Averager;
  readonly #startedAt: number;

  readonly #dialer: Dialer;
  readonly #admission: Admission;
  readonly #connected: PeerSet;
  readonly #isolation: Isolation;
  readonly #allowers: ReadonlyMap<ID, Allower>;
  readonly #subscriptions: Disposable[];
  readonly #timers: Timer[] = [];
  #listener: Listener | undefined;
  #closed = false;
  #publicAddress: AddrPort;

  constructor(modules: NetworkModules, options: NetworkOptions) {
    const {
      clock = systemClock,
      random = systemRandom,
      log = noLog,
      beacons = new ValidatorManager(),
      metrics,
      verifyProofOfPossession,
      ...needed
    } = modules;
    this.#modules = { clock, random, log, ...needed };
    this.#options = { ...DEFAULT_NETWORK_OPTIONS, ...options };
    this.#health = { ...DEFAULT_NETWORK_HEALTH_OPTIONS, ...options.health };
    this.#publicAddress = options.publicAddress;
    this.myNodeID = modules.tlsCert.certificate.nodeID;

    const { trackedSubnets, connectToAllValidators, gossipedNodes, wantedNodes, subnetRules } = this.#options;
    this.peerMetrics = new PeerMetrics(metrics);
    this.#dialer = new Dialer(
      {
        clock,
        log,
        random,
        transport: modules.transport,
        throttler: modules.throttlers.dial,
        wants: (nodeID) => this.ipTracker.wantsConnection(nodeID),
        isKnown: (nodeID) => this.#admission.connecting.has(nodeID) || this.#connected.has(nodeID),
        onConnection: (connection, expected) => this.#admission.admit(connection, expected),
        onFailure: (error) => this.#admission.countFailed("outbound", error),
      },
      this.#options,
    );
    this.metrics = new NetworkMetrics({ clock, dialling: () => this.#dialer.dialling }, trackedSubnets, metrics);
    this.ipTracker = new IPTracker({ log, random, metrics }, { trackedSubnets, connectToAllValidators });
    this.#uptimeTracker = new UptimeTracker(clock);
    this.#startedAt = clock.monotonic();
    this.#sendFailRate = new Averager(0, this.#health.sendFailRateHalflifeMs, this.#startedAt);
    this.#connected = new PeerSet({ validators: modules.validators, random });
    this.#isolation = new Isolation({
      clock,
      log,
      connectedPeers: () => this.#connected.size,
      wants: (nodeID) => this.ipTracker.wantsConnection(nodeID),
    });
    this.#admission = new Admission({
      log,
      isolation: this.#isolation,
      metrics: this.metrics,
      throttler: modules.throttlers.inboundConnUpgrade,
      myNodeID: this.myNodeID,
      allows: (nodeID) => this.allowConnection(nodeID),
      isConnected: (nodeID) => this.#connected.has(nodeID),
      makePeer: (connection) => new Peer(this.#peerModules, this.#peerOptions, connection),
    });
    this.#subscriptions = [
      modules.validators.subscribe(this.ipTracker),
      modules.validators.subscribe(this.#uptimeTracker),
    ];
    for (const nodeID of gossipedNodes) this.ipTracker.manuallyGossip(PRIMARY_NETWORK_ID, nodeID);
    for (const nodeID of wantedNodes) this.ipTracker.manuallyTrack(nodeID);
    this.#allowers = new Map([...subnetRules].map(([id, rules]) => [id, subnetAllower(this.myNodeID, rules)]));

    this.#peerModules = {
      clock,
      log,
      metrics: this.peerMetrics,
      messageBuilder: modules.messageBuilder,
      messageParser: modules.messageParser,
      inboundMsgThrottler: modules.throttlers.inboundMsg,
      outboundMsgThrottler: modules.throttlers.outboundMsg,
      resourceTracker: modules.throttlers.resourceTracker,
      network: this,
      inboundHandler: modules.handler,
      uptimeCalculator: this.#uptimeTracker,
      versionCompatibility: currentCompatibility(options.upgradeTime, clock),
      validators: modules.validators,
      beacons,
      ipSigner: new IPSigner({
        clock,
        tlsCert: modules.tlsCert,
        blsSigner: modules.blsSigner,
        getAddrPort: () => this.#publicAddress,
      }),
      verifyProofOfPossession,
    };
    this.#peerOptions = { ...this.#options, myNodeID: this.myNodeID };
  }

  /** Where others reach this node. */
  get publicAddress(): AddrPort {
    return this.#publicAddress;
  }

  /** Peers are told from the next Handshake on; those that are connected are not told. */
  set publicAddress(address: AddrPort) {
    this.#publicAddress = address;
  }

  /** Nodes of which an address is kept to be dialled: none once all that are wanted are connected. */
  get trackedAddresses(): number {
    return this.#dialer.trackedNodes;
  }

  /** Peers that dialled this node. */
  get ingressConnections(): number {
    const ingress = (peers: Iterable<Peer>) => [...peers].filter((peer) => peer.isIngress).length;
    return ingress(this.#admission.connecting.values()) + ingress(this.#connected.values());
  }

  /**
   * Listens, and begins the periodic work.
   *
   * @returns Where it listens.
   * @throws {TransportError} `listen-failed`.
   */
  async start(): Promise<AddrPort> {
    const { clock, transport } = this.#modules;
    this.#listener = await transport.listen(this.#options.listenAddress, {
      takeTurn: (signal) => this.#modules.throttlers.inboundConn.takeTurn(signal),
      shouldUpgrade: (remote) => this.#admission.shouldUpgrade(remote),
      onConnection: (connection) => this.#admission.admit(connection, undefined),
      onUpgradeFailed: (error, remote) => this.#admission.upgradeFailed(error, remote),
      onAcceptFailed: (error) => {
        this.metrics.acceptFailed++;
        this.#modules.log.debug("error during server accept", { error: errorMessage(error) });
      },
    });
    if (this.#publicAddress.port === 0) {
      this.#publicAddress = { ip: this.#publicAddress.ip, port: this.#listener.address.port };
    }
    const { peerListPullGossipFrequencyMs, peerListBloomResetFrequencyMs, uptimeMetricFrequencyMs } = this.#options;
    this.#timers.push(
      clock.setInterval(() => this.#pullPeerLists(), peerListPullGossipFrequencyMs),
      clock.setInterval(() => this.ipTracker.resetBloom(), peerListBloomResetFrequencyMs),
      clock.setInterval(() => this.#updateUptime(), uptimeMetricFrequencyMs),
    );
    return this.#listener.address;
  }

  /** Ends all: no timer, no dial, no connection is left when it resolves. Calling it twice is harmless. */
  async close(): Promise<void> {
    if (!this.#closed) {
      this.#modules.log.info("shutting down the p2p networking");
      this.#closed = true;
      for (const timer of this.#timers) timer.cancel();
      for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
      this.#dialer.close();
    }
    this.#admission.close();
    const peers = [...this.#admission.connecting.values(), ...this.#connected.values()];
    for (const peer of peers) peer.close("shutdown");
    await this.#listener?.close();
    await Promise.all(peers.map((peer) => peer.closed));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Dials the node at this address until it is connected; never gives up. */
  manuallyTrack(nodeID: NodeID, addrPort: AddrPort): void {
    if (nodeID === this.myNodeID) return;
    this.ipTracker.manuallyTrack(nodeID);
    if (this.#connected.has(nodeID) || this.#dialer.tracks(nodeID)) return;
    this.#dialer.dial(nodeID, addrPort);
  }

  /** The named peers, or all, whose handshake is done. */
  peerInfo(nodeIDs: readonly NodeID[] = []): PeerInfo[] {
    const peers =
      nodeIDs.length === 0
        ? [...this.#connected.values()]
        : [...new Set(nodeIDs)].flatMap((nodeID) => this.#connected.get(nodeID) ?? []);
    return peers.flatMap((peer) => peer.info() ?? []);
  }

  /** The upgrade time that a connected peer told, Unix seconds. */
  upgradeTime(nodeID: NodeID): bigint | undefined {
    return this.#connected.get(nodeID)?.claims?.upgradeTime;
  }

  /** @throws {NotValidatorError} When this node does not validate the primary network. */
  nodeUptime(): UptimeResult {
    return nodeUptime(
      this.myNodeID,
      this.#connected.values(),
      this.#modules.validators,
      this.#options.uptimeRequirement,
    );
  }

  /** How much of a subnet's stake is connected; this node's own counts as such. */
  connectedStake(subnetID: ID): ConnectedStake {
    const disconnected: NodeID[] = [];
    let connected = 0n;
    for (const { nodeID, weight } of this.#modules.validators.validators(subnetID)) {
      if (nodeID === this.myNodeID || this.#connected.has(nodeID)) connected += weight;
      else disconnected.push(nodeID);
    }
    return { connected, total: this.#modules.validators.totalWeight(subnetID), disconnected };
  }

  healthCheck(): HealthFinding {
    const { clock, validators } = this.#modules;
    const { lastReceived, lastSent } = this.peerMetrics;
    const now = clock.monotonic();
    const since = (at: number | undefined) => (at === undefined ? undefined : now - at);
    const timeSinceLastMsgReceivedMs = since(lastReceived);
    const timeSinceLastMsgSentMs = since(lastSent);
    this.metrics.timeSinceLastMsgReceived = nanoseconds(timeSinceLastMsgReceivedMs ?? 0);
    this.metrics.timeSinceLastMsgSent = nanoseconds(timeSinceLastMsgSentMs ?? 0);
    this.metrics.sendFailRate = this.#sendFailRate.read();
    return judgeNetworkHealth(
      {
        connectedPeers: this.#connected.size,
        timeSinceLastMsgReceivedMs,
        timeSinceLastMsgSentMs,
        sendFailRate: this.metrics.sendFailRate,
        timeSinceStartMs: now - this.#startedAt,
        ingressConnections: this.ingressConnections,
        isPrimaryNetworkValidator: validators.getValidator(PRIMARY_NETWORK_ID, this.myNodeID) !== undefined,
        isolation: this.#isolation.reason,
      },
      this.#health,
    );
  }

  /** Who may have a subnet's messages, and send some. */
  allower(subnetID: ID): Allower {
    return this.#allowers.get(subnetID) ?? allowAll;
  }

  /**
   * Queues one message for many peers; it was encoded once.
   *
   * @param allower Whom it may go to. Unless it is given, the subnet's rules say.
   * @returns Those for whom it was queued.
   */
  send(message: OutboundMessage, config: SendConfig, subnetID: ID, allower = this.allower(subnetID)): Set<NodeID> {
    const nodeIDs = config.nodeIDs ?? new Set();
    const named = this.#connected.named(nodeIDs, subnetID, allower);
    this.peerMetrics.sendFailed(message.op, nodeIDs.size - named.length);

    const now = this.#modules.clock.monotonic();
    const sentTo = new Set<NodeID>();
    for (const peer of [...named, ...this.#connected.sample(config, subnetID, allower)]) {
      const sent = peer.send(message);
      if (sent) sentTo.add(peer.nodeID);
      this.#sendFailRate.observe(sent ? 0 : 1, now);
    }
    return sentTo;
  }

  // -------------------------------------------------------------------------------- what peers ask of their network

  connected({ nodeID, claims }: PeerHandle): void {
    if (claims === undefined) return;
    const peer = this.#admission.finish(nodeID);
    if (peer === undefined) return;
    this.#dialer.stop(nodeID);
    this.#connected.add(peer);

    const { addrPort, timestamp, tlsSignature } = claims.ip;
    this.ipTracker.connected(
      newClaimedIPPort(peer.certificate, addrPort, timestamp, tlsSignature),
      claims.trackedSubnets,
    );
    this.#uptimeTracker.connected(nodeID);
    this.metrics.connected(peer);

    const { handler } = this.#modules;
    handler.connected(nodeID, claims.version, PRIMARY_NETWORK_ID);
    for (const subnetID of this.#options.trackedSubnets) {
      if (claims.trackedSubnets.has(subnetID)) handler.connected(nodeID, claims.version, subnetID);
    }
  }

  disconnected(peer: PeerHandle): void {
    const { nodeID } = peer;
    const isTriedAgain = this.#admission.ended(peer);
    if (isTriedAgain !== undefined) {
      this.metrics.timesDisconnected++;
      if (!isTriedAgain) this.#dialer.redial(nodeID);
    } else if (this.#connected.get(nodeID) === peer) {
      this.ipTracker.disconnected(nodeID);
      this.#uptimeTracker.disconnected(nodeID);
      this.#modules.handler.disconnected(nodeID);
      this.#connected.delete(nodeID);
      this.metrics.timesDisconnected++;
      this.metrics.disconnected(peer);
      const ip = this.ipTracker.wantedIP(nodeID);
      if (ip !== undefined) this.#dialer.dial(nodeID, ip.addrPort);
    }
  }

  allowConnection(nodeID: NodeID): boolean {
    if (!this.#options.requireValidatorToConnect) return true;
    return this.#isValidator() || this.ipTracker.wantsConnection(nodeID);
  }

  track(claimedIPs: readonly ClaimedIPPort[]): void {
    const trackAllSubnets = this.#knowsAllSubnets();
    for (const ip of claimedIPs) this.#track(ip, trackAllSubnets);
  }

  knownPeers(): KnownPeers {
    return this.ipTracker.knownPeers();
  }

  /**
   * Tells of the subnets that the peer tracks, or of all where it asks for all and this node knows all; a node that
   * does not know all tells of those only that it tracks itself.
   */
  peers(
    nodeID: NodeID,
    trackedSubnets: ReadonlySet<ID>,
    requestAllSubnets: boolean,
    knownPeers: ReadFilter,
    salt: Uint8Array,
  ): ClaimedIPPort[] {
    const knowsAll = this.#knowsAllSubnets();
    const asked = knowsAll && requestAllSubnets ? [...this.ipTracker.subnetIDs] : [...trackedSubnets];
    const told = asked.filter((id) => knowsAll || id === PRIMARY_NETWORK_ID || this.#options.trackedSubnets.has(id));
    return this.ipTracker.gossipableIPs(
      told,
      nodeID,
      { filter: knownPeers, salt },
      this.#options.peerListNumValidatorIPs,
    );
  }

  // ------------------------------------------------------------------------------------------------------- dialling

  #track(ip: ClaimedIPPort, trackAllSubnets: boolean): void {
    // Most of what is heard is no news; only what is costs the check of a signature.
    if (!this.ipTracker.shouldVerifyIP(ip, trackAllSubnets)) {
      this.metrics.uselessPeerListBytes += ip.size;
      return;
    }
    const maxTimestamp = Math.floor(this.#modules.clock.now() / 1000) + this.#options.maxClockDifference;
    verifySignedIP(
      { addrPort: ip.addrPort, timestamp: ip.timestamp, tlsSignature: ip.signature },
      ip.certificate,
      BigInt(maxTimestamp),
    );
    // A peer that is connected is dialled at its new address when the connection ends.
    if (!this.ipTracker.addIP(ip) || this.#connected.has(ip.nodeID)) return;
    this.#dialer.dial(ip.nodeID, ip.addrPort);
  }

  // ------------------------------------------------------------------------------------------------- periodic work

  #pullPeerLists(): void {
    for (const peer of this.#connected.sample({ validators: 1 }, PRIMARY_NETWORK_ID, allowAll)) peer.sendGetPeerList();
  }

  #updateUptime(): void {
    this.metrics.uptime = this.#isValidator() ? this.nodeUptime() : NO_UPTIME;
  }

  #isValidator(): boolean {
    return this.#modules.validators.getValidator(PRIMARY_NETWORK_ID, this.myNodeID) !== undefined;
  }

  #knowsAllSubnets(): boolean {
    return this.#options.connectToAllValidators || this.#isValidator();
  }
}
