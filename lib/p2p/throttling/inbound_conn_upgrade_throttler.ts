/**
 * Limits how often one IP may begin a TLS handshake with this node, and how many may at all (upstream
 * `network/throttling/inbound_conn_upgrade_throttler.go`).
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import { toNanoseconds } from "../../core/duration.ts";
import { isLoopbackIP } from "../../core/ip.ts";
import type { MetricsNamespace } from "../../core/metrics.ts";
import type { InboundConnUpgradeThrottler } from "./contract.ts";
import { DEFAULT_MAX_INBOUND_CONNS_PER_SEC } from "./inbound_conn_throttler.ts";

/** Milliseconds (upstream `DefaultInboundConnUpgradeThrottlerCooldown`). */
export const DEFAULT_INBOUND_CONN_UPGRADE_COOLDOWN_MS = 10_000;

export interface InboundConnUpgradeThrottlerOptions {
  /**
   * Milliseconds during which an IP that was let through is not let through again. With 0 or less all are let through.
   *
   * @default {10000} Upstream `utils/constants/networking.go`.
   */
  readonly upgradeCooldownMs?: number;
  /**
   * How many IPs are remembered; one more is let through, and no other before the cool-down of one is over. With 0 or
   * less all are let through.
   *
   * @default What {@link maxRecentConnsUpgraded} makes of the cool-down and the default of accepted connections.
   */
  readonly maxRecentConnsUpgraded?: number;
}

export interface InboundConnUpgradeThrottlerModules {
  readonly clock: Clock;
  /** `avalanche_network`. */
  readonly metrics?: MetricsNamespace | undefined;
}

/**
 * As many as can be accepted during one cool-down (upstream `config/config.go`).
 *
 * @param maxConnsPerSec Connections accepted per second.
 */
export function maxRecentConnsUpgraded(maxConnsPerSec: number, upgradeCooldownMs: number): number {
  return Math.ceil((maxConnsPerSec * upgradeCooldownMs) / 1_000);
}

/** Upgrades an IP once per cool-down. Ports do not count: one host has many. Loopback addresses are never limited. */
export class CooldownInboundConnUpgradeThrottler implements InboundConnUpgradeThrottler {
  readonly #clock: Clock;
  readonly #cooldownNs: number;
  readonly #maxRecent: number;
  /** When each IP's cool-down is over, in nanoseconds; the first is over first. */
  readonly #recent = new Map<string, number>();
  #allowed = 0;
  #rateLimited = 0;

  constructor(modules: InboundConnUpgradeThrottlerModules, options: InboundConnUpgradeThrottlerOptions = {}) {
    const cooldownMs = options.upgradeCooldownMs ?? DEFAULT_INBOUND_CONN_UPGRADE_COOLDOWN_MS;
    this.#clock = modules.clock;
    this.#cooldownNs = toNanoseconds(cooldownMs);
    this.#maxRecent =
      options.maxRecentConnsUpgraded ?? maxRecentConnsUpgraded(DEFAULT_MAX_INBOUND_CONNS_PER_SEC, cooldownMs);
    modules.metrics?.countedBy(
      { name: "inbound_conn_throttler_allowed", help: "Accepted connections that went on to their handshake" },
      () => this.#allowed,
    );
    modules.metrics?.countedBy(
      { name: "inbound_conn_throttler_rate_limited", help: "Accepted connections that were refused a handshake" },
      () => this.#rateLimited,
    );
  }

  shouldUpgrade(ip: string): boolean {
    const allowed = this.#decide(ip);
    if (allowed) this.#allowed++;
    else this.#rateLimited++;
    return allowed;
  }

  #decide(ip: string): boolean {
    if (this.#cooldownNs <= 0 || this.#maxRecent <= 0 || isLoopbackIP(ip)) return true;
    const nowNs = toNanoseconds(this.#clock.monotonic());
    for (const [recentIP, overAtNs] of this.#recent) {
      if (overAtNs > nowNs) break;
      this.#recent.delete(recentIP);
    }
    // Upstream holds one IP more than its queue takes: the one whose cool-down it waits for.
    if (this.#recent.has(ip) || this.#recent.size > this.#maxRecent) return false;
    this.#recent.set(ip, nowNs + this.#cooldownNs);
    return true;
  }
}
