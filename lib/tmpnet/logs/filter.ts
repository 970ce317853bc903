/**
 * Which logs and entries are meant.
 *
 * @module
 */

import { isLoggedAt, type LineLevel } from "../../core/log.ts";
import { entryText, type LogEntry } from "./entry.ts";

/** Which entries of a log are wanted. */
export interface EntryFilter {
  /** No quieter than this. What has no level, such as the last words of a process, is always let through. */
  readonly level?: LineLevel | undefined;
  /** Found in the entry as it is shown: logger, file, message, further lines. */
  readonly grep?: RegExp | undefined;
}

/** Makes one question of a filter. */
export function entryMatcher({ level, grep }: EntryFilter): (entry: LogEntry) => boolean {
  // A pattern with "g" or "y" would go on where it left off.
  const pattern = grep === undefined ? undefined : new RegExp(grep.source, grep.flags.replace(/[gy]/g, ""));
  return (entry) =>
    (level === undefined || entry.level === undefined || isLoggedAt(entry.level, level)) &&
    (pattern === undefined || pattern.test(entryText(entry)));
}

/**
 * Whether a log is that of one of these chains.
 *
 * @param log Its file's name, such as `C.log`.
 * @param chains Aliases or blockchain IDs, or the beginning of an ID; `main` is the node's own log.
 */
export function isLogOfChain(log: string, chains: readonly string[]): boolean {
  const name = log.replace(/\.log$/, "");
  const isID = name.length > 40;
  return chains.some((chain) => name.toLowerCase() === chain.toLowerCase() || (isID && name.startsWith(chain)));
}
