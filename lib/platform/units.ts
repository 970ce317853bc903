/**
 * Amounts of AVAX in nAVAX, the unit that everything on the Primary Network counts in (upstream `utils/units`).
 *
 * @module
 */

export const MILLI_AVAX = 1_000_000n;
export const AVAX = 1_000n * MILLI_AVAX;
export const MEGA_AVAX = 1_000_000n * AVAX;
