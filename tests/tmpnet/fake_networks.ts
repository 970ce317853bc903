/**
 * Networks of fake nodes, in a directory that each test has for itself.
 *
 * @module
 */

import { afterEach, beforeEach, expect } from "bun:test";
import { join } from "node:path";
import { TmpnetError } from "../../lib/tmpnet/errors.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../support/temporary.ts";
import { endLeftovers, fakeNodeProgram } from "./support.ts";

/** What a test of networks has. */
export interface FakeNetworks {
  readonly directory: TemporaryDirectory;
  /** The fake node. */
  readonly program: string;
  /** Where its networks are made. */
  readonly root: string;
  /** With a home of its own. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Makes a directory before each test of a file, and ends what a test has left in it afterwards. */
export function fakeNetworks(): () => FakeNetworks {
  let current: FakeNetworks;
  beforeEach(() => {
    const directory = temporaryDirectory();
    const program = fakeNodeProgram(directory.path);
    current = { directory, program, root: directory.join("networks"), env: { ...process.env, HOME: directory.path } };
  });
  afterEach(() => {
    endLeftovers(current.directory.path);
    current.directory[Symbol.dispose]();
  });
  return () => current;
}

/** The error that an attempt fails with; a test in which it does not fail has failed. */
export async function errorOf(attempt: Promise<unknown>): Promise<TmpnetError> {
  const thrown = await attempt.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(TmpnetError);
  return thrown as TmpnetError;
}

/** Runs code of the library in a process of its own, which knows `Network`. */
export function elsewhere(code: string, env: FakeNetworks["env"]) {
  const module = join(import.meta.dirname, "..", "..", "lib", "tmpnet", "network.ts");
  const script = `import { Network } from ${JSON.stringify(module)}; ${code}`;
  return Bun.spawn([process.execPath, "-e", script], { env, stdout: "inherit", stderr: "inherit" });
}
