/**
 * How the peer-to-peer network behaves. Durations are milliseconds.
 *
 * @module
 */

import { parseIP } from "../../../core/ip.ts";
import type { CompressionType } from "../../../p2p/message/compression.ts";
import type { NetworkOptions } from "../../../p2p/network/options.ts";
import { maxRecentConnsUpgraded } from "../../../p2p/throttling/inbound_conn_upgrade_throttler.ts";
import { MIN_INBOUND_MAX_RECHECK_DELAY_MS } from "../../../p2p/throttling/inbound_resource_throttler.ts";
import type { ThrottlersOptions } from "../../../p2p/throttling/throttlers.ts";
import type { TLSTransportOptions } from "../../../p2p/transport/tls.ts";
import { isProductionNetwork } from "../../../platform/networks.ts";
import { refuseTogether, refuseWords, requireNotNegative, requirePositive, requireRange, showValue } from "../rules.ts";
import type { Settings } from "../settings.ts";
import { type RoutingConfig, routingConfig } from "./routing.ts";

/** What the network room is told, but for what only a running node knows. */
export type NetworkSection = Omit<
  NetworkOptions,
  "networkID" | "listenAddress" | "publicAddress" | "client" | "upgradeTime" | "trackedSubnets" | "gossipedNodes"
>;

/** The network of a node. */
export interface NetworkConfig {
  readonly network: NetworkSection;
  readonly transport: TLSTransportOptions;
  readonly throttling: ThrottlersOptions;
  readonly routing: RoutingConfig;
  readonly compressionType: CompressionType;
  readonly maxInboundTimeoutMs: number;
  readonly publicIP: PublicIPConfig;
  /** Where the secrets of TLS connections are written to; nowhere without one. */
  readonly tlsKeyLogFile: string | undefined;
}

/** Where the address that peers are told comes from. */
export interface PublicIPConfig {
  /** The address itself; `undefined` where it must be found out. */
  readonly ip: string | undefined;
  readonly service: PublicIPService | undefined;
  readonly frequencyMs: number;
}

/** Who can be asked for one's own address. */
export const PUBLIC_IP_SERVICES = ["opendns", "ifconfigco", "ifconfigme"] as const;
export type PublicIPService = (typeof PUBLIC_IP_SERVICES)[number];

/** Proposals that are in force: peers are told nothing of them (upstream `utils/constants/acps.go`). */
const ACTIVATED_ACPS = new Set([23, 24, 25, 30, 31, 41, 62, 77, 103, 118, 125, 131, 151, 176, 181, 204, 226]);
const MAX_INT32 = 2 ** 31 - 1;
/** `DefaultReadHeaderTimeout` of go-proxyproto 0.6.2. */
const PROXY_LIBRARY_READ_TIMEOUT_MS = 200;

/** @throws {ConfigError} `invalid-value` or `conflict`. */
export function networkConfig(settings: Settings, networkID: number, uptimeRequirement: number): NetworkConfig {
  const routing = routingConfig(settings);
  const { "acp-support": supportedACPs, "acp-object": objectedACPs } = opinions(settings);
  const isPublic = isProductionNetwork(networkID);
  const allowPrivateIPs = settings.isSet("network-allow-private-ips")
    ? settings.get("network-allow-private-ips")
    : !isPublic;
  return {
    routing,
    publicIP: publicIPConfig(settings),
    tlsKeyLogFile:
      settings.get("network-tls-key-log-file-unsafe") === ""
        ? undefined
        : settings.path("network-tls-key-log-file-unsafe"),
    compressionType: compressionType(settings),
    maxInboundTimeoutMs: settings.get("network-maximum-inbound-timeout"),
    transport: {
      dialTimeoutMs: requireNotNegative(settings, "network-outbound-connection-timeout"),
      handshakeTimeoutMs: requireNotNegative(settings, "network-read-handshake-timeout"),
      proxyEnabled: settings.get("network-tcp-proxy-enabled"),
      proxyReadTimeoutMs: proxyReadTimeout(settings),
    },
    throttling: throttlingConfig(settings),
    network: {
      ...timing(settings),
      supportedACPs,
      objectedACPs,
      allowPrivateIPs,
      connectToAllValidators: settings.get("network-connect-to-all-validators"),
      requireValidatorToConnect: settings.get("network-require-validator-to-connect"),
      peerListNumValidatorIPs: settings.get("network-peer-list-num-validator-ips"),
      peerListPullGossipFrequencyMs: requirePositive(settings, "network-peer-list-pull-gossip-frequency"),
      peerListBloomResetFrequencyMs: requirePositive(settings, "network-peer-list-bloom-reset-frequency"),
      uptimeMetricFrequencyMs: requirePositive(settings, "uptime-metric-freq"),
      uptimeRequirement,
      health: healthOptions(settings),
    },
  };
}

