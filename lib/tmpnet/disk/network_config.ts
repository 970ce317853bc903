/**
 * A network's `config.json`, as tmpnet has it: fields, order, and what is left out when it is empty.
 *
 * Source: upstream `tests/fixture/tmpnet/network_config.go`.
 *
 * @module
 */

import type { GoJSONValue } from "../../platform/go_json/format.ts";
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
  /** Fields that avx does not know, as they were read, so that writing the file again keeps them. */
  readonly other?: JSONMap;
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
    ...config.other,
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
  const {
    uuid = "",
    owner = "",
    networkID = 0,
    primarySubnetConfig,
    primaryChainConfigs,
    defaultFlags: flags,
    defaultRuntimeConfig: runtime = {},
    preFundedKeys: keys,
    ...other
  } = json;
  if (typeof uuid !== "string") throw badFile(path, "uuid is no text");
  if (typeof owner !== "string") throw badFile(path, "owner is no text");
  if (typeof networkID !== "number") throw badFile(path, "networkID is no number");

  const defaultFlags = flagsFromJSON(flags);
  if (defaultFlags === undefined) throw badFile(path, "defaultFlags is no map of flags");
  const defaultRuntimeConfig = runtimeConfigFromJSON(runtime ?? {});
  if (defaultRuntimeConfig === undefined) throw badFile(path, "defaultRuntimeConfig is no runtime configuration");

  const preFundedKeys = keys ?? [];
  if (!Array.isArray(preFundedKeys) || preFundedKeys.some((key) => typeof key !== "string")) {
    throw badFile(path, "preFundedKeys is no list of keys");
  }
  return {
    uuid,
    owner,
    networkID,
    primarySubnetConfig: jsonMap(path, "primarySubnetConfig", primarySubnetConfig),
    primaryChainConfigs: jsonMap(path, "primaryChainConfigs", primaryChainConfigs) as Record<string, JSONMap>,
    defaultFlags,
    defaultRuntimeConfig,
    preFundedKeys: preFundedKeys as readonly string[],
    ...(Object.keys(other).length === 0 ? {} : { other }),
  };
}

function jsonMap(path: string, name: string, json: GoJSONValue | undefined): JSONMap {
  const value = json ?? {};
  if (typeof value !== "object" || Array.isArray(value)) throw badFile(path, `${name} is no object`);
  return value as JSONMap;
}
