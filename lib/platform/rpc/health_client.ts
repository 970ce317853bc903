/**
 * Asks a node how it is: `/ext/health`.
 *
 * Shapes are upstream's `api/health`: a check that fails carries `error`, how often it has failed in a row, and since
 * when.
 *
 * @module
 */

import { type CallOptions, callRPC } from "./json_rpc.ts";

/** One check's last result. */
export interface HealthCheckResult {
  /** What the check found; its shape is the check's own. */
  readonly message?: unknown;
  /** Why it fails; absent where it passes. */
  readonly error?: string;
  /** When it ran last: RFC 3339. */
  readonly timestamp?: string;
  /** How long it took, in nanoseconds. */
  readonly duration?: number;
  readonly contiguousFailures?: number;
  /** RFC 3339; absent or null where it passes. */
  readonly timeOfFirstFailure?: string | null;
}

/** All checks together. */
export interface HealthReply {
  readonly checks: Readonly<Record<string, HealthCheckResult>>;
  readonly healthy: boolean;
}

/** The three questions: ready to serve for good, well right now, alive at all. */
export type HealthQuestion = "readiness" | "health" | "liveness";

/**
 * Asks for a node's health by POST: a node that is not well answers, too.
 *
 * @param uri The node, such as `http://127.0.0.1:9650`.
 * @throws {RPCError} When there is no such answer.
 */
export async function getHealth(
  uri: string,
  options: CallOptions = {},
  question: HealthQuestion = "health",
): Promise<HealthReply> {
  const reply = await callRPC<Partial<HealthReply> | null>(uri, "/ext/health", `health.${question}`, {}, options);
  return { checks: reply?.checks ?? {}, healthy: reply?.healthy === true };
}

/** The checks that fail, by name. */
export function failingChecks(reply: HealthReply): [name: string, result: HealthCheckResult][] {
  return Object.entries(reply.checks).filter(([, result]) => result.error !== undefined);
}