/** Upstream's library has a time of its own in place of 0, and no limit below it. */
function proxyReadTimeout(settings: Settings): number {
  const ms = settings.get("network-tcp-proxy-read-timeout");
  if (ms < 0) return Number.POSITIVE_INFINITY;
  return ms === 0 ? PROXY_LIBRARY_READ_TIMEOUT_MS : ms;
}

function timing(settings: Settings) {
  const initialReconnectDelayMs = requireNotNegative(settings, "network-initial-reconnect-delay");
  const maxReconnectDelayMs = requireNotNegative(settings, "network-max-reconnect-delay");
  if (maxReconnectDelayMs < initialReconnectDelayMs) {
    throw refuseTogether(
      ["network-initial-reconnect-delay", "network-max-reconnect-delay"],
      "network-max-reconnect-delay must be >= network-initial-reconnect-delay",
    );
  }
  const pongTimeoutMs = requireNotNegative(settings, "network-ping-timeout");
  const pingFrequencyMs = requirePositive(settings, "network-ping-frequency");
  if (pongTimeoutMs <= pingFrequencyMs) {
    throw refuseTogether(
      ["network-ping-frequency", "network-ping-timeout"],
      "network-ping-timeout must be > network-ping-frequency: every peer would be dropped",
    );
  }
  const maxClockDifference = requireNotNegative(settings, "network-max-clock-difference") / 1_000;
  return { initialReconnectDelayMs, maxReconnectDelayMs, pongTimeoutMs, pingFrequencyMs, maxClockDifference };
}

function healthOptions(settings: Settings) {
  requireRange(settings, "network-health-max-portion-send-queue-full", 0, 1);
  return {
    enabled: settings.get("sybil-protection-enabled"),
    minConnectedPeers: settings.get("network-health-min-conn-peers"),
    maxTimeSinceMsgReceivedMs: requireNotNegative(settings, "network-health-max-time-since-msg-received"),
    maxTimeSinceMsgSentMs: requireNotNegative(settings, "network-health-max-time-since-msg-sent"),
    maxSendFailRate: requireRange(settings, "network-health-max-send-fail-rate", 0, 1),
    sendFailRateHalflifeMs: requirePositive(settings, "health-check-averager-halflife"),
    noIngressConnectionsGracePeriodMs: settings.get("network-no-ingress-connections-grace-period"),
  };
}

function opinions(settings: Settings): Record<"acp-support" | "acp-object", readonly number[]> {
  const read = (flag: "acp-support" | "acp-object"): number[] => {
    const numbers = settings.get(flag);
    if (numbers.some((acp) => acp < 0 || acp > MAX_INT32)) {
      throw refuseWords(settings, flag, `invalid ACP: ${showValue(settings, flag)}`, "Give the numbers of proposals");
    }
    return [...new Set(numbers)];
  };
  const support = read("acp-support");
  const object = read("acp-object");
  const both = support.filter((acp) => object.includes(acp));
  if (both.length > 0) {
    throw refuseTogether(["acp-support", "acp-object"], `supporting and objecting to the same ACP: ${both.join(", ")}`);
  }
  const open = (acp: number): boolean => !ACTIVATED_ACPS.has(acp);
  return { "acp-support": support.filter(open), "acp-object": object.filter(open) };
}

function compressionType(settings: Settings): CompressionType {
  const type = settings.get("network-compression-type");
  if (type === "zstd" || type === "none") return type;
  const message = `unknown compression type: ${JSON.stringify(type)}`;
  throw refuseWords(settings, "network-compression-type", message, "Set network-compression-type to zstd or none");
}

