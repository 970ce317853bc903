/**
 * Lays what two nodes have beside each other.
 *
 * @module
 */

import {
  ABSENT_CHECKS,
  ABSENT_METHODS,
  ABSENT_METRICS,
  type Absence,
  reasonFor,
  SHOWN_WHEN_HAPPENED,
} from "./absences.ts";
import type { FamilyFacts, NodeFacts } from "./gather.ts";

/** Things of one kind, by where they are. */
export interface Sides {
  readonly both: readonly string[];
  /** Of avx alone. */
  readonly own: readonly string[];
  /** Of avalanchego alone, by the reason. */
  readonly absent: ReadonlyMap<string, readonly string[]>;
  /** Of avalanchego alone, and nothing says why. */
  readonly unexplained: readonly string[];
}

/** All that is compared of running nodes. */
export interface Comparison {
  readonly metrics: Sides;
  /** Families that both have, with another type or other labels. */
  readonly differing: ReadonlyMap<string, { readonly upstream: FamilyFacts; readonly own: FamilyFacts }>;
  /** Each is `check`, or `check.key`. */
  readonly checks: Sides;
  readonly methods: Sides;
}

/** Compares what was gathered of avalanchego and of avx. */
export function compare(upstream: NodeFacts, own: NodeFacts): Comparison {
  const shownLater = new Set(SHOWN_WHEN_HAPPENED.map(({ name }) => name));
  const ownFamilies = new Set([...own.families.keys(), ...shownLater]);
  const differing = new Map<string, { upstream: FamilyFacts; own: FamilyFacts }>();
  for (const [name, theirs] of upstream.families) {
    const ours = own.families.get(name);
    if (ours !== undefined && shape(ours) !== shape(theirs)) differing.set(name, { upstream: theirs, own: ours });
  }
  return {
    metrics: sides(new Set([...upstream.families.keys(), ...shownLater]), ownFamilies, ABSENT_METRICS),
    differing,
    checks: sides(new Set(checkNames(upstream)), new Set(checkNames(own)), ABSENT_CHECKS),
    methods: sides(upstream.methods, own.methods, ABSENT_METHODS),
  };
}

/** What is there without a reason to be missing, and what is not the same: nothing where all is well. */
export function complaints({ checks, differing, methods, metrics }: Comparison): string[] {
  return [
    ...metrics.unexplained.map((name) => `the metrics ${name} are missing, and nothing says why`),
    ...checks.unexplained.map((name) => `the health check or key ${name} is missing, and nothing says why`),
    ...methods.unexplained.map((name) => `the method ${name} is missing, and nothing says why`),
    ...[...differing].map(
      ([name, { own, upstream }]) => `the metrics ${name} are ${shape(own)}, not ${shape(upstream)}`,
    ),
  ];
}

/** The checks and the keys of their findings. */
export function checkNames({ checks }: NodeFacts): string[] {
  return [...checks].flatMap(([check, keys]) => [check, ...keys.map((key) => `${check}.${key}`)]);
}

function shape({ labels, type }: FamilyFacts): string {
  return `${type} {${labels.join(", ")}}`;
}

function sides(upstream: ReadonlySet<string>, own: ReadonlySet<string>, absences: readonly Absence[]): Sides {
  const missing = [...upstream.difference(own)].sort();
  const absent = new Map<string, string[]>();
  const unexplained: string[] = [];
  for (const name of missing) {
    const reason = reasonFor(absences, name);
    if (reason === undefined) unexplained.push(name);
    else absent.set(reason, [...(absent.get(reason) ?? []), name]);
  }
  return {
    both: [...upstream.intersection(own)].sort(),
    own: [...own.difference(upstream)].sort(),
    absent,
    unexplained,
  };
}
