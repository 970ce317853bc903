/**
 * What tmpnetctl says while it works: lines in avalanchego's forms, on stdout.
 *
 * @module
 */

import { createLogger, type Logger } from "../../lib/core/log.ts";
import { formatLine, type LineFormat } from "../../lib/node/logging/format.ts";
import type { Output } from "../command.ts";
import { FlagError } from "./flags.ts";

/** What stands where a line of tmpnetctl names its place in the code. */
const CALLER = "tmpnetctl/avx";

/**
 * Makes the log that `--log-format` asks for.
 *
 * @throws {FlagError} For a format that there is not.
 */
export function logFor(format: string, output: Output): Logger {
  const lineFormat = lineFormatOf(format, output);
  return createLogger((level, message, fields) => {
    output.write(formatLine({ level, timeMs: Date.now(), logger: "", caller: CALLER, message, fields }, lineFormat));
  });
}

function lineFormatOf(format: string, { isTTY }: Output): LineFormat {
  switch (format.toLowerCase()) {
    case "auto":
      return isTTY ? "colors" : "plain";
    case "plain":
    case "colors":
    case "json":
      return format.toLowerCase() as LineFormat;
    default:
      throw new FlagError(`unknown format mode: ${format}`);
  }
}
