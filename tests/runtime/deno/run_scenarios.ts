/**
 * Runs all scenarios under Deno and writes one JSON line for each to standard output.
 *
 * @module
 */

import { writeSync } from "node:fs";
import { allScenarios } from "../scenarios/all.ts";
import type { ScenarioResult } from "../scenarios/scenarios.ts";

for (const [name, prove] of Object.entries(allScenarios)) {
  const error = await prove().then(
    () => null,
    (thrown: unknown) => (thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)),
  );
  const result: ScenarioResult = { name, error };
  writeSync(1, `${JSON.stringify(result)}\n`);
}
process.exit(0);
