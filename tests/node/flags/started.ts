/**
 * A whole node that runs with some flags, in a directory of its own.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { Node } from "../../../lib/node/node.ts";
import type { NodeModules } from "../../../lib/node/node_parts.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../support/temporary.ts";
import { LOOPBACK, nodeConfig } from "../support.ts";

/** A running node; it is stopped, and its directory removed, once it is disposed of. */
export interface StartedNode extends AsyncDisposable {
  readonly node: Node;
  readonly directory: TemporaryDirectory;
  /** What it has shown. */
  readonly shown: string[];
  /** The text of one of its log files. */
  log(name?: string): string;
}

/** Starts a node of the local network. `@` in a flag's value stands for its directory. */
export async function startedNode(
  flags: Readonly<Record<string, string>> = {},
  modules: NodeModules = {},
): Promise<StartedNode> {
  const directory = temporaryDirectory();
  const shown: string[] = [];
  const display = { write: (text: string) => void shown.push(text), colors: true };
  try {
    const own = Object.entries(flags).map(([name, value]) => [name, value.replaceAll("@", directory.path)]);
    const all = { ...LOOPBACK, "network-id": "local", "data-dir": directory.path, ...Object.fromEntries(own) };
    const node = await Node.start(nodeConfig(all), { display, ...modules });
    return {
      node,
      directory,
      shown,
      log: (name = "main") => readFileSync(directory.join("logs", `${name}.log`), "utf8"),
      async [Symbol.asyncDispose]() {
        await node.close();
        directory[Symbol.dispose]();
      },
    };
  } catch (error) {
    directory[Symbol.dispose]();
    throw error;
  }
}
