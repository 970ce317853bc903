/**
 * The real xsvm, avalanchego's example of a virtual machine, where this machine has it.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { callRPC } from "../../lib/platform/rpc/json_rpc.ts";
import { XSVM_ID } from "../../lib/platform/vm_ids.ts";
import { AVALANCHEGO } from "./avalanchego.ts";
import { findProgram } from "./programs.ts";

/** Absolute path of the xsvm that tests run, from `XSVM_PATH` or else `PATH`; `undefined` without one. */
export const XSVM: string | undefined = findProgram("xsvm", "XSVM_PATH");

/** Whether tests with subnets must be skipped: they need avalanchego as well. */
export const WITHOUT_XSVM = AVALANCHEGO === undefined || XSVM === undefined;

/** Names a test so that a skip says why. */
export function needsXSVM(name: string): string {
  return WITHOUT_XSVM ? `${name} (skipped: no avalanchego and xsvm by AVALANCHEGO_PATH, XSVM_PATH or on PATH)` : name;
}

/** Makes a directory of plugins with xsvm in it. */
export function xsvmPlugins(directory: string): string {
  mkdirSync(directory, { recursive: true });
  symlinkSync(XSVM as string, join(directory, XSVM_ID));
  return directory;
}

/** A genesis of xsvm. */
export function xsvmGenesis(): Uint8Array {
  return new Uint8Array(execFileSync(XSVM as string, ["chain", "genesis", "--encoding", "binary"]));
}

/** What a node says of one of its xsvm chains. */
export async function xsvmNetwork(uri: string, chainID: string): Promise<{ networkID: number; subnetID: string }> {
  return await callRPC(uri, `/ext/bc/${chainID}`, "xsvm.network");
}
