import { expect, test } from "bun:test";
import type { Clock } from "../../../lib/core/clock.ts";
import { idToBytes } from "../../../lib/core/ids/id.ts";
import { newTLSCert } from "../../../lib/core/staking/tls_cert.ts";
import { Op } from "../../../lib/p2p/message/ops.ts";
import type { Sender } from "../../../lib/p2p/routing/sender/sender.ts";
import { CHAIN, countOf, World } from "./world.ts";

const HOUR_NS = 3_600_000_000_000n;
const CONTAINER = CHAIN.chainID;
const CHAIN_BYTES = idToBytes(CHAIN.chainID);

test("a peer is pinged every network-ping-frequency", async () => {
  for (const [frequency, expected] of [
    ["1s", 20],
    ["10s", 2],
  ] as const) {
    await using world = new World();
    const node = await world.node({ "network-ping-frequency": frequency });
    const peer = await world.peer(node);
    const pings = countOf(peer, Op.Ping);
    await world.clock.runFor(20_000);
    expect(Math.abs(pings.count - expected)).toBeLessThanOrEqual(1);
  }
});

test("a peer that says nothing is dropped after network-ping-timeout", async () => {
  for (const [timeout, aliveAtMs] of [
    ["5s", 4_000],
    ["60s", 50_000],
  ] as const) {
    await using world = new World();
    const node = await world.node({ "network-ping-timeout": timeout, "network-ping-frequency": "4s" });
    const peer = await world.peer(node, { polite: false });
    const shaking = peer.shakeHands();
    await world.during(shaking);
    await world.clock.runFor(aliveAtMs - 1_000);
    expect(peer.isClosed).toBe(false);
    await world.clock.runFor(20_000);
    expect(peer.isClosed).toBe(true);
  }
});

test("a peer whose clock is off by more than network-max-clock-difference is not kept", async () => {
  const isKept = async (difference: string): Promise<boolean> => {
    await using world = new World();
    const node = await world.node({ "network-max-clock-difference": difference });
    const { clock } = world;
    const late: Clock = {
      now: () => clock.now() - 30_000,
      monotonic: () => clock.monotonic(),
      setTimeout: (...args) => clock.setTimeout(...args),
      setInterval: (...args) => clock.setInterval(...args),
    };
    return await world.peer(node, { clock: late, timeoutMs: 200 }).then(
      () => true,
      () => false,
    );
  };
  expect([await isKept("60s"), await isKept("10s")]).toEqual([true, false]);
});

test("messages are compressed as network-compression-type says", async () => {
  for (const [type, compressed] of [
    ["zstd", 1],
    ["none", 0],
  ] as const) {
    await using world = new World();
    const node = await world.node({ "network-compression-type": type });
    const peer = await world.peer(node);
    const { sender } = node.addChain(CHAIN, () => ({}));
    sender.sendAppRequest([peer.myNodeID], 1, new Uint8Array(50_000));
    await world.during(peer.next(Op.AppRequest));
    const text = await node.metrics.registry.metrics();
    const line = text.split("\n").find((line) => {
      return line.startsWith("avalanche_network_msgs{") && line.includes('op="app_request"') && line.includes('"true"');
    });
    expect(line === undefined ? 0 : Number(line.split(" ")[1])).toBe(compressed);
  }
});

test("a request may not take longer than network-maximum-inbound-timeout, whatever it says", async () => {
  for (const [timeout, expectedMs] of [
    ["3s", 3_000],
    ["8s", 8_000],
  ] as const) {
    await using world = new World();
    const node = await world.node({ "network-maximum-inbound-timeout": timeout });
    let deadlineMs: number | undefined;
    node.addChain(CHAIN, () => ({
      appRequest: (_nodeID, _requestID, deadline) => {
        deadlineMs = Number(deadline) - world.clock.now();
      },
    }));
    const peer = await world.peer(node);
    peer.send(peer.build.appRequest(CHAIN_BYTES, 1, HOUR_NS, new Uint8Array(1)));
    await world.clock.runFor(0);
    await world.clock.runFor(1);
    expect(deadlineMs).toBeLessThanOrEqual(expectedMs);
    expect(deadlineMs).toBeGreaterThan(expectedMs - 1_000);
  }
});

/** How long a node waits for the answer to a query, once another was answered after `answeredAfterMs`. */
async function waitOf(flags: Record<string, string>, answeredAfterMs?: number): Promise<number> {
  await using world = new World();
  const node = await world.node({ "network-minimum-timeout": "100ms", "network-maximum-timeout": "10s", ...flags });
  const failed: number[] = [];
  let sender: Sender | undefined;
  node.addChain(CHAIN, (given) => {
    sender = given;
    return { queryFailed: () => void failed.push(world.clock.monotonic()), chits: () => {} };
  });
  const peer = await world.peer(node, { tlsCert: newTLSCert() });
  if (answeredAfterMs !== undefined) {
    sender?.sendPullQuery([peer.myNodeID], 1, CONTAINER, 0n);
    await world.clock.runFor(answeredAfterMs);
    peer.send(peer.build.chits(CHAIN_BYTES, 1, CHAIN_BYTES, CHAIN_BYTES, CHAIN_BYTES, 0n));
    await world.clock.runFor(10);
  }
  const askedAt = world.clock.monotonic();
  sender?.sendPullQuery([peer.myNodeID], 2, CONTAINER, 0n);
  await world.clock.runFor(12_000);
  return Math.round((failed[0] ?? Number.NaN) - askedAt);
}

test("the first request is waited for as long as network-initial-timeout says", async () => {
  expect(await waitOf({ "network-initial-timeout": "700ms" })).toBe(700);
  expect(await waitOf({ "network-initial-timeout": "2s" })).toBe(2_000);
});

test("no request is waited for longer than network-maximum-timeout, nor shorter than network-minimum-timeout", async () => {
  const long = { "network-initial-timeout": "1s", "network-timeout-halflife": "1ms" };
  expect(await waitOf({ ...long, "network-maximum-timeout": "1200ms" }, 900)).toBe(1_200);
  expect(await waitOf({ ...long, "network-minimum-timeout": "900ms" }, 10)).toBe(900);
});

test("after an answer a request is waited for network-timeout-coefficient times as long, as far as network-timeout-halflife lets it count", async () => {
  const flags = { "network-initial-timeout": "1s", "network-timeout-halflife": "1ms" };
  const twice = await waitOf({ ...flags, "network-timeout-coefficient": "2" }, 500);
  const thrice = await waitOf({ ...flags, "network-timeout-coefficient": "3" }, 500);
  expect(twice).toBeGreaterThan(990);
  expect(twice).toBeLessThan(1_050);
  expect(thrice - twice).toBeGreaterThan(480);
  const slow = await waitOf({ ...flags, "network-timeout-halflife": "10m", "network-timeout-coefficient": "2" }, 100);
  const quick = await waitOf({ ...flags, "network-timeout-halflife": "1ms", "network-timeout-coefficient": "2" }, 100);
  expect(slow).toBeGreaterThan(900);
  expect(quick).toBeLessThan(300);
});
