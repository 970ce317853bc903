/**
 * Refusals of values that no node can run with. Which values those are is upstream's (`config/config.go`), and so are
 * the words where people search for them.
 *
 * @module
 */

import { formatDuration } from "../../core/duration.ts";
import { ConfigError } from "./errors.ts";
import type { Settings } from "./settings.ts";
import { type FlagName, type FlagValue, flagSpec } from "./table.ts";

/**
 * Refuses a value.
 *
 * @param rule What it must be: `>= 0`.
 */
export function refuseValue(settings: Settings, flag: FlagName, rule: string): ConfigError {
  const source = settings.provided.get(flag)?.source ?? "default";
  return new ConfigError(
    { code: "invalid-value", flag, source },
    `${flag} must be ${rule}, and is ${showValue(settings, flag)}`,
  );
}

/** Refuses a value in words of one's own. */
export function refuseWords(settings: Settings, flag: FlagName, message: string, hint: string): ConfigError {
  const source = settings.provided.get(flag)?.source ?? "default";
  return new ConfigError({ code: "invalid-value", flag, source }, message, { hint });
}

/** A flag's value as it would be written. */
export function showValue(settings: Settings, flag: FlagName): string {
  const value: unknown = settings.get(flag);
  if (flagSpec(flag).kind === "duration") return formatDuration(value as number);
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** The flags that hold a number. */
type NumberFlag = { [N in FlagName]: FlagValue<N> extends number ? N : never }[FlagName];

/** @throws {ConfigError} Unless the flag's number lies between `min` and `max`, both allowed. */
export function requireRange(settings: Settings, flag: NumberFlag, min: number, max: number, rule?: string): number {
  const value = settings.get(flag);
  if (value >= min && value <= max) return value;
  throw refuseValue(settings, flag, rule ?? `in [${min},${max}]`);
}

/** @throws {ConfigError} Unless the flag's number is 0 or more. */
export function requireNotNegative(settings: Settings, flag: NumberFlag): number {
  return requireRange(settings, flag, 0, Number.POSITIVE_INFINITY, ">= 0");
}

/** @throws {ConfigError} Unless the flag's number is more than 0. */
export function requirePositive(settings: Settings, flag: NumberFlag): number {
  const value = settings.get(flag);
  if (value > 0) return value;
  throw refuseValue(settings, flag, "positive");
}

/** The highest port. */
const MAX_PORT = 65_535;

/** @throws {ConfigError} Unless the flag holds a port. */
export function requirePort(settings: Settings, flag: NumberFlag): number {
  return requireRange(settings, flag, 0, MAX_PORT, `a port, 0 to ${MAX_PORT}`);
}

/** Refuses flags that cannot be together. */
export function refuseTogether(flags: readonly FlagName[], message: string, hint?: string): ConfigError {
  return new ConfigError({ code: "conflict", flags }, message, hint === undefined ? {} : { hint });
}

/** @throws {ConfigError} When more than one of the flags is set. */
export function requireAtMostOne(flags: readonly FlagName[], isGiven: (flag: FlagName) => boolean): void {
  const given = flags.filter(isGiven);
  if (given.length <= 1) return;
  throw refuseTogether(
    given,
    `only one of the following flags can be set: ${given.join(", ")}`,
    "Leave out all but one",
  );
}
