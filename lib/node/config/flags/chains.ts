/**
 * Flags of what only a node with chains does, and the few of them that a light node needs too.
 *
 * @module
 */

import { DEFAULT_APP_CONCURRENCY, DEFAULT_SHUTDOWN_TIMEOUT_MS } from "../../../p2p/routing/handler/options.ts";
import { bool, duration, group, int, string, uint } from "../flag.ts";
import { KEEPS_NO_DATABASE, RUNS_NO_CHAINS, RUNS_NO_VMS } from "../inert.ts";

/** Where tests show what flags do. */
const NETWORK_TEST = "tests/node/flags/network_identity.test.ts";
const SUBNETS_TEST = "tests/node/config/subnets.test.ts";
const THRESHOLD_TEST = "tests/node/health/thresholds.test.ts";

const SECOND = 1_000;

export const CONSENSUS_FLAGS = group("Consensus", {
  "snow-sample-size": int(20, "Nodes asked in a poll; with the quorum, how much stake must be connected", {
    test: [
      THRESHOLD_TEST,
      "snow-sample-size and snow-confidence-quorum-size: as much stake must be connected as polls need",
    ],
  }),
  "snow-quorum-size": int(15, "Answers that decide a poll; stands for both quorums below", {
    test: [
      THRESHOLD_TEST,
      "snow-sample-size and snow-confidence-quorum-size: as much stake must be connected as polls need",
    ],
  }),
  "snow-preference-quorum-size": int(15, "Answers that change a preference", { inert: RUNS_NO_CHAINS }),
  "snow-confidence-quorum-size": int(15, "Answers that raise confidence", {
    test: [
      THRESHOLD_TEST,
      "snow-sample-size and snow-confidence-quorum-size: as much stake must be connected as polls need",
    ],
  }),
  "snow-commit-threshold": int(20, "Polls in a row that decide", { inert: RUNS_NO_CHAINS }),
  "snow-concurrent-repolls": int(4, "Polls under way at once", { inert: RUNS_NO_CHAINS }),
  "snow-optimal-processing": int(10, "Blocks under way that are aimed at", { inert: RUNS_NO_CHAINS }),
  "snow-max-processing": int(256, "Blocks under way above which a chain is unhealthy", { inert: RUNS_NO_CHAINS }),
  "snow-max-time-processing": duration(30 * SECOND, "How long a block may be under way", { inert: RUNS_NO_CHAINS }),
  "simplex-max-network-delay": duration(5 * SECOND, "How long a message may take in Simplex", {
    inert: RUNS_NO_CHAINS,
  }),
  "simplex-max-rebroadcast-wait": duration(5 * SECOND, "How long Simplex waits before it sends again", {
    inert: RUNS_NO_CHAINS,
  }),
  "consensus-app-concurrency": uint(DEFAULT_APP_CONCURRENCY, "App messages of a chain handled at once", {
    test: [NETWORK_TEST, "app messages of a chain are handled consensus-app-concurrency at a time"],
  }),
  "consensus-frontier-poll-frequency": duration(SECOND / 10, "How often peers are asked for their last block", {
    inert: RUNS_NO_CHAINS,
  }),
  "consensus-shutdown-timeout": duration(DEFAULT_SHUTDOWN_TIMEOUT_MS, "How long a chain may take to stop", {
    test: [NETWORK_TEST, "a chain that does not stop is waited for as long as consensus-shutdown-timeout says"],
  }),
  "proposervm-use-current-height": bool(false, "Report the last P-Chain height at once", { inert: RUNS_NO_CHAINS }),
  "proposervm-min-block-delay": duration(SECOND, "The shortest time between blocks of P and X", {
    inert: RUNS_NO_CHAINS,
  }),
  "bootstrap-max-time-get-ancestors": duration(50, "Time spent on answering one GetAncestors", {
    inert: RUNS_NO_CHAINS,
  }),
  "bootstrap-ancestors-max-containers-sent": uint(2_000, "Blocks in an Ancestors message sent", {
    unit: "blocks",
    inert: RUNS_NO_CHAINS,
  }),
  "bootstrap-ancestors-max-containers-received": uint(2_000, "Blocks read of an Ancestors message received", {
    unit: "blocks",
    inert: RUNS_NO_CHAINS,
  }),
});

export const CHAIN_FLAGS = group("Chains", {
  "chain-aliases-file": string(
    "$AVALANCHEGO_DATA_DIR/configs/chains/aliases.json",
    "Further names of chains, by chain ID, as JSON",
    { test: [NETWORK_TEST, "chains have the names that chain-aliases-file and chain-aliases-file-content give them"] },
  ),
  "chain-aliases-file-content": string("", "Base64 of further names of chains", {
    content: true,
    test: [NETWORK_TEST, "chains have the names that chain-aliases-file and chain-aliases-file-content give them"],
  }),
  "chain-config-dir": string("$AVALANCHEGO_DATA_DIR/configs/chains", "The directory of chain configurations", {
    inert: RUNS_NO_CHAINS,
  }),
  "chain-config-content": string("", "Base64 of chain configurations", { content: true, inert: RUNS_NO_CHAINS }),
  "subnet-config-dir": string(
    "$AVALANCHEGO_DATA_DIR/configs/subnets",
    "The directory of subnet configurations, <subnet ID>.json",
    { test: [SUBNETS_TEST, "comes from its file in the directory, unless content is given"] },
  ),
  "subnet-config-content": string("", "Base64 of subnet configurations, by subnet ID", {
    content: true,
    test: [
      THRESHOLD_TEST,
      "subnet-config-content: a tracked subnet's own quorum says how much of its stake must be connected",
    ],
  }),
  "chain-data-dir": string("$AVALANCHEGO_DATA_DIR/chainData", "The directory of chains' own data", {
    inert: RUNS_NO_CHAINS,
  }),
  "vm-aliases-file": string(
    "$AVALANCHEGO_DATA_DIR/configs/vms/aliases.json",
    "Further names of virtual machines, by VM ID, as JSON",
    { inert: RUNS_NO_VMS },
  ),
  "vm-aliases-file-content": string("", "Base64 of further names of virtual machines", {
    content: true,
    inert: RUNS_NO_VMS,
  }),
  "index-enabled": bool(false, "Index what chains accept", { inert: RUNS_NO_CHAINS }),
  "index-allow-incomplete": bool(false, "Allow an index that misses something", { inert: RUNS_NO_CHAINS }),
});

export const DATABASE_FLAGS = group("Database", {
  "db-dir": string("$AVALANCHEGO_DATA_DIR/db", "The directory of the database", { inert: KEEPS_NO_DATABASE }),
  "db-type": string("leveldb", "leveldb, memdb or pebbledb", { inert: KEEPS_NO_DATABASE }),
  "db-read-only": bool(false, "Keep writes in memory alone", { inert: KEEPS_NO_DATABASE }),
  "db-config-file": string("", "The database's configuration", { inert: KEEPS_NO_DATABASE }),
  "db-config-file-content": string("", "Base64 of the database's configuration", {
    content: true,
    inert: KEEPS_NO_DATABASE,
  }),
});
