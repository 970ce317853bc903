/**
 * One node of the real avalanchego.
 *
 * @module
 */

import { readProcessContext } from "../../lib/platform/process_context.ts";
import { callNode } from "../node/support.ts";
import { AVALANCHEGO } from "./avalanchego.ts";
import { avxEnvironment } from "./cli.ts";
import { eventually } from "./eventually.ts";

/** A node that runs until it is disposed of. */
export interface AvalanchegoNode extends AsyncDisposable {
  readonly nodeID: string;
  readonly uri: string;
  readonly stakingAddress: string;
}

/**
 * Starts a node, and waits until its API answers.
 *
 * @param dataDir Where it keeps its files.
 * @param flags Must name addresses of this machine, and a network that starts by itself.
 */
export async function startAvalanchego(
  dataDir: string,
  flags: Readonly<Record<string, string>>,
): Promise<AvalanchegoNode> {
  const args = Object.entries({ ...flags, "data-dir": dataDir }).map(([name, value]) => `--${name}=${value}`);
  const child = Bun.spawn([AVALANCHEGO as string, ...args], {
    env: avxEnvironment(),
    stdout: "ignore",
    stderr: "ignore",
  });
  const contextFile = `${dataDir}/process.json`;
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await child.exited;
  };
  try {
    await eventually("avalanchego says where it is", () => {
      return readProcessContext(contextFile) !== undefined || child.exitCode !== null;
    });
    const context = readProcessContext(contextFile);
    if (context === undefined) throw new Error(`avalanchego ended with ${child.exitCode}`);
    const { nodeID } = await callNode<{ nodeID: string }>(context.uri, "info.getNodeID");
    return { ...context, nodeID, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
