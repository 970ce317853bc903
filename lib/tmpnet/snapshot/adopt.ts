/**
 * Makes a network of its own from a snapshot's files: another place, another uuid, other ports.
 *
 * What a network is known by lies in its genesis and its nodes' keys, and stays. Where it lies and what runs it is
 * written anew: paths that led into the old directory lead into the new one, and fixed ports are given up. A snapshot
 * from elsewhere may name no program, plugins or apps to be run here, and no place of its nodes' state outside of its
 * directory, unless the user says so.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { quote } from "../../core/quote.ts";
import { envFileText } from "../create.ts";
import { PLUGIN_DIR_ENV } from "../defaults.ts";
import { writeFileWhole } from "../disk/files.ts";
import { CONFIG_FILE, type Env, NETWORK_ENV_FILE } from "../disk/layout.ts";
import { type NetworkConfig, writeNetworkConfig } from "../disk/network_config.ts";
import { readOwnRecord, updateOwnRecord } from "../disk/own_record.ts";
import type { NodeRuntimeConfig } from "../disk/runtime_config.ts";
import { APP_FLAG, type FlagsMap } from "../flags_map.ts";
import { type TmpnetNode, writeNode } from "../node.ts";
import { ownNodeProgram } from "../own_node.ts";
import { readGenesis, readNetwork } from "../read.ts";
import { SnapshotError } from "./errors.ts";
import type { SnapshotManifest } from "./manifest.ts";
import { isInside, STATE_FLAGS } from "./save.ts";

/** What the user says of a network that is made from a snapshot. */
export interface AdoptOptions {
  /** What runs its nodes, but for those of avx. @default What it names, where that may be run; else `AVALANCHEGO_PATH`. */
  readonly avalanchegoPath?: string | undefined;
  /** Where VM plugins are. */
  readonly pluginDir?: string | undefined;
  /** Whether its nodes ask for the ports that are fixed in its files. */
  readonly keepPorts?: boolean | undefined;
  /** Whether programs, plugins and apps that a snapshot from elsewhere names may be run. */
  readonly trust?: boolean | undefined;
}

/** What else is known. */
export interface AdoptFacts {
  readonly manifest: SnapshotManifest;
  /** Whether it was saved here, by this user. */
  readonly isHome: boolean;
  readonly env: Env;
  readonly clock: Clock;
}

/** Flags that fix ports. */
const PORT_FLAGS = ["http-port", "staking-port"] as const;

/** Flags by which a network has something run. */
const RUN_FLAGS = ["plugin-dir", APP_FLAG] as const;

/** Other flags that say where a node writes; a snapshot's are not taken where they lead out. */
const WRITE_FLAGS = [...STATE_FLAGS, "log-dir", "process-context-file", "profile-dir"] as const;

/** A stake that ends sooner is told of, in seconds: a day. */
const SOON_SECONDS = 86_400n;

/** A network's files, checked and ready to be written for another place. */
export interface Adoption {
  /** Who it is for. */
  readonly owner: string;
  readonly warnings: readonly string[];
  /** What runs its nodes, but for those of avx; paths in the old directory are as they were. */
  readonly otherRuntimes: readonly NodeRuntimeConfig[];
  /**
   * Writes them.
   *
   * @param dir Where they lie now.
   * @param final Where they will lie.
   */
  write(dir: string, final: string): void;
}

/**
 * Reads a snapshot's files and decides what becomes of them. Nothing is written yet.
 *
 * @param dir Where they lie.
 * @throws {SnapshotError} `untrusted`, `outside`, `damaged`.
 * @throws {TmpnetError} `bad-file`.
 */
