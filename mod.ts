/**
 * avx as a library: the public door, and the only one.
 *
 * @module
 */

export { type Clock, ManualClock, systemClock, type Timer } from "./lib/core/clock.ts";
export { AvxError, type AvxErrorOptions, type ErrorType } from "./lib/core/errors.ts";
export { type Address, formatAddress, parseAddress } from "./lib/core/ids/bech32.ts";
export { IdsError, type IdsErrorType } from "./lib/core/ids/errors.ts";
export { EMPTY_ID, type ID, idFromBytes, idToBytes, PRIMARY_NETWORK_ID, parseID } from "./lib/core/ids/id.ts";
export {
  type NodeID,
  nodeIDFromBytes,
  nodeIDFromCertificate,
  nodeIDToBytes,
  parseNodeID,
} from "./lib/core/ids/node_id.ts";
export { type AddrPort, formatAddrPort, parseAddrPort } from "./lib/core/ip.ts";
export { createLogger, type Logger, type LogLevel, noLog } from "./lib/core/log.ts";
export { type Random, seededRandom, systemRandom } from "./lib/core/random.ts";
export { Secp256k1Error, type Secp256k1ErrorType } from "./lib/core/secp256k1/errors.ts";
export {
  formatPrivateKey,
  newPrivateKey,
  parsePrivateKey,
  Secp256k1PrivateKey,
} from "./lib/core/secp256k1/private_key.ts";
export { formatEthAddress } from "./lib/core/secp256k1/public_key.ts";
export { type BLSSigner, blsSignerFromBytes, newBLSSigner } from "./lib/core/staking/bls.ts";
export { type Certificate, parseCertificate } from "./lib/core/staking/certificate.ts";
export { newTLSCert, parseTLSCert, type TLSCert } from "./lib/core/staking/tls_cert.ts";
export { applyValidators, type ValidatorChanges } from "./lib/core/validators/apply.ts";
export { type Validator, type ValidatorListener, ValidatorManager } from "./lib/core/validators/manager.ts";
export type { Application } from "./lib/core/version/application.ts";
export { WaitError, type WaitErrorType, type WaitUntilOptions, waitUntil } from "./lib/core/wait_until.ts";
export { NodeApps } from "./lib/node/apps.ts";
export { type NodeConfigSources, nodeConfig } from "./lib/node/config/from_flags.ts";
export type { NodeConfig } from "./lib/node/config/node_config.ts";
export { Node, type NodeEnd } from "./lib/node/node.ts";
export type { NodeModules } from "./lib/node/node_parts.ts";
export { WarpError } from "./lib/p2p/app/acp118/errors.ts";
export { SignatureClient, type SignatureOutcome } from "./lib/p2p/app/acp118/signature_client.ts";
export { signatureHandler, type VerifyWarpMessage } from "./lib/p2p/app/acp118/signature_handler.ts";
export {
  addressedCallPayload,
  hashPayload,
  parseWarpMessage,
  type UnsignedWarpMessage,
  warpMessageBytes,
  warpMessageID,
} from "./lib/p2p/app/acp118/warp_message.ts";
export {
  APP_ERROR_NOT_VALIDATOR,
  APP_ERROR_THROTTLED,
  APP_ERROR_UNEXPECTED,
  AppProtocolError,
  appError,
} from "./lib/p2p/app/app_errors.ts";
export { AppNetwork } from "./lib/p2p/app/app_network.ts";
export type { AppSender } from "./lib/p2p/app/app_sender.ts";
export { AppClient } from "./lib/p2p/app/client.ts";
export { BloomSet } from "./lib/p2p/app/gossip/bloom_set.ts";
export { gossipHandler } from "./lib/p2p/app/gossip/gossip_handler.ts";
export type { FilteredSet, Gossip, GossipSet } from "./lib/p2p/app/gossip/gossipable.ts";
export { PullGossiper } from "./lib/p2p/app/gossip/pull_gossiper.ts";
export { type BranchingFactor, PushGossiper } from "./lib/p2p/app/gossip/push_gossiper.ts";
export { type GossipSystem, gossipSystem } from "./lib/p2p/app/gossip/system.ts";
export type { ProtocolHandler } from "./lib/p2p/app/handler.ts";
export { HandlerID, handlerPrefix, parseMessage, prefixMessage } from "./lib/p2p/app/handler_id.ts";
export type { App, AppContext, AppParts } from "./lib/p2p/app/loading/app.ts";
export { appChainID } from "./lib/p2p/app/loading/chain_id.ts";
export { AppLoadError } from "./lib/p2p/app/loading/errors.ts";
export type { AppLibrary } from "./lib/p2p/app/loading/library.ts";
export { loadApp } from "./lib/p2p/app/loading/load.ts";
export type { RunningApp } from "./lib/p2p/app/loading/run.ts";
export { ConnectedPeers, ConnectedValidators, type NodeSampler, type ValidatorSet } from "./lib/p2p/app/peers.ts";
export type { AppOutcome, AppResponseCallback } from "./lib/p2p/app/pending_requests.ts";
export { SlidingWindowThrottler, type Throttler } from "./lib/p2p/app/throttler.ts";
export { dynamicThrottledHandler, throttledHandler, validatorHandler } from "./lib/p2p/app/wrapped_handlers.ts";
export { MessageBuilder } from "./lib/p2p/message/builder.ts";
export type { InboundMessage } from "./lib/p2p/message/inbound.ts";
export { Op, opName } from "./lib/p2p/message/ops.ts";
export type { OutboundMessage } from "./lib/p2p/message/outbound.ts";
export type { SendConfig } from "./lib/p2p/network/peer_set.ts";
export {
  type ConnectPeerOptions,
  connectPeer,
  type MessageOf,
  TestPeer,
  TestPeerError,
  type WaitOptions,
} from "./lib/p2p/peer/connect_peer.ts";
export type { PeerInfo } from "./lib/p2p/peer/info.ts";
export {
  APP_ERROR_TIMEOUT,
  APP_ERROR_UNREGISTERED_HANDLER,
  AppError,
  type AppErrorCode,
} from "./lib/p2p/routing/app_error.ts";
export type { AppHandler, Engine } from "./lib/p2p/routing/engine/engine.ts";
export { RPCError, type RPCErrorType } from "./lib/platform/rpc/errors.ts";
export { type CallOptions, callRPC } from "./lib/platform/rpc/json_rpc.ts";
export { vmIDFromName } from "./lib/platform/vm_ids.ts";
export { type ExportRequest, exportToP } from "./lib/platform/wallet/atomic_export.ts";
export type { BuildOptions, PChainBuilder } from "./lib/platform/wallet/builder.ts";
export { WalletError, type WalletErrorType } from "./lib/platform/wallet/errors.ts";
export type { IssueControl } from "./lib/platform/wallet/issue.ts";
export type { SignedTx } from "./lib/platform/wallet/marshal.ts";
export type { Owner, SubnetValidator, UnsignedTx, UTXO } from "./lib/platform/wallet/transaction.ts";
export { PChainWallet } from "./lib/platform/wallet/wallet.ts";
export type { MakeOptions, MakeTx, SourceChain } from "./lib/platform/wallet/wallet_state.ts";
export type { NodeOptions } from "./lib/tmpnet/add_node.ts";
export { ArchiveError } from "./lib/tmpnet/archive/errors.ts";
export type { ChainURL } from "./lib/tmpnet/chain_urls.ts";
export type { NetworkConfig } from "./lib/tmpnet/disk/network_config.ts";
export type { NodeRuntimeConfig, ProcessRuntimeConfig } from "./lib/tmpnet/disk/runtime_config.ts";
export type { ChainRecord, SubnetRecord } from "./lib/tmpnet/disk/subnets.ts";
export { type DoctorOptions, runDoctor } from "./lib/tmpnet/doctor/doctor.ts";
export type { Finding } from "./lib/tmpnet/doctor/finding.ts";
export { type EnvFormat, formatEnvironment, networkEnvironment } from "./lib/tmpnet/environment.ts";
export type { TmpnetErrorType } from "./lib/tmpnet/errors.ts";
export { TmpnetError } from "./lib/tmpnet/errors.ts";
export type { Fault } from "./lib/tmpnet/faults.ts";
export type { FlagsMap } from "./lib/tmpnet/flags_map.ts";
export { FundedKey, type Hex } from "./lib/tmpnet/funded_key.ts";
export type { GenesisOptions } from "./lib/tmpnet/genesis/network_genesis.ts";
export { InstallError, type InstallErrorType } from "./lib/tmpnet/install/errors.ts";
export {
  type InstallModules,
  type InstallOptions,
  type InstallProgress,
  type InstallResult,
  installAvalanchego,
} from "./lib/tmpnet/install/install.ts";
export {
  type InstalledVersion,
  installedProgram,
  installedVersions,
  removeVersion,
} from "./lib/tmpnet/install/store.ts";
export { parseVersion, type Version } from "./lib/tmpnet/install/version.ts";
export { listNetworks, type NetworkListing, type NetworkState } from "./lib/tmpnet/listing.ts";
export { type EntryDetails, entryDetails, type LogEntry } from "./lib/tmpnet/logs/entry.ts";
export type { EntryFilter } from "./lib/tmpnet/logs/filter.ts";
export { type LogsOptions, networkLogs } from "./lib/tmpnet/logs/network_logs.ts";
export {
  type CheckOptions,
  type Collected,
  waitForCollected,
  whereToAsk,
} from "./lib/tmpnet/monitoring/check.ts";
export {
  type CollectorModules,
  type CollectorOptions,
  type CollectorState,
  collectorState,
  startCollector,
  stopCollector,
} from "./lib/tmpnet/monitoring/collector_process.ts";
export { type Collector, LOGS_COLLECTOR, METRICS_COLLECTOR } from "./lib/tmpnet/monitoring/collectors.ts";
export type { Labels } from "./lib/tmpnet/monitoring/labels.ts";
export type { Target } from "./lib/tmpnet/monitoring/targets.ts";
export {
  Network,
  type NetworkControl,
  type NetworkModules,
  type NetworkProgress,
  type NodeStop,
  type RestartControl,
  type StopControl,
} from "./lib/tmpnet/network.ts";
export { exportNetwork } from "./lib/tmpnet/network_file/export.ts";
export { type NetworkFileControl, readNetworkFile } from "./lib/tmpnet/network_file/network_file.ts";
export { networkSchemaText } from "./lib/tmpnet/network_file/schema.ts";
export { NetworkNode, type NodeControl, type NodeRestartControl } from "./lib/tmpnet/network_node.ts";
export type { NetworkOptions } from "./lib/tmpnet/network_options.ts";
export { NetworkView } from "./lib/tmpnet/network_view.ts";
export type { TmpnetNode } from "./lib/tmpnet/node.ts";
export type { APIStatus, NodeAnswers, PeersStatus } from "./lib/tmpnet/node_answers.ts";
export type { NodesProgress } from "./lib/tmpnet/node_runner.ts";
export type { NodeTemplate } from "./lib/tmpnet/node_template.ts";
export {
  type EndedOrphan,
  endOrphans,
  findOrphans,
  findOrphansOf,
  type Orphan,
  type OrphanKind,
} from "./lib/tmpnet/orphans.ts";
export { type RemovedNetwork, type RemoveModules, type RemoveOptions, removeNetwork } from "./lib/tmpnet/remove.ts";
export { type Removals, removeNetworks, type WhichNetworks } from "./lib/tmpnet/remove_networks.ts";
export {
  type CChainReport,
  type KeyReport,
  type NetworkReport,
  type NodeReport,
  networkReport,
} from "./lib/tmpnet/report.ts";
export type { NodeState, RunningState, RuntimeNode } from "./lib/tmpnet/runtime/contract.ts";
export { SnapshotError, type SnapshotErrorType } from "./lib/tmpnet/snapshot/errors.ts";
export { exportSnapshot, importSnapshot, type LoadOptions, loadSnapshot } from "./lib/tmpnet/snapshot/load.ts";
export type { SnapshotManifest } from "./lib/tmpnet/snapshot/manifest.ts";
export {
  type SavedSnapshot,
  type SnapshotControl,
  type SnapshotProgress,
  saveSnapshot,
} from "./lib/tmpnet/snapshot/save.ts";
export {
  listSnapshots,
  removeSnapshot,
  type SnapshotListing,
  snapshotsDirectory,
} from "./lib/tmpnet/snapshot/store.ts";
export {
  type NetworkStatus,
  type NodeStatus,
  networkStatus,
  networkStatusAt,
  type StatusOptions,
} from "./lib/tmpnet/status.ts";
export { type StoppedAll, type StoppedNetwork, stopAllNetworks } from "./lib/tmpnet/stop_all.ts";
export { type AddedChains, addChains } from "./lib/tmpnet/subnets/add_chains.ts";
export type { CreatedSubnet } from "./lib/tmpnet/subnets/create.ts";
export { SubnetError, type SubnetErrorType } from "./lib/tmpnet/subnets/errors.ts";
export { type GenesisSource, readGenesisSource } from "./lib/tmpnet/subnets/genesis_source.ts";
export type { SubnetControl, SubnetHost } from "./lib/tmpnet/subnets/host.ts";
export {
  type Conversion,
  convertSubnet,
  disableL1Validator,
  increaseL1Balance,
  type L1Change,
} from "./lib/tmpnet/subnets/l1.ts";
export {
  deliverL1Message,
  type L1Message,
  registerL1Validator,
  setL1ValidatorWeight,
} from "./lib/tmpnet/subnets/l1_messages.ts";
export type { SubnetProgress } from "./lib/tmpnet/subnets/progress.ts";
export {
  type ChainEndpoint,
  type ChainReport,
  type SubnetReport,
  subnetReports,
  type ValidatorReport,
} from "./lib/tmpnet/subnets/report.ts";
export type { ChainSpec, L1Spec, L1ValidatorSpec, SubnetSpec } from "./lib/tmpnet/subnets/spec.ts";
export { type LentNetwork, NetworkPool, type NetworkPoolOptions } from "./lib/tmpnet/testing/network_pool.ts";
export {
  type NetworkReportOptions,
  saveNetworkReport,
  withNetworkReport,
} from "./lib/tmpnet/testing/network_report.ts";
export { endAbandonedNetworks, endSharedNetworks, sharedNetwork } from "./lib/tmpnet/testing/shared_network.ts";
export { type WaitOptions as NetworkWaitOptions, waitForNetwork } from "./lib/tmpnet/wait.ts";
