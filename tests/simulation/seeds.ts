/**
 * Everything that is drawn in a simulation comes from its one seed, each purpose with a sequence of its own: what one
 * node draws moves nothing in another.
 *
 * @module
 */

import { sha256 } from "../../lib/core/hashing.ts";
import { type Random, seededRandom } from "../../lib/core/random.ts";

/** 32 bytes that belong to a seed and a purpose. */
export function seededBytes(seed: number, purpose: string): Uint8Array {
  return sha256(new TextEncoder().encode(`${seed}/${purpose}`));
}

/** The sequence that belongs to a seed and a purpose. */
export function randomFor(seed: number, purpose: string): Random {
  const bytes = seededBytes(seed, purpose);
  return seededRandom(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0));
}