export function adopt(dir: string, options: AdoptOptions, facts: AdoptFacts): Adoption {
  const { config, nodes } = readNetwork(dir);
  if (nodes.length === 0) {
    throw new SnapshotError({ code: "damaged", path: dir }, "The snapshot is damaged: it has no nodes");
  }
  const record = readOwnRecord(dir);
  const ownPrograms = new Set([
    record.ownProgram,
    record.ownNodes ? programOf(config.defaultRuntimeConfig) : undefined,
  ]);
  const hasOwn = record.ownNodes || record.ownProgram !== undefined;
  const isOwn = (runtime: NodeRuntimeConfig) => ownPrograms.has(programOf(runtime) ?? "");
  if (!facts.isHome && !options.trust) refuseStrange(config, nodes, isOwn, options, facts);
  refuseWritingOutside(dir, config, nodes, facts.manifest);

  return {
    owner: config.owner,
    warnings: stakeWarnings(dir, facts.clock),
    otherRuntimes: [config.defaultRuntimeConfig, ...nodes.map(({ runtimeConfig }) => runtimeConfig)]
      .filter((runtime) => !isOwn(runtime))
      .map((runtime) => otherRuntime(runtime, config, (path) => path, options, facts)),
    write: (unfinished, final) => {
      const moved = (path: string) => movedPath(path, facts.manifest.dir, final);
      const ownProgram = hasOwn ? ownNodeProgram(unfinished) : "";
      const own = movedPath(ownProgram, unfinished, final);
      const runtimeOf = (runtime: NodeRuntimeConfig): NodeRuntimeConfig =>
        isOwn(runtime) ? withProgram(runtime, own) : otherRuntime(runtime, config, moved, options, facts);
      const flagsOf = (flags: FlagsMap): FlagsMap => movedFlags(flags, moved, options.keepPorts === true);

      for (const node of nodes) {
        const { ownRuntimeConfig } = node;
        writeNode({
          ...node,
          flags: flagsOf(node.flags),
          ...(ownRuntimeConfig === undefined ? {} : { ownRuntimeConfig: runtimeOf(ownRuntimeConfig) }),
        });
      }
      writeFileWhole(join(unfinished, NETWORK_ENV_FILE), envFileText(final));
      updateOwnRecord(unfinished, { ownNodes: record.ownNodes, ...(record.ownProgram ? { ownProgram: own } : {}) });
      writeNetworkConfig(join(unfinished, CONFIG_FILE), {
        ...config,
        uuid: randomUUID(),
        defaultFlags: flagsOf(config.defaultFlags),
        defaultRuntimeConfig: runtimeOf(config.defaultRuntimeConfig),
      });
    },
  };
}

function programOf({ process }: NodeRuntimeConfig): string | undefined {
  return process?.avalancheGoPath;
}

function withProgram(runtime: NodeRuntimeConfig, avalancheGoPath: string): NodeRuntimeConfig {
  return { ...runtime, process: { ...runtime.process, avalancheGoPath } };
}

/** How nodes of another program are run. */
function otherRuntime(
  runtime: NodeRuntimeConfig,
  config: NetworkConfig,
  moved: (path: string) => string,
  { avalanchegoPath, pluginDir, trust = false }: AdoptOptions,
  { isHome, env }: AdoptFacts,
): NodeRuntimeConfig {
  const { process } = runtime;
  if (process === undefined) return runtime;
  const isBelieved = isHome || trust;
  // A node that runs another version than its network goes on with it, where that may be.
  const isReplaced =
    avalanchegoPath !== undefined &&
    (!isBelieved || programOf(config.defaultRuntimeConfig) === process.avalancheGoPath);
  const { pluginDir: before, ...rest } = process;
  const defaultDir = env[PLUGIN_DIR_ENV] || join(env["HOME"] || homedir(), ".avalanchego", "plugins");
  const plugins = pluginDir ?? (isBelieved ? before && moved(before) : before && defaultDir);
  return {
    ...runtime,
    process: {
      ...rest,
      avalancheGoPath: isReplaced ? resolve(avalanchegoPath) : moved(process.avalancheGoPath),
      ...(plugins === undefined ? {} : { pluginDir: resolve(plugins) }),
    },
  };
}

