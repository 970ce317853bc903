/**
 * All scenarios.
 *
 * @module
 */

import type { Scenarios } from "./scenarios.ts";
import { transportScenarios } from "./transport.ts";

export const allScenarios: Scenarios = { ...transportScenarios };
