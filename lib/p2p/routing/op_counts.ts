/**
 * Plain numbers by operation: what a hot path can afford to count.
 *
 * @module
 */

import { ALL_OPS, type Op, opName } from "../message/ops.ts";

export class OpCounts {
  readonly #counts = new Float64Array(ALL_OPS.length);

  add(op: Op, value = 1): void {
    this.#counts[op] = (this.#counts[op] as number) + value;
  }

  get(op: Op): number {
    return this.#counts[op] as number;
  }

  get total(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  clear(): void {
    this.#counts.fill(0);
  }

  /** The names and counts of operations with a count other than 0, or, with `ever`, of those that have one there. */
  *entries(ever: OpCounts = this): Generator<[op: string, count: number], void, undefined> {
    for (const op of ALL_OPS) {
      if (ever.get(op) !== 0) yield [opName(op), this.get(op)];
    }
  }
}
