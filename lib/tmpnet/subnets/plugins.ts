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
 * Checks that nodes find the programs of VMs.
 *
 * @throws {SubnetError} `plugin` for one that is missing or no program.
 */
export function requirePlugins(vmIDs: readonly ID[], nodes: readonly PluginNode[], env: Env): void {
  for (const dir of new Set(nodes.map((node) => pluginDirOf(node, env)))) {
    for (const vmID of new Set(vmIDs)) checkPlugin(dir, vmID);
  }
}

/**
 * Checks that nodes find the programs of VMs, and speak their version of the protocol.
 *
 * @throws {SubnetError} As {@link requirePlugins}; {@link TmpnetError} `plugins` for one that speaks another version.
 */
export async function checkVMs(vmIDs: readonly ID[], nodes: readonly PluginNode[], env: Env): Promise<void> {
  requirePlugins(vmIDs, nodes, env);
  const programs = new Map<string, readonly [program: string, dir: string]>();
  for (const node of nodes) {
    const pair = [node.runtimeConfig.process?.avalancheGoPath ?? "", pluginDirOf(node, env)] as const;
    programs.set(pair.join("\0"), pair);
  }
  for (const [program, dir] of programs.values()) await checkPlugins(program, dir, { vmIDs: new Set(vmIDs) });
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
