/**
 * The BLS backends that are there on this machine: the same tests run on each.
 *
 * @module
 */

import type { BLSBackend } from "../../lib/core/staking/bls_backend.ts";
import { blstBackend } from "../../lib/core/staking/bls_blst.ts";
import { nobleBackend } from "../../lib/core/staking/bls_noble.ts";

const native = blstBackend();

/** Name and backend; the native one only where its addon loads. */
export const blsBackends: readonly (readonly [string, BLSBackend])[] = [
  ...(native === undefined ? [] : [["blst", native] as const]),
  ["noble", nobleBackend],
];
