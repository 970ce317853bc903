/**
 * Which program runs a node: the part of tmpnet's files that a network and each of its nodes may have.
 *
 * @module
 */

import type { GoJSONValue } from "../../platform/go_json/format.ts";
import type { JSONMap } from "./json.ts";

/** A node as a process of this machine. */
export interface ProcessRuntimeConfig {
  /** The program; it is called as `<path> --config-file <flags.json>`. */
  readonly avalancheGoPath: string;
  /** Where VM plugins are; the node's own default where it is not set. */
  readonly pluginDir?: string;
  /** Whether a restart asks for the API port that the node had before. */
  readonly reuseDynamicPorts?: boolean;
  /** Fields that avx does not know, as they were read. */
  readonly other?: JSONMap;
}

/** How nodes are run. Exactly one runtime is set. */
export interface NodeRuntimeConfig {
  readonly process?: ProcessRuntimeConfig;
  /** Runtimes that avx does not have, as they were read, so that writing the file again keeps them. */
  readonly other?: JSONMap;
}

/** Takes a runtime configuration from parsed JSON; `undefined` when it is none. */
export function runtimeConfigFromJSON(value: unknown): NodeRuntimeConfig | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { process, ...other } = value as Record<string, GoJSONValue>;
  if (process === undefined || process === null) return { other };
  if (typeof process !== "object") return undefined;

  const {
    avalancheGoPath = "",
    pluginDir = "",
    reuseDynamicPorts = false,
    ...unknown
  } = process as Record<string, GoJSONValue>;
  if (typeof avalancheGoPath !== "string" || typeof pluginDir !== "string") return undefined;
  return {
    process: {
      avalancheGoPath,
      ...(pluginDir === "" ? {} : { pluginDir }),
      ...(reuseDynamicPorts === true ? { reuseDynamicPorts } : {}),
      ...(Object.keys(unknown).length === 0 ? {} : { other: unknown }),
    },
    other,
  };
}

/** A runtime configuration in the order that upstream writes it; what is empty is left out. */
export function runtimeConfigToJSON({ process, other = {} }: NodeRuntimeConfig): GoJSONValue {
  return { process: process === undefined ? undefined : processToJSON(process), ...other };
}

function processToJSON({ avalancheGoPath, pluginDir, reuseDynamicPorts, other }: ProcessRuntimeConfig): GoJSONValue {
  return {
    avalancheGoPath: avalancheGoPath || undefined,
    pluginDir: pluginDir || undefined,
    reuseDynamicPorts: reuseDynamicPorts || undefined,
    ...other,
  };
}
