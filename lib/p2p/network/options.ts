/**
 * How a network behaves, and upstream's defaults (`config/flags.go`, `utils/constants/networking.go`).
 *
 * @module
 */

import type { ID } from "../../core/ids/id.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import type { AddrPort } from "../../core/ip.ts";
import type { Application } from "../../core/version/application.ts";
import { DEFAULT_MAX_CLOCK_DIFFERENCE, DEFAULT_PING_FREQUENCY_MS, DEFAULT_PONG_TIMEOUT_MS } from "../peer/config.ts";
import type { SubnetRules } from "./subnet_allower.ts";

/** When the network layer is healthy. */
export interface NetworkHealthOptions {
  /** Whether a bad finding counts: it does not without sybil protection. */
  readonly enabled: boolean;
  readonly minConnectedPeers: number;
  readonly maxTimeSinceMsgReceivedMs: number;
  readonly maxTimeSinceMsgSentMs: number;
  /** 0 to 1. */
  readonly maxSendFailRate: number;
  readonly sendFailRateHalflifeMs: number;
  /** After this time a validator that nobody has dialled is unhealthy. */
  readonly noIngressConnectionsGracePeriodMs: number;
}

export const DEFAULT_NETWORK_HEALTH_OPTIONS: NetworkHealthOptions = {
  enabled: true,
  minConnectedPeers: 1,
  maxTimeSinceMsgReceivedMs: 60_000,
  maxTimeSinceMsgSentMs: 60_000,
  maxSendFailRate: 0.9,
  sendFailRateHalflifeMs: 10_000,
  noIngressConnectionsGracePeriodMs: 600_000,
};

/** What a network is told. Durations are milliseconds. */
export interface NetworkOptions {
  readonly networkID: number;
  /** Where to listen; port 0 takes any free one. */
  readonly listenAddress: AddrPort;
  /** Where others reach this node; the port is the one that is listened on where it is 0. */
  readonly publicAddress: AddrPort;
  /** What the Handshake names as the client and its version. */
  readonly client: Application;
  /** Unix seconds of the upgrade before which older versions are still compatible. */
  readonly upgradeTime: number;
  /** Without the primary network. */
  readonly trackedSubnets?: ReadonlySet<ID>;
  readonly supportedACPs?: readonly number[];
  readonly objectedACPs?: readonly number[];
  readonly connectToAllValidators?: boolean;
  /** Whether a node that does not validate connects to validators only. */
  readonly requireValidatorToConnect?: boolean;
  /** Whether nodes at private addresses are dialled. @default {true} */
  readonly allowPrivateIPs?: boolean;
  /** Nodes whose IPs are told to others as if they validated the primary network. */
  readonly gossipedNodes?: Iterable<NodeID>;
  /** Nodes that are connected to once others tell their addresses, whatever they validate. */
  readonly wantedNodes?: Iterable<NodeID>;
  /** Who may have the messages of a subnet; everyone where nothing is said. */
  readonly subnetRules?: ReadonlyMap<ID, SubnetRules>;
  readonly pingFrequencyMs?: number;
  readonly pongTimeoutMs?: number;
  /** Seconds. */
  readonly maxClockDifference?: number;
  readonly initialReconnectDelayMs?: number;
  readonly maxReconnectDelayMs?: number;
  readonly peerListNumValidatorIPs?: number;
  readonly peerListPullGossipFrequencyMs?: number;
  readonly peerListBloomResetFrequencyMs?: number;
  readonly uptimeMetricFrequencyMs?: number;
  /** 0 to 1: at this share of the time a validator earns its reward. */
  readonly uptimeRequirement?: number;
  readonly health?: Partial<NetworkHealthOptions>;
}

/** The options with every wish filled in. */
export type ResolvedNetworkOptions = Required<Omit<NetworkOptions, "health">>;

/** What has no default: who and where the node is. */
type Given = "networkID" | "listenAddress" | "publicAddress" | "client" | "upgradeTime";

export const DEFAULT_NETWORK_OPTIONS: Omit<ResolvedNetworkOptions, Given> = {
  trackedSubnets: new Set(),
  supportedACPs: [],
  objectedACPs: [],
  connectToAllValidators: false,
  requireValidatorToConnect: false,
  allowPrivateIPs: true,
  gossipedNodes: [],
  wantedNodes: [],
  subnetRules: new Map(),
  pingFrequencyMs: DEFAULT_PING_FREQUENCY_MS,
  pongTimeoutMs: DEFAULT_PONG_TIMEOUT_MS,
  maxClockDifference: DEFAULT_MAX_CLOCK_DIFFERENCE,
  initialReconnectDelayMs: 1_000,
  maxReconnectDelayMs: 60_000,
  peerListNumValidatorIPs: 15,
  peerListPullGossipFrequencyMs: 2_000,
  peerListBloomResetFrequencyMs: 60_000,
  uptimeMetricFrequencyMs: 30_000,
  uptimeRequirement: 0.8,
};
