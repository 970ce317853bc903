/**
 * Reads a node's logs: whether it said FATAL since it was started, and what it said last.
 *
 * What is read may hold the words of strangers: control characters are taken out before it is shown.
 *
 * @module
 */

import { closeSync, fstatSync, readSync, statSync } from "node:fs";
import { openPlainFile } from "../../core/plain_file.ts";

/** How many lines of a log are quoted. */
export const TAIL_LINES = 12;

/** How much of a line is quoted: enough for what is wrong, too little for the keys in a node's first lines. */
export const QUOTED_LINE_LENGTH = 240;

/** How much of a FATAL line is quoted: its cause stands at its end. */
const FATAL_LINE_LENGTH = 2_000;

/** How much of a log's end is looked at, in bytes. */
const TAIL_BYTES = 64 * 1024;

/** The most that one look reads, in bytes: a log that grows faster is read at the next. */
const WATCH_BYTES = 1024 * 1024;

/**
 * A line that says FATAL as its level: avalanchego's plain form, its JSON form, or the bare word.
 *
 * The word elsewhere in a line may be anybody's.
 */
const FATAL_LINE = /^(?:\[[^\]]*\]\s*)?FATAL\b|^\{.*"level":\s*"fatal"/i;

/** Watches a log for FATAL, from the moment that it is made. */
export class LogWatch {
  readonly path: string;
  #inode: number;
  #offset: number;
  #rest = "";
  #fatal: string | undefined;

  /** @param path The log; it need not be there yet. What it holds now is passed over. */
  constructor(path: string) {
    this.path = path;
    const now = statSync(path, { throwIfNoEntry: false });
    this.#inode = now?.ino ?? 0;
    this.#offset = now?.size ?? 0;
  }

  /** Reads what has come since the last look: the first FATAL line so far, if any, made fit to be shown. */
  poll(): string | undefined {
    if (this.#fatal !== undefined) return this.#fatal;
    const lines = (this.#rest + this.#readNew()).split("\n");
    this.#rest = lines.pop() ?? "";
    this.#fatal = lines.map((line) => presentable(line, FATAL_LINE_LENGTH)).find((line) => FATAL_LINE.test(line));
    return this.#fatal;
  }

  #readNew(): string {
    let fd: number;
    try {
      fd = openPlainFile(this.path);
    } catch {
      return "";
    }
    try {
      const { ino, size } = fstatSync(fd);
      if (ino !== this.#inode || size < this.#offset) {
        // The log was turned over, or begun anew.
        this.#inode = ino;
        this.#offset = 0;
        this.#rest = "";
      }
      const buffer = Buffer.alloc(Math.min(size - this.#offset, WATCH_BYTES));
      const length = readSync(fd, buffer, 0, buffer.length, this.#offset);
      this.#offset += length;
      return buffer.toString("utf8", 0, length);
    } finally {
      closeSync(fd);
    }
  }
}

/** The last lines of a log, made fit to be shown; none when it cannot be read. */
export function tailLines(path: string, count = TAIL_LINES): string[] {
  let text: string;
  try {
    const fd = openPlainFile(path);
    try {
      const { size } = fstatSync(fd);
      const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
      const length = readSync(fd, buffer, 0, buffer.length, size - buffer.length);
      text = buffer.toString("utf8", 0, length);
    } finally {
      closeSync(fd);
    }
  } catch {
    return [];
  }
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.slice(-count).map((line) => presentable(line));
}

/** A line without colours and control characters, and not too long. */
export function presentable(line: string, maxLength = QUOTED_LINE_LENGTH): string {
  const plain = line
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    .replace(/\u001b\[[0-9;]*[A-Za-z]/g, "")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "")
    .trimEnd();
  return plain.length > maxLength ? `${plain.slice(0, maxLength)}…` : plain;
}
