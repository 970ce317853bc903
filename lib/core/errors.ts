/**
 * Errors that a program can switch on and a person can act on.
 *
 * Every room has one class that extends {@link AvxError} with its own union of `{code, …fields}`. Callers switch on
 * `error.type.code`, metrics count it, and the command line prints `message` and, below it, `hint`.
 *
 * @module
 */

/** What every error type has: a stable code in kebab-case, and the facts as further fields. */
export interface ErrorType {
  readonly code: string;
}

/** What may accompany an error. */
export interface AvxErrorOptions {
  /** The error underneath. */
  readonly cause?: unknown;
  /** What to do next: one sentence for a person, without a final period. */
  readonly hint?: string;
}

/**
 * The base of every error that avx throws on purpose.
 *
 * @typeParam T The union of `{code, …fields}` that the room can fail with.
 *
 *
 * @example
 * ```ts
 * class TankError extends AvxError<{ code: "empty"; litres: number }> {}
 * try {
 *   throw new TankError({ code: "empty", litres: 3 }, "Cannot water the bed: the tank holds 3 litres", {
 *     hint: "Fill the tank",
 *   });
 * } catch (error) {
 *   if (error instanceof TankError && error.type.code === "empty") console.log(error.type.litres);
 * }
 * ```
 */
export class AvxError<T extends ErrorType = ErrorType> extends Error {
  readonly type: T;
  readonly hint: string | undefined;

  constructor(type: T, message: string, options: AvxErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.type = type;
    this.hint = options.hint;
  }
}

/**
 * The text of anything that was thrown.
 *
 * @example
 * ```ts
 * errorMessage(new Error("no")); // "no"
 * errorMessage("no"); // "no"
 * ```
 */
export function errorMessage(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The code of a system error (`ENOENT`, `EADDRINUSE`, …), or `undefined` where there is none. */
export function systemErrorCode(thrown: unknown): string | undefined {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}
