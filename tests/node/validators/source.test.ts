/** The source of validators on time that stands still, with a P-Chain that answers as the test wants. */

import { expect, test } from "bun:test";
import { Registry } from "prom-client";
import { ManualClock } from "../../../lib/core/clock.ts";
import { type ID, idFromBytes, PRIMARY_NETWORK_ID } from "../../../lib/core/ids/id.ts";
import { EMPTY_NODE_ID, nodeIDFromBytes } from "../../../lib/core/ids/node_id.ts";
import { createLogger } from "../../../lib/core/log.ts";
import { MetricsNamespace } from "../../../lib/core/metrics.ts";
import { newBLSSigner } from "../../../lib/core/staking/bls.ts";
import { ValidatorManager } from "../../../lib/core/validators/manager.ts";
import type { PlatformAPI } from "../../../lib/node/validators/platform_api.ts";
import { ValidatorSource, type ValidatorSourceOptions } from "../../../lib/node/validators/source.ts";
import { validatorSourceCheck } from "../../../lib/node/validators/source_status.ts";
import type { CurrentL1Validator, CurrentStaker, CurrentValidator } from "../../../lib/platform/current_validators.ts";
import { RPCError } from "../../../lib/platform/rpc/errors.ts";

const SECOND = 1_000;
const node = (n: number) => nodeIDFromBytes(new Uint8Array(20).fill(n));
const id = (n: number) => idFromBytes(new Uint8Array(32).fill(n));
const SUBNET = id(100);
const OTHER_SUBNET = id(101);
const KEY = newBLSSigner().publicKey;
const OTHER_KEY = newBLSSigner().publicKey;

function staker(n: number, weight: bigint, publicKey?: Uint8Array, tx = n): CurrentStaker {
  return { kind: "staker", nodeID: node(n), txID: id(tx), weight, publicKey };
}

function l1(n: number, weight: bigint, active = true): CurrentL1Validator {
  return { kind: "l1", nodeID: node(n), txID: id(n), weight, publicKey: KEY, active };
}

const away = () => new RPCError({ code: "unreachable", url: "http://x" }, "Cannot reach http://x");

/** A source, the chain that it asks, and what it says. */
function world(options: Partial<ValidatorSourceOptions> = {}) {
  const clock = new ManualClock(1_700_000_000_000);
  const chain = {
    networkID: 12_345 as number | undefined,
    height: 1n,
    subnets: [PRIMARY_NETWORK_ID, SUBNET, OTHER_SUBNET] as ID[],
    current: new Map<ID, CurrentValidator[]>([[PRIMARY_NETWORK_ID, [staker(1, 5n, KEY), staker(2, 7n)]]]),
    fault: undefined as (() => Error) | undefined,
    calls: [] as string[],
  };
  const answer = async <T>(call: string, read: () => T): Promise<T> => {
    chain.calls.push(call);
    if (chain.fault !== undefined) throw chain.fault();
    return read();
  };
  const api: PlatformAPI = {
    networkID: () => answer("networkID", () => chain.networkID),
    height: () => answer("height", () => chain.height),
    subnetIDs: () => answer("subnetIDs", () => chain.subnets),
    currentValidators: (subnetID) => answer(`validators ${subnetID}`, () => chain.current.get(subnetID) ?? []),
  };
  const validators = new ValidatorManager();
  const heard: string[] = [];
  const name = (nodeID: string) => (nodeID === EMPTY_NODE_ID ? 0 : [1, 2, 3, 4].find((n) => node(n) === nodeID));
  const of = (subnetID: ID) => (subnetID === PRIMARY_NETWORK_ID ? "" : "s");
  validators.subscribe({
    onValidatorAdded: (subnetID, { nodeID, weight }) => heard.push(`${of(subnetID)}+${name(nodeID)}:${weight}`),
    onValidatorRemoved: (subnetID, nodeID, weight) => heard.push(`${of(subnetID)}-${name(nodeID)}:${weight}`),
    onValidatorWeightChanged: (subnetID, nodeID, before, after) =>
      heard.push(`${of(subnetID)}${name(nodeID)}:${before}>${after}`),
  });
  const lines: string[] = [];
  const log = createLogger((level, message) => lines.push(`${level} ${message}`));
  const registry = new Registry();
  const source = new ValidatorSource(
    {
      clock,
      random: { float: () => 1, bytes: (length) => new Uint8Array(length) },
      log,
      api,
      validators,
      metrics: new MetricsNamespace(registry, "source"),
    },
    {
      networkID: 12_345,
      trackedSubnets: new Set(),
      followsAllSubnets: () => false,
      frequencyMs: 10 * SECOND,
      ...options,
    },
  );
  /** What listeners heard since the last time. */
  const changes = () => heard.splice(0);
  return { source, chain, clock, validators, changes, lines, registry };
}

