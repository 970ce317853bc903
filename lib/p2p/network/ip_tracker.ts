/**
 * Which nodes this one wants to reach, where they were last seen, and whom it tells of them.
 *
 * Of each wanted node the newest signed IP is kept. The bloom filter of what is known goes out with every request for
 * more, so that peers send news only (upstream `network/ip_tracker.go`).
 *
 * @module
 */

import { BloomFilter } from "../../core/bloom/filter.ts";
import { estimateCount, optimalParameters } from "../../core/bloom/optimal.ts";
import { type ID, PRIMARY_NETWORK_ID } from "../../core/ids/id.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import type { Logger } from "../../core/log.ts";
import type { MetricsNamespace } from "../../core/metrics.ts";
import type { Random } from "../../core/random.ts";
import type { ClaimedIPPort } from "../../core/staking/claimed_ip.ts";
import type { Validator, ValidatorListener } from "../../core/validators/manager.ts";
import type { KnownPeers } from "../peer/contract.ts";
import { GossipableSubnet, type KnownIPs } from "./gossipable_ips.ts";

/** Bytes of the filter's salt (upstream `ip_tracker.go`, as all numbers here). */
const SALT_LENGTH = 32;
/** The filter is made for at least so many IPs. */
const MIN_COUNT_ESTIMATE = 128;
const TARGET_FALSE_POSITIVE_PROBABILITY = 0.001;
/** The filter is made anew when it is this likely to be wrong. */
const MAX_FALSE_POSITIVE_PROBABILITY = 0.01;
/** Entries of one node in the filter: more than one, so that a node may move once before the filter is made anew. */
const MAX_IP_ENTRIES_PER_NODE = 2;

interface TrackedNode {
  manuallyTracked: boolean;
  /** The subnets that it validates. */
  readonly validatedSubnets: Set<ID>;
  /** Those of them that are followed here. */
  readonly trackedSubnets: Set<ID>;
  /** The newest that is known. */
  ip: ClaimedIPPort | undefined;
}

interface ConnectedNode {
  readonly trackedSubnets: ReadonlySet<ID>;
  /** The one that it named when it connected; not always the newest. */
  readonly ip: ClaimedIPPort;
}

/** What came of an IP that was heard of. */
type IPNews = "untracked" | "not-newer" | "newer";

export interface IPTrackerModules {
  readonly log: Logger;
  readonly random: Random;
  readonly metrics: MetricsNamespace | undefined;
}

export interface IPTrackerOptions {
  /** Without the primary network. */
  readonly trackedSubnets: ReadonlySet<ID>;
  readonly connectToAllValidators: boolean;
}

export class IPTracker implements ValidatorListener {
  readonly #modules: IPTrackerModules;
  readonly #options: IPTrackerOptions;
  readonly #tracked = new Map<NodeID, TrackedNode>();
  readonly #connected = new Map<NodeID, ConnectedNode>();
  /** Subnets with at least one node that may be gossiped. */
  readonly #subnets = new Map<ID, GossipableSubnet>();

  #bloom: BloomFilter;
  #bloomSalt: Uint8Array;
  #maxBloomCount: number;
  readonly #bloomAdditions = new Map<NodeID, number>();
  #bloomResets = 0;

