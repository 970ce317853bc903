/**
 * A node's `config.json`, as tmpnet has it: its own flags with its keys among them.
 *
 * Source: upstream `tests/fixture/tmpnet/node_config.go`.
 *
 * @module
 */

import { type FlagsMap, flagsFromJSON } from "../flags_map.ts";
import { badFile, readJSONFile, writeFileWhole } from "./files.ts";
import { formatFile, type JSONMap, sortedUnlessEmpty } from "./json.ts";
import { type NodeRuntimeConfig, runtimeConfigFromJSON, runtimeConfigToJSON } from "./runtime_config.ts";

/** What `config.json` of a node holds. */
export interface NodeConfig {
  /** Not meant to last: never a bootstrapper of others. */
  readonly isEphemeral: boolean;
  /** Flags of this node alone: keys as base64 content, and whatever wins over the network's defaults. */
  readonly flags: FlagsMap;
  /** Where it differs from the network's. */
  readonly runtimeConfig?: NodeRuntimeConfig;
  /** Fields that avx does not know, as they were read, so that writing the file again keeps them. */
  readonly other?: JSONMap;
}

/** The text of the file. */
export function formatNodeConfig({ isEphemeral, flags, runtimeConfig, other }: NodeConfig): string {
  return formatFile({
    isEphemeral: isEphemeral || undefined,
    flags: sortedUnlessEmpty(flags),
    runtimeConfig: runtimeConfig === undefined ? undefined : runtimeConfigToJSON(runtimeConfig),
    ...other,
  });
}

/** @throws {TmpnetError} `unwritable`. */
export function writeNodeConfig(path: string, config: NodeConfig): void {
  writeFileWhole(path, formatNodeConfig(config));
}

/**
 * Reads the file.
 *
 * @returns `undefined` when there is none: its directory is not a node's.
 * @throws {TmpnetError} `bad-file`.
 */
export function readNodeConfig(path: string): NodeConfig | undefined {
  const json = readJSONFile(path);
  if (json === undefined) return undefined;

  const { flags: ownFlags, isEphemeral: ephemeral, runtimeConfig: runtime, ...unknown } = json;
  const flags = flagsFromJSON(ownFlags);
  if (flags === undefined) throw badFile(path, "flags is no map of flags");
  const isEphemeral = ephemeral ?? false;
  if (typeof isEphemeral !== "boolean") throw badFile(path, "isEphemeral is neither true nor false");

  const other = Object.keys(unknown).length === 0 ? {} : { other: unknown };
  if (runtime === undefined || runtime === null) return { isEphemeral, flags, ...other };
  const runtimeConfig = runtimeConfigFromJSON(runtime);
  if (runtimeConfig === undefined) throw badFile(path, "runtimeConfig is no runtime configuration");
  return { isEphemeral, flags, runtimeConfig, ...other };
}
