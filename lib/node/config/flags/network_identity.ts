/**
 * Flags that say which network a node belongs to and who it is there.
 *
 * @module
 */

import { DEFAULT_NETWORK_OPTIONS as NETWORK } from "../../../p2p/network/options.ts";
import { amount, bool, duration, float, group, ints, string, uint } from "../flag.ts";
import { ISSUES_NO_TRANSACTIONS, RUNS_NO_CHAINS } from "../inert.ts";

/** Where tests show what flags do. */
const IDENTITY_TEST = "tests/node/flags/identity.test.ts";
const NETWORK_TEST = "tests/node/flags/network_identity.test.ts";
const THRESHOLD_TEST = "tests/node/health/thresholds.test.ts";
const UPTIME_TEST = "tests/node/uptime.test.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const YEAR = 365 * 24 * HOUR;

export const NETWORK_IDENTITY_FLAGS = group("Which network", {
  "network-id": string("mainnet", "The network to join: mainnet, fuji, local, network-<number> or a number", {
    test: [NETWORK_TEST, "network-id is the network whose nodes are let in"],
  }),
  "genesis-file": string("", "The genesis of a network of one's own; genesis-file-content goes before it", {
    test: [NETWORK_TEST, "genesis-file says who validates, and genesis-file-content goes before it"],
  }),
  "genesis-file-content": string("", "Base64 of a genesis", {
    content: true,
    test: [NETWORK_TEST, "genesis-file says who validates, and genesis-file-content goes before it"],
  }),
  "upgrade-file": string("", "The upgrade times of a network of one's own, as JSON", {
    test: [NETWORK_TEST, "upgrade-file and upgrade-file-content say when upgrades come"],
  }),
  "upgrade-file-content": string("", "Base64 of upgrade times", {
    content: true,
    test: [NETWORK_TEST, "upgrade-file and upgrade-file-content say when upgrades come"],
  }),
  "bootstrap-ips": string("", "Addresses of the first peers, comma separated, such as 127.0.0.1:9651", {
    test: [NETWORK_TEST, "bootstrap-ips and bootstrap-ids, and state-sync-ips and state-sync-ids, are dialled"],
  }),
  "bootstrap-ids": string("", "Node IDs of the first peers, comma separated, in the order of bootstrap-ips", {
    test: [NETWORK_TEST, "bootstrap-ips and bootstrap-ids, and state-sync-ips and state-sync-ids, are dialled"],
  }),
  "bootstrap-beacon-connection-timeout": duration(MINUTE, "Warn when too few first peers are connected after this", {
    test: [NETWORK_TEST, "after bootstrap-beacon-connection-timeout a node says that it found too few"],
  }),
  "state-sync-ips": string("", "Addresses of further peers to connect to, comma separated", {
    test: [NETWORK_TEST, "bootstrap-ips and bootstrap-ids, and state-sync-ips and state-sync-ids, are dialled"],
  }),
  "state-sync-ids": string("", "Node IDs of further peers, comma separated, in the order of state-sync-ips", {
    test: [NETWORK_TEST, "bootstrap-ips and bootstrap-ids, and state-sync-ips and state-sync-ids, are dialled"],
  }),
  "track-subnets": string("", "Subnet IDs to take part in, comma separated", {
    test: [NETWORK_TEST, "peers are told of track-subnets, acp-support and acp-object"],
  }),
  "acp-support": ints([], "Numbers of proposals that this node supports", {
    test: [NETWORK_TEST, "peers are told of track-subnets, acp-support and acp-object"],
  }),
  "acp-object": ints([], "Numbers of proposals that this node objects to", {
    test: [NETWORK_TEST, "peers are told of track-subnets, acp-support and acp-object"],
  }),
  "partial-sync-primary-network": bool(false, "Sync only the P-Chain of the Primary Network", {
    inert: RUNS_NO_CHAINS,
  }),
});

