/**
 * Prints who does BLS: compiled by the check of the executable, which must hold both native addons.
 *
 * @module
 */

import { blsBackend } from "../lib/core/staking/bls.ts";

process.stdout.write(`${blsBackend().name}\n`);
