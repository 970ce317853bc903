/**
 * The real xsvm, avalanchego's example of a virtual machine, where this machine has it.
 *
 * @module
 */

import { expect } from "bun:test";
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { RPCError } from "../../lib/platform/rpc/errors.ts";
import { callRPC } from "../../lib/platform/rpc/json_rpc.ts";
import { XSVM_ID } from "../../lib/platform/vm_ids.ts";
import type { Network, NetworkControl } from "../../lib/tmpnet/network.ts";
import type { NetworkOptions } from "../../lib/tmpnet/network_options.ts";
import type { ChainSpec } from "../../lib/tmpnet/subnets/spec.ts";
import type { NetworkHome } from "../tmpnet/home.ts";
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

/** A chain of xsvm. */
export function xsvmChain(): ChainSpec {
  return { vmName: "xsvm", genesis: xsvmGenesis() };
}

/** Starts a network of avalanchego's nodes that have xsvm. */
export async function startWithXSVM(
  home: NetworkHome,
  options: NetworkOptions,
  control: NetworkControl = {},
): Promise<Network> {
  const pluginDir = xsvmPlugins(home.directory.join("plugins"));
  return await home.start({ avalanchegoPath: AVALANCHEGO, pluginDir, ...options }, control);
}

/** Each chain of a network's subnets answers on each of its validators, and on no other node. */
export async function expectChainsOnValidators(network: Network, chainCount = 1): Promise<void> {
  expect(network.subnets.length).toBeGreaterThan(0);
  for (const { subnetID, validatorIDs, chains } of network.subnets) {
    expect(chains).toHaveLength(chainCount);
    for (const { chainID } of chains) {
      for (const { nodeID, uri } of network.nodeUris()) {
        const answer = xsvmNetwork(uri, chainID);
        if (validatorIDs.includes(nodeID)) expect(await answer).toMatchObject({ networkID: 88_888, subnetID, chainID });
        else expect(await answer.catch((error: unknown) => error)).toBeInstanceOf(RPCError);
      }
    }
  }
}

/** The process of each node, by its ID; 0 for one that does not run. */
export function pidsOf(network: Network): Map<string, number> {
  return new Map(
    network.nodes.map((node) => {
      const state = network.inspect(node);
      return [node.nodeID, state.status === "running" ? state.pid : 0];
    }),
  );
}

/** What a node says of one of its xsvm chains. */
export async function xsvmNetwork(
  uri: string,
  chainID: string,
): Promise<{ networkID: number; subnetID: string; chainID: string }> {
  return await callRPC(uri, `/ext/bc/${chainID}`, "xsvm.network");
}
