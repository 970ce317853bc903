/**
 * Options of commands that start nodes, and how they are refused.
 *
 * @module
 */

import { Option } from "commander";
import { errorMessage } from "../../lib/core/errors.ts";
import { TmpnetError } from "../../lib/tmpnet/errors.ts";
import { parseFlag } from "../../lib/tmpnet/flags_map.ts";
import { UsageError } from "../errors.ts";

/** How a node is named: see `lib/tmpnet/node_names.ts`. */
export const NODE_HELP = "a node's ID, the beginning of it, or its place in the list, from 0";

/** `--flag` */
export function flagOption(help: string): Option {
  return new Option("--flag <name=value>", help).default({}, "none").argParser(addFlag);
}

/** `--trust` */
export function trustOption(): Option {
  return new Option("--trust", "run what the network's directory names, though somebody else may have made it");
}

/** What a command line can be wrong in that only the network knows. */
const USAGE_CODES: ReadonlySet<string> = new Set(["option", "no-node"]);

/** Does something; what was asked for and cannot be is a wrong usage. */
export async function refusedAsUsage(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof TmpnetError) || !USAGE_CODES.has(error.type.code)) throw error;
    throw new UsageError(error.message, error.hint === undefined ? {} : { hint: error.hint });
  }
}

function addFlag(text: string, flags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  try {
    const [name, value] = parseFlag(text);
    return { ...flags, [name]: value };
  } catch (error) {
    throw new UsageError(errorMessage(error), { hint: "Write it as --flag log-level=debug" });
  }
}

/** Adds a value to those that an option was given before. */
export function collect(value: string, values: readonly string[] = []): readonly string[] {
  return [...values, value];
}
