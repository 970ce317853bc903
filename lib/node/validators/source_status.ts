/**
 * How a source of validators is doing.
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import { AvxError, errorMessage } from "../../core/errors.ts";
import type { Checker } from "../health/check.ts";
import { formatRFC3339 } from "../rfc3339.ts";

/** What is known of the polls so far. */
export interface SourceStatus {
  /** The height that the validators are of; `undefined` before the first good answer. */
  readonly height: bigint | undefined;
  /** When the last good answer came, milliseconds since 1970-01-01 UTC. */
  readonly answeredMs: number | undefined;
  /** Polls. */
  readonly answers: number;
  /** Polls that failed since the last good answer. */
  readonly failures: number;
  /** Polls that failed, by the code of the error. */
  readonly failuresByCode: ReadonlyMap<string, number>;
  /** Why the last one did, where it did. */
  readonly error: { readonly code: string; readonly message: string } | undefined;
  /** Whether the validators may be out of date: polls fail, and for longer than some of them may take. */
  readonly isStale: boolean;
}

/** After so many polls' time without a good answer the validators are stale. */
const STALE_AFTER_POLLS = 3;

/** The code of an error that is none of avx's own. */
const UNKNOWN_CODE = "internal";

/** Keeps a {@link SourceStatus}. */
export class StatusKeeper {
  readonly #clock: Clock;
  readonly #staleAfterMs: number;
  readonly #failuresByCode = new Map<string, number>();
  #height: bigint | undefined;
  #answeredMs: number | undefined;
  /** Monotonic. */
  #answeredAt: number | undefined;
  #answers = 0;
  #failures = 0;
  #error: SourceStatus["error"];

  /** @param frequencyMs How far polls are apart. */
  constructor(clock: Clock, frequencyMs: number) {
    this.#clock = clock;
    this.#staleAfterMs = STALE_AFTER_POLLS * frequencyMs;
  }

  succeeded(height: bigint): void {
    this.#height = height;
    this.#answeredMs = this.#clock.now();
    this.#answeredAt = this.#clock.monotonic();
    this.#answers++;
    this.#failures = 0;
    this.#error = undefined;
  }

  failed(error: unknown): void {
    const code = error instanceof AvxError ? error.type.code : UNKNOWN_CODE;
    this.#failures++;
    this.#failuresByCode.set(code, (this.#failuresByCode.get(code) ?? 0) + 1);
    this.#error = { code, message: errorMessage(error) };
  }

  read(): SourceStatus {
    const answeredAt = this.#answeredAt;
    const isOld = answeredAt === undefined || this.#clock.monotonic() - answeredAt > this.#staleAfterMs;
    return {
      height: this.#height,
      answeredMs: this.#answeredMs,
      answers: this.#answers,
      failures: this.#failures,
      failuresByCode: this.#failuresByCode,
      error: this.#error,
      isStale: this.#failures > 0 && isOld,
    };
  }
}

/**
 * Whether the validators are fresh.
 *
 * A poll that fails now and then is told in the details alone.
 */
export function validatorSourceCheck(uri: string, read: () => SourceStatus): Checker {
  return () => {
    const { height, answeredMs, failures, error, isStale } = read();
    const details = {
      uri,
      height: height?.toString(),
      lastAnswer: answeredMs === undefined ? undefined : formatRFC3339(answeredMs),
      failures,
      lastError: error,
    };
    return isStale
      ? { details, error: `the P-Chain API does not tell the validators: ${error?.message}` }
      : { details };
  };
}
