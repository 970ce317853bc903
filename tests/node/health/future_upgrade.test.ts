import { expect, test } from "bun:test";
import { ManualClock } from "../../../lib/core/clock.ts";
import { PRIMARY_NETWORK_ID } from "../../../lib/core/ids/id.ts";
import { type NodeID, nodeIDFromBytes } from "../../../lib/core/ids/node_id.ts";
import { createLogger } from "../../../lib/core/log.ts";
import { ValidatorManager } from "../../../lib/core/validators/manager.ts";
import { futureUpgradeCheck } from "../../../lib/node/health/future_upgrade.ts";
import { countUpgradeVote } from "../../../lib/node/upgrade_vote.ts";

const HOUR = 3_600;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 21) / 1_000;
/** This node's own upgrade. */
const LOCAL = Date.UTC(2025, 10, 19, 16) / 1_000;

function node(i: number): NodeID {
  return nodeIDFromBytes(new Uint8Array(20).fill(i));
}

/** A node among validators of these weights, the connected ones of which tell these times. */
function world(weights: readonly bigint[], told: readonly (number | undefined)[]) {
  const clock = new ManualClock(NOW * 1_000);
  const lines: string[] = [];
  const log = createLogger((level, _, { timeUntilUpgrade, error }) => {
    lines.push(`${level} ${timeUntilUpgrade}${error === undefined ? "" : `: ${error}`}`);
  });
  const validators = new ValidatorManager();
  for (const [i, weight] of weights.entries()) {
    const staker = { nodeID: node(i), publicKey: undefined, txID: PRIMARY_NETWORK_ID, weight };
    validators.addStaker(PRIMARY_NETWORK_ID, staker);
  }
  const upgradeTime = (nodeID: NodeID) => {
    const time = told.find((_, i) => node(i) === nodeID);
    return time === undefined ? undefined : BigInt(time);
  };
  const check = futureUpgradeCheck({ clock, log }, () => countUpgradeVote({ validators, upgradeTime }), LOCAL);
  return { check, clock, lines };
}

test("all agree with this node: the answer is the recorded one", async () => {
  const { check, lines } = world([1n, 1n, 1n, 1n, 1n], [LOCAL, LOCAL, LOCAL, LOCAL]);
  expect(await check()).toEqual({
    details: {
      localUpgradeTime: "2025-11-19T16:00:00Z",
      modeUpgradeTime: "2025-11-19T16:00:00Z",
      modeUpgradeWeightPercentage: 80,
      numUpgradeTimes: 1,
    },
  });
  expect(lines).toEqual([]);
});

test.each([
  ["nobody is connected", [1n], [], 0, 0],
  ["nobody validates", [], [NOW + DAY], 0, 0],
  ["most of the stake tells an earlier time", [3n, 1n], [LOCAL - 1, NOW + DAY], 75, 2],
  ["less than half of the stake tells a later time", [49n, 51n], [NOW + DAY, undefined], 49, 1],
])("%s: nothing is amiss", async (_, weights, told, percentage, times) => {
  const { check } = world(weights, told);
  expect(await check()).toMatchObject({
    details: { modeUpgradeWeightPercentage: percentage, numUpgradeTimes: times },
  });
  expect((await check()).error).toBeUndefined();
});

test.each([
  [8 * DAY, "info", undefined, "192h0m0s"],
  [4 * DAY, "warn", undefined, "96h0m0s"],
  [3 * DAY, "warn", "unknown network upgrade detected", "72h0m0s"],
  [DAY, "error", "unknown network upgrade detected - update as soon as possible", "24h0m0s"],
  [HOUR, "error", "imminent network upgrade detected - update immediately", "1h0m0s"],
  [-DAY, "error", "imminent network upgrade detected - update immediately", "-24h0m0s"],
])("half of the stake upgrades in %d s", async (seconds, level, error, timeUntilUpgrade) => {
  const { check, lines } = world([1n, 1n], [NOW + seconds]);
  const found = await check();
  expect(found.error).toBe(error);
  expect(found.details).toMatchObject({ timeUntilUpgrade, modeUpgradeWeightPercentage: 50 });
  expect(lines).toEqual([`${level} ${timeUntilUpgrade}${error === undefined ? "" : `: ${error}`}`]);
});

test("the log is not filled with what is known: every hour a line, and each time in the last hour", async () => {
  const { check, clock, lines } = world([1n], [NOW + 2 * DAY]);
  for (let i = 0; i < 4; i++) {
    await check();
    clock.advance(HOUR * 500);
  }
  expect(lines.length).toBe(2);
  clock.advance(2 * DAY * 1_000 - HOUR * 1_500);
  lines.length = 0;
  await check();
  await check();
  expect(lines.length).toBe(2);
});

test("a time that no date can hold is shown as it was told", async () => {
  const { check } = world([1n], [2 ** 53 - 1]);
  expect((await check()).details).toMatchObject({ modeUpgradeTime: "9007199254740991" });
});