test("an empty set is filled, and what changes is told at once", async () => {
  const { source, chain, validators, changes } = world();
  await source.poll();
  expect(changes()).toEqual(["+1:5", "+2:7"]);
  expect(validators.getValidator(PRIMARY_NETWORK_ID, node(1))).toEqual({
    nodeID: node(1),
    publicKey: KEY,
    txID: id(1),
    weight: 5n,
  });

  chain.height = 2n;
  const huge = 2n ** 64n - 1n;
  chain.current.set(PRIMARY_NETWORK_ID, [staker(3, 1n), staker(1, huge, KEY)]);
  await source.poll();
  expect(changes()).toEqual(["-2:7", "+3:1", `1:5>${huge}`]);
});

test("a new BLS key or transaction is a new validator", async () => {
  const { source, chain, validators, changes } = world();
  await source.poll();
  changes();
  chain.height++;
  chain.current.set(PRIMARY_NETWORK_ID, [staker(1, 5n, OTHER_KEY), staker(2, 7n, undefined, 9)]);
  await source.poll();
  expect(changes()).toEqual(["-1:5", "-2:7", "+1:5", "+2:7"]);
  expect(validators.getValidator(PRIMARY_NETWORK_ID, node(1))?.publicKey).toEqual(OTHER_KEY);
  expect(validators.getValidator(PRIMARY_NETWORK_ID, node(2))?.txID).toBe(id(9));
});

test("the validators of a genesis give way to those of the chain", async () => {
  const { source, validators, changes } = world();
  for (const n of [1, 4]) {
    validators.addStaker(PRIMARY_NETWORK_ID, { nodeID: node(n), publicKey: KEY, txID: id(n), weight: 5n });
  }
  changes();
  await source.poll();
  expect(changes()).toEqual(["-4:5", "+2:7"]);
});

test("tracked subnets and L1s are followed: keys of the Primary Network, and nobody for the inactive", async () => {
  const { source, chain, validators, changes } = world({ trackedSubnets: new Set([SUBNET]) });
  chain.current.set(SUBNET, [staker(1, 3n), l1(3, 4n), l1(4, 5n, false)]);
  chain.current.set(OTHER_SUBNET, [staker(2, 1n)]);
  await source.poll();
  expect(changes()).toEqual(["+1:5", "+2:7", "s+1:3", "s+3:4", "s+0:5"]);
  expect(validators.getValidator(SUBNET, node(1))?.publicKey).toEqual(KEY);
  expect(validators.getValidator(SUBNET, node(3))?.publicKey).toEqual(KEY);
  expect(validators.totalWeight(SUBNET)).toBe(12n);
  expect(chain.calls).not.toContain(`validators ${OTHER_SUBNET}`);

  chain.height++;
  chain.current.set(SUBNET, [l1(3, 4n, false), l1(4, 5n)]);
  await source.poll();
  expect(changes()).toEqual(["s-1:3", "s-3:4", "s0:5>4", "s+4:5"]);
});

test("all subnets are followed while that is asked for", async () => {
  let all = false;
  const { source, chain, changes } = world({ followsAllSubnets: () => all });
  chain.current.set(SUBNET, [staker(1, 3n)]);
  await source.poll();
  expect(changes()).toEqual(["+1:5", "+2:7"]);
  all = true;
  await source.poll();
  expect(changes()).toEqual(["s+1:3"]);

  // A subnet that is new comes with a block.
  chain.calls.length = 0;
  await source.poll();
  expect(chain.calls).toEqual(["height"]);
  chain.height++;
  chain.subnets.push(id(102));
  chain.current.set(id(102), [staker(2, 1n)]);
  await source.poll();
  expect(changes()).toEqual(["s+2:1"]);

  all = false;
  await source.poll();
  expect(changes()).toEqual(["s-1:3", "s-2:1"]);
});

test("while no block comes, nothing but the height is asked for", async () => {
  const { source, chain } = world();
  await source.poll();
  expect(chain.calls).toEqual(["networkID", "height", `validators ${PRIMARY_NETWORK_ID}`]);
  chain.calls.length = 0;
  await source.poll();
  expect(chain.calls).toEqual(["height"]);
  // A chain that began anew is lower.
  chain.height = 0n;
  await source.poll();
  expect(chain.calls).toEqual(["height", "height", `validators ${PRIMARY_NETWORK_ID}`]);
});

