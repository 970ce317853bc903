/**
 * How often something happens, and what each time costs this process.
 *
 * @module
 */

/** Time before a measurement begins, milliseconds: code is compiled and buffers have found their sizes by then. */
export const WARM_UP_MS = 700;

export interface Measurement {
  readonly perSecond: number;
  /**
   * Processor time of this process for each, microseconds: what other programs on the machine take away from
   * `perSecond` they do not add here.
   */
  readonly cpuMicroseconds: number;
}

/** Watches a count for a while. */
export async function measure(count: () => number, seconds: number): Promise<Measurement> {
  const from = performance.now();
  const cpuBefore = process.cpuUsage();
  const before = count();
  await sleep(seconds * 1000);
  const counted = count() - before;
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    perSecond: (counted * 1000) / (performance.now() - from),
    cpuMicroseconds: (user + system) / counted,
  };
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
