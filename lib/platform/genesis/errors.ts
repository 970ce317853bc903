/**
 * Why a genesis is refused. Messages are upstream's (`genesis/*.go`, `vms/platformvm/genesis`), so that what users
 * know from avalanchego is what they read here.
 *
 * @module
 */

import { AvxError } from "../../core/errors.ts";

export type GenesisErrorType =
  /** The genesis of mainnet, fuji or local is built in and cannot be replaced. */
  | { readonly code: "standard-network"; readonly networkID: number }
  /** Content that is no base64. */
  | { readonly code: "base64" }
  /** No JSON, or JSON of other types than a genesis has. */
  | { readonly code: "json" }
  /** An address, key or node ID that cannot be read. */
  | { readonly code: "config" }
  /** Amounts, times and durations are in nAVAX and seconds. */
  | { readonly code: "network-id"; readonly expected: number; readonly actual: number }
  | { readonly code: "supply-overflow" }
  | { readonly code: "no-supply" }
  | { readonly code: "future-start"; readonly startTime: bigint }
  | { readonly code: "no-stake-duration" }
  | { readonly code: "stake-duration-too-high"; readonly seconds: bigint; readonly maxSeconds: bigint }
  | { readonly code: "stake-duration-too-low"; readonly seconds: bigint; readonly minSeconds: bigint }
  | { readonly code: "no-stakers" }
  | { readonly code: "no-staked-funds" }
  | { readonly code: "duplicate-staked-address"; readonly address: string }
  | { readonly code: "no-allocation-to-stake"; readonly address: string }
  | { readonly code: "locked-too-low"; readonly locked: bigint; readonly stakers: number }
  | { readonly code: "no-c-chain-genesis" }
  /** A staker that no stake falls to. */
  | { readonly code: "no-weight"; readonly nodeID: string }
  /** A staker whose time ends when the network begins. */
  | { readonly code: "already-exited"; readonly nodeID: string }
  /** Text longer than its length field can say: 65,535 bytes. */
  | { readonly code: "text-too-long"; readonly length: number };

export class GenesisError extends AvxError<GenesisErrorType> {}