export const STAKING_FLAGS = group("Staking", {
  "staking-host": string("", "The address to listen on for peers; empty for all", {
    test: [NETWORK_TEST, "staking-host and staking-port are listened on"],
  }),
  "staking-port": uint(9651, "The port to listen on for peers; 0 for any free one", {
    unit: "port",
    test: [NETWORK_TEST, "staking-host and staking-port are listened on"],
  }),
  "staking-tls-key-file": string(
    "$AVALANCHEGO_DATA_DIR/staking/staker.key",
    "The private key of this node's identity",
    {
      test: [
        IDENTITY_TEST,
        "staking-tls-key-file and staking-tls-cert-file are who the node is, and staking-signer-key-file what it signs with",
      ],
    },
  ),
  "staking-tls-key-file-content": string("", "Base64 of the private key of this node's identity", {
    content: true,
    test: [
      IDENTITY_TEST,
      "staking-tls-key-file-content, staking-tls-cert-file-content and staking-signer-key-file-content stand for the files",
    ],
  }),
  "staking-tls-cert-file": string(
    "$AVALANCHEGO_DATA_DIR/staking/staker.crt",
    "The certificate that this node's ID comes from",
    {
      test: [
        IDENTITY_TEST,
        "staking-tls-key-file and staking-tls-cert-file are who the node is, and staking-signer-key-file what it signs with",
      ],
    },
  ),
  "staking-tls-cert-file-content": string("", "Base64 of the certificate", {
    content: true,
    test: [
      IDENTITY_TEST,
      "staking-tls-key-file-content, staking-tls-cert-file-content and staking-signer-key-file-content stand for the files",
    ],
  }),
  "staking-ephemeral-cert-enabled": bool(false, "Make a key and certificate for this run alone", {
    test: [
      IDENTITY_TEST,
      "with staking-ephemeral-cert-enabled a node is another each time, whatever else is given, and nothing is written",
    ],
  }),
  "staking-signer-key-file": string("$AVALANCHEGO_DATA_DIR/staking/signer.key", "The BLS key of this node, 32 bytes", {
    test: [
      IDENTITY_TEST,
      "staking-tls-key-file and staking-tls-cert-file are who the node is, and staking-signer-key-file what it signs with",
    ],
  }),
  "staking-signer-key-file-content": string("", "Base64 of the BLS key", {
    content: true,
    test: [
      IDENTITY_TEST,
      "staking-tls-key-file-content, staking-tls-cert-file-content and staking-signer-key-file-content stand for the files",
    ],
  }),
  "staking-ephemeral-signer-enabled": bool(false, "Make a BLS key for this run alone", {
    test: [
      IDENTITY_TEST,
      "with staking-ephemeral-signer-enabled a node signs with another key each time, which is not written",
    ],
  }),
  "staking-rpc-signer-endpoint": string("", "A remote BLS signer", {
    refused: "avx signs with a BLS key of its own and speaks to no remote signer",
  }),
  "sybil-protection-enabled": bool(true, "Whether the stake in the genesis decides who validates", {
    test: [THRESHOLD_TEST, "sybil-protection-enabled: without it a lonely network is shown and does not count"],
  }),
  "sybil-protection-disabled-weight": amount(100n, "The weight of every connected peer without sybil protection", {
    test: [NETWORK_TEST, "sybil-protection-disabled-weight is what every peer weighs without sybil-protection-enabled"],
  }),
  "uptime-requirement": float(
    NETWORK.uptimeRequirement,
    "The share of time that a validator must be online to earn rewards",
    {
      test: [UPTIME_TEST, "uptime-requirement: who sees this node for less of the time does not count for its reward"],
    },
  ),
});

