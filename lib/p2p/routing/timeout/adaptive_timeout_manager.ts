/**
 * Deadlines that follow how fast peers answer: a time-out is a multiple of the average response time, within bounds
 * (upstream `utils/timer/adaptive_timeout_manager.go`).
 *
 * One timer of the clock serves all deadlines. It is set again only for a deadline that is earlier than the one it
 * stands at, so that a request that is answered costs no timer.
 *
 * @module
 */

import { Averager } from "../../../core/averager.ts";
import type { Clock, Timer } from "../../../core/clock.ts";
import { type MetricsNamespace, nanoseconds } from "../../../core/metrics.ts";
import { type HeapTimer, NOT_IN_HEAP, TimerHeap } from "../../../core/timer_heap.ts";
import { RoutingError } from "../errors.ts";

/** How time-outs adapt. Durations are milliseconds. */
export interface AdaptiveTimeoutOptions {
  /**
   * Before anything was answered.
   *
   * @default {5000}
   */
  readonly initialTimeoutMs?: number;
  /** @default {2000} */
  readonly minimumTimeoutMs?: number;
  /** @default {10000} */
  readonly maximumTimeoutMs?: number;
  /**
   * The time-out as a multiple of the average response time, at least 1.
   *
   * @default {2}
   */
  readonly timeoutCoefficient?: number;
  /**
   * The half-life of the average response time: the longer, the less it jumps.
   *
   * @default {300000}
   */
  readonly timeoutHalflifeMs?: number;
}

/** Upstream's (`config/flags.go`, `network-initial-timeout` and those beside it). */
export const DEFAULT_ADAPTIVE_TIMEOUT_OPTIONS: Required<AdaptiveTimeoutOptions> = {
  initialTimeoutMs: 5_000,
  minimumTimeoutMs: 2_000,
  maximumTimeoutMs: 10_000,
  timeoutCoefficient: 2,
  timeoutHalflifeMs: 300_000,
};

/** Something that must be done by a deadline. Whoever waits extends it, so that a deadline costs no object. */
export abstract class PendingTimeout implements HeapTimer {
  at = 0;
  order = 0;
  place = NOT_IN_HEAP;
  /** When it was put, in milliseconds of `Clock.monotonic`. */
  registeredAt = 0;
  /** Whether how long this took tells something of the network. */
  abstract readonly measureLatency: boolean;
  /** The deadline has passed. It is no longer pending. */
  abstract onTimeout(): void;
}

export class AdaptiveTimeoutManager implements Disposable {
  readonly #clock: Clock;
  readonly #options: Required<AdaptiveTimeoutOptions>;
  readonly #averager: Averager;
  readonly #pending = new TimerHeap<PendingTimeout>();
  #timer: Timer | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #currentTimeoutMs: number;
  #order = 0;
  #timeouts = 0;
  #stopped = false;

  /**
   * @param modules `metrics` is `avalanche_requests`; nothing is shown without it.
   * @throws {RoutingError} `invalid-timeouts` for what upstream refuses.
   */
  constructor(
    modules: { readonly clock: Clock; readonly metrics?: MetricsNamespace | undefined },
    options: AdaptiveTimeoutOptions = {},
  ) {
    const resolved = { ...DEFAULT_ADAPTIVE_TIMEOUT_OPTIONS, ...options };
    check(resolved);
    this.#clock = modules.clock;
    this.#options = resolved;
    this.#currentTimeoutMs = resolved.initialTimeoutMs;
    this.#averager = new Averager(resolved.initialTimeoutMs, resolved.timeoutHalflifeMs, modules.clock.monotonic());
    if (modules.metrics !== undefined) this.#declare(modules.metrics);
  }

  /** How long a request that is made now may take: milliseconds. */
  get timeoutDurationMs(): number {
    return this.#currentTimeoutMs;
  }

  /** The average response time, milliseconds. */
  get averageLatencyMs(): number {
    return this.#averager.read();
  }

  /** How many deadlines wait. */
  get pendingTimeouts(): number {
    return this.#pending.size;
  }

