/**
 * Limits how many connections are taken up per second, from all peers together (upstream
 * `network/throttling/inbound_conn_throttler.go`).
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import type { MetricsNamespace } from "../../core/metrics.ts";
import { ThrottlingError } from "./errors.ts";
import { WaitingLimiter } from "./waiting_limiter.ts";

/** Connections per second (upstream `DefaultInboundThrottlerMaxConnsPerSec`). */
export const DEFAULT_MAX_INBOUND_CONNS_PER_SEC = 256;
/** Connections: what a Linux kernel keeps for a listener that does not accept (`net.core.somaxconn`). */
export const DEFAULT_MAX_WAITING_INBOUND_CONNS = 4_096;

export interface InboundConnThrottlerOptions {
  /**
   * Connections per second, at least 0. With 0 one connection is taken up, and no other ever.
   *
   * @default {256} Upstream `utils/constants/networking.go`.
   */
  readonly maxConnsPerSec?: number;
  /**
   * How many accepted connections may wait for their turn.
   *
   * Upstream does not accept before there is a turn, and the kernel's backlog is the bound. The runtimes accept whatever
   * comes, so that the bound is here; one that waits is not read from, and costs 10 KB.
   *
   * @default {4096}
   */
  readonly maxWaiting?: number;
}

export interface InboundConnThrottlerModules {
  readonly clock: Clock;
  /** `avalanche_network`. */
  readonly metrics?: MetricsNamespace | undefined;
}

/**
 * Gives turns to accepted connections: nothing is spent on one, and nothing read from it, before its turn.
 *
 * It stands before the upgrade throttler, which looks at the IP.
 */
export class InboundConnThrottler {
  readonly #limiter: WaitingLimiter;
  readonly #maxWaiting: number;

  constructor(modules: InboundConnThrottlerModules, options: InboundConnThrottlerOptions = {}) {
    const perSecond = options.maxConnsPerSec ?? DEFAULT_MAX_INBOUND_CONNS_PER_SEC;
    this.#limiter = new WaitingLimiter(modules.clock, perSecond, Math.trunc(perSecond) + 1);
    this.#maxWaiting = options.maxWaiting ?? DEFAULT_MAX_WAITING_INBOUND_CONNS;
    modules.metrics?.gaugedBy(
      { name: "inbound_conn_throttler_waiting", help: "accepted connections that wait for their turn (avx only)" },
      () => this.waiting,
    );
  }

  /** How many connections wait. */
  get waiting(): number {
    return this.#limiter.waiting;
  }

  /** Takes up a connection if it may be now. */
  tryAcquire(): boolean {
    return this.#limiter.tryAcquire();
  }

  /**
   * Takes up a connection now or in its turn.
   *
   * @returns Nothing where it may be now; else the promise of {@link acquire}.
   */
  takeTurn(signal: AbortSignal): Promise<void> | undefined {
    return this.tryAcquire() ? undefined : this.acquire(signal);
  }

  /**
   * Waits until a connection may be taken up.
   *
   * @param signal Aborted when the connection ends or the listener closes.
   * @throws {ThrottlingError} `too-many-waiting`: the connection is to be closed.
   * @throws The signal's reason, when it was aborted.
   */
  async acquire(signal?: AbortSignal): Promise<void> {
    if (this.#limiter.waiting >= this.#maxWaiting) {
      const { waiting } = this.#limiter;
      throw new ThrottlingError({ code: "too-many-waiting", waiting }, `${waiting} accepted connections wait already`);
    }
    await this.#limiter.acquire(signal);
  }
}
