/**
 * What a temporary network is unless somebody says otherwise.
 *
 * Source of what is tmpnet's: upstream `tests/fixture/tmpnet/defaults.go`, `network.go` and `tmpnetctl`.
 *
 * @module
 */

import type { JSONMap } from "./disk/json.ts";
import type { FlagsMap } from "./flags_map.ts";

/** The network ID of all temporary networks. */
export const DEFAULT_NETWORK_ID = 88_888;

/** The fewest nodes whose health, which counts connections, can pass. */
export const DEFAULT_NODE_COUNT = 2;

/** Keys that are funded in a genesis for tests to use. */
export const DEFAULT_PRE_FUNDED_KEY_COUNT = 50;

/** How long nodes may take to get healthy, in milliseconds. */
export const DEFAULT_NETWORK_TIMEOUT_MS = 120_000;

/** Flags that tmpnet gives every node, below the network's own. */
export const TMPNET_FLAGS: FlagsMap = {
  "network-peer-list-pull-gossip-frequency": "250ms",
  "network-max-reconnect-delay": "1s",
  "health-check-frequency": "2s",
  "api-admin-enabled": "true",
  "index-enabled": "true",
  // Temporary networks live on small disks.
  "system-tracker-disk-required-available-space-percentage": "0",
  "system-tracker-disk-warning-available-space-percentage": "0",
};

/**
 * Flags that avx gives a network besides, in its `defaultFlags`, so that tmpnet's tools keep them.
 *
 * Nodes that start together ask each other for chains that are not there yet, and wait for the time-out before they
 * ask again: with avalanchego's own 5 s, and health looked at every 2 s, five nodes take ten seconds of waiting. With
 * these they take one.
 */
export const QUICK_FLAGS: FlagsMap = {
  // The most that the first unanswered request costs. A node refuses an initial time-out below the minimum.
  "network-initial-timeout": "300ms",
  "network-minimum-timeout": "300ms",
  "health-check-frequency": "250ms",
  // A validator that nobody has dialled, such as the last one, turns unhealthy after this: 10 minutes by default.
  "network-no-ingress-connections-grace-period": "87600h",
};

/** Up to how many nodes each does its rounds as often as flags say it: all of them share the cores of one machine. */
const NODES_AT_FULL_PACE = 20;

/**
 * {@link QUICK_FLAGS} for a network of so many nodes. In a large one each node looks at its health, and asks for peers,
 * less often: with fifty that do so four times a second, two cores do little else while they start.
 */
export function quickFlags(nodeCount: number): FlagsMap {
  const pace = Math.max(1, nodeCount / NODES_AT_FULL_PACE);
  if (pace === 1) return QUICK_FLAGS;
  const interval = `${Math.round(250 * pace)}ms`;
  return { ...QUICK_FLAGS, "health-check-frequency": interval, "network-peer-list-pull-gossip-frequency": interval };
}

/** A network of one cannot be connected to enough stake: it does without. */
export const SINGLE_NODE_FLAGS: FlagsMap = { "sybil-protection-enabled": "false" };

/** Chain configurations of a new network, by alias. */
export const DEFAULT_CHAIN_CONFIGS: Readonly<Record<string, JSONMap>> = {
  C: { "log-level": "TRACE", "warp-api-enabled": true },
};

/** Where networks' metrics are looked at, unless `GRAFANA_URI` says otherwise. */
export const DEFAULT_GRAFANA_URI = "https://avalabs.grafana.net/d/mabpvtq/avalanche-main-dashboard";

/**
 * What transactions that are made with a genesis pay for a unit of gas, in nAVAX: the price is 1 then, and more of them
 * come at once.
 */
export const GENESIS_GAS_PRICE = 2n;

/** Names the program to run as a node (upstream `AvalancheGoPathEnvName`). */
export const AVALANCHEGO_PATH_ENV = "AVALANCHEGO_PATH";

/** Names the directory of VM plugins (upstream `AvalancheGoPluginDirEnvName`). */
export const PLUGIN_DIR_ENV = "AVAGO_PLUGIN_DIR";
