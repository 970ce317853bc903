/**
 * Why avx does not have what avalanchego has: the one place where it is written. The side-by-side page prints it, and
 * tests hold that everything else is there.
 *
 * @module
 */

/** Things that are not there for one reason. */
export interface Absence {
  /** Fits the names of the things, whole. */
  readonly names: RegExp;
  /** A sentence without its final period. */
  readonly reason: string;
}

const NO_CONSENSUS = "avx runs no consensus: it votes on no block, and keeps none";
const NO_MACHINES = "avx runs no virtual machines: there are no transactions, no state and no mempool to count";
const NO_DATABASE = "avx keeps no database";

/** Families of metrics. The first that fits counts. */
export const ABSENT_METRICS: readonly Absence[] = [
  { names: /^avalanche_process_go_.*/, reason: "Go's own runtime is not there: avx runs on a JavaScript runtime" },
  { names: /^avalanche_(db|meterdb)_.*/, reason: NO_DATABASE },
  { names: /^avalanche_(snowman|proposervm|blks)_.*/, reason: NO_CONSENSUS },
  { names: /^avalanche_avalanche_.*/, reason: "avx fetches none of the X-Chain's old vertices: it runs no chain" },
  {
    names: /^avalanche_(meterchainvm|meterdagvm|rpcchainvm)_.*/,
    reason: "they time the calls of consensus to a virtual machine, and avx runs neither",
  },
  {
    names: /^avalanche_p2p_peer_tracker_.*/,
    reason: "they tell from which peers a chain fetches blocks when it starts, and avx fetches none",
  },
  { names: /^avalanche_(avm|platformvm|evm)_.*/, reason: NO_MACHINES },
];

/** Label values that a dashboard asks for: what no node without consensus sends or gets. Each is `label=value`. */
export const ABSENT_LABELS: readonly Absence[] = [
  {
    names: /^op=(pull_query\|push_query|chits|query_failed|gossip_request)$/,
    reason: "avx polls nobody: it sends no queries, so no votes come and none fail",
  },
];

/** When a family is shown. */
export interface Occasion {
  readonly name: string;
  readonly when: string;
}

/** Families that both have, but only once what they count has happened. */
export const SHOWN_WHEN_HAPPENED: readonly Occasion[] = [
  { name: "avalanche_avm_tx_gossip_top_validators", when: "a transaction was pushed" },
  { name: "avalanche_evm_sdk_atomic_tx_gossip_top_validators", when: "an atomic transaction was pushed" },
  { name: "avalanche_evm_sdk_eth_tx_gossip_top_validators", when: "a transaction was pushed" },
  { name: "avalanche_handler_expired", when: "a message was dropped because its deadline had passed" },
  { name: "avalanche_handler_failed_benched", when: "a request failed at once because its node was benched" },
  { name: "avalanche_network_peers_subnet", when: "the node tracks a subnet (`track-subnets`)" },
  { name: "avalanche_platformvm_tx_gossip_top_validators", when: "a transaction was pushed" },
  { name: "avalanche_responses_messages", when: "a request of the node's was answered" },
  { name: "avalanche_responses_message_latencies", when: "a request of the node's was answered" },
];

/** The same of the families that avx alone has. */
export const OWN_SHOWN_WHEN_HAPPENED: readonly Occasion[] = [
  { name: "avalanche_network_connections_dropped", when: "a connection was not kept" },
  { name: "avalanche_network_connections_failed", when: "a connection ended before it was known with whom" },
  { name: "avalanche_network_peers_closed", when: "a peer's connection ended" },
  { name: "avalanche_handler_unhandled", when: "a message came that the chain has no part for" },
  ...["answers", "failures", "height", "last_answer"].map((name) => ({
    name: `avalanche_validator_source_${name}`,
    when: "validators are taken from a P-Chain API (`validators-uri`)",
  })),
];

/** Health checks, and their findings: `check` or `check.key`. */
export const ABSENT_CHECKS: readonly Absence[] = [
  { names: /^[PXC](\..*)?$/, reason: NO_CONSENSUS },
  { names: /^database(\..*)?$/, reason: NO_DATABASE },
];

/** Methods of the APIs: `service.method`. */
export const ABSENT_METHODS: readonly Absence[] = [
  { names: /^(platform|avm|wallet|avax|eth|net|web3|warp|rpc|index)[._].*/, reason: "avx runs no chains" },
];

/** The reason for a name; `undefined` where there is none. */
export function reasonFor(absences: readonly Absence[], name: string): string | undefined {
  return absences.find(({ names }) => names.test(name))?.reason;
}
