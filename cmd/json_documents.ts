/**
 * What commands print with `--json` where it is not a type of the library as it is.
 *
 * `docs/json.md` is made from these and the library's types; `scripts/json_page/sections.ts` says which command prints
 * which.
 *
 * @module
 */

import type { NodeID } from "../lib/core/ids/node_id.ts";
import type { LineLevel } from "../lib/core/log.ts";
import type { Finding } from "../lib/tmpnet/doctor/finding.ts";
import type { NetworkState } from "../lib/tmpnet/listing.ts";
import type { Collected } from "../lib/tmpnet/monitoring/check.ts";
import type { OrphanKind } from "../lib/tmpnet/orphans.ts";
import type { RemovedNetwork } from "../lib/tmpnet/remove.ts";
import type { NetworkReport, NodeReport } from "../lib/tmpnet/report.ts";
import type { SnapshotManifest } from "../lib/tmpnet/snapshot/manifest.ts";

/** A network that was started. */
export interface StartDocument extends NetworkReport {
  /** Whether all its nodes were seen to be healthy: not with `--no-wait`, nor where they join fuji or mainnet. */
  readonly healthy: boolean;
  /** From the beginning of the command to its last node, in milliseconds. */
  readonly tookMs: number;
  /** Command lines that one may want next. */
  readonly next: readonly string[];
}

/** A process that nobody looks after. */
export interface OrphanDocument {
  readonly kind: OrphanKind;
  readonly pid: number;
  /** The data directory of the node that it is or was of. */
  readonly dataDir: string;
}

/** How one node was stopped. */
export interface NodeStopDocument {
  readonly nodeID: NodeID;
  /** `killed`: it did not end in time when it was asked to. */
  readonly how: "stopped" | "killed" | "not-running";
  /** With `not-running`: processes that look like it and cannot be proven to be it, which were left alone. */
  readonly unproven?: readonly number[];
  /** The file with its last metrics; absent where it told none in time, or none were wanted. */
  readonly metricsSnapshot?: string;
  /** The process, where it was none of the network's nodes any more. */
  readonly orphan?: OrphanDocument;
}

/** What became of the nodes of a network. */
export interface StopDocument {
  readonly dir: string;
  readonly nodes: readonly NodeStopDocument[];
}

/** What became of all networks of a root. */
export interface StopAllDocument {
  /** Those of which something ran; `error` where one could not be stopped. */
  readonly networks: readonly (StopDocument & { readonly error?: string })[];
  /** Processes of networks that are gone or were cut off. */
  readonly orphans: readonly (OrphanDocument & { readonly how: "stopped" | "killed" | "still-running" })[];
  /** Such as cannot be proven to be ours: they were left alone. */
  readonly unproven: readonly OrphanDocument[];
}

/** Nodes that a command was about. */
export interface NodesDocument {
  /** The network's directory. */
  readonly dir: string;
  /** Those that run. */
  readonly nodes: readonly NodeReport[];
  /** The directories of those that do not. */
  readonly stopped: readonly string[];
}

/** A node that was removed. */
export interface NodeRemovalDocument {
  /** The network's directory. */
  readonly dir: string;
  readonly removed: NodeID;
}

/** One entry of a log; each is a line of its own. */
export interface LogLine {
  /** RFC 3339, in milliseconds. */
  readonly time: string;
  readonly node: NodeID;
  /** `null` for what is no line of a log: what a process printed as it died. */
  readonly level: LineLevel | null;
  /** Such as `C Chain`; empty for the node's own. */
  readonly logger: string;
  /** Where in the code it was said; empty where it is not told. */
  readonly file: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** The file that it stands in, such as `main.log`. */
  readonly log: string;
}

/** What the doctor found. */
export interface DoctorDocument {
  /** Whether there is no problem. */
  readonly healthy: boolean;
  readonly problems: number;
  readonly warnings: number;
  readonly findings: readonly Finding[];
}

/** What was removed, or would be. */
export interface RemovalsDocument {
  /** Whether nothing was removed, as `--dry-run` asked for. */
  readonly dryRun: boolean;
  readonly removed: readonly RemovedNetwork[];
  /** What all of it took on the disk. */
  readonly bytes: number;
  readonly failed: readonly { readonly dir: string; readonly error: string }[];
  /** What was not meant. */
  readonly kept: readonly { readonly dir: string; readonly state: NetworkState }[];
}

/** A network that was made and not started. */
export interface MadeNetworkDocument {
  readonly dir: string;
  readonly uuid: string;
}

/** Snapshots that were removed, by name. */
export interface SnapshotRemovalDocument {
  readonly removed: readonly string[];
}

/** A snapshot that was written into a file. */
export interface SnapshotExportDocument {
  readonly path: string;
  readonly manifest: SnapshotManifest;
}

/** A snapshot that was taken from a file. */
export interface SnapshotImportDocument {
  readonly name: string;
  /** Its directory. */
  readonly path: string;
  readonly manifest: SnapshotManifest;
}

/** What became of a collector. */
export interface CollectorStopDocument {
  /** `prometheus` or `promtail`. */
  readonly collector: string;
  readonly wasRunning: boolean;
  /** Absent where it was not running. */
  readonly pid?: number;
}

/** What was collected of a network. */
export interface CollectedDocument extends Collected {
  readonly networkUUID: string;
}

/** An L1 that a subnet became. */
export interface ConversionDocument {
  /** The transaction. */
  readonly txID: string;
  readonly subnetID: string;
  readonly managerChainID: string;
  /** By node ID: what its validator is known by. */
  readonly validationIDs: Readonly<Record<string, string>>;
}

/** A transaction about an L1's validator. */
export interface L1ChangeDocument {
  /** The transaction. */
  readonly txID: string;
  /** Absent where a message was handed in. */
  readonly validationID?: string;
}

/** A release that can be installed. */
export interface AvailableVersion {
  readonly version: string;
  readonly installed: boolean;
}

/** A version that was to be removed. */
export interface VersionRemovalDocument {
  readonly version: string;
  /** Whether it was there. */
  readonly removed: boolean;
}

/** Versions as tools that start avalanchego ask for them. */
export interface NodeVersionDocument {
  /** The avalanchego whose network layer this is. */
  readonly application: string;
  readonly database: string;
  /** The version of the protocol between a node and its VMs. */
  readonly rpcchainvm: number;
  /** That avx was built from; empty where it runs from its source files. */
  readonly commit: string;
  /** Empty: no Go is in it. */
  readonly go: string;
  readonly avx: string;
}
