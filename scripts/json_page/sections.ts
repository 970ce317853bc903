/**
 * Which command prints what with `--json`: the sections of `docs/json.md`, in their order.
 *
 * @module
 */

import { LOG_LEVELS } from "../../lib/core/log.ts";
import examples from "./examples.json" with { type: "json" };

/** Real output of a command, shortened, by a word for it. */
export const EXAMPLES: Readonly<Record<string, unknown>> = examples;

/** One kind of output. */
export interface JSONSection {
  /** Command lines, without `--json`; the first is the section's title. */
  readonly commands: readonly string[];
  /** What it is, in a sentence or two. */
  readonly says: string;
  /** A type of {@link SOURCES}, or with `[]` a list of them. */
  readonly type: string;
  /** A key of {@link EXAMPLES}. */
  readonly example: string;
}

/** The files that have the types. */
export const SOURCES: readonly string[] = [
  "cmd/json_documents.ts",
  "lib/tmpnet/report.ts",
  "lib/tmpnet/listing.ts",
  "lib/tmpnet/status.ts",
  "lib/tmpnet/node_answers.ts",
  "lib/tmpnet/faults.ts",
  "lib/tmpnet/runtime/contract.ts",
  "lib/tmpnet/disk/lock.ts",
  "lib/tmpnet/orphan_search.ts",
  "lib/tmpnet/doctor/finding.ts",
  "lib/tmpnet/remove.ts",
  "lib/tmpnet/snapshot/save.ts",
  "lib/tmpnet/snapshot/manifest.ts",
  "lib/tmpnet/snapshot/store.ts",
  "lib/tmpnet/monitoring/collector_process.ts",
  "lib/tmpnet/monitoring/check.ts",
  "lib/tmpnet/subnets/report.ts",
  "lib/tmpnet/install/store.ts",
  "lib/tmpnet/install/install.ts",
];

/** Types that are more to the compiler than they are in JSON. */
export const PLAIN_TYPES: Readonly<Record<string, string>> = {
  NodeID: "/** `NodeID-…` */\ntype NodeID = string;",
  Hex: "/** Hexadecimal after `0x`. */\ntype Hex = string;",
  Version: "/** Such as `v1.14.2`. */\ntype Version = string;",
  LineLevel: `type LineLevel = ${LOG_LEVELS.filter((level) => level !== "off")
    .map((level) => JSON.stringify(level))
    .join(" | ")};`,
  Variables:
    "/** Variables by name, as `avx net env` sets them. Those that nobody can tell are left out: what only a node that\n * runs knows, what only a network with a C-Chain has, keys that no file names. */\ntype Variables = Record<string, string>;",
};

