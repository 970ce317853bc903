import { beforeAll, describe, expect, test } from "bun:test";
import { DEFAULT_SIMULATION_OPTIONS, type SimulationOptions } from "./options.ts";
import type { Report } from "./report.ts";
import { runScenario } from "./scenario.ts";
import { Simulation } from "./simulation.ts";

/** Small enough for every test run, and with everything in it that the large ones have. */
const OPTIONS: SimulationOptions = {
  ...DEFAULT_SIMULATION_OPTIONS,
  nodes: 60,
  validators: 12,
  quietMs: 70_000,
  restartShare: 0.2,
};
/** A run takes two or three seconds; a loaded machine may take its time. */
const TIMEOUT_MS = 60_000;

interface Run {
  readonly report: Report;
  readonly log: string;
}

async function run(options: SimulationOptions): Promise<Run> {
  const texts: string[] = [];
  const report = await runScenario(new Simulation({ writeLog: (text) => texts.push(text) }, options));
  return { report, log: texts.join("") };
}

describe("sixty nodes, twelve of them validators, with one packet in a hundred lost", () => {
  let first: Run;
  beforeAll(async () => {
    first = await run(OPTIONS);
  }, TIMEOUT_MS);

  const phase = (name: string) => first.report.phases.find((one) => one.name === name);

  test("find all validators, from one that they know", () => {
    expect(phase("discovery")?.whole).toBe(true);
    expect(phase("discovery")?.virtualMs).toBeLessThan(30_000);
    expect(first.report.foundAllMs.last).toBeLessThan(30_000);
  });

  test("stay together when nothing happens, and say little", () => {
    expect(phase("quiet")?.whole).toBe(true);
    expect(first.report.log.events["peer closed: write-timeout"]).toBeUndefined();
    // Pings, pongs, and a question every other second that has no answer.
    expect(phase("quiet")?.bytesPerNode).toBeLessThan(30_000);
  });

  test("lose each other when the net is parted, and find each other when it is healed", () => {
    expect(phase("partition")?.whole).toBe(false);
    expect(first.report.log.events["peer closed: read-timeout"]).toBeGreaterThan(0);
    expect(phase("healing")?.whole).toBe(true);
  });

  test("find those that went down and came back, at the same address or another", () => {
    expect(first.log).toContain(" crashes\n");
    expect(first.log).toMatch(/ starts ip=10\.1\.0\.\d+:9651\n/);
    expect(phase("return")?.whole).toBe(true);
  });

  test("find new validators", () => {
    expect(phase("succession")?.whole).toBe(true);
  });

  test("leave no timer, no dial, no half connection, and nothing in a throttler", () => {
    expect(first.report.faults).toEqual([]);
  });

  test(
    "do the same again from the same seed, byte for byte, and something else from another",
    async () => {
      const again = await run(OPTIONS);
      expect(again.report.log).toEqual(first.report.log);
      expect(again.log === first.log).toBe(true);
      expect(again.report.phases.map(({ cpuMs, ...phase }) => phase)).toEqual(
        first.report.phases.map(({ cpuMs, ...phase }) => phase),
      );

      const other = await run({ ...OPTIONS, seed: 2, nodes: 20, validators: 5 });
      expect(other.report.faults).toEqual([]);
      const sameSize = await run({ ...OPTIONS, seed: 1, nodes: 20, validators: 5 });
      expect(sameSize.report.log.sha256).not.toBe(other.report.log.sha256);
    },
    TIMEOUT_MS,
  );
});

test("a network that cannot become whole is reported, with what is missing", async () => {
  const options = { ...OPTIONS, nodes: 8, validators: 3, partitionMs: 0, restartShare: 0, patienceMs: 20_000 };
  const simulation = new Simulation({}, options);
  const [, second] = simulation.nodes;
  if (second === undefined) throw new Error("there is no second node");
  // A node that starts on a machine whose packets all are lost.
  const { world } = simulation;
  world.link.up = (ip) => {
    if (ip !== second.address.ip) Object.getPrototypeOf(world.link).up.call(world.link, ip);
  };
  const { faults, phases } = await runScenario(simulation);
  expect(phases.find(({ name }) => name === "discovery")?.whole).toBe(false);
  expect(faults).toContain("the network did not become whole: discovery");
  expect(faults.some((fault) => /^\d+ pairs have not found each other$/.test(fault))).toBe(true);
});