/** A path that led into the old directory leads into the new one. */
function movedPath(path: string, from: string, to: string): string {
  if (from === "" || path === "") return path;
  if (path === from) return to;
  return path.startsWith(`${from}/`) ? `${to}${path.slice(from.length)}` : path;
}

function movedFlags(flags: FlagsMap, moved: (path: string) => string, keepPorts: boolean): FlagsMap {
  const entries = Object.entries(flags)
    .filter(([name]) => keepPorts || !(PORT_FLAGS as readonly string[]).includes(name))
    .map(([name, value]) => [name, moved(value)] as const);
  return Object.fromEntries(entries);
}

/** @throws {SnapshotError} `untrusted`, with all that would be run. */
function refuseStrange(
  config: NetworkConfig,
  nodes: readonly TmpnetNode[],
  isOwn: (runtime: NodeRuntimeConfig) => boolean,
  { avalanchegoPath }: AdoptOptions,
  { manifest }: AdoptFacts,
): void {
  const runtimes = [config.defaultRuntimeConfig, ...nodes.map(({ runtimeConfig }) => runtimeConfig)];
  const programs = new Set(runtimes.filter((runtime) => !isOwn(runtime)).map((runtime) => programOf(runtime) ?? ""));
  const named = avalanchegoPath === undefined ? [...programs] : [];
  const versionOf = (path: string) => {
    const version = manifest.programs.find((program) => program.path === path)?.version;
    return version === undefined ? "" : `, which was ${quote(version)}`;
  };
  const flags = [config.defaultFlags, ...nodes.map((node) => node.flags)].flatMap((map) =>
    RUN_FLAGS.filter((name) => map[name] !== undefined).map((name) => `the flag ${name}=${quote(map[name] as string)}`),
  );
  const dangers = [...named.map((path) => `the program ${quote(path)}${versionOf(path)}`), ...new Set(flags)];
  if (dangers.length === 0) return;
  const hint =
    flags.length === 0
      ? "Say what is to run its nodes with --avalanchego-path or --avalanchego-version, or believe it with --trust"
      : "If you know where it comes from, say --trust";
  const message = `The snapshot was not saved here, and what it names is not run before you say so:\n  ${dangers.join("\n  ")}`;
  throw new SnapshotError({ code: "untrusted", path: manifest.dir }, message, { hint });
}

/** @throws {SnapshotError} `outside`. */
function refuseWritingOutside(
  dir: string,
  config: NetworkConfig,
  nodes: readonly TmpnetNode[],
  manifest: SnapshotManifest,
): void {
  for (const { nodeID, dataDir, flags } of nodes) {
    for (const name of WRITE_FLAGS) {
      const value = flags[name] ?? config.defaultFlags[name];
      if (value === undefined) continue;
      const path = resolve(dataDir, movedPath(value, manifest.dir, dir));
      if (isInside(dir, path)) continue;
      const message = `${nodeID} of the snapshot writes outside of its network, by the flag ${name}=${quote(value)}`;
      throw new SnapshotError({ code: "outside", what: name }, message);
    }
  }
}

/** Stakes of a genesis end: a network whose validators have gone is not healthy any more, and cannot be mended. */
function stakeWarnings(dir: string, clock: Clock): string[] {
  const genesis = readGenesis(dir);
  if (genesis === undefined) return [];
  const { startTime, initialStakeDuration, initialStakeDurationOffset, initialStakers } = genesis;
  const spread = initialStakeDurationOffset * BigInt(Math.max(0, initialStakers.length - 1));
  const firstEnd = startTime + initialStakeDuration - spread;
  const left = firstEnd - BigInt(Math.floor(clock.now() / 1000));
  if (left > SOON_SECONDS) return [];
  const at = new Date(Number(firstEnd) * 1000).toISOString();
  return [
    left > 0n
      ? `The first stake of its validators ends at ${at}: after that it is not healthy any more`
      : `Stakes of its validators have ended, the first at ${at}: it may not be healthy any more`,
  ];
}
