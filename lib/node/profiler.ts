/**
 * Where a node's time and memory go, written to files for the developer tools of any browser (upstream
 * `utils/profiler/profiler.go`, under its file names).
 *
 * The files are V8's: `cpu.profile` is a `.cpuprofile`, `mem.profile` a `.heapsnapshot`, and both open under such a
 * name. What is in memory is in a heap snapshot, keys among it: nobody but the owner may read them.
 *
 * @module
 */

import { mkdirSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { Session } from "node:inspector";
import { join } from "node:path";
import { getHeapSnapshot } from "node:v8";
import { AvxError } from "../core/errors.ts";
import { writePrivateFile } from "./private_file.ts";

export const CPU_PROFILE_FILE = "cpu.profile";
export const HEAP_PROFILE_FILE = "mem.profile";
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

export type ProfilerErrorType = { readonly code: "profiler-running" } | { readonly code: "profiler-not-running" };

/** A profile that cannot be begun or ended. */
export class ProfilerError extends AvxError<ProfilerErrorType> {}

/** Profiles one process. */
export class Profiler implements Disposable {
  readonly #directory: string;
  #session: Session | undefined;

  /** @param directory Is made when it is first written to. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * Begins to measure where time goes.
   *
   * @throws {ProfilerError} `profiler-running`.
   */
  async startCPU(): Promise<void> {
    if (this.#session !== undefined) {
      throw new ProfilerError({ code: "profiler-running" }, "cpu profiler already running");
    }
    const session = new Session();
    this.#session = session;
    try {
      session.connect();
      await post(session, "Profiler.enable");
      await post(session, "Profiler.start");
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Ends the measurement and writes `cpu.profile`.
   *
   * @throws {ProfilerError} `profiler-not-running`. System errors where the file cannot be written.
   */
  async stopCPU(): Promise<void> {
    const session = this.#session;
    if (session === undefined) {
      throw new ProfilerError({ code: "profiler-not-running" }, "cpu profiler doesn't exist");
    }
    this.#session = undefined;
    try {
      const { profile } = (await post(session, "Profiler.stop")) as { readonly profile: unknown };
      writePrivateFile(join(this.#directory, CPU_PROFILE_FILE), JSON.stringify(profile));
    } finally {
      session.disconnect();
    }
  }

  /**
   * Writes what is in memory to `mem.profile`. The process does nothing else while it gathers it.
   *
   * @throws System errors where the file cannot be written.
   */
  async writeHeap(): Promise<void> {
    const path = join(this.#directory, HEAP_PROFILE_FILE);
    const unfinished = `${path}.${process.pid}.tmp`;
    mkdirSync(this.#directory, { recursive: true, mode: DIRECTORY_MODE });
    await rm(unfinished, { force: true });
    const file = await open(unfinished, "wx", FILE_MODE);
    try {
      for await (const chunk of getHeapSnapshot()) await file.writeFile(chunk as Uint8Array);
      await file.close();
      await rename(unfinished, path);
    } catch (error) {
      await file.close();
      await rm(unfinished, { force: true });
      throw error;
    }
  }

  /** Ends a measurement that is under way; nothing is written. */
  [Symbol.dispose](): void {
    this.#session?.disconnect();
    this.#session = undefined;
  }
}

function post(session: Session, what: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    session.post(what, (error, result) => (error === null ? resolve(result) : reject(error)));
  });
}
