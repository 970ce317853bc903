import { expect, test } from "bun:test";
import type { ID } from "../../lib/core/ids/id.ts";
import { PLATFORM_CHAIN_ID, PRIMARY_NETWORK_ID } from "../../lib/core/ids/id.ts";
import type { NodeID } from "../../lib/core/ids/node_id.ts";
import { Benchlist, DEFAULT_BENCHLIST_OPTIONS } from "../../lib/p2p/routing/benchlist/benchlist.ts";
import { NanosecondClock } from "../support/nanosecond_clock.ts";
import { node, setWeight, validatorsOf } from "../support/throttling.ts";
import { loadVectors } from "../support/vectors.ts";

interface Happening {
  readonly atNs: string;
  readonly event: "benched" | "unbenched";
  readonly node: string;
}

interface Step {
  readonly atNs: string;
  readonly op: "failure" | "look" | "response" | "setWeight";
  readonly node?: string;
  readonly weight?: number;
  readonly benched: readonly string[];
  readonly events: readonly Happening[];
  readonly eventsSincePreviousStep: readonly Happening[];
  readonly failureProbability: Readonly<Record<string, number>>;
}

interface BenchlistVectors {
  readonly defaults: {
    readonly benchDurationNs: string;
    readonly benchProbability: number;
    readonly halflifeNs: string;
    readonly unbenchProbability: number;
  };
  readonly traces: readonly {
    readonly name: string;
    readonly config: BenchlistVectors["defaults"] & { readonly maxPortion: number };
    readonly weights: Readonly<Record<string, number>>;
    readonly steps: readonly Step[];
  }[];
}

const NANOSECONDS_PER_MS = 1_000_000;
const TOLERANCE = 1e-9;

/** Of nodes that are alike, upstream draws the order: what happens to several at one time is put in order here. */
function ordered(happenings: readonly Happening[]): Happening[] {
  return happenings.toSorted((a, b) => (a.atNs === b.atNs && a.event === b.event ? (a.node < b.node ? -1 : 1) : 0));
}

const vectors = loadVectors<BenchlistVectors>("benchlist");

test("the defaults are upstream's", () => {
  const { defaults } = vectors;
  expect(DEFAULT_BENCHLIST_OPTIONS.benchDurationMs).toBe(Number(defaults.benchDurationNs) / NANOSECONDS_PER_MS);
  expect(DEFAULT_BENCHLIST_OPTIONS.halflifeMs).toBe(Number(defaults.halflifeNs) / NANOSECONDS_PER_MS);
  expect(DEFAULT_BENCHLIST_OPTIONS.benchProbability).toBe(defaults.benchProbability);
  expect(DEFAULT_BENCHLIST_OPTIONS.unbenchProbability).toBe(defaults.unbenchProbability);
});

test.each(vectors.traces.map((trace) => [trace.name, trace] as const))("benchlist: %s", (_, trace) => {
  const clock = new NanosecondClock();
  const validators = validatorsOf({});
  for (const [name, weight] of Object.entries(trace.weights)) setWeight(validators, name, BigInt(weight));

  let happenings: Happening[] = [];
  const note = (event: Happening["event"]) => (_chainID: ID, nodeID: NodeID) => {
    happenings.push({ atNs: String(clock.nowNs), event, node: nodeID });
  };
  const { config } = trace;
  using benchlist = new Benchlist(
    { clock, validators, benchable: { benched: note("benched"), unbenched: note("unbenched") } },
    { chainID: PLATFORM_CHAIN_ID, subnetID: PRIMARY_NETWORK_ID },
    {
      benchDurationMs: Number(config.benchDurationNs) / NANOSECONDS_PER_MS,
      halflifeMs: Number(config.halflifeNs) / NANOSECONDS_PER_MS,
      benchProbability: config.benchProbability,
      unbenchProbability: config.unbenchProbability,
      maxPortion: config.maxPortion,
    },
  );
  const taken = (): Happening[] => {
    const taken = happenings;
    happenings = [];
    return taken;
  };
  const tracked = new Set([...Object.keys(trace.weights), ...trace.steps.flatMap((step) => step.node ?? [])]);

  trace.steps.forEach((step, i) => {
    const at = `step ${i}`;
    clock.advanceTo(Number(step.atNs));
    expect(ordered(taken()), `${at}: since the step before`).toEqual(ordered(step.eventsSincePreviousStep));

    const name = step.node ?? "";
    if (step.op === "response") benchlist.registerResponse(node(name));
    else if (step.op === "failure") benchlist.registerFailure(node(name));
    else if (step.op === "setWeight") setWeight(validators, name, BigInt(step.weight ?? 0));
    else expect(step.op, at).toBe("look");

    expect(ordered(taken()), `${at}: events`).toEqual(ordered(step.events));
    expect([...benchlist.benched].sort() as string[], `${at}: benched`).toEqual([...step.benched].sort());
    const probabilities = Object.fromEntries(
      [...tracked].flatMap((id) => {
        const probability = benchlist.failureProbability(node(id));
        return probability === undefined ? [] : [[id, probability] as const];
      }),
    );
    expect(Object.keys(probabilities).sort(), `${at}: tracked`).toEqual(Object.keys(step.failureProbability).sort());
    for (const [id, probability] of Object.entries(step.failureProbability)) {
      expect(Math.abs((probabilities[id] as number) - probability), `${at}: ${id}`).toBeLessThan(TOLERANCE);
    }
  });
});
