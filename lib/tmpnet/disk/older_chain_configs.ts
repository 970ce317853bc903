/**
 * Chain configurations as older versions of tmpnet laid them out: `chains/<alias or ID>/config.json`, and beside it
 * `upgrade.json`. Read, and never written: today they stand in the network's `config.json` and in its subnets' files.
 *
 * @module
 */

import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { FlagsMap } from "../flags_map.ts";
import { readTextFile } from "./files.ts";

/** The directory, in a network's or beside it. */
const CHAINS_DIRECTORY = "chains";

/** The flag that older networks name it by. */
const CHAIN_CONFIG_DIR_FLAG = "chain-config-dir";

/** Files of one chain, as they are. */
export interface OlderChainConfig {
  readonly config?: string;
  readonly upgrade?: string;
}

/**
 * Reads the configurations of a network that has them so.
 *
 * @param flags Its default flags: one may name the directory.
 * @returns By alias or chain ID.
 * @throws {TmpnetError} `bad-file`.
 */
export function readOlderChainConfigs(networkDir: string, flags: FlagsMap): ReadonlyMap<string, OlderChainConfig> {
  const named = flags[CHAIN_CONFIG_DIR_FLAG];
  const places = [named, join(networkDir, CHAINS_DIRECTORY), join(dirname(networkDir), CHAINS_DIRECTORY)];
  const found = new Map<string, OlderChainConfig>();
  for (const place of places) {
    for (const name of place === undefined ? [] : directoriesIn(place)) {
      const config = readTextFile(join(place ?? "", name, "config.json"));
      const upgrade = readTextFile(join(place ?? "", name, "upgrade.json"));
      if (found.has(name) || (config === undefined && upgrade === undefined)) continue;
      found.set(name, {
        ...(config === undefined ? {} : { config }),
        ...(upgrade === undefined ? {} : { upgrade }),
      });
    }
  }
  return found;
}

function directoriesIn(dir: string): string[] {
  try {
    const entries = readdirSync(dir, { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
  } catch {
    return [];
  }
}
