import { expect, test } from "bun:test";
import { idToBytes } from "../../../lib/core/ids/id.ts";
import { newTLSCert } from "../../../lib/core/staking/tls_cert.ts";
import type { Sender } from "../../../lib/p2p/routing/sender/sender.ts";
import { CHAIN, World } from "./world.ts";

const CHAIN_BYTES = idToBytes(CHAIN.chainID);

/** A node that asks a validator which never answers, and whom it has benched. */
async function asking(world: World, flags: Record<string, string>) {
  const [silent, others] = [newTLSCert(), newTLSCert()];
  const validators = new Map([
    [silent, 1n],
    [others, 1_000n],
  ]);
  const timeouts = {
    "network-initial-timeout": "100ms",
    "network-minimum-timeout": "100ms",
    "network-maximum-timeout": "100ms",
  };
  const node = await world.node({ ...timeouts, ...flags }, { validators });
  let sender: Sender | undefined;
  node.addChain(CHAIN, (given) => {
    sender = given;
    return {};
  });
  const peer = await world.peer(node, { tlsCert: silent });
  let requestID = 0;
  return {
    node,
    /** Asks, and lets time pass: longer than a request may take unless it is said otherwise. */
    async ask(times: number, forMs = 200): Promise<void> {
      for (let i = 0; i < times; i++) sender?.sendPullQuery([peer.myNodeID], ++requestID, CHAIN.chainID, 0n);
      await world.clock.runFor(forMs);
    },
    /** The peer answers the last requests. */
    async answer(times: number): Promise<void> {
      for (let i = 0; i < times; i++) {
        peer.send(peer.build.chits(CHAIN_BYTES, requestID - i, CHAIN_BYTES, CHAIN_BYTES, CHAIN_BYTES, 0n));
      }
      await world.clock.runFor(5);
    },
    isBenched: () => node.routing.timeouts.isBenched(CHAIN.chainID, peer.myNodeID),
  };
}

/** After how many requests without an answer a node is benched; one more than 20 where it is not. */
async function requestsUntilBenched(flags: Record<string, string>): Promise<number> {
  await using world = new World();
  const { ask, isBenched } = await asking(world, flags);
  for (let i = 1; i <= 20; i++) {
    await ask(1);
    if (isBenched()) return i;
  }
  return 21;
}

test("a node is benched once it fails more often than benchlist-bench-probability", async () => {
  const early = await requestsUntilBenched({
    "benchlist-bench-probability": "0.1",
    "benchlist-unbench-probability": "0.05",
  });
  const late = await requestsUntilBenched({
    "benchlist-bench-probability": "1",
    "benchlist-unbench-probability": "0.05",
  });
  expect(early).toBeLessThan(5);
  expect(late).toBe(21);
});

test("a node is on the bench for benchlist-duration at most", async () => {
  for (const [duration, benchedAfterMs, takenBackAfterMs] of [
    ["5s", 500, 6_000],
    ["60s", 6_000, 61_000],
  ] as const) {
    await using world = new World();
    const { ask, isBenched } = await asking(world, { "benchlist-duration": duration, "benchlist-halflife": "1h" });
    await ask(20);
    await world.clock.runFor(benchedAfterMs);
    expect(isBenched()).toBe(true);
    await world.clock.runFor(takenBackAfterMs - benchedAfterMs);
    expect(isBenched()).toBe(false);
  }
});

/** Whether a node that left five requests without an answer, and then answers five, is still benched. */
async function isBenchedAfterAnswers(flags: Record<string, string>): Promise<boolean> {
  await using world = new World();
  const { ask, answer, isBenched } = await asking(world, flags);
  await ask(5, 50);
  await ask(5, 70);
  expect(isBenched()).toBe(true);
  await answer(5);
  return isBenched();
}

test("failures are forgotten by benchlist-halflife", async () => {
  expect(await isBenchedAfterAnswers({ "benchlist-halflife": "1ms" })).toBe(false);
  expect(await isBenchedAfterAnswers({ "benchlist-halflife": "1h" })).toBe(true);
});

test("a node is taken back once it fails less often than benchlist-unbench-probability", async () => {
  const remembered = { "benchlist-halflife": "1h" };
  expect(await isBenchedAfterAnswers({ ...remembered, "benchlist-unbench-probability": "0.2" })).toBe(true);
  expect(await isBenchedAfterAnswers({ ...remembered, "benchlist-unbench-probability": "0.48" })).toBe(false);
});
