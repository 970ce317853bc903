/**
 * Directories that look like networks, for tests that start nothing.
 *
 * @module
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a made network has. */
export interface MadeNetwork {
  readonly dir: string;
  /** Its nodes' data directories, in the order of their names. */
  readonly nodes: readonly string[];
}

/** A node ID that no key has. */
export function madeNodeID(letter: string): string {
  return `NodeID-${letter.repeat(33)}`;
}

/**
 * Makes a network's directory, with nodes that hold no keys.
 *
 * @param name Such as `20260102-030405.6-me`.
 * @param letters One for each node: its ID consists of it.
 */
export function madeNetwork(root: string, name: string, letters = "AB", owner = ""): MadeNetwork {
  const dir = join(root, name);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "genesis.json"), "{}");
  writeFileSync(join(dir, "config.json"), JSON.stringify({ uuid: `uuid-of-${name}`, owner }));
  return { dir, nodes: [...letters].map((letter) => madeNode(dir, letter)) };
}

/** Adds a node to a made network. */
export function madeNode(networkDir: string, letter: string): string {
  const dataDir = join(networkDir, madeNodeID(letter));
  mkdirSync(join(dataDir, "logs"), { recursive: true });
  writeFileSync(join(dataDir, "config.json"), JSON.stringify({ flags: {} }));
  return dataDir;
}
