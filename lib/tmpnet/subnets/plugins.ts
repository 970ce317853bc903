/**
 * Whether the VMs of chains that are to be can be run: their plugins are there, are programs, and speak the nodes'
 * version of the protocol.
 *
 * @module
 */

import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type ID, parseID } from "../../core/ids/id.ts";
import { vmNameFromID } from "../../platform/vm_ids.ts";
import type { Env } from "../disk/layout.ts";
import type { NodeRuntimeConfig } from "../disk/runtime_config.ts";
import type { FlagsMap } from "../flags_map.ts";
import { checkPlugins, listPlugins } from "../plugins.ts";
import { SubnetError } from "./errors.ts";

/** Who is to run VMs. */
export interface PluginNode {
  readonly runtimeConfig: NodeRuntimeConfig;
  readonly flags: FlagsMap;
}

/** Where a node looks for plugins: its own flag, its runtime's setting, or avalanchego's default. */
export function pluginDirOf({ runtimeConfig, flags }: PluginNode, env: Env): string {
  const usual = join(env["HOME"] || homedir(), ".avalanchego", "plugins");
  return flags["plugin-dir"] || runtimeConfig.process?.pluginDir || usual;
}

/**
 * Checks VMs on the nodes that are to run them, before anything is done for them.
 *
 * @throws {SubnetError} `plugin` for one that is missing or no program; {@link TmpnetError} `plugins` for one that
 * speaks another version of the protocol.
 */
export async function checkVMs(vmIDs: readonly ID[], nodes: readonly PluginNode[], env: Env): Promise<void> {
  const wanted = new Set<ID>(vmIDs);
  const programs = new Map<string, Set<string>>();
  for (const node of nodes) {
    const dir = pluginDirOf(node, env);
    for (const vmID of wanted) checkPlugin(dir, vmID);
    const program = node.runtimeConfig.process?.avalancheGoPath ?? "";
    programs.set(dir, (programs.get(dir) ?? new Set()).add(program));
  }
  for (const [dir, of] of programs) for (const program of of) await checkPlugins(program, dir, { vmIDs: wanted });
}

function checkPlugin(dir: string, vmID: ID): void {
  const path = join(dir, vmID);
  const name = vmNameFromID(vmID);
  const what = name === undefined ? `VM ${vmID}` : `VM ${name} (${vmID})`;
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    const there = listPlugins(dir).map((plugin) => vmNameFromID(parseID(plugin.vmID)) ?? plugin.vmID);
    const others = there.length === 0 ? "no plugins are there" : `the plugins there are: ${there.join(", ")}`;
    throw new SubnetError({ code: "plugin", vmID, path }, `There is no plugin for ${what}: ${path} is no file`, {
      hint: `Put the VM's program there under that very name, or name another directory with --plugin-dir; ${others}`,
    });
  }
  try {
    accessSync(path, constants.X_OK);
  } catch (cause) {
    const message = `The plugin for ${what} cannot be run: ${path} is not executable`;
    throw new SubnetError({ code: "plugin", vmID, path }, message, { cause, hint: `Try chmod +x ${path}` });
  }
}
