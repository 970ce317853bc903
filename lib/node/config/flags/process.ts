/**
 * Flags of the process: where its files are, what it reads first, what it prints.
 *
 * @module
 */

import { bool, group, string, uint } from "../flag.ts";
import { RUNS_NO_VMS } from "../inert.ts";

/** The soft limit on open files that the reference asks for (upstream `utils/ulimit`). */
export const DEFAULT_FD_LIMIT = 32_768;

/** The file that says where a running node is reached. */
export const DEFAULT_PROCESS_CONTEXT_FILE = "$AVALANCHEGO_DATA_DIR/process.json";

export const PROCESS_FLAGS = group("Process", {
  version: bool(false, "Print the version and exit"),
  "version-json": bool(false, "Print the version as JSON and exit"),
  "data-dir": string("$HOME/.avalanchego", "The directory that all other default paths lie in"),
  "config-file": string("", "Read flags from this JSON file; config-file-content goes before it"),
  "config-file-content": string("", "Base64 of a configuration file", { content: true }),
  "config-file-content-type": string("json", "The format of config-file-content; avx reads json"),
  "fd-limit": uint(DEFAULT_FD_LIMIT, "How many files the process must be able to hold open", { unit: "files" }),
  "process-context-file": string(
    DEFAULT_PROCESS_CONTEXT_FILE,
    "Where to write the process ID, API address and staking address while the node runs",
  ),
  "plugin-dir": string("$AVALANCHEGO_DATA_DIR/plugins", "The directory of virtual machine plugins", {
    inert: RUNS_NO_VMS,
  }),
});
