/** The throttlers of a node, made from its flags as the node makes them. */

import { expect, test } from "bun:test";
import { ManualClock } from "../../../lib/core/clock.ts";
import { EMPTY_ID, PRIMARY_NETWORK_ID } from "../../../lib/core/ids/id.ts";
import { type NodeID, nodeIDFromBytes } from "../../../lib/core/ids/node_id.ts";
import { ValidatorManager } from "../../../lib/core/validators/manager.ts";
import { createThrottlers, type Throttlers } from "../../../lib/p2p/throttling/throttlers.ts";
import { NO_USAGE } from "../../../lib/p2p/throttling/tracker/resource_user.ts";
import { nodeConfig } from "../support.ts";

const MIB = 2 ** 20;
const [STRANGER, OTHER, VALIDATOR] = [1, 2, 3].map((n) => nodeIDFromBytes(new Uint8Array(20).fill(n))) as [
  NodeID,
  NodeID,
  NodeID,
];

/** Throttlers by flags; one node has all the stake. */
function throttlersOf(flags: Record<string, string>, usage: { cpu?: number; disk?: number } = {}) {
  const clock = new ManualClock(Date.UTC(2026, 10, 21));
  const validators = new ValidatorManager();
  validators.addStaker(PRIMARY_NETWORK_ID, { nodeID: VALIDATOR, publicKey: undefined, txID: EMPTY_ID, weight: 1n });
  const resources = { ...NO_USAGE, cpuUsage: () => usage.cpu ?? 0, diskReadUsage: () => usage.disk ?? 0 };
  const { throttling } = nodeConfig({ "network-id": "local", ...flags }).network;
  const throttlers = createThrottlers({ clock, validators, resources }, throttling);
  for (const nodeID of [STRANGER, OTHER, VALIDATOR]) throttlers.inboundMsg.addNode(nodeID);
  return { ...throttlers, clock };
}

/** How many messages of a size a node may have unhandled. */
function unhandled({ inboundMsg }: Throttlers, nodeID: NodeID, size: number, most = 200): number {
  for (let i = 0; i < most; i++) if (!inboundMsg.acquire(size, nodeID, () => {}).granted) return i;
  return most;
}

/** How many messages of a size can wait to be sent to a node. */
function unsent({ outboundMsg }: Throttlers, nodeID: NodeID, size: number, most = 200): number {
  for (let i = 0; i < most; i++) if (!outboundMsg.acquire(size, nodeID, false)) return i;
  return most;
}

const WIDE = { "throttler-inbound-bandwidth-max-burst-size": "1000000000" };

test("unhandled messages of one stranger come to throttler-inbound-node-max-at-large-bytes at most", () => {
  const flag = "throttler-inbound-node-max-at-large-bytes";
  expect(unhandled(throttlersOf({ ...WIDE, [flag]: String(3 * MIB) }), STRANGER, MIB)).toBe(3);
  expect(unhandled(throttlersOf({ ...WIDE, [flag]: String(5 * MIB) }), STRANGER, MIB)).toBe(5);
});

test("unhandled messages of all strangers come to throttler-inbound-at-large-alloc-size at most", () => {
  for (const [size, expected] of [
    [3, [2, 1]],
    [4, [2, 2]],
  ] as const) {
    const throttlers = throttlersOf({ ...WIDE, "throttler-inbound-at-large-alloc-size": String(size * MIB) });
    expect([unhandled(throttlers, STRANGER, MIB), unhandled(throttlers, OTHER, MIB)]).toEqual([...expected]);
  }
});

test("validators have throttler-inbound-validator-alloc-size beside what all share", () => {
  for (const size of [4, 9]) {
    const throttlers = throttlersOf({ ...WIDE, "throttler-inbound-validator-alloc-size": String(size * MIB) });
    expect(unhandled(throttlers, VALIDATOR, MIB)).toBe(size + 2);
    expect(unhandled(throttlers, STRANGER, MIB)).toBe(2);
  }
});

