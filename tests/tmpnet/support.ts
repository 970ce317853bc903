/**
 * What tests of networks share: a program to run as a node, its processes, and waiting for them.
 *
 * @module
 */

import { expect } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { quoted } from "../../lib/core/program.ts";
import { getPeers } from "../../lib/platform/rpc/info_client.ts";
import { TmpnetError } from "../../lib/tmpnet/errors.ts";
import type { Network } from "../../lib/tmpnet/network.ts";
import { systemProcessTable } from "../../lib/tmpnet/runtime/process_table.ts";
import { networkStatus } from "../../lib/tmpnet/status.ts";

/** Writes a program into a directory that is `fake_node.ts`, called as nodes are. */
export function fakeNodeProgram(directory: string): string {
  const path = join(directory, "fake-avalanchego");
  const script = join(import.meta.dirname, "fake_node.ts");
  writeFileSync(path, `#!/bin/sh\nexec ${quoted(process.execPath)} ${quoted(script)} "$@"\n`, { mode: 0o700 });
  return path;
}

/** The processes of nodes whose directories lie in this one. */
export function nodeProcessesIn(directory: string): number[] {
  return systemProcessTable()
    .list((commandLine) => commandLine.includes(` --config-file ${directory}/`))
    .map(({ pid }) => pid);
}

/** Ends what a test has left in a directory, for `finally`: by pid, and only what was started with files in there. */
export function endLeftovers(directory: string): void {
  for (const pid of nodeProcessesIn(directory)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** Waits until something is so. */
export async function until(isSo: () => boolean | Promise<boolean>, timeoutMs = 5_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not so after ${timeoutMs} ms: ${isSo}`);
    await Bun.sleep(10);
  }
}

export function readJSON(path: string): any {
  return JSON.parse(readFileSync(path, "utf8"));
}

/** The error that an attempt fails with; a test in which it does not fail has failed. */
export async function errorOf(attempt: Promise<unknown>): Promise<TmpnetError>;
export async function errorOf<E extends Error>(
  attempt: Promise<unknown>,
  kind: new (...args: never[]) => E,
): Promise<E>;
export async function errorOf(attempt: Promise<unknown>, kind: new (...args: never[]) => Error = TmpnetError) {
  const thrown = await attempt.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(kind);
  return thrown;
}

/** Checks that all nodes of a network are well, and that each has all others as peers. */
export async function expectAllConnected(network: Network): Promise<void> {
  const nodes = network.nodeUris();
  for (const { nodeID, uri } of nodes) {
    const peers = (await getPeers(uri)).map((peer) => peer.nodeID).sort();
    const others = nodes.map((node) => node.nodeID).filter((other) => other !== nodeID);
    expect(peers).toEqual(others.sort());
  }
  expect((await networkStatus(network)).healthy).toBe(true);
}