function publicIPConfig(settings: Settings): PublicIPConfig {
  const frequencyMs = requirePositive(settings, "public-ip-resolution-frequency");
  const text = settings.get("public-ip");
  const asked = settings.get("public-ip-resolution-service").toLowerCase();
  if (text !== "" && asked !== "") {
    throw refuseTogether(
      ["public-ip", "public-ip-resolution-service"],
      "only one of --public-ip and --public-ip-resolution-service can be given",
    );
  }
  // The reference takes a second name for ifconfig.co.
  const service = PUBLIC_IP_SERVICES.find((name) => name === (asked === "ifconfig" ? "ifconfigco" : asked));
  if (asked !== "" && service === undefined) {
    const hint = `public-ip-resolution-service is one of ${PUBLIC_IP_SERVICES.join(", ")}`;
    throw refuseWords(settings, "public-ip-resolution-service", `unknown resolver: ${asked}`, hint);
  }
  return { ip: text === "" ? undefined : readIP(settings, text), service, frequencyMs };
}

function readIP(settings: Settings, text: string): string {
  try {
    return parseIP(text);
  } catch {
    const message = `invalid public IP address ${JSON.stringify(text)}`;
    throw refuseWords(settings, "public-ip", message, "Give an IP without a port: the port is that of staking-port");
  }
}

function throttlingConfig(settings: Settings): ThrottlersOptions {
  const upgradeCooldownMs = settings.get("network-inbound-connection-throttling-cooldown");
  const maxConnsPerSec = settings.get("network-inbound-connection-throttling-max-conns-per-sec");
  return {
    inboundConnUpgrade: {
      upgradeCooldownMs,
      maxRecentConnsUpgraded: maxRecentConnsUpgraded(maxConnsPerSec, upgradeCooldownMs),
    },
    inboundConn: { maxConnsPerSec },
    dial: { throttleRps: settings.get("network-outbound-connection-throttling-rps") },
    inboundMsg: {
      bytes: {
        atLargeAllocSize: settings.get("throttler-inbound-at-large-alloc-size"),
        vdrAllocSize: settings.get("throttler-inbound-validator-alloc-size"),
        nodeMaxAtLargeBytes: settings.get("throttler-inbound-node-max-at-large-bytes"),
      },
      buffer: { maxProcessingMsgsPerNode: settings.get("throttler-inbound-node-max-processing-msgs") },
      bandwidth: {
        refillRate: settings.get("throttler-inbound-bandwidth-refill-rate"),
        maxBurstSize: settings.get("throttler-inbound-bandwidth-max-burst-size"),
      },
      cpu: { maxRecheckDelayMs: recheckDelay(settings, "throttler-inbound-cpu-max-recheck-delay") },
      disk: { maxRecheckDelayMs: recheckDelay(settings, "throttler-inbound-disk-max-recheck-delay") },
    },
    outboundMsg: {
      atLargeAllocSize: settings.get("throttler-outbound-at-large-alloc-size"),
      vdrAllocSize: settings.get("throttler-outbound-validator-alloc-size"),
      nodeMaxAtLargeBytes: settings.get("throttler-outbound-node-max-at-large-bytes"),
    },
    tracker: { processingHalflifeMs: settings.get("system-tracker-processing-halflife") },
    cpuTargeter: {
      vdrAlloc: requireNotNegative(settings, "throttler-inbound-cpu-validator-alloc"),
      maxNonVdrUsage: requireNotNegative(settings, "throttler-inbound-cpu-max-non-validator-usage"),
      maxNonVdrNodeUsage: requireNotNegative(settings, "throttler-inbound-cpu-max-non-validator-node-usage"),
    },
    diskTargeter: {
      vdrAlloc: requireNotNegative(settings, "throttler-inbound-disk-validator-alloc"),
      maxNonVdrUsage: requireNotNegative(settings, "throttler-inbound-disk-max-non-validator-usage"),
      maxNonVdrNodeUsage: requireNotNegative(settings, "throttler-inbound-disk-max-non-validator-node-usage"),
    },
  };
}

function recheckDelay(
  settings: Settings,
  flag: "throttler-inbound-cpu-max-recheck-delay" | "throttler-inbound-disk-max-recheck-delay",
): number {
  return requireRange(settings, flag, MIN_INBOUND_MAX_RECHECK_DELAY_MS, Number.POSITIVE_INFINITY, ">= 1ms");
}
