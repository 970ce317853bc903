import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Registry } from "prom-client";
import { ManualClock } from "../../../lib/core/clock.ts";
import { MetricsNamespace } from "../../../lib/core/metrics.ts";
import type { Acquisition } from "../../../lib/p2p/throttling/contract.ts";
import { CooldownInboundConnUpgradeThrottler } from "../../../lib/p2p/throttling/inbound_conn_upgrade_throttler.ts";
import {
  type InboundMsgThrottlerOptions,
  SybilInboundMsgThrottler,
} from "../../../lib/p2p/throttling/inbound_msg_throttler.ts";
import { SybilOutboundMsgThrottler } from "../../../lib/p2p/throttling/outbound_msg_throttler.ts";
import { NodeResourceTracker } from "../../../lib/p2p/throttling/tracker/resource_tracker.ts";
import { NO_USAGE } from "../../../lib/p2p/throttling/tracker/resource_user.ts";
import { Targeter } from "../../../lib/p2p/throttling/tracker/targeter.ts";
import { node, setWeight, validatorsOf } from "../../support/throttling.ts";

const SMALL = {
  bytes: { vdrAllocSize: 100, atLargeAllocSize: 50, nodeMaxAtLargeBytes: 30 },
  buffer: { maxProcessingMsgsPerNode: 3 },
  bandwidth: { refillRate: 100, maxBurstSize: 200 },
} as const satisfies InboundMsgThrottlerOptions;

function throttling(options: InboundMsgThrottlerOptions = SMALL) {
  const clock = new ManualClock();
  const validators = validatorsOf({ v: 3, w: 1 });
  const use = { cpu: 0, disk: 0 };
  const tracker = new NodeResourceTracker({
    clock,
    resources: { ...NO_USAGE, cpuUsage: () => use.cpu, diskReadUsage: () => use.disk },
  });
  const limits = { vdrAlloc: 1, maxNonVdrUsage: 0.5, maxNonVdrNodeUsage: 0.25 };
  const registry = new Registry();
  const metrics = new MetricsNamespace(registry, "avalanche_network");
  const throttler = new SybilInboundMsgThrottler(
    {
      clock,
      validators,
      metrics,
      cpu: { tracker: tracker.cpuTracker, targeter: new Targeter({ validators, tracker: tracker.cpuTracker }, limits) },
      disk: {
        tracker: tracker.diskTracker,
        targeter: new Targeter({ validators, tracker: tracker.diskTracker }, limits),
      },
    },
    options,
  );
  const work = (name: string, ms: number): void => {
    tracker.startProcessing(node(name), clock.monotonic());
    clock.advance(ms);
    tracker.stopProcessing(node(name), clock.monotonic());
  };
  const acquire = (name: string, size: number) => {
    const asked = { told: 0, acquisition: undefined as unknown as Acquisition };
    asked.acquisition = throttler.acquire(size, node(name), () => asked.told++);
    return asked;
  };
  return { clock, validators, use, tracker, throttler, registry, metrics, work, acquire };
}

function full(options: typeof SMALL) {
  return {
    buffer: { nodeToNumProcessingMsgs: {}, waitingNodes: [] },
    bytes: {
      remainingAtLargeBytes: options.bytes.atLargeAllocSize,
      remainingVdrBytes: options.bytes.vdrAllocSize,
      nodeToAtLargeBytesUsed: {},
      nodeToVdrBytesUsed: {},
      waiting: [],
    },
    decompressed: { heldBytes: 0, nodeToHeldBytes: {}, waitingNodes: [] },
  };
}

