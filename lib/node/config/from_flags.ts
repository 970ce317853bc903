/**
 * A node's configuration for programs: flags as a plain object.
 *
 * @module
 */

import { parseCommandLine } from "./command_line.ts";
import { type NodeConfig, resolveNodeConfig } from "./node_config.ts";
import { loadSettings } from "./settings.ts";

/** Where else flags come from. */
export interface NodeConfigSources {
  /** `AVAGO_…` variables go below the flags. @default None: what a program runs does not hang on its environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What relative paths are relative to. @default The process's directory. */
  readonly cwd?: string;
}

/**
 * Checks flags, named as avalanchego names them, and makes a node's configuration of them.
 *
 * @param flags Names without dashes; values as on the command line.
 * @throws {ConfigError} For a flag that does not exist, and for a value that it cannot have.
 *
 *
 * @example
 * ```ts
 * import { mkdtemp } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 *
 * const dataDir = await mkdtemp(join(tmpdir(), "avx-node-"));
 * const config = nodeConfig({ "network-id": "local", "data-dir": dataDir, "http-port": 0 });
 * ```
 */
export function nodeConfig(
  flags: Readonly<Record<string, string | number | boolean>>,
  { env = {}, cwd = process.cwd() }: NodeConfigSources = {},
): NodeConfig {
  const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  return resolveNodeConfig(loadSettings({ commandLine: parseCommandLine(args), env, cwd }));
}
