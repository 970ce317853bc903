/**
 * All scenarios.
 *
 * @module
 */

import { blsScenarios } from "./bls.ts";
import { connectionScenarios } from "./connections.ts";
import { fileScenarios } from "./files.ts";
import { httpServerScenarios } from "./http_server.ts";
import { messageScenarios } from "./messages.ts";
import { nodeScenarios } from "./node.ts";
import { peerScenarios } from "./peer.ts";
import { profilerScenarios } from "./profiler.ts";
import { routingScenarios } from "./routing.ts";
import type { Scenarios } from "./scenarios.ts";
import { noSocketIsLeft } from "./sockets.ts";
import { transportScenarios } from "./transport.ts";

export const allScenarios: Scenarios = {
  ...blsScenarios,
  ...messageScenarios,
  ...transportScenarios,
  ...connectionScenarios,
  ...peerScenarios,
  ...routingScenarios,
  ...httpServerScenarios,
  ...nodeScenarios,
  ...fileScenarios,
  ...profilerScenarios,
  ...noSocketIsLeft,
};
