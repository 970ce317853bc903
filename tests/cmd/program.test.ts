import { describe, expect, test } from "bun:test";
import type { Command } from "commander";
import type { CommandContext } from "../../cmd/command.ts";
import { reportError, UsageError } from "../../cmd/errors.ts";
import type { CommandGroup } from "../../cmd/groups.ts";
import { runProgram } from "../../cmd/program.ts";
import { VERSION } from "../../cmd/version.ts";
import { AvxError } from "../../lib/core/errors.ts";
import { type CapturedContext, capturedContext } from "../support/context.ts";

/** A tree with one group of two commands, and a record of what was loaded. */
function garden(): { groups: CommandGroup[]; loaded: string[] } {
  const loaded: string[] = [];
  const water = (group: Command, context: CommandContext) => {
    group
      .command("water")
      .description("water a bed")
      .argument("<bed>", "which bed")
      .option("--litres <amount>", "how much", "5")
      .action((bed: string, options: { litres: string }) => {
        if (options.litres === "0") throw new UsageError("--litres must be above 0", { hint: "Try --litres 5" });
        if (bed === "rock") throw new AvxError({ code: "dry" }, "nothing grows on rock");
        context.stdout.write(`${bed} ${options.litres}\n`);
      });
  };
  const dig = (group: Command) => {
    group
      .command("dig")
      .description("dig a hole")
      .action(() => {});
  };
  const group = (name: string): CommandGroup => ({
    name,
    summary: `work in the ${name}`,
    load: () => {
      loaded.push(name);
      return Promise.resolve([water, dig]);
    },
  });
  return { groups: [group("garden"), group("field")], loaded };
}

async function run(...args: string[]): Promise<CapturedContext & { code: number; loaded: string[] }> {
  const { groups, loaded } = garden();
  const context = capturedContext();
  const code = await runProgram(args, context, groups).catch((error) => reportError(error, context));
  return { ...context, stdout: context.stdout, stderr: context.stderr, code, loaded };
}

describe("a command that is understood", () => {
  test("runs, prints to the given stream, and exits with 0", async () => {
    const { code, stdout, stderr } = await run("garden", "water", "roses", "--litres", "3");
    expect([code, stdout.text, stderr.text]).toEqual([0, "roses 3\n", ""]);
  });

  test("loads its group alone", async () => {
    expect((await run("garden", "water", "roses")).loaded).toEqual(["garden"]);
    expect((await run("--help")).loaded).toEqual([]);
  });

  test("exits with 1 when it fails, and with 2 when it refuses its arguments", async () => {
    const failed = await run("garden", "water", "rock");
    expect([failed.code, failed.stdout.text, failed.stderr.text]).toEqual([1, "", "avx: nothing grows on rock\n"]);
    const refused = await run("garden", "water", "roses", "--litres", "0");
    expect([refused.code, refused.stderr.text]).toEqual([2, "avx: --litres must be above 0\nTry --litres 5.\n"]);
  });
});

describe("help", () => {
  test.each([
    [["--help"], "Usage: avx ", "work in the garden"],
    [["-h"], "Usage: avx ", "work in the field"],
    [["help"], "Usage: avx ", "work in the field"],
    [["garden", "--help"], "Usage: avx garden ", "water a bed"],
    [["help", "garden"], "Usage: avx garden ", "dig a hole"],
    [["garden", "water", "--help"], "Usage: avx garden water ", "--litres <amount>"],
    [["garden", "help", "water"], "Usage: avx garden water ", "which bed"],
  ])("%p goes to stdout and exits with 0", async (args, usage, line) => {
    const { code, stdout, stderr } = await run(...args);
    expect([code, stderr.text]).toEqual([0, ""]);
    expect(stdout.text).toContain(usage);
    expect(stdout.text).toContain(line);
  });

  test("the version is one line with the version of package.json", async () => {
    const { code, stdout } = await run("--version");
    expect(code).toBe(0);
    expect(stdout.text).toStartWith(`avx ${VERSION} (`);
    expect(stdout.text.trimEnd()).not.toContain("\n");
  });
});

describe("wrong usage exits with 2 and says on stderr what to do next:", () => {
  test.each([
    ["nothing", [], "no command was given", "Run avx --help to see"],
    ["a group alone", ["garden"], "avx garden needs one of its commands: water, dig", "Run avx garden --help"],
    ["an unknown group", ["gardn"], 'unknown command "gardn"; did you mean garden?', "Run avx --help"],
    [
      "help of an unknown group",
      ["gardn", "--help"],
      'unknown command "gardn"; did you mean garden?',
      "Run avx --help",
    ],
    ["an unknown command", ["garden", "watr"], 'unknown command "watr"; did you mean water?', "Run avx garden --help"],
    ["a far command", ["garden", "sleep"], 'unknown command "sleep"', "Run avx garden --help"],
    [
      "an unknown option",
      ["garden", "water", "roses", "--litre", "3"],
      'unknown option "--litre"; did you mean --litres?',
      "Run avx garden water --help",
    ],
    ["an option of none", ["garden", "water", "roses", "--litres"], '"--litres <amount>"', "garden water --help"],
    ["a missing argument", ["garden", "water"], 'missing required argument "bed"', "Run avx garden water --help"],
    ["too many arguments", ["garden", "dig", "deep"], "too many arguments", "Run avx garden dig --help"],
    ["an unknown short option", ["-x"], 'unknown option "-x"', "Run avx --help"],
    [
      "help for what is not there",
      ["help", "gardn"],
      'unknown command "gardn"; did you mean garden?',
      "Run avx --help",
    ],
  ])("%s", async (_, args: string[], sentence, next) => {
    const { code, stdout, stderr } = await run(...args);
    expect([code, stdout.text]).toEqual([2, ""]);
    expect(stderr.text).toStartWith("avx: ");
    expect(stderr.text).toContain(sentence);
    expect(stderr.text).toContain(next);
    expect(stderr.text.trimEnd().split("\n")).toHaveLength(2);
  });
});

test("help is coloured for no pipe", async () => {
  expect((await run("garden", "--help")).stdout.text).not.toContain("\u001b");
});
