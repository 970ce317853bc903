/**
 * Runs some checks again and again and keeps what they found (upstream `api/health/worker.go`).
 *
 * @module
 */

import type { Clock, Timer } from "../../core/clock.ts";
import { AvxError, errorMessage } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import { type Checker, type CheckResult, type Finding, NOT_YET_RUN } from "./check.ts";

/** Every check has this tag without being given it. */
export const ALL_TAG = "all";
/** A check with this tag is part of every answer, whatever tag is asked for. */
export const APPLICATION_TAG = "application";

export type HealthErrorType =
  | { readonly code: "restricted-tag"; readonly tag: string }
  | { readonly code: "duplicate-check"; readonly name: string };

/** A check that cannot be registered. */
export class HealthError extends AvxError<HealthErrorType> {}

/** What an answer holds. */
export interface HealthReport {
  /** Sorted by name. */
  readonly checks: ReadonlyMap<string, CheckResult>;
  readonly healthy: boolean;
}

interface RegisteredCheck {
  readonly checker: Checker;
  readonly tags: ReadonlySet<string>;
  result: CheckResult;
  running: boolean;
}

/** Checks of one kind: readiness, health or liveness. */
export class HealthWorker {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly name: string;
  readonly #checks = new Map<string, RegisteredCheck>();
  #timer: Timer | undefined;

  constructor(modules: { readonly clock: Clock; readonly log: Logger }, name: string) {
    this.#clock = modules.clock;
    this.#log = modules.log;
    this.name = name;
  }

  /**
   * Adds a check. It counts as failing until it has run.
   *
   * @throws {HealthError} `restricted-tag` for `all`, `duplicate-check` for a name that is taken.
   */
  register(name: string, checker: Checker, tags: readonly string[] = []): void {
    if (tags.includes(ALL_TAG)) {
      throw new HealthError({ code: "restricted-tag", tag: ALL_TAG }, `The tag ${ALL_TAG} is every check's already`);
    }
    if (this.#checks.has(name)) {
      throw new HealthError({ code: "duplicate-check", name }, `There is a check ${name} already`);
    }
    this.#checks.set(name, { checker, tags: new Set(tags), result: NOT_YET_RUN, running: false });
    this.#log.debug("registered health check", { kind: this.name, check: name, tags });
  }

  /** Adds a check that stays good once it was. */
  registerMonotonic(name: string, checker: Checker, tags?: readonly string[]): void {
    let good: Finding | undefined;
    const monotonic: Checker = async () => {
      if (good !== undefined) return good;
      const finding = await checker();
      if (finding.error === undefined) good = finding;
      return finding;
    };
    this.register(name, monotonic, tags);
  }

  /** What the checks of these tags last found: of all checks where no tag is named. */
  report(tags: readonly string[] = []): HealthReport {
    const asked = tags.length === 0 || tags.includes(ALL_TAG) ? undefined : new Set([...tags, APPLICATION_TAG]);
    const checks = new Map<string, CheckResult>();
    for (const name of [...this.#checks.keys()].sort()) {
      const check = this.#checks.get(name) as RegisteredCheck;
      if (asked === undefined || !asked.isDisjointFrom(check.tags)) checks.set(name, check.result);
    }
    return { checks, healthy: ![...checks.values()].some(({ error }) => error !== undefined) };
  }

  /** How many checks fail, by tag; an application check counts for every tag. */
  failingByTag(): Map<string, number> {
    const failing = new Map<string, number>([
      [ALL_TAG, 0],
      [APPLICATION_TAG, 0],
    ]);
    for (const { tags } of this.#checks.values()) {
      for (const tag of tags) failing.set(tag, 0);
    }
    for (const { tags, result } of this.#checks.values()) {
      if (result.error === undefined) continue;
      const counted = tags.has(APPLICATION_TAG) ? failing.keys() : [ALL_TAG, ...tags];
      for (const tag of counted) failing.set(tag, (failing.get(tag) ?? 0) + 1);
    }
    return failing;
  }

  /** Runs all checks now and then every `frequencyMs`. Starting twice is harmless. */
  start(frequencyMs: number): void {
    if (this.#timer !== undefined) return;
    this.#timer = this.#clock.setInterval(() => void this.run(), frequencyMs);
    void this.run();
  }

  /** Runs no more checks. */
  stop(): void {
    this.#timer?.cancel();
  }

  /** Runs all checks once, but for those that still run. */
  async run(): Promise<void> {
    await Promise.all([...this.#checks].map(([name, check]) => this.#runCheck(name, check)));
  }

  async #runCheck(name: string, check: RegisteredCheck): Promise<void> {
    if (check.running) return;
    check.running = true;
    const startMs = this.#clock.monotonic();
    let finding: Finding;
    try {
      finding = await check.checker();
    } catch (error) {
      finding = { error: errorMessage(error) };
    }
    check.running = false;
    const before = check.result;
    check.result = this.#judge(finding, before, this.#clock.monotonic() - startMs);
    this.#tell(name, before, check.result);
  }

  #judge({ details, error }: Finding, before: CheckResult, durationMs: number): CheckResult {
    const timeMs = this.#clock.now();
    const found = { details, timeMs, durationMs };
    if (error === undefined) return { ...found, contiguousFailures: 0, firstFailureMs: undefined };
    const contiguousFailures = before.contiguousFailures + 1;
    const firstFailureMs = before.contiguousFailures > 0 ? before.firstFailureMs : timeMs;
    return { ...found, error, contiguousFailures, firstFailureMs };
  }

  #tell(check: string, before: CheckResult, now: CheckResult): void {
    const kind = this.name;
    if (now.error !== undefined && before.error === undefined) {
      this.#log.warn("check started failing", { kind, check, error: now.error });
    } else if (now.error === undefined && before.error !== undefined) {
      this.#log.info("check started passing", { kind, check });
    }
  }
}
