/**
 * What routing must do on every runtime: requests end, with the machine's own clock and queue of microtasks.
 *
 * @module
 */

import assert from "node:assert/strict";
import { systemClock } from "../../../lib/core/clock.ts";
import type { NodeID } from "../../../lib/core/ids/node_id.ts";
import { AVX_APPLICATION } from "../../../lib/core/version/constants.ts";
import { MessageBuilder } from "../../../lib/p2p/message/builder.ts";
import { Routing } from "../../../lib/p2p/routing/routing.ts";
import { createThrottlers } from "../../../lib/p2p/throttling/throttlers.ts";
import { NO_USAGE } from "../../../lib/p2p/throttling/tracker/resource_user.ts";
import { testChain } from "../../support/routing.ts";
import { node, validatorsOf } from "../../support/throttling.ts";
import type { Scenarios } from "./scenarios.ts";

const BYTES = new Uint8Array([1, 2, 3]);
const TIMEOUT_MS = 30;

/** Asks itself, a node that is silent, and one that is not there, and waits for all outcomes. */
async function askThree(): Promise<void> {
  const clock = systemClock;
  const validators = validatorsOf({ me: 10, silent: 10 });
  const { resourceTracker } = createThrottlers({ clock, validators, resources: NO_USAGE });
  const myNodeID = node("me");
  await using routing = new Routing(
    { clock, validators },
    {
      myNodeID,
      myVersion: AVX_APPLICATION,
      trackedSubnets: [],
      sybilProtectionEnabled: true,
      timeouts: { initialTimeoutMs: TIMEOUT_MS, minimumTimeoutMs: TIMEOUT_MS, maximumTimeoutMs: TIMEOUT_MS },
    },
  );
  const outcomes: string[] = [];
  const { promise: done, resolve } = Promise.withResolvers<void>();
  const note = (nodeID: NodeID, outcome: string): void => {
    outcomes.push(`${nodeID}: ${outcome}`);
    if (outcomes.length === 3) resolve();
  };
  const { sender } = routing.addChain(
    { network: { send: () => new Set([node("silent")]) }, messageBuilder: new MessageBuilder(), resourceTracker },
    testChain(),
    (sender) => ({
      appRequest: async (nodeID, requestID, _, bytes) => {
        await Promise.resolve();
        sender.sendAppResponse(nodeID, requestID, bytes);
      },
      appResponse: (nodeID, _, bytes) => note(nodeID, `answers ${bytes}`),
      appRequestFailed: (nodeID, _, { message }) => note(nodeID, message),
    }),
  );
  sender.sendAppRequest([myNodeID, node("silent"), node("away")], 1, BYTES);
  assert.deepEqual(outcomes, []);
  await done;
  assert.deepEqual(outcomes, ["away: timed out", "me: answers 1,2,3", "silent: timed out"]);
}

export const routingScenarios: Scenarios = {
  "a request ends once, whether its node answers, is silent, or is not there": askThree,
};
