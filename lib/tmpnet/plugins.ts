/**
 * VM plugins and the version of the protocol that they speak: an avalanchego that speaks another one runs no chain of
 * theirs, and says so only in a log.
 *
 * Source: upstream `tests/fixture/tmpnet/network.go` `checkVMBinaries`.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseID } from "../core/ids/id.ts";
import type { SubnetRecord } from "./disk/subnets.ts";
import { TmpnetError } from "./errors.ts";
import type { TmpnetNode } from "./node.ts";
import { isExecutable } from "./runtime/program.ts";

/** How long a program may take to tell its version, in milliseconds. */
const ANSWER_TIMEOUT_MS = 5_000;

/** The most of an answer that is read, in bytes. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** How plugins are asked: avalanchego's example VM has a command for it, others a flag. */
const VERSION_ARGUMENTS = [["version-json"], ["--version-json"], ["--version"]] as const;

/** A plugin, by the VM that it is. */
export interface Plugin {
  readonly vmID: string;
  readonly path: string;
}

/** A plugin and what it says. */
export interface PluginVersion extends Plugin {
  /** Version of the protocol between VM and node; `undefined` where it does not tell. */
  readonly rpcChainVM: number | undefined;
}

/** The plugins of a directory: executable files that are called by a VM's ID. None where there is no directory. */
export function listPlugins(pluginDir: string): Plugin[] {
  let names: string[];
  try {
    names = readdirSync(pluginDir);
  } catch {
    return [];
  }
  return names
    .filter((name) => isVMID(name) && isExecutable(join(pluginDir, name)))
    .sort()
    .map((name) => ({ vmID: name, path: join(pluginDir, name) }));
}

/**
 * Asks the plugins of a directory for the version of the protocol that they speak.
 *
 * @param pluginDir They are run: each is asked once for each way of asking, until it tells.
 */
export async function pluginVersions(pluginDir: string): Promise<PluginVersion[]> {
  return await Promise.all(
    listPlugins(pluginDir).map(async (plugin) => {
      for (const args of VERSION_ARGUMENTS) {
        const rpcChainVM = await askVersion(plugin.path, args);
        if (rpcChainVM !== undefined) return { ...plugin, rpcChainVM };
      }
      return { ...plugin, rpcChainVM: undefined };
    }),
  );
}

/**
 * The version of the protocol that a node's program speaks with its plugins.
 *
 * @returns `undefined` where it does not tell.
 */
export async function programVersion(program: string): Promise<number | undefined> {
  return await askVersion(program, ["--version-json"]);
}

/**
 * Checks that a program can run the plugins of a directory.
 *
 * What does not tell its version is let through, as upstream does.
 *
 * @param options `vmIDs` are those that matter; all of them by default.
 * @throws {TmpnetError} `plugins`, with who speaks what.
 */
export async function checkPlugins(
  program: string,
  pluginDir: string,
  { vmIDs }: { readonly vmIDs?: ReadonlySet<string> } = {},
): Promise<void> {
  if (listPlugins(pluginDir).length === 0) return;
  const [version, plugins] = await Promise.all([programVersion(program), pluginVersions(pluginDir)]);
  if (version === undefined) return;
  const matter = plugins.filter(({ vmID }) => vmIDs === undefined || vmIDs.has(vmID));
  const wrong = matter.filter(({ rpcChainVM }) => rpcChainVM !== undefined && rpcChainVM !== version);
  if (wrong.length === 0) return;
  const facts = wrong.map(({ path, rpcChainVM }) => `\n  ${path} speaks version ${rpcChainVM}`).join("");
  throw new TmpnetError(
    { code: "plugins", program },
    `${program} speaks version ${version} of the protocol with its VMs, and not all plugins do${facts}`,
    { hint: "Build those plugins for this avalanchego, or name another directory with --plugin-dir" },
  );
}

/**
 * Checks the plugins that the chains of a network need, for each program that is to run them.
 *
 * @throws {TmpnetError} `plugins`.
 */
export async function checkPluginsOf(
  nodes: readonly Pick<TmpnetNode, "runtimeConfig">[],
  subnets: readonly SubnetRecord[],
): Promise<void> {
  const vmIDs = new Set(subnets.flatMap(({ chains }) => chains.map(({ vmID }) => vmID)));
  if (vmIDs.size === 0) return;
  const runtimes = new Map(
    nodes.flatMap(({ runtimeConfig: { process } }) =>
      process?.pluginDir === undefined ? [] : [[JSON.stringify(process), process] as const],
    ),
  );
  for (const { avalancheGoPath, pluginDir = "" } of runtimes.values()) {
    await checkPlugins(avalancheGoPath, pluginDir, { vmIDs });
  }
}

function askVersion(path: string, args: readonly string[]): Promise<number | undefined> {
  return new Promise((resolve) => {
    const options = { timeout: ANSWER_TIMEOUT_MS, killSignal: "SIGKILL", maxBuffer: MAX_ANSWER_BYTES } as const;
    try {
      const child = execFile(path, [...args], options, (error, stdout, stderr) => {
        resolve(error === null ? versionIn(`${stdout}\n${stderr}`) : undefined);
      });
      child.stdin?.end();
    } catch {
      resolve(undefined);
    }
  });
}

/** As JSON has it, or as programs print it in a line: `[AvalancheGo=v1.14.2, rpcchainvm=45]`. */
function versionIn(text: string): number | undefined {
  const [, version] = /\brpcchainvm"?\s*[=:]\s*"?(\d{1,9})\b/i.exec(text) ?? [];
  return version === undefined ? undefined : Number(version);
}

function isVMID(name: string): boolean {
  try {
    parseID(name);
    return true;
  } catch {
    return false;
  }
}
