/**
 * Timers that wait, the next one at the top: a binary heap in which each timer knows its place, so that one that is
 * cancelled leaves at once and holds nothing.
 *
 * @module
 */

/** What the heap orders: by time, and by the order of making where times are equal. */
export interface HeapTimer {
  /** When it is due. Changed only between {@link TimerHeap.remove} and {@link TimerHeap.add}. */
  at: number;
  readonly order: number;
  /** Its place in the heap, or {@link NOT_IN_HEAP}. The heap's own. */
  place: number;
}

/** The place of a timer that does not wait. */
export const NOT_IN_HEAP = -1;

export class TimerHeap<T extends HeapTimer> {
  readonly #timers: T[] = [];

  get size(): number {
    return this.#timers.length;
  }

  /** The timer that is due first, left where it is. */
  get first(): T | undefined {
    return this.#timers[0];
  }

  add(timer: T): void {
    this.#rise(timer, this.#timers.length);
  }

  /** Takes a timer out. Harmless for one that does not wait. */
  remove(timer: T): void {
    const { place } = timer;
    if (place === NOT_IN_HEAP) return;
    timer.place = NOT_IN_HEAP;
    const last = this.#timers.pop() as T;
    if (last === timer) return;

    // The last one fills the gap. It may be due before what stood above the gap, or after what stands below.
    const above = this.#timers[(place - 1) >> 1] as T;
    if (place > 0 && isBefore(last, above)) this.#rise(last, place);
    else this.#sink(last, place);
  }

  /** Puts a timer at a free place, or above it where it is due before those that stand there. */
  #rise(timer: T, from: number): void {
    const timers = this.#timers;
    let place = from;
    while (place > 0) {
      const aboveAt = (place - 1) >> 1;
      const above = timers[aboveAt] as T;
      if (!isBefore(timer, above)) break;
      timers[place] = above;
      above.place = place;
      place = aboveAt;
    }
    timers[place] = timer;
    timer.place = place;
  }

  /** Puts a timer at a free place, or below it where those that stand there are due before it. */
  #sink(timer: T, from: number): void {
    const timers = this.#timers;
    const { length } = timers;
    let place = from;
    for (let belowAt = 2 * place + 1; belowAt < length; belowAt = 2 * place + 1) {
      let below = timers[belowAt] as T;
      const right = timers[belowAt + 1];
      if (right !== undefined && isBefore(right, below)) {
        below = right;
        belowAt++;
      }
      if (!isBefore(below, timer)) break;
      timers[place] = below;
      below.place = place;
      place = belowAt;
    }
    timers[place] = timer;
    timer.place = place;
  }
}

function isBefore(a: HeapTimer, b: HeapTimer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
