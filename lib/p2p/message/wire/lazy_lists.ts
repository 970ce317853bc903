/**
 * Repeated fields of large messages, made when they are asked for.
 *
 * Two bytes on the wire can be an entry, and a few hundred bytes, well compressed, a million of them: made at once they
 * would cost tens of times the memory that the message was charged for, and most are thrown away by the first check of
 * the first entry. So the entries are checked when the message is read, and made one by one by who wants them.
 *
 * @module
 */

import type { FieldPlan, Fields } from "./plan.ts";

/** Makes the entries of one repeated field that lie between two positions of a message that was checked. */
export type ReadEntries = (field: FieldPlan, start: number, end: number) => Iterable<unknown>;

/** Where a message keeps its lists until they are asked for; not enumerable. */
const LISTS = Symbol("lists");

interface List {
  readonly field: FieldPlan;
  count: number;
  /** Entries of an earlier part of the message that was small enough to be read at once. */
  readonly made: readonly unknown[];
}

/** The lists of one message. */
export class LazyLists {
  readonly #message: Fields;
  readonly #read: ReadEntries;
  readonly #lists = new Map<string, List>();
  /** The one that was added to last: entries of one list mostly follow each other. */
  #last: List | undefined;
  /** Starts and ends of the parts that the message came in, by turns. */
  readonly #parts: number[] = [];

  private constructor(message: Fields, read: ReadEntries) {
    this.#message = message;
    this.#read = read;
  }

  /** The lists that a message keeps already. */
  static of(message: object): LazyLists | undefined {
    return (message as { [LISTS]?: LazyLists })[LISTS];
  }

  /** Lets a message keep lists. */
  static attach(message: Fields, read: ReadEntries): LazyLists {
    const lists = new LazyLists(message, read);
    Object.defineProperty(message, LISTS, { value: lists });
    return lists;
  }

  /** Notes entries that were checked. */
  add(field: FieldPlan, count: number): void {
    if (this.#last?.field !== field) this.#last = this.#list(field);
    this.#last.count += count;
  }

  /** Notes where the entries that were added lie. */
  addPart(start: number, end: number): void {
    this.#parts.push(start, end);
  }

  /** @returns The entries of a list, or `undefined` for one that is made, or that is an array as usual. */
  entries(name: string): Iterable<unknown> | undefined {
    const list = this.#lists.get(name);
    return list === undefined ? undefined : this.#entries(list);
  }

  /** @returns As {@link entries}. */
  count(name: string): number | undefined {
    const list = this.#lists.get(name);
    return list === undefined ? undefined : list.made.length + list.count;
  }

  #list(field: FieldPlan): List {
    let list = this.#lists.get(field.name);
    if (list === undefined) {
      list = { field, count: 0, made: this.#message[field.name] as unknown[] };
      this.#lists.set(field.name, list);
      this.#define(field.name);
    }
    return list;
  }

  *#entries({ field, made }: List): Iterable<unknown> {
    yield* made;
    for (let part = 0; part < this.#parts.length; part += 2) {
      yield* this.#read(field, this.#parts[part] as number, this.#parts[part + 1] as number);
    }
  }

  /** Who reads the property gets the array that the type promises, and it is made only once. */
  #define(name: string): void {
    Object.defineProperty(this.#message, name, {
      configurable: true,
      enumerable: true,
      get: () => {
        const value = [...(this.entries(name) as Iterable<unknown>)];
        this.#lists.delete(name);
        Object.defineProperty(this.#message, name, { configurable: true, enumerable: true, writable: true, value });
        return value;
      },
    });
  }
}

/** The repeated fields of a message. */
type ListName<M> = { [K in keyof M]: M[K] extends readonly unknown[] ? K : never }[keyof M] & string;
type Entry<M, K extends keyof M> = M[K] extends readonly (infer E)[] ? E : never;

/**
 * The entries of a repeated field, made one by one where the message is large: who stops at the first bad one has paid
 * for no more.
 *
 * @example
 * ```ts
 * for (const claim of entriesOf(peerList, "claimedIpPorts")) check(claim);
 * ```
 */
export function entriesOf<M extends object, K extends ListName<M>>(message: M, name: K): Iterable<Entry<M, K>> {
  return (LazyLists.of(message)?.entries(name) ?? message[name]) as Iterable<Entry<M, K>>;
}

/** How many entries a repeated field has; none is made for it. */
export function countOf<M extends object, K extends ListName<M>>(message: M, name: K): number {
  return LazyLists.of(message)?.count(name) ?? (message[name] as readonly unknown[]).length;
}
