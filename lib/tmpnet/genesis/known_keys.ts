/**
 * Keys that everybody knows and every temporary network funds, so that a test can use them without asking.
 *
 * @module
 */

import { parsePrivateKey, type Secp256k1PrivateKey } from "../../core/secp256k1/private_key.ts";

/** Of avalanchego's local network. */
export const VMRQ_KEY = "PrivateKey-vmRQiZeXEXYMyJhEiqdC2z5JhuDbxL8ix9UVvjgMu2Er1NepE";

/**
 * Of avalanchego's local network; the one that most examples use. It is subnet-evm's Hardhat key as well:
 * 0x8db97C7cEcE249c2b98bDC0226Cc4C2A57BF52FC.
 */
export const EWOQ_KEY = "PrivateKey-ewoqjP7PxY4yr3iLTpLisriqt94hdyDFNgchSxGGztUrTXtNN";

/** In upstream's order. */
export function knownKeys(): Secp256k1PrivateKey[] {
  return [VMRQ_KEY, EWOQ_KEY].map(parsePrivateKey);
}
