/**
 * The last words of a node that never came to be: flags that no node can run with are told in its log too, where
 * whoever started it looks for the reason.
 *
 * @module
 */

import { resolve } from "node:path";
import { systemClock } from "../core/clock.ts";
import { AvxError, errorMessage } from "../core/errors.ts";
import { readNamedFile } from "../core/named_file.ts";
import { type Environment, expandVariables } from "./config/expand.ts";
import { environmentName } from "./config/flag.ts";
import { directoryHolder } from "./directory_lock.ts";
import { LogFactory } from "./logging/factory.ts";

/** Where the flags were looked for. */
export interface FailedSources {
  readonly args: readonly string[];
  readonly env: Environment;
  readonly cwd: string;
}

/**
 * Writes the failure as a fatal line to the `main.log` of the data directory that was named.
 *
 * The flags could not be read as a whole, so that no more is looked for than the directory. Where none is named, or it
 * cannot be written, nothing is done: the default directory may be another node's.
 */
export async function logStartupFailure(error: unknown, sources: FailedSources): Promise<void> {
  const { directory, dataDir } = directories(sources);
  if (directory === undefined) return;
  // The log of a node that runs is its own.
  if (dataDir !== undefined && directoryHolder(dataDir) !== undefined) return;
  const rotation = { maxBytes: 0, maxFiles: 0, maxAgeDays: 0, compress: false };
  try {
    await using factory = new LogFactory(
      { clock: systemClock },
      { directory, logLevel: "fatal", displayLevel: "off", format: "plain", rotation },
    );
    factory.make("main").fatal("failed to start the node", {
      error: errorMessage(error),
      ...(error instanceof AvxError && error.hint !== undefined ? { hint: error.hint } : {}),
    });
  } catch {
    // It is told on stderr all the same.
  }
}

/** Where the log would be, and the data directory; each `undefined` where none is named. */
function directories(sources: FailedSources): { directory: string | undefined; dataDir: string | undefined } {
  const configuration = readConfiguration(sources);
  const find = (name: string): string | undefined => {
    const text = fromArguments(sources.args, name) ?? sources.env[environmentName(name)] ?? configuration[name];
    return typeof text === "string" && text !== "" ? text : undefined;
  };
  const dataDir = find("data-dir");
  const logDir = find("log-dir") ?? (dataDir === undefined ? undefined : "$AVALANCHEGO_DATA_DIR/logs");
  const expand = (text: string): string => expandVariables(text, (name) => sources.env[name]);
  const path = (text: string | undefined): string | undefined => {
    if (text === undefined) return undefined;
    const expanded = expandVariables(text, (name) =>
      name === "AVALANCHEGO_DATA_DIR" ? expand(dataDir ?? "") : sources.env[name],
    );
    return resolve(sources.cwd, expanded);
  };
  return { directory: path(logDir), dataDir: path(dataDir) };
}

function fromArguments(args: readonly string[], name: string): string | undefined {
  for (const [i, argument] of args.entries()) {
    if (argument === `--${name}`) return args[i + 1];
    if (argument.startsWith(`--${name}=`)) return argument.slice(name.length + 3);
  }
  return undefined;
}

function readConfiguration({ args, env, cwd }: FailedSources): Record<string, unknown> {
  const find = (name: string): string | undefined => fromArguments(args, name) ?? env[environmentName(name)];
  try {
    const content = find("config-file-content");
    const path = find("config-file");
    if (content === undefined && path === undefined) return {};
    const text =
      content === undefined
        ? readNamedFile(resolve(cwd, path ?? "")).toString("utf8")
        : Buffer.from(content, "base64").toString();
    const document: unknown = JSON.parse(text);
    return typeof document === "object" && document !== null ? (document as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
