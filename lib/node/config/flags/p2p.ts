/**
 * Flags of the peer-to-peer network: addresses, connections, messages, gossip.
 *
 * @module
 */

import { bool, duration, float, group, string, uint } from "../flag.ts";
import { ROUTES_NOTHING, RUNTIME_DECIDES } from "../inert.ts";

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
    10 * SECOND,
    "Accept one connection of an IP in this time; 0 for no limit",
  ),
  "network-inbound-connection-throttling-max-conns-per-sec": float(256, "Connections accepted a second from everyone"),
  "network-outbound-connection-throttling-rps": uint(50, "Connections dialled a second; 0 for no limit"),
  "network-outbound-connection-timeout": duration(30 * SECOND, "How long a dial may take"),
  "network-initial-reconnect-delay": duration(SECOND, "How long to wait before the first new dial of a lost peer"),
  "network-max-reconnect-delay": duration(MINUTE, "The longest wait before a new dial of a lost peer"),
  "network-read-handshake-timeout": duration(15 * SECOND, "How long a peer may take for its handshake"),
  "network-require-validator-to-connect": bool(
    false,
    "Keep only connections where one side is a validator or the other is a bootstrapper",
  ),
  "network-tcp-proxy-enabled": bool(false, "Expect a PROXY protocol header on every inbound connection"),
  "network-tcp-proxy-read-timeout": duration(3 * SECOND, "How long to wait for a PROXY protocol header"),
  "network-tls-key-log-file-unsafe": string("", "Write TLS session secrets to this file: for debugging alone"),
});

export const MESSAGE_FLAGS = group("Messages", {
  "network-compression-type": string("zstd", "How messages are compressed: zstd or none"),
  "network-max-clock-difference": duration(MINUTE, "How far a peer's clock may be off"),
  "network-ping-frequency": duration(22_500, "How often a peer is pinged"),
  "network-ping-timeout": duration(30 * SECOND, "How long a peer may stay silent before it is dropped"),
  "network-maximum-inbound-timeout": duration(10 * SECOND, "The longest deadline that a peer can give its request"),
  "network-peer-read-buffer-size": uint(8_192, "The read buffer of a peer", { unit: "bytes", inert: RUNTIME_DECIDES }),
  "network-peer-write-buffer-size": uint(8_192, "The write buffer of a peer", {
    unit: "bytes",
    inert: RUNTIME_DECIDES,
  }),
  "network-initial-timeout": duration(5 * SECOND, "The time-out of requests before any was answered", {
    inert: ROUTES_NOTHING,
  }),
  "network-minimum-timeout": duration(2 * SECOND, "The shortest time-out of requests", { inert: ROUTES_NOTHING }),
  "network-maximum-timeout": duration(10 * SECOND, "The longest time-out of requests", { inert: ROUTES_NOTHING }),
  "network-timeout-coefficient": float(2, "The time-out as a multiple of the average response time", {
    inert: ROUTES_NOTHING,
  }),
  "network-timeout-halflife": duration(5 * MINUTE, "The half-life of the average response time", {
    inert: ROUTES_NOTHING,
  }),
});

export const PEER_LIST_FLAGS = group("Peer list gossip", {
  "network-peer-list-num-validator-ips": uint(15, "Validator addresses in one peer list", { unit: "addresses" }),
  "network-peer-list-pull-gossip-frequency": duration(2 * SECOND, "How often a peer is asked for its peer list"),
  "network-peer-list-bloom-reset-frequency": duration(MINUTE, "How often the filter of known addresses is remade"),
});

export const BENCHLIST_FLAGS = group("Benchlist", {
  "benchlist-bench-probability": float(0.5, "The chance of failure above which a node is benched", {
    inert: ROUTES_NOTHING,
  }),
  "benchlist-unbench-probability": float(0.2, "The chance of failure below which a node is taken back", {
    inert: ROUTES_NOTHING,
  }),
  "benchlist-duration": duration(5 * MINUTE, "The longest time on the bench", { inert: ROUTES_NOTHING }),
  "benchlist-halflife": duration(MINUTE, "The half-life of the average of failures", { inert: ROUTES_NOTHING }),
});
