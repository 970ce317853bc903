/**
 * Flags of the peer-to-peer network: addresses, connections, messages, gossip. The defaults are those of the rooms.
 *
 * @module
 */

import { DEFAULT_COMPRESSION_TYPE } from "../../../p2p/message/compression.ts";
import { DEFAULT_MAX_MESSAGE_TIMEOUT_MS } from "../../../p2p/message/parser.ts";
import { DEFAULT_NETWORK_OPTIONS as NETWORK } from "../../../p2p/network/options.ts";
import { DEFAULT_OUTBOUND_CONNECTION_THROTTLING_RPS } from "../../../p2p/throttling/dial_throttler.ts";
import { DEFAULT_MAX_INBOUND_CONNS_PER_SEC } from "../../../p2p/throttling/inbound_conn_throttler.ts";
import { DEFAULT_INBOUND_CONN_UPGRADE_COOLDOWN_MS } from "../../../p2p/throttling/inbound_conn_upgrade_throttler.ts";
import {
  DEFAULT_DIAL_TIMEOUT_MS,
  DEFAULT_HANDSHAKE_TIMEOUT_MS,
  DEFAULT_PROXY_ENABLED,
  DEFAULT_PROXY_READ_TIMEOUT_MS,
} from "../../../p2p/transport/tls.ts";
import { DEFAULT_BENCHLIST_OPTIONS as BENCHLIST } from "../../../p2p/routing/benchlist/benchlist.ts";
import { DEFAULT_ADAPTIVE_TIMEOUT_OPTIONS as TIMEOUTS } from "../../../p2p/routing/timeout/adaptive_timeout_manager.ts";
import { bool, duration, float, group, string, uint } from "../flag.ts";
import { RUNTIME_DECIDES } from "../inert.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

export const ADDRESS_FLAGS = group("Public address", {
  "public-ip": string("", "The IP that peers are told to dial"),
  "public-ip-resolution-service": string("", "Who is asked for the public IP: opendns, ifconfigco or ifconfigme"),
  "public-ip-resolution-frequency": duration(5 * MINUTE, "How often the public IP is asked for again"),
  "network-allow-private-ips": bool(
    false,
    "Dial peers with private IPs; unless set, yes on every network but mainnet and fuji",
  ),
});

export const CONNECTION_FLAGS = group("Connections", {
  "network-inbound-connection-throttling-cooldown": duration(
    DEFAULT_INBOUND_CONN_UPGRADE_COOLDOWN_MS,
    "Accept one connection of an IP in this time; 0 for no limit",
  ),
  "network-inbound-connection-throttling-max-conns-per-sec": float(
    DEFAULT_MAX_INBOUND_CONNS_PER_SEC,
    "Connections accepted a second from everyone",
  ),
  "network-outbound-connection-throttling-rps": uint(
    DEFAULT_OUTBOUND_CONNECTION_THROTTLING_RPS,
    "Connections dialled a second; 0 for no limit",
  ),
  "network-outbound-connection-timeout": duration(DEFAULT_DIAL_TIMEOUT_MS, "How long a dial may take"),
  "network-initial-reconnect-delay": duration(
    NETWORK.initialReconnectDelayMs,
    "How long to wait before the first new dial of a lost peer",
  ),
  "network-max-reconnect-delay": duration(
    NETWORK.maxReconnectDelayMs,
    "The longest wait before a new dial of a lost peer",
  ),
  "network-read-handshake-timeout": duration(
    DEFAULT_HANDSHAKE_TIMEOUT_MS,
    "How long a peer may take for its handshake",
  ),
  "network-require-validator-to-connect": bool(
    NETWORK.requireValidatorToConnect,
    "Keep only connections where one side is a validator or the other is a bootstrapper",
  ),
  "network-tcp-proxy-enabled": bool(
    DEFAULT_PROXY_ENABLED,
    "Expect a PROXY protocol header on every inbound connection",
  ),
  "network-tcp-proxy-read-timeout": duration(
    DEFAULT_PROXY_READ_TIMEOUT_MS,
    "How long to wait for a PROXY protocol header",
  ),
  "network-tls-key-log-file-unsafe": string(
    "",
    "Write TLS session secrets to this file: for debugging alone, and not on Deno",
  ),
});

export const MESSAGE_FLAGS = group("Messages", {
  "network-compression-type": string(DEFAULT_COMPRESSION_TYPE, "How messages are compressed: zstd or none"),
  "network-max-clock-difference": duration(NETWORK.maxClockDifference * SECOND, "How far a peer's clock may be off"),
  "network-ping-frequency": duration(NETWORK.pingFrequencyMs, "How often a peer is pinged"),
  "network-ping-timeout": duration(NETWORK.pongTimeoutMs, "How long a peer may stay silent before it is dropped"),
  "network-maximum-inbound-timeout": duration(
    DEFAULT_MAX_MESSAGE_TIMEOUT_MS,
    "The longest deadline that a peer can give its request",
  ),
  "network-peer-read-buffer-size": uint(8_192, "The read buffer of a peer", { unit: "bytes", inert: RUNTIME_DECIDES }),
  "network-peer-write-buffer-size": uint(8_192, "The write buffer of a peer", {
    unit: "bytes",
    inert: RUNTIME_DECIDES,
  }),
  "network-initial-timeout": duration(TIMEOUTS.initialTimeoutMs, "The time-out of requests before any was answered"),
  "network-minimum-timeout": duration(TIMEOUTS.minimumTimeoutMs, "The shortest time-out of requests"),
  "network-maximum-timeout": duration(TIMEOUTS.maximumTimeoutMs, "The longest time-out of requests"),
  "network-timeout-coefficient": float(
    TIMEOUTS.timeoutCoefficient,
    "The time-out as a multiple of the average response time",
  ),
  "network-timeout-halflife": duration(TIMEOUTS.timeoutHalflifeMs, "The half-life of the average response time"),
});

export const PEER_LIST_FLAGS = group("Peer list gossip", {
  "network-peer-list-num-validator-ips": uint(NETWORK.peerListNumValidatorIPs, "Validator addresses in one peer list", {
    unit: "addresses",
  }),
  "network-peer-list-pull-gossip-frequency": duration(
    NETWORK.peerListPullGossipFrequencyMs,
    "How often a peer is asked for its peer list",
  ),
  "network-peer-list-bloom-reset-frequency": duration(
    NETWORK.peerListBloomResetFrequencyMs,
    "How often the filter of known addresses is remade",
  ),
});

export const BENCHLIST_FLAGS = group("Benchlist", {
  "benchlist-bench-probability": float(
    BENCHLIST.benchProbability,
    "The chance of failure above which a node is benched",
  ),
  "benchlist-unbench-probability": float(
    BENCHLIST.unbenchProbability,
    "The chance of failure below which a node is taken back",
  ),
  "benchlist-duration": duration(BENCHLIST.benchDurationMs, "The longest time on the bench"),
  "benchlist-halflife": duration(BENCHLIST.halflifeMs, "The half-life of the average of failures"),
});
