/**
 * What is asked of a node under any attack.
 *
 * @module
 */

import { expect } from "bun:test";
import { besiege, MAX_GROWTH_BYTES, type SiegeOptions, type SiegeReport, SOAKS } from "./siege.ts";

/** Far above what is measured: an attack, and three processes that start and end. */
export const SIEGE_TIMEOUT_MS: number = SOAKS ? 3_600_000 : 60_000;

/**
 * Lets a node be attacked, and expects that its honest peer is answered and its memory bounded all the while; that the
 * node is as it was afterwards, {@link besiege} has seen.
 *
 * @returns What was counted.
 */
export async function withstands(name: string, options: SiegeOptions): Promise<SiegeReport> {
  const report = await besiege(name, options);
  if (SOAKS) tellOf(name, report);
  // The honest peer has a second; one ping in twenty may meet what else the machine does.
  expect(report.usualMs).toBeLessThan(1_000);
  expect(report.worstMs).toBeLessThan(5_000);
  expect(report.grownBytes).toBeLessThan(MAX_GROWTH_BYTES);
  return report;
}

function tellOf(name: string, { counts, grownBytes, latencies, usualMs, worstMs, grewBy }: SiegeReport): void {
  const pings = `pings ${latencies.length}, 95% within ${Math.round(usualMs)} ms, worst ${Math.round(worstMs)} ms`;
  const waits = `waits for the processor ${grewBy("cpu_throttler_total_waits")}`;
  process.stdout.write(
    `${name}: ${JSON.stringify(counts)}; ${pings}; grown ${Math.round(grownBytes / 1024 ** 2)} MiB; ${waits}\n`,
  );
}
