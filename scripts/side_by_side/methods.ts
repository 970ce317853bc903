/**
 * The methods of avalanchego's APIs: names, and where they are called.
 *
 * @module
 */

/** A method. */
export interface APIMethod {
  /** As it is called, such as `info.getNodeID`. */
  readonly name: string;
  /** Such as `/ext/info`. */
  readonly path: string;
}

/** By service: the path, and the names behind the service's. */
const SERVICES: Readonly<Record<string, readonly [path: string, methods: string]>> = {
  info: [
    "/ext/info",
    "getNodeVersion getNodeID getNodeIP getNetworkID getNetworkName getBlockchainID peers isBootstrapped upgrades uptime acps getTxFee getVMs",
  ],
  health: ["/ext/health", "readiness health liveness"],
  admin: [
    "/ext/admin",
    "startCPUProfiler stopCPUProfiler memoryProfile lockProfile alias aliasChain getChainAliases stacktrace setLoggerLevel getLoggerLevel getConfig loadVMs dbGet",
  ],
  platform: [
    "/ext/bc/P",
    "getHeight getProposedHeight getBalance getUTXOs getSubnet getSubnets getStakingAssetID getCurrentValidators getL1Validator getCurrentSupply sampleValidators getBlockchainStatus validatedBy validates getBlockchains issueTx getTx getTxStatus getStake getMinStake getTotalStake getRewardUTXOs getTimestamp getAllValidatorsAt getValidatorsAt getBlock getBlockByHeight getFeeConfig getFeeState getValidatorFeeConfig getValidatorFeeState",
  ],
  avm: [
    "/ext/bc/X",
    "getBlock getBlockByHeight getHeight issueTx getTxStatus getTx getUTXOs getAssetDescription getBalance getAllBalances getTxFee",
  ],
  wallet: ["/ext/bc/X/wallet", "issueTx"],
  avax: ["/ext/bc/C/avax", "getUTXOs issueTx getAtomicTxStatus getAtomicTx"],
  index: [
    "/ext/index/X/tx",
    "getLastAccepted getContainerByIndex getContainerRange getIndex isAccepted getContainerByID",
  ],
};

/** One of each namespace of the C-Chain's RPC. */
const C_CHAIN_RPC: readonly string[] = [
  "eth_chainId",
  "net_version",
  "web3_clientVersion",
  "warp_getMessage",
  "rpc_modules",
];

/** All methods. */
export const API_METHODS: readonly APIMethod[] = [
  ...Object.entries(SERVICES).flatMap(([service, [path, methods]]) => {
    return methods.split(" ").map((method) => ({ name: `${service}.${method}`, path }));
  }),
  ...C_CHAIN_RPC.map((name) => ({ name, path: "/ext/bc/C/rpc" })),
];
