import { expect, test } from "bun:test";
import { ManualClock } from "../../lib/core/clock.ts";
import { WaitError, waitUntil } from "../../lib/core/wait_until.ts";

/** Lets a wait run on virtual time. */
async function outcome<T>(clock: ManualClock, wait: Promise<T>): Promise<T | WaitError> {
  const settled = wait.catch((error: WaitError) => error);
  await clock.runFor(100_000);
  expect(clock.pendingTimers).toBe(0);
  return await settled;
}

test("what was waited for is given", async () => {
  const clock = new ManualClock();
  let looks = 0;
  expect(
    await outcome(
      clock,
      waitUntil("it is there", () => (++looks === 4 ? "it" : undefined), { clock }),
    ),
  ).toBe("it");
  expect(looks).toBe(4);
});

test("what is so at once is not waited for", async () => {
  const clock = new ManualClock();
  expect(
    await outcome(
      clock,
      waitUntil("it is there", () => 7, { clock, timeoutMs: 0 }),
    ),
  ).toBe(7);
});

test("a wait in vain tells what was waited for, how long, and what was found", async () => {
  const clock = new ManualClock();
  const error = await outcome(
    clock,
    waitUntil("pigs fly", () => 0, { clock, timeoutMs: 2_000 }),
  );
  expect(error).toBeInstanceOf(WaitError);
  expect((error as WaitError).message).toBe("Waited 2 s until pigs fly; the last look found 0");
});

test("what a look throws is told, and is the cause", async () => {
  const clock = new ManualClock();
  const cause = new Error("no wings");
  const look = () => {
    throw cause;
  };
  const error = (await outcome(clock, waitUntil("pigs fly", look, { clock, timeoutMs: 500 }))) as WaitError;
  expect(error.message).toBe("Waited 0.5 s until pigs fly; the last look failed: no wings");
  expect(error.cause).toBe(cause);
});

test("a signal ends the wait at once", async () => {
  const clock = new ManualClock();
  const signal = AbortSignal.abort();
  const error = (await outcome(
    clock,
    waitUntil("pigs fly", () => false, { clock, signal }),
  )) as WaitError;
  expect(error.type.code).toBe("interrupted");
});
