/**
 * All scenarios.
 *
 * @module
 */

import { messageScenarios } from "./messages.ts";
import { peerScenarios } from "./peer.ts";
import type { Scenarios } from "./scenarios.ts";
import { noSocketIsLeft } from "./sockets.ts";
import { transportScenarios } from "./transport.ts";

export const allScenarios: Scenarios = {
  ...messageScenarios,
  ...transportScenarios,
  ...peerScenarios,
  ...noSocketIsLeft,
};
