/**
 * Flags of the peer-to-peer network: addresses, connections, messages, gossip. The defaults are those of the rooms.
 *
 * @module
 */

import { DEFAULT_COMPRESSION_TYPE } from "../../../p2p/message/compression.ts";
import { DEFAULT_MAX_MESSAGE_TIMEOUT_MS } from "../../../p2p/message/parser.ts";
import { DEFAULT_NETWORK_OPTIONS as NETWORK } from "../../../p2p/network/options.ts";
import { DEFAULT_BENCHLIST_OPTIONS as BENCHLIST } from "../../../p2p/routing/benchlist/benchlist.ts";
import { DEFAULT_ADAPTIVE_TIMEOUT_OPTIONS as TIMEOUTS } from "../../../p2p/routing/timeout/adaptive_timeout_manager.ts";
import { DEFAULT_OUTBOUND_CONNECTION_THROTTLING_RPS } from "../../../p2p/throttling/dial_throttler.ts";
import { DEFAULT_MAX_INBOUND_CONNS_PER_SEC } from "../../../p2p/throttling/inbound_conn_throttler.ts";
import { DEFAULT_INBOUND_CONN_UPGRADE_COOLDOWN_MS } from "../../../p2p/throttling/inbound_conn_upgrade_throttler.ts";
import {
  DEFAULT_DIAL_TIMEOUT_MS,
  DEFAULT_HANDSHAKE_TIMEOUT_MS,
  DEFAULT_PROXY_ENABLED,
  DEFAULT_PROXY_READ_TIMEOUT_MS,
} from "../../../p2p/transport/tls.ts";
import { bool, duration, float, group, string, uint } from "../flag.ts";
import { RUNTIME_DECIDES } from "../inert.ts";

/** Where tests show what flags do. */
const BENCHLIST_TEST = "tests/node/flags/benchlist.test.ts";
const CONNECTIONS_TEST = "tests/node/flags/connections.test.ts";
const MESSAGES_TEST = "tests/node/flags/messages.test.ts";
const NETWORK_TEST = "tests/node/flags/network_identity.test.ts";
const PEER_LISTS_TEST = "tests/node/flags/peer_lists.test.ts";
const PUBLIC_IP_TEST = "tests/node/public_ip.test.ts";
const THROTTLING_TEST = "tests/node/flags/throttling.test.ts";
const TRANSPORT_TEST = "tests/node/flags/transport.test.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

export const ADDRESS_FLAGS = group("Public address", {
  "public-ip": string("", "The IP that peers are told to dial", {
    test: [NETWORK_TEST, "public-ip is the IP that peers are told"],
  }),
  "public-ip-resolution-service": string("", "Who is asked for the public IP: opendns, ifconfigco or ifconfigme", {
    test: [PUBLIC_IP_TEST, "peers are told of a new IP at their next handshake, signed anew"],
  }),
  "public-ip-resolution-frequency": duration(5 * MINUTE, "How often the public IP is asked for again", {
    test: [PUBLIC_IP_TEST, "peers are told of a new IP at their next handshake, signed anew"],
  }),
  "network-allow-private-ips": bool(
    false,
    "Dial peers with private IPs; unless set, yes on every network but mainnet and fuji",
    { test: [CONNECTIONS_TEST, "a private address is dialled where network-allow-private-ips says so"] },
  ),
});

