/**
 * On which chain an app runs.
 *
 * @module
 */

import { sha256 } from "../../../core/hashing.ts";
import { type ID, idFromBytes } from "../../../core/ids/id.ts";

/** What goes before a name, so that no other hash of it is an app's chain. */
const DOMAIN = "avx app: ";

/**
 * The chain ID of an app: sha256 of `avx app: ` and its name, in UTF-8. It depends on nothing else, so that all nodes of
 * all networks agree on it, and no chain of avalanchego has it.
 *
 * @example
 * ```ts
 * appChainID("counter"); // "2pQyG…"
 * ```
 */
export function appChainID(name: string): ID {
  return idFromBytes(sha256(new TextEncoder().encode(DOMAIN + name)));
}
