/**
 * The real streams, environment and signals of this process, as commands see them.
 *
 * @module
 */

import { basename } from "node:path";
import { errorMessage, systemErrorCode } from "../lib/core/errors.ts";
import { isCompiled, quoted } from "../lib/core/program.ts";
import { type CommandContext, DEFAULT_COLUMNS, EXIT_FAILED, type Output } from "./command.ts";
import { watchReader } from "./reader_watch.ts";

/** A context that holds on to the process until it is left. */
export interface ProcessContext extends CommandContext {
  /** Waits until all that was written has gone out, and lets go of the signals. */
  leave(): Promise<void>;
}

/** Signals that ask a command to end. */
const END_SIGNALS = ["SIGINT", "SIGTERM"] as const;

/**
 * Takes this process's streams and signals.
 *
 * The first SIGINT or SIGTERM aborts the context's signal; a second one ends the process with exit code 1.
 */
export function processContext(): ProcessContext {
  const env = process.env;
  const stdout = streamOutput(process.stdout, env);
  const stderr = streamOutput(process.stderr, env);
  const controller = new AbortController();

  const onSignal = (signal: string) => {
    if (controller.signal.aborted) process.exit(EXIT_FAILED);
    controller.abort(new Error(`stopped by ${signal}`));
  };
  for (const name of END_SIGNALS) process.on(name, onSignal);

  return {
    stdout,
    stderr,
    // Not before it is asked for: whoever does not read leaves it alone.
    get stdin() {
      return process.stdin;
    },
    env,
    cwd: process.cwd(),
    signal: controller.signal,
    invokedAs: basename(process.argv0).replace(/\.exe$/i, ""),
    ...(isCompiled() ? { calledAs: quoted(process.argv0) } : {}),
    async leave() {
      await Promise.all([stdout.flush(), stderr.flush()]);
      for (const name of END_SIGNALS) process.off(name, onSignal);
    },
  };
}

/** An output that can be waited for. */
export interface StreamOutput extends Output {
  flush(): Promise<void>;
}

/** How much that is shown may wait for its reader, in characters: more than a burst of lines ever is. */
const MAX_WAITING = 2 ** 23;

/**
 * Wraps one of the process's streams.
 *
 * A reader that goes away (`avx net list | head -1`) is no failure: what comes after is dropped. A disk that is full is
 * one: it is said, and set as the process's exit code. Of lines that are only shown it ends nothing: those that come
 * when there is room again are written.
 */
export function streamOutput(
  stream: NodeJS.WriteStream,
  env: Readonly<Record<string, string | undefined>>,
): StreamOutput {
  let open = true;
  let isShowing = false;
  let waiting = 0;
  let flushed: PromiseWithResolvers<void> | undefined;
  const tellFlushed = (): void => {
    flushed?.resolve();
    flushed = undefined;
  };
  const close = (): void => {
    open = false;
    tellFlushed();
  };
  const fail = (error: unknown) => {
    const isGone = systemErrorCode(error) === "EPIPE";
    if (isShowing && !isGone) return;
    if (open && !isGone) {
      process.exitCode = EXIT_FAILED;
      if (stream !== process.stderr) process.stderr.write(`avx: Cannot write its output: ${errorMessage(error)}\n`);
    }
    close();
  };
  stream.on("error", fail);
  const write = (text: string): void => {
    if (!open) return;
    waiting += text.length;
    try {
      // Bun tells a write's callback before what is flushed after it, and the stream's listeners only later.
      stream.write(text, (error) => {
        if (error) fail(error);
        waiting -= text.length;
        if (waiting === 0) tellFlushed();
      });
    } catch (error) {
      // Deno throws instead, and its stream takes nothing from then on.
      fail(error);
      close();
    }
  };
  const isTTY = stream.isTTY === true;
  return {
    isTTY,
    color: isTTY && !env.NO_COLOR && env.TERM !== "dumb",
    get columns() {
      return stream.columns || DEFAULT_COLUMNS;
    },
    write,
    show(line) {
      isShowing = true;
      if (waiting < MAX_WAITING) write(line);
    },
    async drained() {
      await this.flush();
      return open;
    },
    watchReader: (onGone) => watchReader(stream === process.stderr ? 2 : 1, onGone),
    flush() {
      if (!open || waiting === 0) return Promise.resolve();
      flushed ??= Promise.withResolvers();
      return flushed.promise;
    },
  };
}
