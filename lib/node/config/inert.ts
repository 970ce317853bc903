/**
 * Why a flag of a full node has no effect on a light one: the sentence that is logged when someone sets it.
 *
 * @module
 */

export const RUNS_NO_CHAINS = "avx runs no chains";
export const RUNS_NO_VMS = "avx runs no virtual machines";
export const KEEPS_NO_DATABASE = "avx keeps no database";
export const ISSUES_NO_TRANSACTIONS = "avx verifies no transactions and pays no rewards";
export const TRACES_NOTHING = "avx exports no traces";
export const RUNTIME_DECIDES = "the JavaScript runtime decides this itself";
