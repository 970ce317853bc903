/**
 * Several logs as one, in the order of time.
 *
 * @module
 */

import type { LogEntry } from "./entry.ts";

/** How many entries are handed on at a time. */
const BATCH_ENTRIES = 1_024;

/** And at most about so much text: an entry may have a million characters. */
const BATCH_CHARACTERS = 2 ** 20;

/** A log that is not at its end, with the next of its entries. */
interface Lane {
  readonly batches: AsyncGenerator<LogEntry[]>;
  batch: readonly LogEntry[];
  at: number;
  /** The time of its next entry, or of one before that was later: a log's own order is kept. */
  time: number;
  readonly order: number;
}

/**
 * Merges logs. Each keeps its own order; of entries of one time, those of the log that was named first come first.
 *
 * @param sources Batches of entries, oldest first; none is asked for more than what comes next.
 */
export async function* mergeByTime(sources: readonly AsyncGenerator<LogEntry[]>[]): AsyncGenerator<LogEntry[]> {
  const lanes: Lane[] = [];
  try {
    for (const [order, batches] of sources.entries()) {
      const lane: Lane = { batches, batch: [], at: 0, time: Number.NEGATIVE_INFINITY, order };
      if (await advance(lane)) insert(lanes, lane);
    }
    let merged: LogEntry[] = [];
    let characters = 0;
    while (lanes.length > 0) {
      const lane = lanes.pop() as Lane;
      // As long as it is ahead of all others nothing has to be put in order.
      const next = lanes.at(-1);
      let goesOn = true;
      while (goesOn && (next === undefined || isBefore(lane, next))) {
        const entry = lane.batch[lane.at++] as LogEntry;
        merged.push(entry);
        characters += entry.said.length;
        if (merged.length >= BATCH_ENTRIES || characters >= BATCH_CHARACTERS) {
          yield merged;
          merged = [];
          characters = 0;
        }
        goesOn = lane.at < lane.batch.length ? true : await advance(lane);
        if (goesOn) lane.time = Math.max(lane.time, (lane.batch[lane.at] as LogEntry).time);
      }
      if (goesOn) insert(lanes, lane);
    }
    if (merged.length > 0) yield merged;
  } finally {
    await Promise.all(sources.map((batches) => batches.return(undefined)));
  }
}

/** Sorts entries as {@link mergeByTime} would: stable, so that those of one log keep their order where times are equal. */
export function sortByTime(entries: LogEntry[]): LogEntry[] {
  return entries.sort((a, b) => a.time - b.time);
}

/** Fetches a lane's next entries; `false` at its end. */
async function advance(lane: Lane): Promise<boolean> {
  for (;;) {
    const { value, done } = await lane.batches.next();
    if (done) return false;
    if (value.length === 0) continue;
    lane.batch = value;
    lane.at = 0;
    lane.time = Math.max(lane.time, (value[0] as LogEntry).time);
    return true;
  }
}

function isBefore(a: Lane, b: Lane): boolean {
  return a.time === b.time ? a.order < b.order : a.time < b.time;
}

/** Puts a lane in its place: the next to be read is last. */
function insert(lanes: Lane[], lane: Lane): void {
  let low = 0;
  let high = lanes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(lane, lanes[middle] as Lane)) low = middle + 1;
    else high = middle;
  }
  lanes.splice(low, 0, lane);
}
