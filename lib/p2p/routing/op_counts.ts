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

  /** Calls `fn` for each operation with a count other than 0, or, with `ever`, for each that has one there. */
  each(fn: (op: string, count: number) => void, ever: OpCounts = this): void {
    for (const op of ALL_OPS) {
      if (ever.get(op) !== 0) fn(opName(op), this.get(op));
    }
  }
}
