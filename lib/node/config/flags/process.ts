/**
 * Flags of the process: where its files are, what it reads first, what it prints.
 *
 * @module
 */

import { bool, group, string, uint } from "../flag.ts";
import { RUNS_NO_VMS } from "../inert.ts";

/** Where tests show what flags do. */
const NODE_TEST = "tests/node/node.test.ts";
const PROCESS_TEST = "tests/node/flags/process.test.ts";
const RUN_TEST = "tests/node/run.test.ts";
const SETTINGS_TEST = "tests/node/config/settings.test.ts";

/** The soft limit on open files that the reference asks for (upstream `utils/ulimit`). */
export const DEFAULT_FD_LIMIT = 32_768;

/** The file that says where a running node is reached. */
export const DEFAULT_PROCESS_CONTEXT_FILE = "$AVALANCHEGO_DATA_DIR/process.json";

export const PROCESS_FLAGS = group("Process", {
  version: bool(false, "Print the version and exit", { test: [RUN_TEST, "versions are told in avalanchego's form"] }),
  "version-json": bool(false, "Print the version as JSON and exit", {
    test: [RUN_TEST, "versions are told in avalanchego's form"],
  }),
  "data-dir": string("$HOME/.avalanchego", "The directory that all other default paths lie in", {
    test: [NODE_TEST, "a node says where it is while it runs, and leaves nothing but its keys and logs"],
  }),
  "config-file": string("", "Read flags from this JSON file; config-file-content goes before it", {
    test: [RUN_TEST, "a leading --config-file runs a node, which stops on SIGTERM within a second"],
  }),
  "config-file-content": string("", "Base64 of a configuration file", {
    content: true,
    test: [SETTINGS_TEST, "the content of a configuration goes before its file"],
  }),
  "config-file-content-type": string("json", "The format of config-file-content; avx reads json", {
    test: [PROCESS_TEST, "config-file-content-type says that a configuration is JSON, which alone is read"],
  }),
  "fd-limit": uint(DEFAULT_FD_LIMIT, "How many files the process must be able to hold open", {
    unit: "files",
    test: [NODE_TEST, "a limit of open files that the system does not allow is refused where it was asked for"],
  }),
  "process-context-file": string(
    DEFAULT_PROCESS_CONTEXT_FILE,
    "Where to write the process ID, API address and staking address while the node runs",
    { test: [NODE_TEST, "HTTP is served with TLS on wish, and a context file elsewhere"] },
  ),
  "plugin-dir": string("$AVALANCHEGO_DATA_DIR/plugins", "The directory of virtual machine plugins", {
    inert: RUNS_NO_VMS,
  }),
});
