/**
 * Limits of bloom filters (upstream `utils/bloom/filter.go`).
 *
 * @module
 */

export const MIN_HASHES = 1;
/** Enough for mistakes of one in 2^16 at the best size. */
export const MAX_HASHES = 16;
/** Bytes. */
export const MIN_ENTRIES = 1;
/** Bits by which a hash is turned to the left before each seed. */
export const HASH_ROTATION = 17;
