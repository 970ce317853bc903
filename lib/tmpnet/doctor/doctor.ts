/**
 * Looks at all that temporary networks need and leave, and says of each what to do about it. Changes nothing.
 *
 * @module
 */

import { type Clock, systemClock } from "../../core/clock.ts";
import { errorMessage } from "../../core/errors.ts";
import { type Env, rootNetworkDir } from "../disk/layout.ts";
import { listNetworks } from "../listing.ts";
import { findOrphans } from "../orphans.ts";
import { type Finding, ok, problem } from "./finding.ts";
import { checkClock, checkEnvironment, checkOpenFiles, checkRoot } from "./machine.ts";
import { checkLinks, checkNetwork, checkUsualPorts, orphanFindings } from "./networks.ts";
import { checkPrograms } from "./programs.ts";

/** What is looked at. */
export interface DoctorOptions {
  /** As given by the user; see `rootNetworkDir`. */
  readonly rootDir?: string | undefined;
  readonly pluginDir?: string | undefined;
  /** Which avx this is, in words. */
  readonly version?: string | undefined;
}

/**
 * Looks at everything.
 *
 * @returns What was found, also where it is well. A check that cannot be made is a finding, too.
 *
 * @example
 * ```ts
 * const findings = await runDoctor();
 * for (const { what, todo } of findings.filter(({ status }) => status !== "ok")) console.log(what, todo);
 * ```
 */
export async function runDoctor(
  options: DoctorOptions = {},
  modules: { readonly clock?: Clock | undefined; readonly env?: Env | undefined } = {},
): Promise<Finding[]> {
  const { clock = systemClock, env = process.env } = modules;
  const root = rootNetworkDir(options.rootDir, env);
  const checks: readonly [Finding["check"], () => Finding[] | Promise<Finding[]>][] = [
    ["avx", () => (options.version === undefined ? [] : [ok("avx", options.version)])],
    ["avalanchego", () => checkPrograms(env, options.pluginDir)],
    ["environment", () => checkEnvironment(env)],
    ["open-files", () => [checkOpenFiles(env)]],
    ["root", () => checkRoot(root)],
    ["clock", () => [checkClock(clock)]],
    ["ports", async () => [await checkUsualPorts()]],
    ["network", () => checkNetworks(root, env)],
    ["links", () => checkLinks(root)],
    ["orphans", () => orphanFindings(findOrphans(root, env))],
  ];
  const findings: Finding[] = [];
  for (const [check, look] of checks) {
    try {
      findings.push(...(await look()));
    } catch (error) {
      findings.push(problem(check, `This could not be looked at: ${errorMessage(error)}`, "See whether this user may"));
    }
  }
  return findings;
}

/** One after another: a port that two networks name is taken for the moment in which it is looked at. */
async function checkNetworks(root: string, env: Env): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const network of listNetworks(root, env)) findings.push(...(await checkNetwork(network, env)));
  return findings;
}
