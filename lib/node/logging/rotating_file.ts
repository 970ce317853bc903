/**
 * A log file that is put aside when it is full, and the files put aside before (upstream uses lumberjack: the same
 * names, limits and order).
 *
 * A failing disk never fails the caller: what cannot be written is counted and dropped.
 *
 * @module
 */

import {
  closeSync,
  createReadStream,
  createWriteStream,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Clock } from "../../core/clock.ts";
import { systemErrorCode } from "../../core/errors.ts";
import { readPlainFile } from "../../core/plain_file.ts";

/** When files are put aside and how long they are kept. */
export interface RotationOptions {
  /** A file is put aside before it grows beyond this; 0 stands for {@link DEFAULT_MAX_BYTES}. */
  readonly maxBytes: number;
  /** How many files put aside are kept; 0 for all. */
  readonly maxFiles: number;
  /** How many days files put aside are kept; 0 for ever. */
  readonly maxAgeDays: number;
  /** Whether files put aside are compressed with gzip. */
  readonly compress: boolean;
}

/** What a limit of 0 means: 100 MiB (upstream's lumberjack `defaultMaxSize`). */
export const DEFAULT_MAX_BYTES = 100 * 2 ** 20;

/** Others of the group may read logs, strangers may not. */
const FILE_MODE = 0o640;
const DIRECTORY_MODE = 0o750;

const NEWLINE = Buffer.from("\n");

const DAY_MS = 24 * 60 * 60 * 1_000;

/** An append-only file that keeps within its limits. */
export class RotatingFile {
  readonly #clock: Clock;
  readonly #directory: string;
  readonly #name: string;
  readonly #options: RotationOptions;
  readonly #maxBytes: number;
  #handle: number | undefined;
  #bytes = 0;
  /** The file ends within a line: the disk was full before the rest of it. */
  #torn = false;
  #lookedForDeath = false;
  #dropped = 0;
  #closed = false;
  #tidying: Promise<void> = Promise.resolve();

  /** @param name Such as `main`: the file is `main.log`. Nothing is opened before the first line. */
  constructor(modules: { readonly clock: Clock }, directory: string, name: string, options: RotationOptions) {
    this.#clock = modules.clock;
    this.#directory = directory;
    this.#name = name;
    this.#options = options;
    this.#maxBytes = options.maxBytes === 0 ? DEFAULT_MAX_BYTES : options.maxBytes;
  }

  /** How many lines could not be written since the last that was. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Opens the file, so that a directory that cannot be written is known at once.
   *
   * A file of an earlier run that holds the word FATAL is put aside first: that death is told already.
   *
   * @throws System errors of the directory or file.
   */
  open(): void {
    if (this.#handle !== undefined || this.#closed) return;
    mkdirSync(this.#directory, { recursive: true, mode: DIRECTORY_MODE });
    if (!this.#lookedForDeath && this.#holdsFatal()) this.#putAside();
    this.#lookedForDeath = true;
    this.#handle = openSync(this.#path, "a", FILE_MODE);
    this.#bytes = fstatSync(this.#handle).size;
    this.#tidy();
  }

  /** Appends a line. */
  write(line: string): void {
    if (this.#closed) return;
    try {
      this.open();
      const bytes = Buffer.from(line);
      if (this.#bytes > 0 && this.#bytes + bytes.length > this.#maxBytes) this.#rotate();
      if (this.#torn) this.#append(NEWLINE);
      this.#torn = false;
      this.#append(bytes);
      this.#dropped = 0;
    } catch {
      this.#dropped++;
    }
  }

  /** A disk that is nearly full takes the beginning of what is written. */
  #append(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const written = writeSync(this.#handle as number, bytes, done);
      this.#bytes += written;
      done += written;
      this.#torn = done < bytes.length;
      if (written === 0) throw new Error("nothing was written");
    }
  }

  /** Closes the file and waits for what is being compressed. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#handle !== undefined) closeSync(this.#handle);
    this.#handle = undefined;
    await this.#tidying;
  }

  get #path(): string {
    return join(this.#directory, `${this.#name}.log`);
  }

  #holdsFatal(): boolean {
    try {
      return readPlainFile(this.#path, Number.MAX_SAFE_INTEGER).includes("FATAL");
    } catch (error) {
      if (systemErrorCode(error) === "ENOENT") return false;
      throw error;
    }
  }

  #rotate(): void {
    if (this.#handle !== undefined) closeSync(this.#handle);
    this.#handle = undefined;
    this.#putAside();
    this.open();
  }

  #putAside(): void {
    for (let timeMs = this.#clock.now(); ; timeMs++) {
      const stamp = new Date(timeMs).toISOString().slice(0, -1).replaceAll(":", "-");
      const aside = join(this.#directory, `${this.#name}-${stamp}.log`);
      // Two files of one millisecond are both kept.
      if (existsSync(aside) || existsSync(`${aside}.gz`)) continue;
      renameSync(this.#path, aside);
      this.#torn = false;
      return;
    }
  }

  /** Removes what is too much or too old, and compresses the rest, in the background. */
  #tidy(): void {
    this.#tidying = this.#tidying.then(() => this.#tidyOnce()).catch(() => {});
  }

  async #tidyOnce(): Promise<void> {
    const { maxFiles, maxAgeDays, compress } = this.#options;
    if (maxFiles === 0 && maxAgeDays === 0 && !compress) return;
    const oldest = maxAgeDays === 0 ? Number.NEGATIVE_INFINITY : this.#clock.now() - maxAgeDays * DAY_MS;
    const kept = this.#filesPutAside().filter(({ path, timeMs }, i) => {
      if ((maxFiles === 0 || i < maxFiles) && timeMs >= oldest) return true;
      rmSync(path, { force: true });
      return false;
    });
    if (!compress) return;
    for (const { path } of kept) {
      if (path.endsWith(".gz")) continue;
      await compressFile(path);
    }
  }

  /** The newest first. */
  #filesPutAside(): { readonly path: string; readonly timeMs: number }[] {
    const found: { path: string; timeMs: number }[] = [];
    for (const name of readdirSync(this.#directory)) {
      if (!name.startsWith(`${this.#name}-`)) continue;
      const match = /^(\d{4}-\d\d-\d\dT)(\d\d)-(\d\d)-(\d\d\.\d{3})\.log(?:\.gz)?$/.exec(
        name.slice(this.#name.length + 1),
      );
      if (match === null) continue;
      const [, date, hour, minute, second] = match;
      const timeMs = Date.parse(`${date}${hour}:${minute}:${second}Z`);
      found.push({ path: join(this.#directory, name), timeMs });
    }
    return found.sort((a, b) => b.timeMs - a.timeMs);
  }
}

/** Puts `<path>.gz` in a file's place, whole or not at all: on a full disk the file stays as it is. */
async function compressFile(path: string): Promise<void> {
  const partial = `${path}.gz.partial`;
  try {
    await pipeline(createReadStream(path), createGzip(), createWriteStream(partial, { mode: FILE_MODE }));
    renameSync(partial, `${path}.gz`);
    rmSync(path, { force: true });
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}
