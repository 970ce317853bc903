/**
 * Reads a network's directory: whole, or no more of it than stopping needs.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { errorMessage } from "../core/errors.ts";
import type { GenesisConfig } from "../platform/genesis/config.ts";
import { parseGenesis } from "../platform/genesis/text.ts";
import { badFile, readTextFile } from "./disk/files.ts";
import {
  CONFIG_FILE,
  childDirectories,
  FLAGS_FILE,
  findNetworkDir,
  GENESIS_FILE,
  NO_NETWORK_HINT,
} from "./disk/layout.ts";
import { type NetworkConfig, readNetworkConfig } from "./disk/network_config.ts";
import { TmpnetError } from "./errors.ts";
import { brokenNode, readNode, type TmpnetNode } from "./node.ts";
import type { RuntimeNode } from "./runtime/contract.ts";

/** A network as its directory has it. */
export interface ReadNetwork {
  /** Real path. */
  readonly dir: string;
  readonly config: NetworkConfig;
  readonly nodes: readonly TmpnetNode[];
}

/**
 * Reads a network.
 *
 * @throws {TmpnetError} `no-network` or `bad-file`.
 */
export function readNetwork(networkDir: string): ReadNetwork {
  const dir = findNetworkDir({ networkDir }, {});
  const config = readConfig(dir);
  const nodes = childDirectories(dir)
    .map((child) => readNode(child, config.defaultRuntimeConfig))
    .filter((node) => node !== undefined);
  return { dir, config, nodes };
}

/**
 * Reads what is needed to stop a network: a node's process is found by its directory alone, so files that cannot be
 * understood are no hindrance.
 *
 * @throws {TmpnetError} `no-network` or `bad-file` when there is nothing that could be a node.
 */
export function readStoppable(networkDir: string): {
  readonly dir: string;
  readonly config: NetworkConfig;
  readonly nodes: readonly RuntimeNode[];
} {
  const dir = findNetworkDir({ networkDir }, {});
  const children = childDirectories(dir).filter((child) =>
    [CONFIG_FILE, FLAGS_FILE].some((name) => existsSync(join(child, name))),
  );
  let config = EMPTY_CONFIG;
  try {
    config = readConfig(dir);
  } catch (error) {
    if (children.length === 0) throw error;
  }
  const nodes = children.map((child): RuntimeNode => {
    try {
      return readNode(child, config.defaultRuntimeConfig) ?? brokenNode(child);
    } catch {
      return brokenNode(child);
    }
  });
  return { dir, config, nodes };
}

/**
 * Reads a network's `config.json`.
 *
 * @throws {TmpnetError} `no-network` when there is none, `bad-file` when it cannot be understood.
 */
export function readConfig(dir: string): NetworkConfig {
  const config = readNetworkConfig(join(dir, CONFIG_FILE));
  if (config !== undefined) return config;
  const message = `${dir} is no network: it has no ${CONFIG_FILE}`;
  throw new TmpnetError({ code: "no-network", path: dir }, message, { hint: NO_NETWORK_HINT });
}

/**
 * Reads a network's genesis.
 *
 * @returns `undefined` where nodes have one built in.
 * @throws {TmpnetError} `bad-file`.
 */
export function readGenesis(dir: string): GenesisConfig | undefined {
  const path = join(dir, GENESIS_FILE);
  const text = readTextFile(path);
  if (text === undefined) return undefined;
  try {
    return parseGenesis(text);
  } catch (error) {
    throw badFile(path, errorMessage(error), error);
  }
}

/** A network whose `config.json` cannot be understood. */
const EMPTY_CONFIG: NetworkConfig = {
  uuid: "",
  owner: "",
  networkID: 0,
  primarySubnetConfig: {},
  primaryChainConfigs: {},
  defaultFlags: {},
  defaultRuntimeConfig: {},
  preFundedKeys: [],
};
