/**
 * The simulation's command line.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { formatDuration, parseDuration } from "../../lib/core/duration.ts";
import { DEFAULT_SIMULATION_OPTIONS, type SimulationOptions } from "./options.ts";

/** The command line is not understood. */
export class UsageError extends Error {}

export interface CommandLine {
  readonly options: SimulationOptions;
  /** Sizes to run one after the other in place of `options.nodes`; none where growth was not asked for. */
  readonly grow: readonly number[];
  readonly logFile: string | undefined;
  readonly json: boolean;
  readonly help: boolean;
}

/** What kind of value a flag takes: each is read, checked and written back by its kind. */
type Kind = "count" | "share" | "duration";

/** Every option is a flag. */
const FLAGS: Readonly<Record<keyof SimulationOptions, readonly [flag: string, kind: Kind, help: string]>> = {
  nodes: ["nodes", "count", "how many nodes there are"],
  validators: ["validators", "count", "how many of them are validators"],
  bootstrappers: ["bootstrappers", "count", "how many validators every node is told of when it starts"],
  seed: ["seed", "count", "the same seed gives the same run"],
  loss: ["loss", "share", "how likely a packet is lost"],
  latencyMs: ["latency", "duration", "mean time that a packet takes from node to node"],
  startWithinMs: ["start-within", "duration", "all nodes start within this time; 0s for all at once"],
  quietMs: ["quiet", "duration", "how long the whole network is left alone"],
  partitionMs: ["partition", "duration", "how long the net is parted; 0s for never"],
  partitionShare: ["partition-share", "share", "share of the nodes in the smaller part"],
  restartShare: ["restart-share", "share", "share of the nodes that go down and come back"],
  successionShare: ["succession-share", "share", "share of the validators that give their place to other nodes"],
  patienceMs: ["patience", "duration", "how long the network may take to become whole"],
};

const ENTRIES = Object.entries(FLAGS) as [keyof SimulationOptions, (typeof FLAGS)[keyof SimulationOptions]][];

/** Sizes at which growth is looked at. */
const GROWTH = [100, 300, 1_000];

const MAX_SEED = 2 ** 32 - 1;
/** Each node has an address in 10.0.0.0/8 whose second byte counts its moves. */
const MAX_NODES = 65_536;

export const USAGE = `Usage: ./compile.sh simulate [flags]

Runs a network of avx nodes in one process on virtual time: they start, find each other, are left alone, are parted
and healed, go down and come back. Exits with 1 if the network did not become whole or something was found wrong.

${ENTRIES.map(([option, [flag, kind, help]]) => helpLine(`--${flag} ${kind.toUpperCase()}`, `${help} (${text(kind, DEFAULT_SIMULATION_OPTIONS[option])})`)).join("\n")}
${helpLine("--grow [SIZES]", `run with each of these numbers of nodes (${GROWTH.join(",")}) and show what grows`)}
${helpLine("--log FILE", "write what happens, line by line")}
${helpLine("--json", "print figures as JSON")}
${helpLine("--help", "print this")}`;

/** @throws {UsageError} */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values } = parse(args);
  const options: Record<keyof SimulationOptions, number> = { ...DEFAULT_SIMULATION_OPTIONS };
  for (const [option, [flag, kind]] of ENTRIES) {
    const value = values[flag];
    if (typeof value === "string") options[option] = read(flag, kind, value);
  }
  // A small network has no more validators than nodes, unless it is told to.
  if (values.validators === undefined) options.validators = Math.min(options.validators, options.nodes);
  check(options);
  const grow = values.grow === undefined ? [] : readSizes(String(values.grow));
  for (const nodes of grow) check({ ...options, nodes });
  return {
    options,
    grow,
    logFile: values.log as string | undefined,
    json: values.json === true,
    help: values.help === true,
  };
}

/** The flags that make these options. */
export function formatOptions(options: SimulationOptions): string[] {
  return ENTRIES.flatMap(([option, [flag, kind]]) => [`--${flag}`, text(kind, options[option])]);
}

function parse(args: readonly string[]): { values: Record<string, string | boolean | undefined> } {
  const strings = [...ENTRIES.map(([, [flag]]) => flag), "log", "grow"];
  try {
    return parseArgs({
      // --grow alone means the usual sizes.
      args: args.flatMap((arg, i) =>
        arg === "--grow" && !/^\d/.test(args[i + 1] ?? "") ? [arg, GROWTH.join()] : [arg],
      ),
      options: {
        ...Object.fromEntries(strings.map((flag) => [flag, { type: "string" as const }])),
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }) as { values: Record<string, string | boolean | undefined> };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function read(flag: string, kind: Kind, value: string): number {
  const number = kind === "duration" ? parseDuration(value) : Number(value);
  const isSound =
    value !== "" &&
    number !== undefined &&
    number >= 0 &&
    (kind === "duration" || (kind === "count" ? Number.isSafeInteger(number) : number <= 1));
  if (!isSound) throw new UsageError(`--${flag} takes ${KIND_WORDS[kind]}, not "${value}"`);
  return number;
}

const KIND_WORDS: Readonly<Record<Kind, string>> = {
  count: "a whole number",
  share: "a number from 0 to 1",
  duration: "a duration such as 40ms or 1m30s",
};

function readSizes(value: string): number[] {
  return value.split(",").map((size) => read("grow", "count", size));
}

function check({ bootstrappers, loss, nodes, seed, validators }: SimulationOptions): void {
  if (nodes < 2 || nodes > MAX_NODES) throw new UsageError(`--nodes takes a number from 2 to ${MAX_NODES}`);
  if (validators < 1 || validators > nodes)
    throw new UsageError(`--validators takes a number from 1 to --nodes (${nodes})`);
  if (bootstrappers < 1 || bootstrappers > validators) {
    throw new UsageError(`--bootstrappers takes a number from 1 to --validators (${validators})`);
  }
  if (seed > MAX_SEED) throw new UsageError(`--seed takes a number from 0 to ${MAX_SEED}`);
  if (loss >= 1) throw new UsageError("--loss takes a number below 1: nothing arrives otherwise");
}

function text(kind: Kind, value: number): string {
  return kind === "duration" ? formatDuration(value) : String(value);
}

function helpLine(left: string, right: string): string {
  return `  ${left.padEnd(28)} ${right}`;
}
