/**
 * How many files and sockets the system lets the process hold open.
 *
 * No runtime can raise the limit itself; Bun does so when it starts, as far as the system allows.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import type { Logger } from "../core/log.ts";
import { NodeError } from "./errors.ts";

/** The limits of this process. */
export interface OpenFileLimits {
  /** In force. */
  readonly soft: number;
  /** As far as the one in force can be raised. */
  readonly hard: number;
}

/** @returns `undefined` where the system does not tell: everywhere but on Linux. */
export function readOpenFileLimits(): OpenFileLimits | undefined {
  let text: string;
  try {
    text = readFileSync("/proc/self/limits", "utf8");
  } catch {
    return undefined;
  }
  const match = /^Max open files\s+(\d+|unlimited)\s+(\d+|unlimited)/m.exec(text);
  if (match === null) return undefined;
  const [soft, hard] = match
    .slice(1)
    .map((limit) => (limit === "unlimited" ? Number.POSITIVE_INFINITY : Number(limit)));
  return { soft: soft as number, hard: hard as number };
}

/**
 * Compares what is allowed with what is asked for.
 *
 * A limit that was asked for and cannot be had is an error, as in the reference. The default is only a wish: it is
 * higher than many systems allow.
 *
 * @throws {NodeError} `fd-limit`.
 */
export function checkOpenFiles(
  { limit, required }: { readonly limit: number; readonly required: boolean },
  log: Logger,
  limits = readOpenFileLimits(),
): void {
  if (limits === undefined) return;
  if (required && limit > limits.hard) {
    throw new NodeError(
      { code: "fd-limit", limit, allowed: limits.hard },
      `The node was told to hold ${limit} files open, and the system allows ${limits.hard}`,
      { hint: "Give a lower fd-limit, or raise the system's limit with ulimit -n" },
    );
  }
  if (limits.soft < limit) {
    log.warn("the system allows few open files, which limits the number of peers", {
      limit: limits.soft,
      recommendedLimit: limit,
    });
  }
}