  constructor(modules: IPTrackerModules, options: IPTrackerOptions) {
    this.#modules = modules;
    this.#options = options;
    ({ bloom: this.#bloom, salt: this.#bloomSalt, maxCount: this.#maxBloomCount } = this.#newBloom());
    if (modules.metrics !== undefined) this.#declareMetrics(modules.metrics);
  }

  /** The subnets that are gossiped about. */
  get subnetIDs(): Iterable<ID> {
    return this.#subnets.keys();
  }

  /** Wants a connection to the node whatever it validates. */
  manuallyTrack(nodeID: NodeID): void {
    this.#addTrackable(nodeID, undefined);
  }

  /** Tells others of the node on a subnet as if it validated it. */
  manuallyGossip(subnetID: ID, nodeID: NodeID): void {
    if (this.#follows(subnetID)) this.#addTrackable(nodeID, undefined);
    this.#addTrackable(nodeID, subnetID);
    this.#addGossipable(nodeID, subnetID, true);
  }

  /** Whether a connection to the node is wanted. */
  wantsConnection(nodeID: NodeID): boolean {
    const node = this.#tracked.get(nodeID);
    return node !== undefined && isWanted(node);
  }

  /**
   * Whether an IP is news, and so worth the check of its signature.
   *
   * @param trackAllSubnets Whether nodes of subnets that are not followed here count too.
   */
  shouldVerifyIP(ip: ClaimedIPPort, trackAllSubnets: boolean): boolean {
    const node = this.#tracked.get(ip.nodeID);
    if (node === undefined || (!trackAllSubnets && !isWanted(node))) return false;
    return node.ip === undefined || node.ip.timestamp < ip.timestamp;
  }

  /**
   * Takes an IP whose signature was checked.
   *
   * @returns Whether it is news about a node to which a connection is wanted.
   */
  addIP(ip: ClaimedIPPort): boolean {
    if (this.#learn(ip) !== "newer") return false;
    const node = this.#tracked.get(ip.nodeID) as TrackedNode;
    const connected = this.#connected.get(ip.nodeID);
    if (connected !== undefined) this.#setGossipable(ip, connected.trackedSubnets);
    return isWanted(node);
  }

  /** The newest IP of a node to which a connection is wanted, or `undefined`. */
  wantedIP(nodeID: NodeID): ClaimedIPPort | undefined {
    const node = this.#tracked.get(nodeID);
    return node !== undefined && isWanted(node) ? node.ip : undefined;
  }

  /** A peer finished its handshake. */
  connected(ip: ClaimedIPPort, trackedSubnets: ReadonlySet<ID>): void {
    this.#connected.set(ip.nodeID, { trackedSubnets, ip });
    if (this.#learn(ip) === "untracked") return;
    const newest = this.#tracked.get(ip.nodeID)?.ip;
    if (newest !== undefined) this.#setGossipable(newest, trackedSubnets);
  }

  /** A peer that was connected is gone. */
  disconnected(nodeID: NodeID): void {
    const connected = this.#connected.get(nodeID);
    if (connected === undefined) return;
    this.#connected.delete(nodeID);
    for (const subnetID of connected.trackedSubnets) this.#subnets.get(subnetID)?.remove(nodeID);
  }

  onValidatorAdded(subnetID: ID, { nodeID }: Validator): void {
    this.#addTrackable(nodeID, subnetID);
    this.#addGossipable(nodeID, subnetID, false);
  }

  onValidatorRemoved(subnetID: ID, nodeID: NodeID): void {
    const subnet = this.#subnets.get(subnetID);
    if (subnet === undefined || subnet.manuallyGossipable.has(nodeID)) return;
    subnet.gossipableIDs.delete(nodeID);
    subnet.remove(nodeID);
    if (subnet.gossipableIDs.size === 0) this.#subnets.delete(subnetID);

    const node = this.#tracked.get(nodeID);
    if (node === undefined) return;
    node.validatedSubnets.delete(subnetID);
    node.trackedSubnets.delete(subnetID);
    if (!node.manuallyTracked && node.validatedSubnets.size === 0) this.#tracked.delete(nodeID);
  }

  /** What this node knows, for peers to leave out. */
  knownPeers(): KnownPeers {
    return { filter: this.#bloom.bytes(), salt: this.#bloomSalt };
  }

  /** Makes the filter anew: under a fresh salt what was wrongly taken for known is no more. */
  resetBloom(): void {
    ({ bloom: this.#bloom, salt: this.#bloomSalt, maxCount: this.#maxBloomCount } = this.#newBloom());
  }

  /**
   * Chooses at random what a peer should hear of.
   *
   * @param subnetIDs The subnets to tell of, in this order while there is room.
   */
  gossipableIPs(subnetIDs: Iterable<ID>, asker: NodeID, known: KnownIPs, maxIPs: number): ClaimedIPPort[] {
    const chosen = new Map<NodeID, ClaimedIPPort>();
    for (const subnetID of subnetIDs) {
      this.#subnets.get(subnetID)?.sampleInto(chosen, asker, known, maxIPs, this.#modules.random);
      if (chosen.size >= maxIPs) break;
    }
    return [...chosen.values()];
  }

  #follows(subnetID: ID): boolean {
    return subnetID === PRIMARY_NETWORK_ID || this.#options.trackedSubnets.has(subnetID);
  }

  #addTrackable(nodeID: NodeID, subnetID: ID | undefined): void {
    const before = this.#tracked.get(nodeID);
    const node = before ?? {
      manuallyTracked: false,
      validatedSubnets: new Set(),
      trackedSubnets: new Set(),
      ip: undefined,
    };
    if (subnetID === undefined) {
      node.manuallyTracked = true;
    } else {
      node.validatedSubnets.add(subnetID);
      if (this.#follows(subnetID) || this.#options.connectToAllValidators) node.trackedSubnets.add(subnetID);
    }
    if (before !== undefined) return;
    this.#tracked.set(nodeID, node);

    // Of a node that was not tracked nothing newer can be known than what it connected with.
    const connected = this.#connected.get(nodeID);
    if (connected !== undefined) this.#setNewest(node, connected.ip);
  }

  #addGossipable(nodeID: NodeID, subnetID: ID, manually: boolean): void {
    let subnet = this.#subnets.get(subnetID);
    if (subnet === undefined) {
      subnet = new GossipableSubnet();
      this.#subnets.set(subnetID, subnet);
    }
    if (manually) subnet.manuallyGossipable.add(nodeID);
    if (subnet.gossipableIDs.has(nodeID)) return;
    subnet.gossipableIDs.add(nodeID);

    if (!this.#connected.get(nodeID)?.trackedSubnets.has(subnetID)) return;
    const newest = this.#tracked.get(nodeID)?.ip;
    if (newest !== undefined) subnet.set(newest);
  }

  #setGossipable(ip: ClaimedIPPort, trackedSubnets: ReadonlySet<ID>): void {
    for (const subnetID of trackedSubnets) {
      const subnet = this.#subnets.get(subnetID);
      if (subnet?.gossipableIDs.has(ip.nodeID)) subnet.set(ip);
    }
  }

  #learn(ip: ClaimedIPPort): IPNews {
    const node = this.#tracked.get(ip.nodeID);
    if (node === undefined) return "untracked";
    if (node.ip !== undefined && node.ip.timestamp >= ip.timestamp) return "not-newer";
    this.#setNewest(node, ip);
    return "newer";
  }

  #setNewest(node: TrackedNode, ip: ClaimedIPPort): void {
    node.ip = ip;
    const additions = this.#bloomAdditions.get(ip.nodeID) ?? 0;
    if (additions >= MAX_IP_ENTRIES_PER_NODE) return;

    if (this.#bloom.count >= this.#maxBloomCount) {
      this.#modules.log.info("reset validator tracker bloom filter", { currentCount: this.#bloom.count });
      this.resetBloom();
      return;
    }
    if (this.#bloom.add(ip.gossipIDBytes, this.#bloomSalt)) this.#bloomAdditions.set(ip.nodeID, additions + 1);
  }

  #newBloom(): { bloom: BloomFilter; salt: Uint8Array; maxCount: number } {
    const { random } = this.#modules;
    const salt = random.bytes(SALT_LENGTH);
    const count = Math.max(MAX_IP_ENTRIES_PER_NODE * this.#tracked.size, MIN_COUNT_ESTIMATE);
    const { numHashes, numEntries } = optimalParameters(count, TARGET_FALSE_POSITIVE_PROBABILITY);
    const bloom = BloomFilter.create(numHashes, numEntries, random);
    this.#bloomAdditions.clear();
    for (const [nodeID, { ip }] of this.#tracked) {
      if (ip === undefined) continue;
      bloom.add(ip.gossipIDBytes, salt);
      this.#bloomAdditions.set(nodeID, 1);
    }
    this.#bloomResets++;
    return { bloom, salt, maxCount: estimateCount(numHashes, numEntries, MAX_FALSE_POSITIVE_PROBABILITY) };
  }

  #declareMetrics(metrics: MetricsNamespace): void {
    metrics.gaugedBy({ name: "tracked_peers", help: "nodes that are followed" }, () => this.#tracked.size);
    metrics.gaugedBy({ name: "tracked_subnets", help: "subnets that are gossiped about" }, () => this.#subnets.size);
    metrics.gaugedBy({ name: "gossipable_ips", help: "IPs that may be told to peers, over all subnets" }, () =>
      this.#subnets.values().reduce((sum, subnet) => sum + subnet.size, 0),
    );
    const bloom = metrics.nested("ip_bloom");
    bloom.gaugedBy({ name: "count", help: "additions to the filter of known IPs" }, () => this.#bloom.count);
    bloom.gaugedBy({ name: "hashes", help: "hashes of the filter" }, () => this.#bloom.numHashes);
    bloom.gaugedBy({ name: "entries", help: "bytes of the filter" }, () => this.#bloom.numEntries);
    bloom.gaugedBy(
      { name: "max_count", help: "additions at which the filter is made anew" },
      () => this.#maxBloomCount,
    );
    bloom.countedBy({ name: "reset_count", help: "times the filter was made" }, () => this.#bloomResets);
  }
}

function isWanted(node: TrackedNode): boolean {
  return node.manuallyTracked || node.trackedSubnets.size > 0;
}