export const SECTIONS: readonly JSONSection[] = [
  {
    commands: ["avx net start", "avx net restart", "avx net snapshot load"],
    says: "Prints where the network is and what it has. Nodes stand in the order in which all commands list and count them.",
    type: "StartDocument",
    example: "start",
  },
  {
    commands: ["avx net snapshot load --no-start"],
    says: "Prints where the network was made.",
    type: "MadeNetworkDocument",
    example: "made",
  },
  {
    commands: ["avx net status", "avx net wait"],
    says: "Prints how each node's process, API and peers are. The exit code is 1 unless `healthy` is true, and of `status` also where a fault `orphan` is told; `wait` prints how it was at the end, whether it is or not.",
    type: "NetworkStatus",
    example: "status",
  },
  {
    commands: ["avx net list"],
    says: "Prints the networks of a root, oldest first.",
    type: "NetworkListing[]",
    example: "list",
  },
  {
    commands: ["avx net stop", "avx net node stop"],
    says: "Prints what became of each node. The exit code is 1 where a process was left alone.",
    type: "StopDocument",
    example: "stop",
  },
  {
    commands: ["avx net stop --all"],
    says: "Prints what became of each network, and of processes that had run away. The exit code is 1 where something runs on.",
    type: "StopAllDocument",
    example: "stopAll",
  },
  {
    commands: ["avx net node add", "avx net node start", "avx net node restart"],
    says: "Prints the nodes that the command was about.",
    type: "NodesDocument",
    example: "nodes",
  },
  {
    commands: ["avx net node remove"],
    says: "Prints which node it was.",
    type: "NodeRemovalDocument",
    example: "nodeRemove",
  },
  {
    commands: ["avx net logs"],
    says: "Prints one object a line, each an entry of a log; with `--follow` they go on.",
    type: "LogLine",
    example: "logs",
  },
  {
    commands: ["avx net env"],
    says: "Prints what `eval` would set.",
    type: "Variables",
    example: "env",
  },
  {
    commands: ["avx net doctor"],
    says: "Prints what was looked at. The exit code is 1 where there is a problem.",
    type: "DoctorDocument",
    example: "doctor",
  },
  {
    commands: ["avx net clean", "avx net prune"],
    says: "Prints what was removed. The exit code is 1 where something was to be removed and could not.",
    type: "RemovalsDocument",
    example: "removals",
  },
  {
    commands: ["avx net snapshot save"],
    says: "Prints what was saved.",
    type: "SavedSnapshot",
    example: "snapshotSave",
  },
  {
    commands: ["avx net snapshot list"],
    says: "Prints the snapshots that there are, by name.",
    type: "SnapshotListing[]",
    example: "snapshotList",
  },
  {
    commands: ["avx net snapshot remove"],
    says: "Prints which they were.",
    type: "SnapshotRemovalDocument",
    example: "snapshotRemove",
  },
  {
    commands: ["avx net snapshot export"],
    says: "Prints what was written.",
    type: "SnapshotExportDocument",
    example: "snapshotExport",
  },
  {
    commands: ["avx net snapshot import"],
    says: "Prints what was taken.",
    type: "SnapshotImportDocument",
    example: "snapshotImport",
  },
  {
    commands: ["avx net subnet create", "avx net subnet add-chain"],
    says: "Prints the subnet, as `avx net subnet list` has it. Amounts and weights are texts: they exceed what JSON's numbers hold.",
    type: "SubnetReport",
    example: "subnet",
  },
  {
    commands: ["avx net subnet list"],
    says: "Prints the network's subnets, by name.",
    type: "SubnetReport[]",
    example: "subnets",
  },
  {
    commands: ["avx net subnet convert"],
    says: "Prints the L1 that it became.",
    type: "ConversionDocument",
    example: "conversion",
  },
  {
    commands: ["avx net l1 increase-balance", "avx net l1 disable", "avx net l1 register", "avx net l1 set-weight"],
    says: "Prints the transaction.",
    type: "L1ChangeDocument",
    example: "l1Change",
  },
  {
    commands: ["avx net start-metrics-collector", "avx net start-logs-collector"],
    says: "Prints the collector that runs now.",
    type: "CollectorState",
    example: "collector",
  },
  {
    commands: ["avx net stop-metrics-collector", "avx net stop-logs-collector"],
    says: "Prints what became of it.",
    type: "CollectorStopDocument",
    example: "collectorStop",
  },
  {
    commands: ["avx net check-metrics", "avx net check-logs"],
    says: "Prints what was found. Nothing is printed where nothing was: the exit code is 1 then.",
    type: "CollectedDocument",
    example: "collected",
  },
  {
    commands: ["avx install avalanchego"],
    says: "Prints what is installed.",
    type: "InstallResult",
    example: "install",
  },
  {
    commands: ["avx install --list"],
    says: "Prints the versions that are installed, the latest first.",
    type: "InstalledVersion[]",
    example: "installed",
  },
  {
    commands: ["avx install --available"],
    says: "Prints the releases that there are, the latest first.",
    type: "AvailableVersion[]",
    example: "available",
  },
  {
    commands: ["avx install --remove avalanchego@v1.14.2"],
    says: "Prints whether it was there; the exit code is 1 where it was not.",
    type: "VersionRemovalDocument",
    example: "versionRemoval",
  },
  {
    commands: ["avx node run --version-json"],
    says: "Prints versions without being asked for JSON, as tools that start avalanchego read them.",
    type: "NodeVersionDocument",
    example: "nodeVersion",
  },
];