test("the validators stay while the API is away, and health shows it", async () => {
  const { source, chain, clock, changes, lines, registry } = world();
  const check = validatorSourceCheck("http://x", () => source.status);
  expect(await check()).toEqual({ details: { uri: "http://x", failures: 0 } });
  await source.poll();
  changes();
  const details = { uri: "http://x", height: "1", lastAnswer: "2023-11-14T22:13:20Z" };
  expect(await check()).toEqual({ details: { ...details, failures: 0 } });

  chain.fault = away;
  await source.poll();
  const lastError = { code: "unreachable", message: "Cannot reach http://x" };
  expect(await check()).toEqual({ details: { ...details, failures: 1, lastError } });
  clock.advance(30 * SECOND + 1);
  await source.poll();
  expect(await check()).toEqual({
    details: { ...details, failures: 2, lastError },
    error: "the P-Chain API does not tell the validators: Cannot reach http://x",
  });
  expect(changes()).toEqual([]);
  expect(await registry.metrics()).toContain('source_failures{reason="unreachable"} 2');

  chain.fault = undefined;
  await source.poll();
  expect((await check()).error).toBeUndefined();
  expect(lines.filter((line) => !line.startsWith("debug"))).toEqual([
    "info the P-Chain API has told the validators",
    "warn could not ask for the validators: they stay as they are",
    "info the P-Chain API answers again",
  ]);
  expect(await registry.metrics()).toContain("source_answers 2");
  expect(await registry.metrics()).toContain("source_height 1");
});

test("health is bad from the first failure where nothing was ever answered", async () => {
  const { source, chain } = world();
  chain.fault = away;
  await source.poll();
  expect((await validatorSourceCheck("http://x", () => source.status)()).error).toContain("Cannot reach");
});

test.each<[string, string, (chain: ReturnType<typeof world>["chain"]) => void]>([
  ["another network's", "wrong-network", (chain) => (chain.networkID = 1)],
  ["without validators", "no-validators", (chain) => chain.current.clear()],
  ["with a key that is none", "bls-key", (chain) => chain.current.get(PRIMARY_NETWORK_ID)!.push(staker(3, 1n, bad()))],
  ["with a node twice", "duplicate-validator", (chain) => chain.current.get(PRIMARY_NETWORK_ID)!.push(staker(1, 1n))],
  ["with a broken subnet", "bls-key", (chain) => chain.current.set(SUBNET, [{ ...l1(3, 1n), publicKey: bad() }])],
  ["that throws", "internal", (chain) => (chain.fault = () => new Error("oh"))],
])("an answer %s changes nothing, and is named", async (_, code, break_) => {
  const { source, chain, changes } = world({ trackedSubnets: new Set([SUBNET]) });
  await source.poll();
  changes();
  chain.fault = away;
  await source.poll();
  chain.fault = undefined;
  chain.height++;
  chain.current.set(PRIMARY_NETWORK_ID, [staker(1, 6n, KEY)]);
  break_(chain);
  await source.poll();
  expect(source.status.error?.code).toBe(code);
  expect(changes()).toEqual([]);
});

function bad(): Uint8Array {
  const key = KEY.slice();
  key[47]! ^= 1;
  key[30]! ^= 1;
  return key;
}

test("an API that does not say its network is taken at its word", async () => {
  const { source, chain, changes } = world();
  chain.networkID = undefined;
  await source.poll();
  expect(changes()).toEqual(["+1:5", "+2:7"]);
});

test("polls come at the frequency, after failures ever later up to a minute, and at it again after an answer", async () => {
  const { source, chain, clock } = world();
  const polls = async (ms: number) => {
    chain.calls.length = 0;
    await clock.runFor(ms);
    return chain.calls.filter((call) => call !== "networkID" || chain.fault !== undefined).length;
  };
  source.start();
  await clock.runFor(0);
  expect(await polls(100 * SECOND)).toBe(10);
  chain.fault = away;
  // With this chance pauses are the longest: 20 s, 40 s, 60 s, 60 s after the first.
  expect(await polls(10 * SECOND)).toBe(1);
  expect(await polls(19 * SECOND)).toBe(0);
  expect(await polls(1 * SECOND)).toBe(1);
  expect(await polls(40 * SECOND)).toBe(1);
  expect(await polls(60 * SECOND)).toBe(1);
  expect(await polls(59 * SECOND)).toBe(0);
  chain.fault = undefined;
  expect(await polls(1 * SECOND)).toBe(1);
  expect(await polls(30 * SECOND)).toBe(3);
  await source.close();
  expect(clock.pendingTimers).toBe(0);
});

test("closing ends a poll under way, and what it would have brought is passed over", async () => {
  const { source, validators, chain, lines } = world();
  chain.current.set(
    PRIMARY_NETWORK_ID,
    Array.from({ length: 3 }, (_, n) => staker(n + 1, 1n, KEY)),
  );
  const polling = source.poll();
  await source.close();
  await polling;
  expect(validators.numValidators(PRIMARY_NETWORK_ID)).toBe(0);
  expect(lines).toEqual([]);
});