export const CONNECTION_FLAGS = group("Connections", {
  "network-inbound-connection-throttling-cooldown": duration(
    DEFAULT_INBOUND_CONN_UPGRADE_COOLDOWN_MS,
    "Accept one connection of an IP in this time; 0 for no limit",
    {
      test: [THROTTLING_TEST, "an IP goes on to its handshake once in network-inbound-connection-throttling-cooldown"],
    },
  ),
  "network-inbound-connection-throttling-max-conns-per-sec": float(
    DEFAULT_MAX_INBOUND_CONNS_PER_SEC,
    "Connections accepted a second from everyone",
    {
      test: [
        THROTTLING_TEST,
        "network-inbound-connection-throttling-max-conns-per-sec connections are accepted a second",
      ],
    },
  ),
  "network-outbound-connection-throttling-rps": uint(
    DEFAULT_OUTBOUND_CONNECTION_THROTTLING_RPS,
    "Connections dialled a second; 0 for no limit",
    { test: [CONNECTIONS_TEST, "no more than network-outbound-connection-throttling-rps nodes are dialled a second"] },
  ),
  "network-outbound-connection-timeout": duration(DEFAULT_DIAL_TIMEOUT_MS, "How long a dial may take", {
    test: [TRANSPORT_TEST, "a dial takes no longer than network-outbound-connection-timeout"],
  }),
  "network-initial-reconnect-delay": duration(
    NETWORK.initialReconnectDelayMs,
    "How long to wait before the first new dial of a lost peer",
    {
      test: [
        CONNECTIONS_TEST,
        "a lost peer is dialled again after network-initial-reconnect-delay, ever later up to network-max-reconnect-delay",
      ],
    },
  ),
  "network-max-reconnect-delay": duration(
    NETWORK.maxReconnectDelayMs,
    "The longest wait before a new dial of a lost peer",
    {
      test: [
        CONNECTIONS_TEST,
        "a lost peer is dialled again after network-initial-reconnect-delay, ever later up to network-max-reconnect-delay",
      ],
    },
  ),
  "network-read-handshake-timeout": duration(
    DEFAULT_HANDSHAKE_TIMEOUT_MS,
    "How long a peer may take for its handshake",
    { test: [TRANSPORT_TEST, "who connects and says nothing is sent away after network-read-handshake-timeout"] },
  ),
  "network-require-validator-to-connect": bool(
    NETWORK.requireValidatorToConnect,
    "Keep only connections where one side is a validator or the other is a bootstrapper",
    { test: [CONNECTIONS_TEST, "with network-require-validator-to-connect a stranger without stake is sent away"] },
  ),
  "network-tcp-proxy-enabled": bool(
    DEFAULT_PROXY_ENABLED,
    "Expect a PROXY protocol header on every inbound connection",
    { test: [TRANSPORT_TEST, "with network-tcp-proxy-enabled only who comes with a PROXY header is let in"] },
  ),
  "network-tcp-proxy-read-timeout": duration(
    DEFAULT_PROXY_READ_TIMEOUT_MS,
    "How long to wait for a PROXY protocol header",
    { test: [TRANSPORT_TEST, "a PROXY header is waited for as long as network-tcp-proxy-read-timeout says"] },
  ),
  "network-tls-key-log-file-unsafe": string(
    "",
    "Write TLS session secrets to this file: for debugging alone, and not on Deno",
    {
      test: [
        TRANSPORT_TEST,
        "network-tls-key-log-file-unsafe has the secrets of connections, and only the node's user may read it",
      ],
    },
  ),
});

