/**
 * A home for each test of a file: what networks leave there is ended and removed when the test is over.
 *
 * @module
 */

import { afterEach, beforeEach } from "bun:test";
import { join } from "node:path";
import { Network, type NetworkControl } from "../../lib/tmpnet/network.ts";
import type { NetworkOptions } from "../../lib/tmpnet/network_options.ts";
import { avxEnvironment } from "../support/cli.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../support/temporary.ts";
import { endLeftovers, fakeNodeProgram } from "./support.ts";

/** The home of the test that runs. */
export interface NetworkHome {
  readonly directory: TemporaryDirectory;
  /** For avx and for tmpnetctl: this home, and networks in {@link NetworkHome.root}. May be added to. */
  readonly env: Record<string, string>;
  /** Where networks are made: it is not there before the first one. */
  readonly root: string;
  /** A program that behaves as a node, or as a test wants: `fake_node.ts`. */
  readonly program: string;
  /** Starts a network: of fake nodes, unless the options say what runs them. */
  start(options?: NetworkOptions, control?: NetworkControl): Promise<Network>;
  /** Reads a network of this home. */
  read(dir: string): Network;
  /** Runs code of the library in a process of its own, which knows `Network`. */
  elsewhere(code: string): Bun.Subprocess;
}

/**
 * Makes a home before each test of the file that calls this, and ends its nodes after it.
 *
 * @param leave What else a test has to end before its home is removed.
 *
 * @example
 * ```ts
 * const home = homeForEachTest();
 * test("…", async () => {
 *   await using network = await home.start({ nodeCount: 3 });
 * });
 * ```
 */
export function homeForEachTest(leave: (home: NetworkHome) => Promise<void> = async () => {}): NetworkHome {
  let home: NetworkHome;
  beforeEach(() => {
    home = newHome(temporaryDirectory());
  });
  afterEach(async () => {
    try {
      await leave(home);
    } finally {
      endLeftovers(home.directory.path);
      home.directory[Symbol.dispose]();
    }
  });
  // Whichever test runs.
  return new Proxy({} as NetworkHome, { get: (_, name) => home[name as keyof NetworkHome] });
}

function newHome(directory: TemporaryDirectory): NetworkHome {
  const root = directory.join("networks");
  const env = avxEnvironment({ HOME: directory.path, TMPNET_ROOT_NETWORK_DIR: root });
  let program: string | undefined;
  return {
    directory,
    env,
    root,
    get program() {
      program ??= fakeNodeProgram(directory.path);
      return program;
    },
    start(options, control) {
      return Network.start({ avalanchegoPath: this.program, ...options }, control, { env });
    },
    read: (dir) => Network.read(dir, { env }),
    elsewhere(code) {
      const module = join(import.meta.dirname, "..", "..", "lib", "tmpnet", "network.ts");
      const script = `import { Network } from ${JSON.stringify(module)}; ${code}`;
      return Bun.spawn([process.execPath, "-e", script], { env, stdout: "inherit", stderr: "inherit" });
    },
  };
}
