/**
 * avx as a library: the public door, and the only one.
 *
 * @module
 */

export { type Clock, ManualClock, systemClock, type Timer } from "./lib/core/clock.ts";
export { AvxError, type AvxErrorOptions, type ErrorType } from "./lib/core/errors.ts";
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
export { type BLSSigner, blsSignerFromBytes, newBLSSigner } from "./lib/core/staking/bls.ts";
export { type Certificate, parseCertificate } from "./lib/core/staking/certificate.ts";
export { newTLSCert, parseTLSCert, type TLSCert } from "./lib/core/staking/tls_cert.ts";
export { applyValidators, type ValidatorChanges } from "./lib/core/validators/apply.ts";
export { type Validator, type ValidatorListener, ValidatorManager } from "./lib/core/validators/manager.ts";
export type { Application } from "./lib/core/version/application.ts";
export { type NodeConfigSources, nodeConfig } from "./lib/node/config/from_flags.ts";
export type { NodeConfig } from "./lib/node/config/node_config.ts";
export { Node, type NodeEnd, type NodeModules } from "./lib/node/node.ts";
export { MessageBuilder } from "./lib/p2p/message/builder.ts";
export type { InboundMessage } from "./lib/p2p/message/inbound.ts";
export { Op, opName } from "./lib/p2p/message/ops.ts";
export type { OutboundMessage } from "./lib/p2p/message/outbound.ts";
export {
  type ConnectPeerOptions,
  connectPeer,
  type MessageOf,
  TestPeer,
  TestPeerError,
  type WaitOptions,
} from "./lib/p2p/peer/connect_peer.ts";
export type { PeerInfo } from "./lib/p2p/peer/info.ts";
export type { NetworkOptions } from "./lib/tmpnet/create.ts";
export { TmpnetError } from "./lib/tmpnet/errors.ts";
export { listNetworks } from "./lib/tmpnet/listing.ts";
export { Network, type NetworkControl, type NetworkProgress, type NodeStop } from "./lib/tmpnet/network.ts";
export type { TmpnetNode } from "./lib/tmpnet/node.ts";
export { type NetworkReport, networkReport } from "./lib/tmpnet/report.ts";
export { type NetworkStatus, networkStatus } from "./lib/tmpnet/status.ts";
