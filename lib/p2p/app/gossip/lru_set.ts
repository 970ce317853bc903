/**
 * A set that forgets what was longest not asked for.
 *
 * @module
 */

export class LRUSet<K> {
  readonly #keys = new Set<K>();
  readonly #capacity: number;

  /** @param capacity Keys that it holds at most; at least one is held, as upstream's cache does. */
  constructor(capacity: number) {
    this.#capacity = Math.max(1, capacity);
  }

  add(key: K): void {
    this.#keys.delete(key);
    this.#keys.add(key);
    if (this.#keys.size <= this.#capacity) return;
    const [oldest] = this.#keys;
    this.#keys.delete(oldest as K);
  }

  /** Whether it is there; asking makes it young. */
  has(key: K): boolean {
    if (!this.#keys.has(key)) return false;
    this.add(key);
    return true;
  }
}
