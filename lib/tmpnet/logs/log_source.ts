/**
 * One log of one node, through all the files that it has become: what was put aside, the file of now, and what comes.
 *
 * @module
 */

import type { NodeID } from "../../core/ids/node_id.ts";
import { STDIO_LOG } from "../disk/layout.ts";
import type { LogEntry } from "./entry.ts";
import { EntryReader } from "./entry_reader.ts";
import { type AsideFile, asideFiles, fileStats, type NodeLog } from "./log_files.ts";
import { CHUNK_BYTES, OpenFile, unzippedPieces } from "./open_file.ts";
import { lineStartBefore, offsetOfTime } from "./seek.ts";

/** Which entries are wanted. */
export interface Wanted {
  /** Nothing earlier than this, in milliseconds since 1970-01-01 UTC. */
  readonly since: number;
  /** No more than the last so many of those that match. */
  readonly tail: number;
  readonly matches: (entry: LogEntry) => boolean;
  /** Ends the reading early. */
  readonly signal?: AbortSignal | undefined;
}

/** How much of a file's end is looked through first for its last entries, in bytes; then eight times as much. */
const FIRST_WINDOW_BYTES = 256 * 1024;

/** How many entries too many are kept before they are let go of. */
const TRIM_ENTRIES = 4_096;

/** And how much text: an entry may have a million characters. */
const TRIM_CHARACTERS = 2 ** 24;

/** The most that one look reads of what has come, in bytes: a log that grows faster is read at the next. */
const POLL_BYTES = 4 * 1024 * 1024;

export class LogSource implements Disposable {
  readonly #log: NodeLog;
  readonly #nodeID: NodeID;
  readonly #buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  #file: OpenFile | undefined;
  #reader: EntryReader | undefined;
  /** Files put aside that were there when `#file` was opened: what it becomes is not among them. */
  #asideThen = new Set<string>();

  constructor(nodeID: NodeID, log: NodeLog) {
    this.#nodeID = nodeID;
    this.#log = log;
  }

  /** The log's file. */
  get path(): string {
    return this.#log.path;
  }