test("one peer has throttler-inbound-node-max-processing-msgs unhandled messages at most", () => {
  const flag = "throttler-inbound-node-max-processing-msgs";
  expect(unhandled(throttlersOf({ [flag]: "7" }), STRANGER, 1)).toBe(7);
  expect(unhandled(throttlersOf({ [flag]: "70" }), STRANGER, 1)).toBe(70);
});

test("one peer sends throttler-inbound-bandwidth-max-burst-size at once, and throttler-inbound-bandwidth-refill-rate a second", () => {
  for (const [burst, rate] of [
    [100_000, 10_000],
    [50_000, 20_000],
  ] as const) {
    const throttlers = throttlersOf({
      "throttler-inbound-bandwidth-max-burst-size": String(burst),
      "throttler-inbound-bandwidth-refill-rate": String(rate),
    });
    const { inboundMsg, clock } = throttlers;
    let granted = 0;
    const take = (): void => {
      const acquisition = inboundMsg.acquire(10_000, STRANGER, () => {
        granted++;
        take();
      });
      if (!acquisition.granted) return;
      granted++;
      take();
    };
    take();
    expect(granted * 10_000).toBe(burst);
    clock.advance(5_000);
    expect(granted * 10_000).toBe(burst + 5 * rate);
  }
});

test("messages to one stranger wait up to throttler-outbound-node-max-at-large-bytes", () => {
  const flag = "throttler-outbound-node-max-at-large-bytes";
  expect(unsent(throttlersOf({ [flag]: String(3 * MIB) }), STRANGER, MIB)).toBe(3);
  expect(unsent(throttlersOf({ [flag]: String(6 * MIB) }), STRANGER, MIB)).toBe(6);
});

test("messages to all strangers wait up to throttler-outbound-at-large-alloc-size", () => {
  for (const [size, expected] of [
    [3, [2, 1]],
    [4, [2, 2]],
  ] as const) {
    const throttlers = throttlersOf({ "throttler-outbound-at-large-alloc-size": String(size * MIB) });
    expect([unsent(throttlers, STRANGER, MIB), unsent(throttlers, OTHER, MIB)]).toEqual([...expected]);
  }
});

test("messages to validators have throttler-outbound-validator-alloc-size beside what all share", () => {
  for (const size of [4, 9]) {
    const throttlers = throttlersOf({ "throttler-outbound-validator-alloc-size": String(size * MIB) });
    expect(unsent(throttlers, VALIDATOR, MIB)).toBe(size + 2);
    expect(unsent(throttlers, STRANGER, MIB)).toBe(2);
  }
});

/**
 * How long a node whose peer has caused all the work of the last minute makes it wait, milliseconds.
 *
 * @param usage What the process uses: cores, or bytes a second.
 */
function waitOf(flags: Record<string, string>, usage: { cpu?: number; disk?: number }, nodeID = STRANGER): number {
  const { clock, inboundMsg, resourceTracker } = throttlersOf(flags, usage);
  resourceTracker.startProcessing(nodeID, clock.monotonic());
  clock.advance(60_000);
  resourceTracker.stopProcessing(nodeID, clock.monotonic());
  const from = clock.monotonic();
  let grantedAt: number | undefined;
  const acquisition = inboundMsg.acquire(1, nodeID, () => {
    grantedAt = clock.monotonic();
  });
  if (acquisition.granted) return 0;
  clock.advance(120_000);
  return (grantedAt ?? Number.POSITIVE_INFINITY) - from;
}

