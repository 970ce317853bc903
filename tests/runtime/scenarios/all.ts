/**
 * All scenarios.
 *
 * @module
 */

import { blsScenarios } from "./bls.ts";
import { messageScenarios } from "./messages.ts";
import type { Scenarios } from "./scenarios.ts";
import { transportScenarios } from "./transport.ts";

export const allScenarios: Scenarios = {
  ...blsScenarios,
  ...messageScenarios,
  ...transportScenarios,
};
