/**
 * The groups of commands. A group's modules are loaded when it is called for: a node must not wait for what starts
 * networks.
 *
 * @module
 */

import type { RegisterCommand } from "./command.ts";

/** Some commands under one name, `avx net start`, or one command that takes the name itself. */
export interface CommandGroup {
  readonly name: string;
  /** One line for `avx --help`. */
  readonly summary: string;
  /** Loads the commands of the group, in the order of its `--help`. */
  readonly load: () => Promise<readonly RegisterCommand[]>;
}

export const COMMAND_GROUPS: readonly CommandGroup[] = [
  {
    name: "node",
    summary: "Run one node.",
    load: async () => (await import("./node/group.ts")).NODE_COMMANDS,
  },
  {
    name: "net",
    summary: "Start, stop and look at temporary networks of nodes.",
    load: async () => (await import("./net/group.ts")).NET_COMMANDS,
  },
  {
    name: "install",
    summary: "Get a release of avalanchego.",
    load: async () => [(await import("./install.ts")).registerInstall],
  },
];
