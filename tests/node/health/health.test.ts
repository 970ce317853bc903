import { expect, test } from "bun:test";
import { Registry } from "prom-client";
import { ManualClock } from "../../../lib/core/clock.ts";
import { createLogger } from "../../../lib/core/log.ts";
import { MetricsNamespace } from "../../../lib/core/metrics.ts";
import { checkResultToJSON, type Finding } from "../../../lib/node/health/check.ts";
import { Health } from "../../../lib/node/health/health.ts";
import { HealthError } from "../../../lib/node/health/worker.ts";

function setUp() {
  const clock = new ManualClock(Date.UTC(2026, 10, 21));
  const lines: string[] = [];
  const log = createLogger((level, message, { check }) => lines.push(`${level} ${message} ${check}`));
  const registry = new Registry();
  const health = new Health({ clock, log, metrics: new MetricsNamespace(registry, "avalanche_health") });
  return { clock, lines, health, registry };
}

/** Lets checks that were started come to their end. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("a check fails until it has run, then is run again and again", async () => {
  const { clock, health, lines } = setUp();
  let finding: Finding = { details: { b: 1, a: 2 } };
  health.health.register("network", () => finding);
  expect(health.health.report()).toMatchObject({ healthy: false });
  expect(checkResultToJSON(health.health.report().checks.get("network")!)).toEqual({
    error: "not yet run",
    timestamp: "0001-01-01T00:00:00Z",
    duration: 0,
  });
  health.start(1_000);
  await settle();
  expect(health.health.report().healthy).toBe(true);
  finding = { details: [], error: "no peers" };
  clock.advance(1_000);
  await settle();
  clock.advance(1_000);
  await settle();
  expect(checkResultToJSON(health.health.report().checks.get("network")!)).toEqual({
    message: [],
    error: "no peers",
    timestamp: "2026-11-21T00:00:02Z",
    duration: 0,
    contiguousFailures: 2,
    timeOfFirstFailure: "2026-11-21T00:00:01Z",
  });
  expect(lines).toEqual([
    "debug registered health check network",
    "info check started passing network",
    "warn check started failing network",
  ]);
  health.stop();
  expect(clock.pendingTimers).toBe(0);
});

test("what a check throws is its error", async () => {
  const { health } = setUp();
  health.health.register("broken", () => {
    throw new Error("no disk");
  });
  await health.health.run();
  expect(health.health.report().checks.get("broken")?.error).toBe("no disk");
});

test("a check that still runs is not run again", async () => {
  const { health } = setUp();
  let runs = 0;
  let finish = () => {};
  health.health.register("slow", async () => {
    runs++;
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    return {};
  });
  const first = health.health.run();
  await health.health.run();
  expect(runs).toBe(1);
  finish();
  await first;
});

test("tags choose checks, and application checks are always among them", async () => {
  const { health, registry } = setUp();
  health.health.register("network", () => ({}), ["application"]);
  health.health.register("P", () => ({ error: "behind" }), ["primary"]);
  health.health.register("S", () => ({}), ["subnet"]);
  await health.health.run();
  const names = (...tags: string[]) => [...health.health.report(tags).checks.keys()];
  expect(names()).toEqual(["P", "S", "network"]);
  expect(names("subnet")).toEqual(["S", "network"]);
  expect(names("nope")).toEqual(["network"]);
  expect(names("all")).toEqual(["P", "S", "network"]);
  expect(health.health.report(["subnet"]).healthy).toBe(true);
  expect(health.health.report().healthy).toBe(false);
  const text = await registry.metrics();
  expect(text).toContain('avalanche_health_checks_failing{check="health",tag="all"} 1');
  expect(text).toContain('avalanche_health_checks_failing{check="health",tag="primary"} 1');
  expect(text).toContain('avalanche_health_checks_failing{check="health",tag="subnet"} 0');
  expect(text).toContain('avalanche_health_checks_failing{check="readiness",tag="application"} 0');
});

test("a failing application check counts for every tag", () => {
  const { health } = setUp();
  health.health.register("network", () => ({}), ["application"]);
  health.health.register("S", () => ({}), ["subnet"]);
  expect(health.health.failingByTag()).toEqual(
    new Map([
      ["all", 2],
      ["application", 1],
      ["subnet", 2],
    ]),
  );
});

test("what was ready once stays ready", async () => {
  const { health } = setUp();
  let finding: Finding = { error: "not yet" };
  health.readiness.registerMonotonic("bootstrapped", () => finding);
  await health.readiness.run();
  expect(health.readiness.report().healthy).toBe(false);
  finding = { details: [] };
  await health.readiness.run();
  finding = { error: "lost" };
  await health.readiness.run();
  expect(health.readiness.report().healthy).toBe(true);
});

test("a name is taken once, and the tag of all is nobody's to give", () => {
  const { health } = setUp();
  health.health.register("x", () => ({}));
  expect(() => health.health.register("x", () => ({}))).toThrow(HealthError);
  expect(() => health.health.register("y", () => ({}), ["all"])).toThrow(HealthError);
});