  /** How many deadlines have passed. */
  get timeouts(): number {
    return this.#timeouts;
  }

  /** Gives something the deadline of now. One that waits already gets the new one, and what it took counts. */
  put(timeout: PendingTimeout): void {
    if (this.#stopped) return;
    const now = this.#clock.monotonic();
    this.#remove(timeout, now);
    timeout.registeredAt = now;
    timeout.at = now + this.#currentTimeoutMs;
    timeout.order = this.#order++;
    this.#pending.add(timeout);
    if (timeout.at < this.#timerAt) this.#setTimer(timeout.at, now);
  }

  /** It was done: the deadline is off, and what it took counts where it may. Harmless for one that does not wait. */
  remove(timeout: PendingTimeout): void {
    this.#remove(timeout, this.#clock.monotonic());
  }

  /** The deadline is off, and nothing is learned from it. */
  forget(timeout: PendingTimeout): void {
    this.#pending.remove(timeout);
  }

  /** Counts a response time that was seen elsewhere, milliseconds. */
  observeLatency(latencyMs: number): void {
    this.#observe(latencyMs, this.#clock.monotonic());
  }

  /** No deadline fires any more. */
  [Symbol.dispose](): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
  }

  #remove(timeout: PendingTimeout, now: number): void {
    if (timeout.place === NOT_IN_HEAP) return;
    this.#pending.remove(timeout);
    if (timeout.measureLatency) this.#observe(now - timeout.registeredAt, now);
  }

  #observe(latencyMs: number, now: number): void {
    const { maximumTimeoutMs, minimumTimeoutMs, timeoutCoefficient } = this.#options;
    this.#averager.observe(latencyMs, now);
    const wanted = timeoutCoefficient * this.#averager.read();
    this.#currentTimeoutMs = Math.min(maximumTimeoutMs, Math.max(minimumTimeoutMs, wanted));
  }

  #setTimer(at: number, now: number): void {
    this.#timer?.cancel();
    this.#timerAt = at;
    this.#timer = this.#clock.setTimeout(() => this.#fire(), at - now);
  }

  #fire(): void {
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
    const now = this.#clock.monotonic();
    let next = this.#pending.first;
    while (next !== undefined && next.at <= now && !this.#stopped) {
      this.#remove(next, now);
      this.#timeouts++;
      next.onTimeout();
      next = this.#pending.first;
    }
    if (next !== undefined && !this.#stopped && next.at < this.#timerAt) this.#setTimer(next.at, now);
  }

  #declare(metrics: MetricsNamespace): void {
    const gauge = (name: string, help: string, read: () => number) => metrics.gaugedBy({ name, help }, read);
    gauge("current_timeout", "Time-out of a request made now, in nanoseconds", () => {
      return nanoseconds(this.#currentTimeoutMs);
    });
    gauge("average_latency", "Average response time, in nanoseconds", () => {
      return nanoseconds(this.averageLatencyMs);
    });
    gauge("pending_timeouts", "Deadlines that wait", () => this.pendingTimeouts);
    metrics.countedBy({ name: "timeouts", help: "Requests whose deadline has passed" }, () => this.#timeouts);
  }
}

function check(options: Required<AdaptiveTimeoutOptions>): void {
  const { initialTimeoutMs, minimumTimeoutMs, maximumTimeoutMs, timeoutCoefficient, timeoutHalflifeMs } = options;
  const refuse = (option: keyof AdaptiveTimeoutOptions, message: string) =>
    new RoutingError({ code: "invalid-timeouts", option }, message);
  if (initialTimeoutMs > maximumTimeoutMs) {
    throw refuse("initialTimeoutMs", "initial timeout cannot be greater than maximum timeout");
  }
  if (initialTimeoutMs < minimumTimeoutMs) {
    throw refuse("initialTimeoutMs", "initial timeout cannot be less than minimum timeout");
  }
  if (!(timeoutCoefficient >= 1)) throw refuse("timeoutCoefficient", "timeout coefficient must be >= 1");
  if (!(timeoutHalflifeMs > 0)) throw refuse("timeoutHalflifeMs", "timeout halflife must be positive");
}