  /** What is there now, oldest first, in batches. Call it once; {@link poll} goes on where it ends. */
  async *history(wanted: Wanted): AsyncGenerator<LogEntry[]> {
    const { since, tail } = wanted;
    const current = this.#open();
    const aside = asideFiles(this.#log).filter(({ at }) => at >= since);
    if (tail === Number.POSITIVE_INFINITY) {
      for (const file of aside) yield* chosen(this.#asideEntries(file), wanted);
      if (current !== undefined) yield* chosen(this.#entriesTo(current.stats.size, since), wanted);
      return;
    }
    if (tail > 0) yield await this.#lastEntries(wanted, aside);
    else if (current !== undefined) current.offset = lineStartBefore(current, current.stats.size);
  }

  /**
   * What has come since the last look, as far as it is whole: the last entry waits for one look, as lines that belong
   * to it may follow.
   */
  poll(): LogEntry[] {
    const file = this.#file;
    if (file === undefined) return this.#open() === undefined ? [] : this.#readOn();
    const now = fileStats(this.#log.path);
    const entries = this.#readOn();
    if (now !== undefined && now.ino === file.inode) return entries;
    if (file.offset < file.stats.size) return entries; // what is put aside is read to its end first
    entries.push(...(this.#reader?.flush() ?? []));
    this.#close();
    if (now === undefined) return entries;

    // It was put aside, perhaps more than once: the first of those that are new is what was read.
    const then = this.#asideThen;
    const between = asideFiles(this.#log).filter(({ key }) => !then.has(key));
    for (const { path } of between.slice(1)) entries.push(...this.#whole(path));
    if (this.#open() !== undefined) entries.push(...this.#readOn());
    return entries;
  }

  [Symbol.dispose](): void {
    this.#close();
  }

  #open(): OpenFile | undefined {
    if (fileStats(this.#log.path) === undefined) return undefined;
    try {
      this.#asideThen = new Set(asideFiles(this.#log).map(({ key }) => key));
      this.#file = new OpenFile(this.#log.path);
    } catch {
      return undefined; // gone meanwhile, or not ours to read
    }
    this.#reader = this.#newReader(this.#file.stats.mtimeMs);
    return this.#file;
  }

  #close(): void {
    this.#file?.[Symbol.dispose]();
    this.#file = undefined;
    this.#reader = undefined;
  }

  #newReader(latest: number): EntryReader {
    const { name } = this.#log;
    return new EntryReader({ nodeID: this.#nodeID, log: name, onlyPrinted: name === STDIO_LOG }, latest);
  }

  #readOn(): LogEntry[] {
    const { offset, stats } = this.#file as OpenFile;
    if (stats.size < offset) {
      // It was emptied.
      const entries = this.#reader?.flush() ?? [];
      (this.#file as OpenFile).offset = 0;
      this.#reader = this.#newReader(stats.mtimeMs);
      return entries;
    }
    const reader = this.#reader as EntryReader;
    if (stats.size === offset) return reader.flush();
    reader.latest = stats.mtimeMs;
    const entries: LogEntry[] = [];
    const end = Math.min(stats.size, offset + POLL_BYTES);
    for (let bytes = this.#read(end); bytes.length > 0; bytes = this.#read(end)) entries.push(...reader.push(bytes));
    return entries;
  }

  #read(end: number): Buffer {
    return (this.#file as OpenFile).read(this.#buffer, end);
  }

  /** A file that was put aside between two looks. It is no larger than a node lets its logs grow. */
  #whole(path: string): LogEntry[] {
    try {
      using file = new OpenFile(path);
      const reader = this.#newReader(file.stats.mtimeMs);
      const entries: LogEntry[] = [];
      for (let bytes = file.read(this.#buffer); bytes.length > 0; bytes = file.read(this.#buffer)) {
        entries.push(...reader.push(bytes));
      }
      return [...entries, ...reader.flush()];
    } catch {
      return []; // removed, or compressed meanwhile
    }
  }

  /** The current file up to a place, from the first line of `since` on. */
  async *#entriesTo(end: number, since: number): AsyncGenerator<LogEntry[]> {
    const file = this.#file as OpenFile;
    file.offset = since === Number.NEGATIVE_INFINITY ? 0 : offsetOfTime(file, end, since);
    yield* this.#entriesFromHere(end);
  }

  async *#entriesFromHere(end: number): AsyncGenerator<LogEntry[]> {
    const reader = this.#reader as EntryReader;
    for (let bytes = this.#read(end); bytes.length > 0; bytes = this.#read(end)) yield reader.push(bytes);
    yield reader.flush();
  }

  async *#asideEntries({ path, at }: AsideFile): AsyncGenerator<LogEntry[]> {
    const reader = this.#newReader(at);
    if (path.endsWith(".gz")) {
      for await (const piece of unzippedPieces(path)) yield reader.push(piece);
    } else {
      try {
        using file = new OpenFile(path);
        for (let bytes = file.read(this.#buffer); bytes.length > 0; bytes = file.read(this.#buffer)) {
          yield reader.push(bytes);
        }
      } catch {
        // Removed, or compressed, between two looks.
      }
    }
    yield reader.flush();
  }

  /** The last of the entries that match: from the end backwards, more and more, until there are enough. */
  async #lastEntries(wanted: Wanted, aside: readonly AsideFile[]): Promise<LogEntry[]> {
    const { tail, since } = wanted;
    let found: LogEntry[] = [];
    const file = this.#file;
    if (file !== undefined) {
      const end = file.stats.size;
      const first = since === Number.NEGATIVE_INFINITY ? 0 : offsetOfTime(file, end, since);
      for (let window = FIRST_WINDOW_BYTES; ; window *= 8) {
        file.offset = Math.max(first, lineStartBefore(file, Math.max(first, end - window)));
        const isAll = file.offset <= first;
        this.#reader = this.#newReader(file.stats.mtimeMs);
        found = await lastOf(chosen(this.#entriesFromHere(end), wanted), tail);
        if (isAll || found.length >= tail) break;
      }
    }
    for (const older of aside.toReversed()) {
      if (found.length >= tail) break;
      found = [...(await lastOf(chosen(this.#asideEntries(older), wanted), tail - found.length)), ...found];
    }
    return found;
  }
}

/** Those that are wanted. The loop of events has a turn after each batch: reading goes on for gigabytes. */
async function* chosen(batches: AsyncGenerator<LogEntry[]>, wanted: Wanted): AsyncGenerator<LogEntry[]> {
  const { since, matches, signal } = wanted;
  for await (const batch of batches) {
    yield batch.filter((entry) => entry.time >= since && matches(entry));
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (signal?.aborted) return;
  }
}

async function lastOf(batches: AsyncGenerator<LogEntry[]>, count: number): Promise<LogEntry[]> {
  let last: LogEntry[] = [];
  let characters = 0;
  for await (const batch of batches) {
    for (const entry of batch) {
      last.push(entry);
      characters += entry.said.length;
    }
    if (last.length <= 2 * count + TRIM_ENTRIES && characters <= TRIM_CHARACTERS) continue;
    last = last.slice(-count);
    characters = 0;
  }
  return last.slice(-count);
}
