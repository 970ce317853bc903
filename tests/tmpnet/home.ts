/**
 * A home for each test of a file: what networks leave there is ended and removed when the test is over.
 *
 * @module
 */

import { afterEach, beforeEach } from "bun:test";
import { avxEnvironment } from "../support/cli.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../support/temporary.ts";
import { endLeftovers } from "./support.ts";

/** The home of the test that runs. */
export interface NetworkHome {
  readonly directory: TemporaryDirectory;
  /** For avx and for tmpnetctl: this home, and networks in {@link NetworkHome.root}. May be added to. */
  readonly env: Record<string, string>;
  readonly root: string;
}

/**
 * Makes a home before each test of the file that calls this, and ends its nodes after it.
 *
 * @example
 * ```ts
 * const home = homeForEachTest();
 * test("…", async () => {
 *   await using network = await Network.start({}, {}, { env: home.env });
 * });
 * ```
 */
export function homeForEachTest(): NetworkHome {
  let home: NetworkHome;
  beforeEach(() => {
    const directory = temporaryDirectory();
    const root = directory.join("networks");
    home = { directory, root, env: avxEnvironment({ HOME: directory.path, TMPNET_ROOT_NETWORK_DIR: root }) };
  });
  afterEach(() => {
    endLeftovers(home.directory.path);
    home.directory[Symbol.dispose]();
  });
  return {
    get directory() {
      return home.directory;
    },
    get env() {
      return home.env;
    },
    get root() {
      return home.root;
    },
  };
}
