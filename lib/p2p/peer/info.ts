/**
 * What is known of a connected peer, as `info.peers` shows it.
 *
 * @module
 */

import type { ID } from "../../core/ids/id.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import type { AddrPort } from "../../core/ip.ts";

/** A peer whose handshake is done (upstream `network/peer/info.go`). */
export interface PeerInfo {
  readonly nodeID: NodeID;
  /** The other end of the connection. */
  readonly ip: AddrPort;
  /** Where the peer says that it can be reached. */
  readonly publicIP: AddrPort;
  /** Such as `avalanchego/1.14.2`. The client's name is the peer's own word. */
  readonly version: string;
  /** Unix seconds of the network upgrade that the peer expects next. */
  readonly upgradeTime: bigint;
  /** Unix seconds. */
  readonly lastSent: number;
  /** Unix seconds. */
  readonly lastReceived: number;
  /** This node's uptime in the peer's eyes, 0 to 100. */
  readonly observedUptime: number;
  /** The primary network included. */
  readonly trackedSubnets: readonly ID[];
  readonly supportedACPs: readonly number[];
  readonly objectedACPs: readonly number[];
  /** Whether the peer dialled. */
  readonly isIngress: boolean;
}