export const STAKE_RULE_FLAGS = group("Stake and reward rules of a network of one's own", {
  "min-validator-stake": amount(2_000_000_000_000n, "The least that a validator must stake", {
    unit: "nAVAX",
    inert: ISSUES_NO_TRANSACTIONS,
  }),
  "max-validator-stake": amount(3_000_000_000_000_000n, "The most that may be staked on a validator", {
    unit: "nAVAX",
    inert: ISSUES_NO_TRANSACTIONS,
  }),
  "min-delegator-stake": amount(25_000_000_000n, "The least that can be delegated", {
    unit: "nAVAX",
    inert: ISSUES_NO_TRANSACTIONS,
  }),
  "min-delegation-fee": uint(20_000, "The lowest fee of a delegation", {
    unit: "millionths",
    inert: ISSUES_NO_TRANSACTIONS,
  }),
  "min-stake-duration": duration(24 * HOUR, "The shortest staking period", { inert: ISSUES_NO_TRANSACTIONS }),
  "helicon-min-stake-duration": duration(HOUR, "The shortest staking period after the Helicon upgrade", {
    inert: ISSUES_NO_TRANSACTIONS,
  }),
  "max-stake-duration": duration(YEAR, "The longest staking period; a genesis with a longer one is refused", {
    test: [NETWORK_TEST, "a genesis that locks stake for longer than max-stake-duration is refused"],
  }),
  "stake-max-consumption-rate": amount(120_000n, "The highest rate at which rewards are minted", {
    unit: "millionths",
    inert: ISSUES_NO_TRANSACTIONS,
  }),
  "stake-min-consumption-rate": amount(100_000n, "The lowest rate at which rewards are minted", {
    unit: "millionths",
    inert: ISSUES_NO_TRANSACTIONS,
  }),
  "stake-minting-period": duration(YEAR, "The period of the minting function", { inert: ISSUES_NO_TRANSACTIONS }),
  "stake-supply-cap": amount(720_000_000_000_000_000n, "The most that can ever exist", {
    unit: "nAVAX",
    inert: ISSUES_NO_TRANSACTIONS,
  }),
});

export const FEE_FLAGS = group("Fees of a network of one's own", {
  "tx-fee": amount(1_000_000n, "The fee of a transaction, as info.getTxFee tells it", {
    unit: "nAVAX",
    test: [NETWORK_TEST, "tx-fee and create-asset-tx-fee are what info.getTxFee tells"],
  }),
  "create-asset-tx-fee": amount(1_000_000n, "The fee of making an asset, as info.getTxFee tells it", {
    unit: "nAVAX",
    test: [NETWORK_TEST, "tx-fee and create-asset-tx-fee are what info.getTxFee tells"],
  }),
  "dynamic-fees-bandwidth-weight": amount(1n, "Gas per unit of bandwidth", { inert: ISSUES_NO_TRANSACTIONS }),
  "dynamic-fees-compute-weight": amount(4n, "Gas per unit of computation", { inert: ISSUES_NO_TRANSACTIONS }),
  "dynamic-fees-db-read-weight": amount(1_000n, "Gas per database read", { inert: ISSUES_NO_TRANSACTIONS }),
  "dynamic-fees-db-write-weight": amount(1_000n, "Gas per database write", { inert: ISSUES_NO_TRANSACTIONS }),
  "dynamic-fees-excess-conversion-constant": amount(2_164_043n, "How excess gas becomes a gas price", {
    inert: ISSUES_NO_TRANSACTIONS,
  }),
  "dynamic-fees-max-gas-capacity": amount(1_000_000n, "The most gas that can be saved up", {
    unit: "gas",
    inert: ISSUES_NO_TRANSACTIONS,
  }),
  "dynamic-fees-max-gas-per-second": amount(100_000n, "How fast gas is saved up", {
    unit: "gas/s",
    inert: ISSUES_NO_TRANSACTIONS,
  }),
  "dynamic-fees-min-gas-price": amount(1n, "The lowest gas price", { unit: "nAVAX", inert: ISSUES_NO_TRANSACTIONS }),
  "dynamic-fees-target-gas-per-second": amount(50_000n, "The gas use that keeps the price as it is", {
    unit: "gas/s",
    inert: ISSUES_NO_TRANSACTIONS,
  }),
  "validator-fees-capacity": amount(20_000n, "The most L1 validators", {
    unit: "validators",
    inert: ISSUES_NO_TRANSACTIONS,
  }),
  "validator-fees-excess-conversion-constant": amount(865_617n, "How excess L1 validators become a price", {
    inert: ISSUES_NO_TRANSACTIONS,
  }),
  "validator-fees-min-price": amount(1n, "The lowest price of an L1 validator", {
    unit: "nAVAX/s",
    inert: ISSUES_NO_TRANSACTIONS,
  }),
  "validator-fees-target": amount(10_000n, "The number of L1 validators that keeps the price as it is", {
    unit: "validators",
    inert: ISSUES_NO_TRANSACTIONS,
  }),
});
