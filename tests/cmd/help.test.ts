import { expect, test } from "bun:test";
import { COMMAND_GROUPS } from "../../cmd/groups.ts";
import { runProgram } from "../../cmd/program.ts";
import { capturedContext } from "../support/context.ts";

/** What a terminal is at least. */
const COLUMNS = 80;

async function helpOf(path: readonly string[]): Promise<string> {
  const context = capturedContext();
  expect(await runProgram([...path, "--help"], context, COMMAND_GROUPS)).toBe(0);
  return context.stdout.text;
}

/** The commands that a help lists. */
function commandsIn(help: string): string[] {
  const [, commands = ""] = help.split("\nCommands:\n");
  return [...(commands.split("\n\n")[0] as string).matchAll(/^ {2}([a-z][a-z0-9-]*)/gm)].map(
    ([, name]) => name as string,
  );
}

test("the help of every command fits a terminal, says what the command does, and begins with how it is used", async () => {
  const open: string[][] = [[]];
  let count = 0;
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const help = await helpOf(path);
    count += 1;
    expect(help).toStartWith(`Usage: ${["avx", ...path].join(" ")}`);
    expect(help.split("\n")[2]).toMatch(/^[A-Z].*\w/);
    const long = help.split("\n").filter((line) => line.length > COLUMNS && !line.includes("https://"));
    expect({ path, long }).toEqual({ path, long: [] });
    // avx node's help is the node's own table of flags.
    if (path[0] !== "node") open.push(...commandsIn(help).map((name) => [...path, name]));
  }
  expect(count).toBeGreaterThan(40);
});
