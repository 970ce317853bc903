/**
 * What was made of bytes lately, by those bytes.
 *
 * For work that strangers cause and that gives the same each time: keys are the exact bytes, and no more than a limit
 * is held, so that whoever sends ever new bytes has them worked on as if there were no cache, and fills no memory.
 *
 * @module
 */

export class BytesCache<Value> {
  readonly #values = new Map<string, Value>();
  readonly #limit: number;

  /** @param limit How many values are held; one more makes the oldest give way. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get(bytes: Uint8Array): Value | undefined {
    return this.#values.get(textOf(bytes));
  }

  /**
   * The value of these bytes, made where it is not there.
   *
   * @param make Where it gives `undefined` or throws, nothing is held, and that is what comes of it.
   */
  getOrAdd<Made extends Value | undefined>(bytes: Uint8Array, make: () => Made): Value | Made {
    const text = textOf(bytes);
    const known = this.#values.get(text);
    if (known !== undefined) return known;
    const made = make();
    if (made !== undefined) this.#add(text, made);
    return made;
  }

  #add(text: string, value: Value): void {
    if (this.#values.size >= this.#limit) {
      const [oldest] = this.#values.keys();
      this.#values.delete(oldest as string);
    }
    this.#values.set(text, value);
  }
}

/** One character a byte. */
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
