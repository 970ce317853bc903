/**
 * Finds places in a log without reading all of it: the line that a place lies in, and the first line of a time.
 *
 * @module
 */

import { parseJSONHead, parsePlainHead } from "./entry.ts";
import { MAX_LINE_BYTES } from "./entry_reader.ts";
import { LineTimes } from "./line_time.ts";
import type { OpenFile } from "./open_file.ts";

/** How much is looked at for a line's end at a time, in bytes. */
const LOOK_BYTES = 16 * 1024;

/** Files of this size are read through, in bytes: that is as quick. */
const SEEK_WORTH_BYTES = 1024 * 1024;

/** How far a line may be from its time's place, in milliseconds: threads take turns at a log. */
const DISORDER_MS = 2_000;

const LINE_END = 0x0a;

/** Where the line begins that a place lies in; 0 where no line end is near. */
export function lineStartBefore(file: OpenFile, position: number): number {
  let end = position;
  while (end > 0 && position - end <= MAX_LINE_BYTES) {
    const start = Math.max(0, end - LOOK_BYTES);
    const at = file.readAt(start, end - start).lastIndexOf(LINE_END);
    if (at >= 0) return start + at + 1;
    end = start;
  }
  return end;
}

/**
 * A place before the first line of a time or later, by halving; lines are taken to stand in the order of their times.
 *
 * @param end Where the file is taken to end.
 */
export function offsetOfTime(file: OpenFile, end: number, time: number): number {
  const latest = file.stats.mtimeMs;
  let low = 0;
  let high = end;
  while (high - low > SEEK_WORTH_BYTES) {
    const middle = low + Math.floor((high - low) / 2);
    const found = timeAfter(file, middle, high, latest);
    if (found === undefined || found >= time - DISORDER_MS) high = middle;
    else low = middle;
  }
  return low === 0 ? 0 : lineStartBefore(file, low);
}

/** The time of the first line that begins after a place. */
function timeAfter(file: OpenFile, position: number, end: number, latest: number): number | undefined {
  for (let at = position; at < Math.min(end, position + MAX_LINE_BYTES); at += LOOK_BYTES) {
    // Lines that lie across two looks are begun again by the overlap.
    const text = file.readAt(at, 2 * LOOK_BYTES).toString("latin1");
    for (const line of text.split("\n").slice(1)) {
      const plain = parsePlainHead(line);
      if (plain !== undefined) return new LineTimes(latest).read(plain.stamp);
      const json = parseJSONHead(line);
      if (json !== undefined) return json.time;
    }
  }
  return undefined;
}
