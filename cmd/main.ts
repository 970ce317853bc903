/**
 * The executable's entry: reads who is meant, runs it, prints what went wrong, and leaves with an exit code.
 *
 * @module
 */

import { declareAvx } from "../lib/core/program.ts";
import { type CommandContext, EXIT_OK } from "./command.ts";
import { processContext } from "./context.ts";
import { dispatch } from "./dispatch.ts";
import { reportError } from "./errors.ts";

/**
 * Runs a command line.
 *
 * Each part is loaded only when it is called for: a node starts without the tree of commands.
 *
 * @param args Without the program's own name.
 * @returns The exit code: 0, 1 (failed) or 2 (wrong usage).
 */
export async function main(args: readonly string[], context: CommandContext): Promise<number> {
  try {
    const called = dispatch(args, context.invokedAs);
    if (called.to === "node") {
      const { runNode } = await import("./node/run.ts");
      return await runNode(called.args, context);
    }
    if (called.to === "tmpnetctl") {
      const { runTmpnetctl } = await import("./tmpnetctl/run.ts");
      return await runTmpnetctl(called.args, context);
    }
    const { runProgram } = await import("./program.ts");
    return await runProgram(called.args, context);
  } catch (error) {
    return reportError(error, context);
  }
}

if (import.meta.main) {
  declareAvx();
  const context = processContext();
  const code = await main(process.argv.slice(2), context);
  await context.leave();
  process.exit(code === EXIT_OK ? process.exitCode : code); // what was printed may not have arrived
}
