/**
 * What a process that runs many nodes and whoever starts it say to each other.
 *
 * The host is avx, called with {@link HOST_ARGUMENTS}. Each line on its stdin is a {@link HostRequest}, each on its
 * stdout a {@link HostAnswer}, both JSON. After {@link END_OF_REQUESTS} it goes on until its last node has ended. Where
 * stdin ends without that line, whoever started it has died over it, and it ends with all its nodes: nobody would know
 * of those that it has not told yet.
 *
 * Signals, tables of processes and `process.json` know a node by a process ID, so each has a process of its own that
 * stands for it, the stand-in: `lib/node/stand_in.ts`.
 *
 * @module
 */

/** The arguments by which avx is a host. */
export const HOST_ARGUMENTS = ["node", "host"] as const;

/** The line that says that no more nodes will come. */
export const END_OF_REQUESTS = '{"end":true}';

/** Asks a host to run one more node. */
export interface HostRequest {
  /** Names the node in answers, and is its working directory. */
  readonly dataDir: string;
  /** Its command line, without the program: its flags. */
  readonly args: readonly string[];
  /** Variables of the environment that it has beside the host's. */
  readonly env: Readonly<Record<string, string>>;
  /** The file for what it prints: it is there, and added to. */
  readonly stdio: string;
}

/** What a host says of a node. */
export type HostAnswer =
  /** A process stands for it; the node is about to start. */
  | { readonly dataDir: string; readonly pid: number }
  /** It has ended, or could not be started: how, in words that follow "it". */
  | { readonly dataDir: string; readonly ended: string };

/**
 * Reads a line that a host was sent.
 *
 * @throws {TypeError} When it is no request.
 *
 * @example
 * ```ts
 * parseHostRequest('{"dataDir":"/n/a","args":["--config-file","/n/a/flags.json"],"env":{},"stdio":"/n/a/stdio.log"}');
 * ```
 */
export function parseHostRequest(line: string): HostRequest {
  const { dataDir, args, env, stdio } = parseObject(line);
  if (typeof dataDir !== "string" || typeof stdio !== "string") throw new TypeError("dataDir and stdio must be paths");
  if (!isStrings(args)) throw new TypeError("args must be a list of strings");
  if (typeof env !== "object" || env === null || !isStrings(Object.values(env))) {
    throw new TypeError("env must be an object of strings");
  }
  return { dataDir, args, env: env as Record<string, string>, stdio };
}

/**
 * Reads a line that a host wrote.
 *
 * @returns `undefined` for what is no answer.
 */
export function parseHostAnswer(line: string): HostAnswer | undefined {
  try {
    const { dataDir, pid, ended } = parseObject(line);
    if (typeof dataDir !== "string") return undefined;
    if (typeof pid === "number") return { dataDir, pid };
    return typeof ended === "string" ? { dataDir, ended } : undefined;
  } catch {
    return undefined;
  }
}

function parseObject(line: string): Record<string, unknown> {
  const value: unknown = JSON.parse(line);
  if (typeof value !== "object" || value === null) throw new TypeError("it is no object");
  return value as Record<string, unknown>;
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === "string");
}
