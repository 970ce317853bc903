/**
 * The BLS backends that are there on this machine: the same tests run on each.
 *
 * @module
 */

import { signatureAddon } from "../../lib/core/staking/bls_addon.ts";
import type { BLSBackend } from "../../lib/core/staking/bls_backend.ts";
import { blstBackend, createBlstBackend } from "../../lib/core/staking/bls_blst.ts";
import { nobleBackend } from "../../lib/core/staking/bls_noble.ts";

const native = blstBackend();
const addon = signatureAddon();
const withoutProofAddon = addon === undefined ? undefined : createBlstBackend(addon, () => undefined);

/**
 * Name and backend, the one that is to be used first; native ones only where the published addon loads.
 *
 * Where it does, the addon for proofs was derived of it: that it is used is a test's to see.
 */
export const blsBackends: readonly (readonly [BLSBackend["name"], BLSBackend])[] = [
  ...(native === undefined ? [] : [["blst", native] as const]),
  ...(withoutProofAddon === undefined ? [] : [["blst+noble", withoutProofAddon] as const]),
  ["noble", nobleBackend],
];
