/**
 * Chains by the 32 bytes that messages name them with: found without making a text of them.
 *
 * @module
 */

import { bytesEqual } from "../../../core/bytes.ts";
import { ID_LENGTH } from "../../../core/ids/id.ts";

export class ChainTable<T> {
  /** By the first four bytes, which tell chains apart but where somebody has chosen an ID on purpose. */
  readonly #buckets = new Map<number, { readonly chainID: Uint8Array; readonly value: T }[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @returns `undefined` also for what is not 32 bytes. */
  get(chainID: Uint8Array): T | undefined {
    if (chainID.length !== ID_LENGTH) return undefined;
    const bucket = this.#buckets.get(key(chainID));
    if (bucket === undefined) return undefined;
    for (const entry of bucket) {
      if (bytesEqual(entry.chainID, chainID)) return entry.value;
    }
    return undefined;
  }

  /** @param chainID 32 bytes, that no chain of the table has. */
  add(chainID: Uint8Array, value: T): void {
    const bucket = this.#buckets.get(key(chainID));
    if (bucket === undefined) this.#buckets.set(key(chainID), [{ chainID, value }]);
    else bucket.push({ chainID, value });
    this.#size++;
  }

  delete(chainID: Uint8Array): void {
    const bucket = this.#buckets.get(key(chainID)) ?? [];
    const at = bucket.findIndex((entry) => bytesEqual(entry.chainID, chainID));
    if (at === -1) return;
    bucket.splice(at, 1);
    if (bucket.length === 0) this.#buckets.delete(key(chainID));
    this.#size--;
  }

  *values(): Generator<T, void, undefined> {
    for (const bucket of this.#buckets.values()) {
      for (const { value } of bucket) yield value;
    }
  }
}

/** A small integer, so that the map need not hash a text. */
function key(chainID: Uint8Array): number {
  const byte = (at: number) => chainID[at] as number;
  return byte(0) | (byte(1) << 8) | (byte(2) << 16) | (byte(3) << 24);
}