describe("SybilInboundMsgThrottler", () => {
  test("grants at once where there is room, without a word, and is full again after the release", () => {
    const { throttler, acquire } = throttling();
    throttler.addNode(node("a"));
    const { acquisition, told } = acquire("a", 10);
    expect(acquisition.granted).toBe(true);
    expect(told).toBe(0);
    expect(throttler.state().bytes.nodeToAtLargeBytesUsed).toEqual({ a: 10 });
    acquisition.release();
    acquisition.release();
    expect(throttler.state()).toEqual(full(SMALL));
  });

  test("a message that waited for one throttler goes on to the next", () => {
    const { clock, throttler, acquire } = throttling();
    throttler.addNode(node("a"));
    const held = [acquire("a", 10), acquire("a", 10), acquire("a", 10)];
    const waiting = acquire("a", 200);
    expect(waiting.acquisition.granted).toBe(false);
    expect(throttler.state().buffer.waitingNodes).toEqual([node("a")]);
    // A place in the buffer: now it waits for bandwidth, of which 30 bytes are spent.
    held[0]?.acquisition.release();
    expect(throttler.state().buffer.waitingNodes).toEqual([]);
    expect(throttler.state().bytes.waiting).toEqual([]);
    // Bandwidth: now it waits for more bytes than there ever are for one node.
    clock.advance(300);
    expect(throttler.state().bytes.waiting).toEqual([{ messageID: 1, node: node("a"), size: 200, bytesNeeded: 190 }]);
    expect(waiting.told).toBe(0);
    waiting.acquisition.release();
    for (const { acquisition } of held) acquisition.release();
    expect(throttler.state()).toEqual(full(SMALL));
  });

  test("a wait that ends with a grant is told once", () => {
    const { throttler, acquire } = throttling();
    throttler.addNode(node("a"));
    const held = acquire("a", 30);
    const waiting = acquire("a", 20);
    expect(waiting.acquisition.granted).toBe(false);
    held.acquisition.release();
    expect(waiting.acquisition.granted).toBe(true);
    expect(waiting.told).toBe(1);
    waiting.acquisition.release();
    expect(throttler.state()).toEqual(full(SMALL));
  });

  test.each(["buffer", "bandwidth", "cpu", "disk", "bytes"] as const)(
    "a release while it waits for %s gives back what it took and is never told",
    (stage) => {
      const { clock, use, throttler, work, acquire } = throttling();
      throttler.addNode(node("a"));
      const held = stage === "buffer" ? [1, 1, 1].map((size) => acquire("a", size)) : [acquire("a", 30)];
      if (stage === "bandwidth") acquire("a", 170).acquisition.release();
      if (stage === "cpu" || stage === "disk") {
        work("a", 1_000);
        use[stage] = 1;
      }
      const waiting = acquire("a", stage === "bytes" ? 40 : 20);
      expect(waiting.acquisition.granted).toBe(false);
      waiting.acquisition.release();
      waiting.acquisition.release();
      clock.advance(60_000);
      for (const { acquisition } of held) acquisition.release();
      expect(waiting.told).toBe(0);
      expect(clock.pendingTimers).toBe(0);
      expect(throttler.state()).toEqual(full(SMALL));
    },
  );

  test("one that is released by another's word, before its own, is not told", () => {
    const { throttler } = throttling();
    const told: string[] = [];
    const held = throttler.acquire(30, node("a"), () => {});
    const more = throttler.acquire(20, node("b"), () => {});
    let second: Acquisition | undefined;
    throttler.acquire(5, node("c"), () => {
      told.push("c");
      second?.release();
    });
    second = throttler.acquire(5, node("d"), () => told.push("d"));
    held.release();
    expect(told).toEqual(["c"]);
    more.release();
    expect(throttler.state().bytes.nodeToAtLargeBytesUsed).toEqual({ c: 5 });
    expect(throttler.state().buffer.nodeToNumProcessingMsgs).toEqual({ c: 1 });
  });

  test("a peer is slowed by its own cost, another is not", () => {
    const { clock, use, throttler, work, acquire } = throttling();
    work("honest", 10);
    work("greedy", 1_000);
    use.cpu = 0.4;
    const greedy = acquire("greedy", 1);
    expect(greedy.acquisition.granted).toBe(false);
    expect(acquire("honest", 1).acquisition.granted).toBe(true);
    use.cpu = 0.05;
    clock.advance(5_000);
    expect(greedy.told).toBe(1);
    expect(throttler.state().buffer.nodeToNumProcessingMsgs).toEqual({ greedy: 1, honest: 1 });
  });

  test("whatever the history, after all releases every pool is full again and nothing is left", () => {
    const names = fc.constantFrom("v", "w", "x", "y");
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ op: fc.constant("acquire" as const), name: names, size: fc.nat(120) }) },
      { weight: 4, arbitrary: fc.record({ op: fc.constant("release" as const), pick: fc.nat() }) },
      { weight: 2, arbitrary: fc.record({ op: fc.constant("advance" as const), ms: fc.nat(3_000) }) },
      { weight: 1, arbitrary: fc.record({ op: fc.constant("work" as const), name: names, ms: fc.nat(500) }) },
      { weight: 1, arbitrary: fc.record({ op: fc.constant("use" as const), cpu: fc.nat(2), disk: fc.nat(2) }) },
      { weight: 1, arbitrary: fc.record({ op: fc.constant("weight" as const), name: names, to: fc.bigInt(0n, 9n) }) },
      { weight: 1, arbitrary: fc.record({ op: fc.constantFrom("addNode" as const, "removeNode"), name: names }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const { clock, validators, use, throttler, work, acquire } = throttling();
        const all: ReturnType<typeof acquire>[] = [];
        const live: ReturnType<typeof acquire>[] = [];
        const atOnce = new Set<ReturnType<typeof acquire>>();
        const waiting = (name: string) => {
          const { buffer, bytes } = throttler.state();
          return buffer.waitingNodes.includes(node(name)) || bytes.waiting.some((message) => message.node === name);
        };
        for (const s of steps) {
          if (s.op === "acquire") {
            if (waiting(s.name)) continue;
            const asked = acquire(s.name, s.size);
            if (asked.acquisition.granted) atOnce.add(asked);
            all.push(asked);
            live.push(asked);
          } else if (s.op === "release") {
            live.splice(s.pick % Math.max(1, live.length), 1)[0]?.acquisition.release();
          } else if (s.op === "advance") clock.advance(s.ms);
          else if (s.op === "work") work(s.name, s.ms);
          else if (s.op === "use") Object.assign(use, { cpu: s.cpu / 4, disk: s.disk / 4 });
          else if (s.op === "weight") setWeight(validators, s.name, s.to);
          else throttler[s.op](node(s.name));
          const { remainingAtLargeBytes, remainingVdrBytes } = throttler.state().bytes;
          expect(remainingAtLargeBytes).toBeGreaterThanOrEqual(0);
          expect(remainingVdrBytes).toBeGreaterThanOrEqual(0);
        }
        for (const { acquisition } of live) acquisition.release();
        expect(throttler.state()).toEqual(full(SMALL));
        expect(clock.pendingTimers).toBe(0);
        for (const asked of all) {
          expect(asked.told).toBeLessThanOrEqual(1);
          if (atOnce.has(asked)) expect(asked.told).toBe(0);
          else expect(asked.acquisition.granted).toBe(asked.told === 1);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("a node whose messages came to much more than their length waits before anything else is taken", () => {
    const { throttler, acquire } = throttling({ ...SMALL, decompressed: { maxBytes: 1_000, nodeMaxBytes: 100 } });
    const held = acquire("x", 5);
    held.acquisition.decompressed(100);
    expect(throttler.state().decompressed.nodeToHeldBytes).toEqual({ x: 100 });
    const waits = acquire("x", 5);
    expect(waits.acquisition.granted).toBe(false);
    expect(throttler.state().buffer.nodeToNumProcessingMsgs).toEqual({ x: 1 });
    expect(acquire("y", 5).acquisition.granted).toBe(true);
    held.acquisition.release();
    expect([waits.told, waits.acquisition.granted]).toEqual([1, true]);
    held.acquisition.decompressed(100);
    expect(throttler.state().decompressed.heldBytes).toBe(0);
  });

  test("every message that fits is granted in the end, when those before it are released", () => {
    const sizes = fc.array(
      fc.record({ name: fc.constantFrom("v", "w", "x", "y"), size: fc.integer({ min: 1, max: 30 }) }),
    );
    fc.assert(
      fc.property(sizes, (messages) => {
        const { clock, throttler, acquire } = throttling();
        // Peers ask for the next message when the last was granted.
        const queues = Map.groupBy(messages, ({ name }) => name);
        const held: Acquisition[] = [];
        let granted = 0;
        const asks = (name: (typeof messages)[number]["name"]): void => {
          const next = queues.get(name)?.shift();
          if (next === undefined) return;
          const acquisition: Acquisition = throttler.acquire(next.size, node(name), () => {
            granted++;
            held.push(acquisition);
            asks(name);
          });
          if (!acquisition.granted) return;
          granted++;
          held.push(acquisition);
          asks(name);
        };
        for (const name of [...queues.keys()]) asks(name);
        for (let i = 0; i <= messages.length * 2; i++) {
          held.shift()?.release();
          clock.advance(10_000);
        }
        expect(granted).toBe(messages.length);
        expect(acquire("v", 30).acquisition.granted).toBe(true);
      }),
    );
  });
});

test("metrics of the room have upstream's names, where it has them, and follow what happens", async () => {
  const { clock, validators, registry, metrics, throttler, acquire } = throttling();
  const outbound = new SybilOutboundMsgThrottler({ validators, metrics }, { atLargeAllocSize: 100, vdrAllocSize: 100 });
  const upgrades = new CooldownInboundConnUpgradeThrottler({ clock, metrics });
  upgrades.shouldUpgrade("1.2.3.4");
  upgrades.shouldUpgrade("1.2.3.4");
  outbound.acquire(60, node("x"), false);
  outbound.acquire(60, node("x"), false);
  throttler.addNode(node("x"));
  const held = acquire("x", 30);
  acquire("x", 10);
  clock.advance(2);
  held.acquisition.release();
  acquire("x", 30);

  const families = await registry.getMetricsAsJSON();
  const values = Object.fromEntries(families.map(({ name, type, values: [first] }) => [name, [type, first?.value]]));
  const expected = {
    bandwidth_throttler_inbound_acquire_latency_count: ["counter", 3],
    bandwidth_throttler_inbound_acquire_latency_sum: ["gauge", 0],
    bandwidth_throttler_inbound_awaiting_acquire: ["gauge", 0],
    buffer_throttler_inbound_acquire_latency_count: ["counter", 3],
    buffer_throttler_inbound_acquire_latency_sum: ["gauge", 0],
    buffer_throttler_inbound_awaiting_acquire: ["gauge", 0],
    byte_throttler_inbound_acquire_latency_count: ["counter", 2],
    byte_throttler_inbound_acquire_latency_sum: ["gauge", 2_000_000],
    byte_throttler_inbound_awaiting_acquire: ["gauge", 1],
    byte_throttler_inbound_awaiting_release: ["gauge", 1],
    byte_throttler_inbound_remaining_at_large_bytes: ["gauge", 20],
    byte_throttler_inbound_remaining_validator_bytes: ["gauge", 100],
    cpu_throttler_awaiting_acquire: ["gauge", 0],
    cpu_throttler_total_no_waits: ["counter", 3],
    cpu_throttler_total_waits: ["counter", 0],
    decompressed_throttler_awaiting_acquire: ["gauge", 0],
    decompressed_throttler_held_bytes: ["gauge", 0],
    decompressed_throttler_total_waits: ["counter", 0],
    disk_throttler_awaiting_acquire: ["gauge", 0],
    disk_throttler_total_no_waits: ["counter", 3],
    disk_throttler_total_waits: ["counter", 0],
    inbound_conn_throttler_allowed: ["counter", 1],
    inbound_conn_throttler_rate_limited: ["counter", 1],
    throttler_outbound_acquire_failures: ["counter", 1],
    throttler_outbound_acquire_successes: ["counter", 1],
    throttler_outbound_awaiting_release: ["gauge", 1],
    throttler_outbound_remaining_at_large_bytes: ["gauge", 40],
    throttler_outbound_remaining_validator_bytes: ["gauge", 100],
  };
  expect(values).toEqual(
    Object.fromEntries(
      Object.entries(expected).map(([name, value]) => [`avalanche_network_${name}`, value]),
    ) as unknown as typeof values,
  );
});
