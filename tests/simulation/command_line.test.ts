import { describe, expect, test } from "bun:test";
import { resolve } from "node:path";
import { formatOptions, parseCommandLine, USAGE, UsageError } from "./command_line.ts";
import { DEFAULT_SIMULATION_OPTIONS } from "./options.ts";
import type { Report } from "./report.ts";

const MAIN = resolve(import.meta.dir, "main.ts");

describe("the simulation's command line", () => {
  test("reads every flag, and writes options so that they are read as they were", () => {
    expect(parseCommandLine([]).options).toEqual(DEFAULT_SIMULATION_OPTIONS);
    const args = ["--nodes", "300", "--validators", "20", "--seed", "9", "--loss", "0.05", "--latency", "12.5ms"];
    const { options } = parseCommandLine([...args, "--quiet", "1m30s", "--partition", "0s", "--restart-share", "1"]);
    expect(options).toMatchObject({ nodes: 300, validators: 20, seed: 9, loss: 0.05, latencyMs: 12.5 });
    expect(options).toMatchObject({ quietMs: 90_000, partitionMs: 0, restartShare: 1 });
    expect(parseCommandLine(formatOptions(options)).options).toEqual(options);
    for (const flag of formatOptions(options).filter((arg) => arg.startsWith("--"))) expect(USAGE).toContain(flag);
  });

  test("grows by the usual sizes or by those that are named", () => {
    expect(parseCommandLine([]).grow).toEqual([]);
    expect(parseCommandLine(["--grow", "--json"])).toMatchObject({ grow: [100, 300, 1_000], json: true });
    expect(parseCommandLine(["--validators", "5", "--grow", "10,20"]).grow).toEqual([10, 20]);
  });

  test.each([
    [["--nodes", "1"], "--nodes takes a number from 2 to 65536"],
    [["--nodes", "ten"], '--nodes takes a whole number, not "ten"'],
    [["--nodes", "10", "--validators", "11"], "--validators takes a number from 1 to --nodes (10)"],
    [["--bootstrappers", "0"], "--bootstrappers takes a number from 1 to --validators (50)"],
    [["--seed", "4294967296"], "--seed takes a number from 0 to 4294967295"],
    [["--loss", "1"], "--loss takes a number below 1: nothing arrives otherwise"],
    [["--latency", "40"], '--latency takes a duration such as 40ms or 1m30s, not "40"'],
    [["--grow", "10,x"], '--grow takes a whole number, not "x"'],
    [["--grow", "100,2"], "--validators takes a number from 1 to --nodes (2)"],
    [["--what"], "Unknown option '--what'"],
    [["more"], "Unexpected argument 'more'"],
  ])("refuses %j", (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(UsageError);
    expect(() => parseCommandLine(args)).toThrow(message);
  });

  test("runs, and tells of two sizes side by side", () => {
    const flags = ["--validators", "3", "--quiet", "0s", "--partition", "0s", "--restart-share", "0"];
    const { exitCode, stdout } = Bun.spawnSync([process.execPath, MAIN, ...flags, "--grow", "5,10", "--json"]);
    expect(exitCode).toBe(0);
    const reports = JSON.parse(stdout.toString()) as Report[];
    expect(reports.map(({ options, faults }) => [options.nodes, faults])).toEqual([
      [5, []],
      [10, []],
    ]);

    const refused = Bun.spawnSync([process.execPath, MAIN, "--nodes", "0"]);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr.toString()).toContain("--nodes takes a number from 2 to 65536");
  }, 60_000);
});
