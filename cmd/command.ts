/**
 * What a command is, and what it may touch.
 *
 * A command never reaches for `process`: its streams, environment and end signal are passed in, so that tests drive
 * commands with captured streams.
 *
 * @module
 */

import type { Command } from "commander";

/** Where text goes. */
export interface Output {
  /** Writes text as it is: no line end is added. What is written after the reader has gone is dropped. */
  write(text: string): void;
  /**
   * Shows a line of something that goes on whether it is seen or not: lost where it cannot be written, or where its
   * reader is far behind. Absent where that does not happen.
   */
  show?(line: string): void;
  /**
   * Waits until what was written has gone out: whoever writes much must not pile it up.
   *
   * @returns `false` once the reader has gone. Absent where nothing has to be waited for.
   */
  drained?(): Promise<boolean>;
  /**
   * Calls once the reader has gone, also while nothing is written, as far as the system tells. Absent where it never goes.
   *
   * @returns Ends the watch.
   */
  watchReader?(onGone: () => void): Disposable;
  readonly isTTY: boolean;
  /** Width in characters; {@link DEFAULT_COLUMNS} where there is no terminal. */
  readonly columns: number;
  /** Whether colour is wanted: a terminal that can show it, and no `NO_COLOR`. */
  readonly color: boolean;
}

/** The width to fill where no terminal says its own: the classic one. */
export const DEFAULT_COLUMNS = 80;

/** What a command may touch. */
export interface CommandContext {
  readonly stdout: Output;
  readonly stderr: Output;
  /** What the command is sent, where it reads anything. */
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborted on the first SIGINT or SIGTERM. A second one ends the process at once. */
  readonly signal: AbortSignal;
  /** Base name of the file that avx was called by, without `.exe`: see `dispatch.ts`. */
  readonly invokedAs: string;
  /** How avx was called, as it can be typed again in the same place: `dist/avx`. Absent where it cannot be told. */
  readonly calledAs?: string;
}

/**
 * A command: registers itself on commander's program or group.
 *
 * Make it with `program.command("name")`, which hands down the settings that keep commander from ending the process
 * and from writing to the real streams. Its action throws an `AvxError` to fail with exit code 1, a `UsageError` for 2.
 */
export type RegisterCommand = (program: Command, context: CommandContext) => void;

/** Exit codes of avx. */
export const EXIT_OK = 0;
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
