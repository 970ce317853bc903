/**
 * `avx node host`: runs many nodes in one process until each was told to stop.
 *
 * `avx net start` starts it for networks of many light nodes and says on stdin which they are: see
 * `lib/platform/node_host.ts` for the lines.
 *
 * @module
 */

import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { errorMessage } from "../../lib/core/errors.ts";
import { NodeHost } from "../../lib/node/node_host.ts";
import { END_OF_REQUESTS, parseHostRequest } from "../../lib/platform/node_host.ts";
import type { CommandContext } from "../command.ts";
import { formatError, UsageError } from "../errors.ts";
import { COMMIT } from "../version.ts";

/**
 * Runs nodes. It ends when no more will come and none runs any more; when the context's signal is aborted, or stdin ends
 * before it was said that no more will come, it ends all of them.
 *
 * @throws {UsageError} For a line that is no request; the nodes that run then are ended.
 */
export async function runHost(context: CommandContext): Promise<void> {
  const { env, stdout, signal, calledAs } = context;
  const host = new NodeHost({
    env,
    gitCommit: COMMIT === "source" ? "" : COMMIT,
    program: context.invokedAs,
    tell: (answer) => stdout.write(`${JSON.stringify(answer)}\n`),
    report: (fault) => formatError(fault, { stack: env.AVX_DEBUG === "1", calledAs }),
  });
  const lines = createInterface({ input: Readable.from(context.stdin) });
  const stop = (): void => {
    lines.close();
    host.close();
  };
  signal.addEventListener("abort", stop);
  try {
    if (signal.aborted) return;
    let isWhole = false;
    for await (const line of lines) {
      isWhole = line === END_OF_REQUESTS;
      if (!isWhole) host.run(request(line));
    }
    if (!isWhole) host.close();
  } catch (error) {
    host.close();
    throw error;
  } finally {
    await host.idle();
    signal.removeEventListener("abort", stop);
  }
}

function request(line: string): ReturnType<typeof parseHostRequest> {
  try {
    return parseHostRequest(line);
  } catch (error) {
    throw new UsageError(`A line on stdin asks for no node: ${errorMessage(error)}`);
  }
}
