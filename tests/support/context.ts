/**
 * A command's context with captured streams.
 *
 * @module
 */

import { Readable } from "node:stream";
import type { CommandContext, Output } from "../../cmd/command.ts";

/** An output that keeps what was written. */
export interface CapturedOutput extends Output {
  readonly text: string;
}

/** A context for commands under test. */
export interface CapturedContext extends CommandContext {
  readonly stdout: CapturedOutput;
  readonly stderr: CapturedOutput;
  /** Aborts the context's signal, as SIGTERM would. */
  interrupt(): void;
}

/**
 * Makes a context without a terminal, in the working directory of the tests.
 *
 * @param overrides What the test wants otherwise.
 */
export function capturedContext(
  overrides: Partial<Pick<CommandContext, "env" | "cwd" | "invokedAs" | "stdin">> &
    Partial<Pick<Output, "isTTY" | "color">> = {},
): CapturedContext {
  const controller = new AbortController();
  const { isTTY = false, color = false } = overrides;
  return {
    stdout: capturedOutput(isTTY, color),
    stderr: capturedOutput(isTTY, color),
    stdin: overrides.stdin ?? Readable.from([]),
    env: overrides.env ?? {},
    cwd: overrides.cwd ?? process.cwd(),
    signal: controller.signal,
    invokedAs: overrides.invokedAs ?? "avx",
    interrupt: () => controller.abort(new Error("stopped by SIGTERM")),
  };
}

function capturedOutput(isTTY: boolean, color: boolean): CapturedOutput {
  let text = "";
  return {
    isTTY,
    color,
    columns: 80,
    write(more) {
      text += more;
    },
    get text() {
      return text;
    },
  };
}
