/**
 * Errors at the command line: one plain sentence, the facts in lines below, what to do next.
 *
 * @module
 */

import { AvxError, type ErrorType, errorMessage } from "../lib/core/errors.ts";
import { type CommandContext, EXIT_FAILED, EXIT_USAGE } from "./command.ts";

/** The command line cannot be understood: exit code 2. The hint says how it is used. */
export class UsageError extends AvxError<{ code: "usage" }> {
  constructor(message: string, options: { readonly hint?: string; readonly cause?: unknown } = {}) {
    super({ code: "usage" }, message, options);
  }
}

/** The command has said what is wrong where it was asked to: exit code 1, and nothing more to print. */
export class AlreadyTold extends Error {}

/** Control characters, but for the line end and the tab: an error may quote a log or a stranger. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL_CHARACTERS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/**
 * Writes what was thrown to stderr and gives the exit code for it.
 *
 * @returns 2 for a {@link UsageError}, 1 for anything else.
 */
export function reportError(thrown: unknown, context: Pick<CommandContext, "stderr" | "env" | "calledAs">): number {
  if (thrown instanceof AlreadyTold) return EXIT_FAILED;
  const { calledAs } = context;
  context.stderr.write(formatError(thrown, { stack: context.env.AVX_DEBUG === "1", calledAs }));
  return thrown instanceof UsageError ? EXIT_USAGE : EXIT_FAILED;
}

/**
 * The text of an error for a person.
 *
 * @param options `stack` adds where it was thrown, and what caused it; commands in a hint are those of `calledAs`, which
 * is how avx was called.
 *
 * @example
 * ```ts
 * formatError(new UsageError("avx has no command \"nte\"", { hint: "Run avx --help" }));
 * // "avx: avx has no command \"nte\"\nRun avx --help.\n"
 * ```
 */
export function formatError(
  thrown: unknown,
  options: { readonly stack?: boolean; readonly calledAs?: string | undefined } = {},
): string {
  const message = errorMessage(thrown).trim() || "failed without saying why";
  const lines = [`avx: ${message}`];
  if (thrown instanceof AvxError) {
    lines.push(...factLines(thrown.type, message));
    if (thrown.hint !== undefined) lines.push(hintLine(thrown.hint, options.calledAs ?? "avx"));
  }
  if (options.stack) lines.push(...stackLines(thrown));
  return `${presentableText(lines.join("\n"))}\n`;
}

/** A text whose control characters a terminal shows instead of doing what they say. */
export function presentableText(text: string): string {
  return text.replace(CONTROL_CHARACTERS, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

function hintLine(hint: string, calledAs: string): string {
  const typed = hint.replace(/\bavx (?=(?:net|node|install) |--help)/g, () => `${calledAs} `);
  return /[.!?]$/.test(typed) ? typed : `${typed}.`;
}

/** The plain facts of an error that its sentence does not say already. */
function factLines(type: ErrorType, message: string): string[] {
  const lines: string[] = [];
  for (const [name, value] of Object.entries(type)) {
    if (name === "code" || !["string", "number", "bigint", "boolean"].includes(typeof value)) continue;
    if (String(value) === "" || message.includes(String(value))) continue;
    lines.push(`  ${name}: ${value}`);
  }
  return lines;
}

function stackLines(thrown: unknown): string[] {
  const lines: string[] = [];
  const seen = new Set<unknown>();
  for (let error = thrown; error instanceof Error && !seen.has(error); error = error.cause) {
    seen.add(error);
    lines.push("", `${seen.size > 1 ? "caused by " : ""}${error.stack ?? String(error)}`);
  }
  return lines;
}
