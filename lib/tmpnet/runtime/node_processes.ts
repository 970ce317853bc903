/**
 * All nodes among the processes of this machine, as they are at one moment: for whoever looks for many nodes.
 *
 * @module
 */

import { type ProcessTable, systemProcessTable } from "./process_table.ts";

/**
 * The table of processes that are called as nodes are, read once, however often it is asked.
 *
 * @param table This system's by default.
 */
export function nodeProcesses(table: ProcessTable = systemProcessTable()): ProcessTable {
  let all: ReturnType<ProcessTable["list"]> | undefined;
  const processes = () => {
    all ??= table.list((commandLine) => commandLine.includes(" --config-file "));
    return all;
  };
  return {
    read: (pid) => processes().find((info) => info.pid === pid),
    list: (wanted) => processes().filter(({ commandLine }) => wanted(commandLine)),
  };
}
