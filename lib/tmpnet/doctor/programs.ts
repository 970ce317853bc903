/**
 * The programs that networks are made of: avx, avalanchego, plugins, and whether they speak the same versions.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { AVALANCHEGO_PATH_ENV, PLUGIN_DIR_ENV } from "../defaults.ts";
import type { Env } from "../disk/layout.ts";
import { type PluginVersion, pluginVersions } from "../plugins.ts";
import { presentable } from "../runtime/log_watch.ts";
import { findOnPath, isExecutable } from "../runtime/program.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

/** How long a program may take to tell its version, in milliseconds. */
const ANSWER_TIMEOUT_MS = 5_000;

const run = promisify(execFile);

/**
 * Looks at the avalanchego that the environment names, else the first on `PATH`, and at the plugins for it.
 *
 * @param pluginDir Where plugins are looked for; the environment's, or avalanchego's own, by default.
 */
export async function checkPrograms(env: Env, pluginDir?: string): Promise<Finding[]> {
  const named = env[AVALANCHEGO_PATH_ENV];
  if (named && !isExecutable(named)) {
    return [
      problem(
        "avalanchego",
        `${named}, which AVALANCHEGO_PATH names, cannot be run`,
        "Correct it, or unset AVALANCHEGO_PATH",
      ),
    ];
  }
  const path = named || findOnPath("avalanchego", env);
  if (path === undefined) {
    const what = "No avalanchego is on PATH, and AVALANCHEGO_PATH names none: networks run avx's own nodes";
    return [ok("avalanchego", what)];
  }
  const version = await versionOf(path, env);
  if (version === undefined) {
    const what = `${path} does not tell its version: it cannot be run, or is no avalanchego`;
    return [problem("avalanchego", what, `Run ${path} --version-json to see why`)];
  }
  const plugins = resolve(
    pluginDir || env[PLUGIN_DIR_ENV] || join(env["HOME"] || homedir(), ".avalanchego", "plugins"),
  );
  const application = presentable(version.application);
  return [
    ok("avalanchego", `${path} is ${application}, with version ${version.rpcchainvm} of the protocol with VMs`),
    ...(await pluginVersions(plugins)).map((plugin) => judged(plugin, application, version.rpcchainvm)),
  ];
}

function judged({ path, rpcChainVM }: PluginVersion, application: string, expected: number): Finding {
  if (rpcChainVM === undefined) {
    const what = `The plugin ${path} does not tell which version of the protocol it speaks`;
    return warning("plugins", what, `It must be built for version ${expected}`);
  }
  if (rpcChainVM === expected)
    return ok("plugins", `The plugin ${path} speaks version ${rpcChainVM}, as ${application} does`);
  const what = `The plugin ${path} speaks version ${rpcChainVM} of the protocol, and ${application} version ${expected}`;
  return problem("plugins", what, "Build the plugin for this avalanchego, or take an avalanchego of its version");
}

async function versionOf(
  path: string,
  env: Env,
): Promise<{ readonly application: string; readonly rpcchainvm: number } | undefined> {
  try {
    const options = { timeout: ANSWER_TIMEOUT_MS, killSignal: "SIGKILL", env } as const;
    const { stdout } = await run(path, ["--version-json"], options);
    const { application, rpcchainvm } = JSON.parse(stdout) as Record<string, unknown>;
    return typeof application === "string" && typeof rpcchainvm === "number" ? { application, rpcchainvm } : undefined;
  } catch {
    return undefined;
  }
}