for (const [resource, unit, usage] of [
  ["cpu", 1, { cpu: 0.5 }],
  ["disk", 1_000, { disk: 500 }],
] as const) {
  const flag = (name: string): string => `throttler-inbound-${resource}-${name}`;
  const tight = { [flag("validator-alloc")]: "0", [flag("max-non-validator-node-usage")]: String(0.1 * unit) };
  const free = { [flag("max-non-validator-usage")]: String(2 * unit) };

  test(`what a peer may use of the ${resource} without stake is what the flags say`, () => {
    // All of it is the peer's doing, and more than one may cause.
    expect(waitOf({ ...tight, ...free }, usage)).toBeGreaterThan(0);
    expect(waitOf({ ...free, [flag("max-non-validator-node-usage")]: String(unit) }, usage)).toBe(0);
    // One may cause it, but all together may not.
    const own = { [flag("max-non-validator-node-usage")]: String(unit) };
    expect(waitOf({ ...own, [flag("max-non-validator-usage")]: String(0.6 * unit) }, usage)).toBeGreaterThan(0);
    expect(waitOf({ ...own, [flag("max-non-validator-usage")]: String(1.5 * unit) }, usage)).toBe(0);
  });

  test(`what validators may use of the ${resource} is what the flag says`, () => {
    const none = { ...tight, [flag("max-non-validator-usage")]: "0" };
    expect(waitOf({ ...none, [flag("validator-alloc")]: String(0.2 * unit) }, usage, VALIDATOR)).toBeGreaterThan(0);
    expect(waitOf({ ...none, [flag("validator-alloc")]: String(unit) }, usage, VALIDATOR)).toBe(0);
  });

  test(`the use of the ${resource} is looked at again after what the flag says`, () => {
    const looksOf = (delay: string): number => {
      const state: { cpu?: number; disk?: number } = { ...usage };
      const { clock, inboundMsg, resourceTracker } = throttlersOf(
        { ...tight, ...free, [flag("max-recheck-delay")]: delay },
        state,
      );
      resourceTracker.startProcessing(STRANGER, clock.monotonic());
      clock.advance(60_000);
      let grantedAfter = Number.NaN;
      const from = clock.monotonic();
      inboundMsg.acquire(1, STRANGER, () => {
        grantedAfter = clock.monotonic() - from;
      });
      // The machine has nothing to do from now on; that is seen at the next look.
      delete state[resource];
      clock.advance(60_000);
      return grantedAfter;
    };
    expect(looksOf("50ms")).toBe(50);
    expect(looksOf("3s")).toBe(3_000);
  });
}

test("what a peer has caused is forgotten by system-tracker-processing-halflife", () => {
  const flags = {
    "throttler-inbound-cpu-validator-alloc": "0",
    "throttler-inbound-cpu-max-non-validator-node-usage": "0.1",
    "throttler-inbound-cpu-max-non-validator-usage": "2",
    "throttler-inbound-cpu-max-recheck-delay": "1ms",
  };
  const shareAfter = (halflife: string): number => {
    const { clock, resourceTracker } = throttlersOf(
      { ...flags, "system-tracker-processing-halflife": halflife },
      { cpu: 1 },
    );
    resourceTracker.startProcessing(STRANGER, clock.monotonic());
    clock.advance(10_000);
    resourceTracker.stopProcessing(STRANGER, clock.monotonic());
    resourceTracker.startProcessing(OTHER, clock.monotonic());
    clock.advance(10_000);
    return resourceTracker.cpuTracker.usage(STRANGER, clock.monotonic());
  };
  expect(shareAfter("1s")).toBeLessThan(0.01);
  expect(shareAfter("1h")).toBeGreaterThan(0.4);
});

test("an IP goes on to its handshake once in network-inbound-connection-throttling-cooldown", () => {
  const flag = "network-inbound-connection-throttling-cooldown";
  const after = (cooldown: string, ms: number): boolean => {
    const { clock, inboundConnUpgrade } = throttlersOf({ [flag]: cooldown });
    expect(inboundConnUpgrade.shouldUpgrade("203.0.113.1")).toBe(true);
    clock.advance(ms);
    return inboundConnUpgrade.shouldUpgrade("203.0.113.1");
  };
  expect([after("5s", 4_999), after("5s", 5_001), after("1h", 5_001), after("0s", 0)]).toEqual([
    false,
    true,
    false,
    true,
  ]);
});

test("network-inbound-connection-throttling-max-conns-per-sec connections are accepted a second", () => {
  for (const perSecond of [2, 20]) {
    const { clock, inboundConn } = throttlersOf({
      "network-inbound-connection-throttling-max-conns-per-sec": String(perSecond),
    });
    let accepted = 0;
    while (inboundConn.tryAcquire()) accepted++;
    expect(accepted).toBe(perSecond + 1);
    clock.advance(1_000);
    while (inboundConn.tryAcquire()) accepted++;
    expect(accepted).toBe(2 * perSecond + 1);
  }
});
