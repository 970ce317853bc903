import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { formatDuration } from "../../../lib/core/duration.ts";
import { environmentName, type FlagSpec } from "../../../lib/node/config/flag.ts";
import { FLAG_NAMES, flagSpec, isFlagName } from "../../../lib/node/config/table.ts";

interface RecordedFlag {
  readonly name: string;
  readonly type: string;
  readonly default: string | null;
}

const recorded: readonly RecordedFlag[] = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../fixtures/flags.json"), "utf8"),
);

/** The machine on which the defaults were recorded had two CPUs; a node here reckons with the one that it uses. */
const RECORDED_CPUS = 2;

/** Defaults as the reference's help prints them; null stands for the type's zero. */
function printed({ name, type, kind, default: value }: FlagSpec): string | null {
  if (name.startsWith("throttler-inbound-cpu-") && type === "float") {
    return String((value as number) * RECORDED_CPUS);
  }
  switch (kind) {
    case "bool":
      return value === true ? "true" : null;
    case "duration":
      return value === 0 ? null : formatDuration(value as number);
    case "float":
      return (value as number) >= 1e12 ? (value as number).toExponential() : String(value);
    case "ints":
      return (value as unknown[]).length === 0 ? null : String(value);
    case "strings":
      return `[${(value as string[]).join(",")}]`;
    case "stringToString":
      return "[]";
    case "words":
      return (value as string[]).join(" ");
    case "string":
      return value === "" ? null : (value as string);
    default:
      return value === 0 || value === 0n ? null : String(value);
  }
}

test("the table has every flag of the reference, and no other but avx's own", () => {
  const shown = FLAG_NAMES.filter((name) => flagSpec(name).replacedBy === undefined && flagSpec(name).own !== true);
  expect<string[]>([...shown].sort()).toEqual(recorded.map(({ name }) => name).sort());
});

test.each(recorded.map((flag) => [flag.name, flag] as const))("%s has the recorded type and default", (name, flag) => {
  if (!isFlagName(name)) throw new Error(`no flag ${name}`);
  const spec = flagSpec(name);
  expect(spec.type).toBe(flag.type as FlagSpec["type"]);
  expect(printed(spec)).toBe(flag.default);
});

test("every flag has one line of help without a final period, and a heading", () => {
  for (const name of FLAG_NAMES) {
    const { help, group } = flagSpec(name);
    expect(help).toMatch(/^\S.*[^.\s]$/);
    expect(group).not.toBe("");
  }
});

test("flags that hold the content of a file are marked as such", () => {
  for (const name of FLAG_NAMES) expect(flagSpec(name).content === true).toBe(/-content$/.test(name));
});

test("the environment's name of a flag", () => {
  expect(environmentName("http-port")).toBe("AVAGO_HTTP_PORT");
});