export const MESSAGE_FLAGS = group("Messages", {
  "network-compression-type": string(DEFAULT_COMPRESSION_TYPE, "How messages are compressed: zstd or none", {
    test: [MESSAGES_TEST, "messages are compressed as network-compression-type says"],
  }),
  "network-max-clock-difference": duration(NETWORK.maxClockDifference * SECOND, "How far a peer's clock may be off", {
    test: [MESSAGES_TEST, "a peer whose clock is off by more than network-max-clock-difference is not kept"],
  }),
  "network-ping-frequency": duration(NETWORK.pingFrequencyMs, "How often a peer is pinged", {
    test: [MESSAGES_TEST, "a peer is pinged every network-ping-frequency"],
  }),
  "network-ping-timeout": duration(NETWORK.pongTimeoutMs, "How long a peer may stay silent before it is dropped", {
    test: [MESSAGES_TEST, "a peer that says nothing is dropped after network-ping-timeout"],
  }),
  "network-maximum-inbound-timeout": duration(
    DEFAULT_MAX_MESSAGE_TIMEOUT_MS,
    "The longest deadline that a peer can give its request",
    { test: [MESSAGES_TEST, "a request may not take longer than network-maximum-inbound-timeout, whatever it says"] },
  ),
  "network-peer-read-buffer-size": uint(8_192, "The read buffer of a peer", { unit: "bytes", inert: RUNTIME_DECIDES }),
  "network-peer-write-buffer-size": uint(8_192, "The write buffer of a peer", {
    unit: "bytes",
    inert: RUNTIME_DECIDES,
  }),
  "network-initial-timeout": duration(TIMEOUTS.initialTimeoutMs, "The time-out of requests before any was answered", {
    test: [MESSAGES_TEST, "the first request is waited for as long as network-initial-timeout says"],
  }),
  "network-minimum-timeout": duration(TIMEOUTS.minimumTimeoutMs, "The shortest time-out of requests", {
    test: [
      MESSAGES_TEST,
      "no request is waited for longer than network-maximum-timeout, nor shorter than network-minimum-timeout",
    ],
  }),
  "network-maximum-timeout": duration(TIMEOUTS.maximumTimeoutMs, "The longest time-out of requests", {
    test: [
      MESSAGES_TEST,
      "no request is waited for longer than network-maximum-timeout, nor shorter than network-minimum-timeout",
    ],
  }),
  "network-timeout-coefficient": float(
    TIMEOUTS.timeoutCoefficient,
    "The time-out as a multiple of the average response time",
    {
      test: [
        MESSAGES_TEST,
        "after an answer a request is waited for network-timeout-coefficient times as long, as far as network-timeout-halflife lets it count",
      ],
    },
  ),
  "network-timeout-halflife": duration(TIMEOUTS.timeoutHalflifeMs, "The half-life of the average response time", {
    test: [
      MESSAGES_TEST,
      "after an answer a request is waited for network-timeout-coefficient times as long, as far as network-timeout-halflife lets it count",
    ],
  }),
});

export const PEER_LIST_FLAGS = group("Peer list gossip", {
  "network-peer-list-num-validator-ips": uint(NETWORK.peerListNumValidatorIPs, "Validator addresses in one peer list", {
    unit: "addresses",
    test: [PEER_LISTS_TEST, "a peer list names no more than network-peer-list-num-validator-ips validators"],
  }),
  "network-peer-list-pull-gossip-frequency": duration(
    NETWORK.peerListPullGossipFrequencyMs,
    "How often a peer is asked for its peer list",
    { test: [PEER_LISTS_TEST, "a peer is asked for its peer list every network-peer-list-pull-gossip-frequency"] },
  ),
  "network-peer-list-bloom-reset-frequency": duration(
    NETWORK.peerListBloomResetFrequencyMs,
    "How often the filter of known addresses is remade",
    {
      test: [PEER_LISTS_TEST, "the filter of known addresses is remade every network-peer-list-bloom-reset-frequency"],
    },
  ),
});

export const BENCHLIST_FLAGS = group("Benchlist", {
  "benchlist-bench-probability": float(
    BENCHLIST.benchProbability,
    "The chance of failure above which a node is benched",
    { test: [BENCHLIST_TEST, "a node is benched once it fails more often than benchlist-bench-probability"] },
  ),
  "benchlist-unbench-probability": float(
    BENCHLIST.unbenchProbability,
    "The chance of failure below which a node is taken back",
    { test: [BENCHLIST_TEST, "a node is taken back once it fails less often than benchlist-unbench-probability"] },
  ),
  "benchlist-duration": duration(BENCHLIST.benchDurationMs, "The longest time on the bench", {
    test: [BENCHLIST_TEST, "a node is on the bench for benchlist-duration at most"],
  }),
  "benchlist-halflife": duration(BENCHLIST.halflifeMs, "The half-life of the average of failures", {
    test: [BENCHLIST_TEST, "failures are forgotten by benchlist-halflife"],
  }),
});
