/**
 * The times of avalanchego's lines: `01-02|15:04:05.000`, local time, with neither year nor zone.
 *
 * The year is the last one that does not put the line after its file was last written. Where clocks are set back, an
 * hour occurs twice: lines that seem to go back by one are of the second.
 *
 * @module
 */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** How far back clocks must seem to go before they are taken to have been set back, in milliseconds. */
const SET_BACK_MS = HOUR_MS / 2;

/** A leap day is eight years from the last at most. */
const MAX_YEARS_BACK = 8;

/** Reads the times of one file's lines, in their order. */
export class LineTimes {
  #latest: number;
  #hour = "";
  #hourMs = 0;
  #last = Number.NEGATIVE_INFINITY;

  /** @param latest No line is later than this by more than a day, in milliseconds since 1970-01-01 UTC. */
  constructor(latest: number) {
    this.#latest = latest;
  }

  /** The file has grown since. */
  set latest(ms: number) {
    this.#latest = Math.max(this.#latest, ms);
  }

  /** @returns Milliseconds since 1970-01-01 UTC. */
  read(stamp: string): number {
    const hour = stamp.slice(0, 8);
    if (hour !== this.#hour) {
      this.#hour = hour;
      this.#hourMs = hourOf(stamp, this.#latest);
    }
    const within = Number(stamp.slice(9, 11)) * 60_000 + Number(stamp.slice(12, 14)) * 1_000 + Number(stamp.slice(15));
    const time = this.#hourMs + within;
    if (time < this.#last - SET_BACK_MS && new Date(time + HOUR_MS).getHours() === new Date(time).getHours()) {
      this.#hourMs += HOUR_MS; // for all of this hour
      this.#last = time + HOUR_MS;
    } else {
      this.#last = time;
    }
    return this.#last;
  }
}

function hourOf(stamp: string, latest: number): number {
  const month = Number(stamp.slice(0, 2)) - 1;
  const day = Number(stamp.slice(3, 5));
  const hour = Number(stamp.slice(6, 8));
  const thisYear = new Date(latest + DAY_MS).getFullYear();
  for (let back = 0; back <= MAX_YEARS_BACK; back++) {
    const date = new Date(thisYear - back, month, day, hour);
    if (date.getMonth() === month && date.getTime() <= latest + DAY_MS) return date.getTime();
  }
  return latest; // no day of any calendar
}
