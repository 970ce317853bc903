/**
 * The real Prometheus, where this machine has one.
 *
 * @module
 */

import { findProgram } from "./programs.ts";

/** Absolute path of the Prometheus that tests run, from `PROMETHEUS_PATH` or else `PATH`; `undefined` without one. */
export const PROMETHEUS: string | undefined = findProgram("prometheus", "PROMETHEUS_PATH");

/** Names a test so that a skip says why: give it to the test that is skipped without Prometheus. */
export function needsPrometheus(name: string): string {
  return PROMETHEUS === undefined ? `${name} (skipped: no prometheus by PROMETHEUS_PATH or on PATH)` : name;
}
