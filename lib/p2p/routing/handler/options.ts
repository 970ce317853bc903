/**
 * How a chain's handler behaves.
 *
 * @module
 */

import type { Allower } from "../../network/peer_set.ts";

/** App messages of one chain handled at one time (upstream `config/flags.go`, `consensus-app-concurrency`). */
export const DEFAULT_APP_CONCURRENCY = 2;

/** How long a chain may take to stop, milliseconds (upstream `config/flags.go`, `consensus-shutdown-timeout`). */
export const DEFAULT_SHUTDOWN_TIMEOUT_MS = 60_000;

/** How a handler behaves. */
export interface ChainHandlerOptions {
  /** @default {2} App messages handled at one time, at least 1. */
  readonly appConcurrency?: number;
  /**
   * How often the engine is asked to gossip, milliseconds; never with 0.
   *
   * @default {0}
   */
  readonly gossipFrequencyMs?: number;
  /** @default {60000} How long the engine may take to stop before nobody waits for it any more, milliseconds. */
  readonly shutdownTimeoutMs?: number;
  /** Whose messages are taken; all by default. */
  readonly allower?: Allower;
}
