/**
 * A line of things: in at the end, out at the front, at no cost that grows with its length.
 *
 * @module
 */

/** So many places at the front may stand empty before the rest is moved up. */
const MAX_EMPTY = 1_024;

export class Deque<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  pushRight(item: T): void {
    this.#items.push(item);
  }

  /** @returns `undefined` when nothing is left. */
  popLeft(): T | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length) {
      this.#items.length = 0;
      this.#head = 0;
    } else if (this.#head > MAX_EMPTY && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}
