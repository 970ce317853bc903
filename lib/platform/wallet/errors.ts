/**
 * How a transaction can fail to be built, signed or taken. Texts name upstream's reasons (`wallet/chain/p/builder`,
 * `vms/platformvm/txs`).
 *
 * @module
 */

import { AvxError } from "../../core/errors.ts";
import type { ID } from "../../core/ids/id.ts";

/** What is wrong, by code. */
export type WalletErrorType =
  /** There is no key, so nobody whom change could go to. */
  | { readonly code: "no-change-address" }
  /** UTXOs do not come to what is needed; `missing` is in units of the asset. */
  | { readonly code: "insufficient-funds"; readonly assetID?: ID; readonly missing?: bigint }
  /** Nobody knows who owns a subnet or validator. */
  | { readonly code: "unknown-owner"; readonly id: ID }
  /** The keys are not enough to act for a subnet or validator. */
  | { readonly code: "insufficient-authorization"; readonly id: ID }
  /** A number beyond 64 bits. */
  | { readonly code: "overflow" }
  /** A warp message that cannot be read. */
  | { readonly code: "warp-message" }
  /** A transaction that is too long for the codec. */
  | { readonly code: "too-large"; readonly length: number }
  /** A transaction that no block may hold, whatever the state. */
  | { readonly code: "invalid" }
  /** Its fee cannot be told: transactions from before the Etna upgrade. */
  | { readonly code: "unsupported"; readonly type: string }
  /** A node did not take the transaction. */
  | { readonly code: "refused"; readonly txID: ID }
  /** A node took the transaction and gave it up, or its block was not accepted. */
  | { readonly code: "dropped"; readonly txID: ID; readonly status: string }
  /** The transaction was not decided in time. */
  | { readonly code: "undecided"; readonly txID: ID; readonly timeoutMs: number }
  /** The caller's signal ended the wait. */
  | { readonly code: "interrupted" };

/**
 * A transaction that cannot be made, or that the chain does not accept, and why.
 *
 * @example
 * ```ts
 * async function tryToPay(wallet: PChainWallet, to: Uint8Array): Promise<void> {
 *   try {
 *     await wallet.transfer(to, 10n ** 18n);
 *   } catch (error) {
 *     if (error instanceof WalletError && error.type.code === "insufficient-funds") return;
 *     throw error;
 *   }
 * }
 * ```
 */
export class WalletError extends AvxError<WalletErrorType> {}

/** @throws {WalletError} `overflow` beyond 64 bits. */
export function checkUint64(value: bigint): bigint {
  if (value > MAX_UINT64) throw new WalletError({ code: "overflow" }, "overflow");
  return value;
}

const MAX_UINT64 = 2n ** 64n - 1n;
