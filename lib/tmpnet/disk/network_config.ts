/**
 * A network's `config.json`, as tmpnet has it: fields, order, and what is left out when it is empty.
 *
 * Source: upstream `tests/fixture/tmpnet/network_config.go`.
 *
 * @module
 */

import { type FlagsMap, flagsFromJSON } from "../flags_map.ts";
import { badFile, readJSONFile, writeFileWhole } from "./files.ts";
import { formatFile, type JSONMap, sortedUnlessEmpty } from "./json.ts";
import { type NodeRuntimeConfig, runtimeConfigFromJSON, runtimeConfigToJSON } from "./runtime_config.ts";

/** What `config.json` of a network holds. */
export interface NetworkConfig {
  /** Tells networks apart in metrics; empty where a file has none. */
  readonly uuid: string;
  /** Who started it; may be empty. */
  readonly owner: string;
  /** 0 where the genesis says it. */
  readonly networkID: number;
  readonly primarySubnetConfig: JSONMap;
  /** By chain alias: `C`, `X`, `P`. */
  readonly primaryChainConfigs: Readonly<Record<string, JSONMap>>;
  /** Flags of every node that does not set them itself. */
  readonly defaultFlags: FlagsMap;
  readonly defaultRuntimeConfig: NodeRuntimeConfig;
  /** `PrivateKey-…`, funded in the genesis on X and C. */
  readonly preFundedKeys: readonly string[];
}

/** The text of the file. */
export function formatNetworkConfig(config: NetworkConfig): string {
  return formatFile({
    uuid: config.uuid || undefined,
    owner: config.owner || undefined,
    networkID: config.networkID || undefined,
    primarySubnetConfig: sortedUnlessEmpty(config.primarySubnetConfig),
    primaryChainConfigs: sortedUnlessEmpty(config.primaryChainConfigs),
    defaultFlags: sortedUnlessEmpty(config.defaultFlags),
    defaultRuntimeConfig: runtimeConfigToJSON(config.defaultRuntimeConfig),
    preFundedKeys: config.preFundedKeys.length === 0 ? undefined : config.preFundedKeys,
  });
}

/** @throws {TmpnetError} `unwritable`. */
export function writeNetworkConfig(path: string, config: NetworkConfig): void {
  writeFileWhole(path, formatNetworkConfig(config));
}

/**
 * Reads the file.
 *
 * @returns `undefined` when there is none.
 * @throws {TmpnetError} `bad-file`.
 */
export function readNetworkConfig(path: string): NetworkConfig | undefined {
  const json = readJSONFile(path);
  if (json === undefined) return undefined;
  const { uuid = "", owner = "", networkID = 0 } = json;
  if (typeof uuid !== "string") throw badFile(path, "uuid is no text");
  if (typeof owner !== "string") throw badFile(path, "owner is no text");
  if (typeof networkID !== "number") throw badFile(path, "networkID is no number");

  const defaultFlags = flagsFromJSON(json["defaultFlags"]);
  if (defaultFlags === undefined) throw badFile(path, "defaultFlags is no map of flags");
  const defaultRuntimeConfig = runtimeConfigFromJSON(json["defaultRuntimeConfig"] ?? {});
  if (defaultRuntimeConfig === undefined) throw badFile(path, "defaultRuntimeConfig is no runtime configuration");

  const preFundedKeys = json["preFundedKeys"] ?? [];
  if (!Array.isArray(preFundedKeys) || preFundedKeys.some((key) => typeof key !== "string")) {
    throw badFile(path, "preFundedKeys is no list of keys");
  }
  return {
    uuid,
    owner,
    networkID,
    primarySubnetConfig: jsonMap(path, json, "primarySubnetConfig"),
    primaryChainConfigs: jsonMap(path, json, "primaryChainConfigs") as Record<string, JSONMap>,
    defaultFlags,
    defaultRuntimeConfig,
    preFundedKeys,
  };
}

function jsonMap(path: string, json: Record<string, unknown>, name: string): JSONMap {
  const value = json[name] ?? {};
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw badFile(path, `${name} is no object`);
  return value as JSONMap;
}
