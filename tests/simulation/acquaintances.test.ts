import { expect, test } from "bun:test";
import { ManualClock } from "../../lib/core/clock.ts";
import { Acquaintances } from "./acquaintances.ts";

/** Two validators and two others. */
function four(): { clock: ManualClock; all: Acquaintances; meet: (a: number, b: number) => void } {
  const clock = new ManualClock();
  const all = new Acquaintances(clock, [true, true, false, false]);
  for (let node = 0; node < 4; node++) all.up(node);
  const meet = (a: number, b: number): void => {
    all.connected(a, b);
    all.connected(b, a);
  };
  return { clock, all, meet };
}

/** Four that are connected as they are to be: the two others need not know each other. */
function fourThatHaveMet(): ReturnType<typeof four> {
  const made = four();
  for (const other of [1, 2, 3]) made.meet(0, other);
  for (const other of [2, 3]) made.meet(1, other);
  return made;
}

test("a network is whole when each node and each validator both say that they are connected", () => {
  const { all, clock, meet } = four();
  expect(all.missing).toBe(5);
  meet(0, 1);
  meet(0, 2);
  meet(0, 3);
  meet(1, 2);
  clock.advance(10);
  all.connected(1, 3);
  expect(all.missing).toBe(1);
  expect(all.oneSided(1)).toBe(1);
  expect(all.wholeSince).toBeUndefined();
  clock.advance(10);
  all.connected(3, 1);
  expect(all.wholeSince).toBe(20);
  expect(all.foundAllAt).toEqual([0, 0, 0, 20]);
  all.disconnected(2, 1);
  expect(all.missing).toBe(1);
  expect(all.wholeSince).toBeUndefined();
});

test("what two others have with each other does not count", () => {
  const { all, meet } = four();
  meet(2, 3);
  expect(all.missing).toBe(5);
});

test("a node that is down is missed by nobody, and what it said counts no more", () => {
  const { all } = fourThatHaveMet();
  all.down(1);
  expect(all.missing).toBe(0);
  expect(all.connections(1)).toBe(0);
  expect(all.oneSided(3)).toBe(1);
  all.up(1);
  expect(all.missing).toBe(3);
  for (const other of [0, 2, 3]) all.connected(1, other);
  expect(all.missing).toBe(0);
});

test("a node that becomes a validator is to be found by all, and one that ceases to be is not", () => {
  const { all, meet } = fourThatHaveMet();
  all.setValidator(2, true);
  expect(all.missing).toBe(1);
  meet(2, 3);
  expect(all.missing).toBe(0);
  all.setValidator(0, false);
  all.setValidator(0, false);
  expect(all.missing).toBe(0);
  all.disconnected(0, 3);
  expect(all.missing).toBe(0);
});
