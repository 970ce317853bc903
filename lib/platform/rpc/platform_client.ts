/**
 * Asks a node for what the P-Chain knows of validators: `/ext/bc/P`.
 *
 * What comes is checked: a node's answer decides whom this one trusts with its bandwidth.
 *
 * @module
 */

import { errorMessage } from "../../core/errors.ts";
import { type ID, parseID } from "../../core/ids/id.ts";
import type { CurrentValidator } from "../current_validators.ts";
import { parseUint64, readCurrentValidators, text } from "./current_validators_reply.ts";
import { RPCError } from "./errors.ts";
import { type CallOptions, callRPC } from "./json_rpc.ts";

const PATH = "/ext/bc/P";

/** How long a call may take: the list of all validators is some megabytes, in milliseconds. */
export const PLATFORM_TIMEOUT_MS = 30_000;

/**
 * The height of the last block that the node has accepted.
 *
 * @param uri The node, such as `http://127.0.0.1:9650`.
 * @throws {RPCError} With the codes of `RPCErrorType`; `malformed` for what is no height, too. A node that still
 * bootstraps its P-Chain answers with `status` 503.
 */
export async function getHeight(uri: string, options: CallOptions = {}): Promise<bigint> {
  const reply = await call(uri, "platform.getHeight", {}, options);
  return checked(uri, "platform.getHeight", () => parseUint64(field(reply, "height"), "height"));
}

/**
 * All subnets that were ever made, the Primary Network included.
 *
 * @throws {RPCError} As {@link getHeight}.
 */
export async function getSubnetIDs(uri: string, options: CallOptions = {}): Promise<ID[]> {
  const reply = await call(uri, "platform.getSubnets", {}, options);
  return checked(uri, "platform.getSubnets", () => {
    const subnets = field(reply, "subnets");
    if (!Array.isArray(subnets)) throw new Error("its subnets are no list");
    return subnets.map((subnet: unknown) => parseID(text(field(subnet, "id"), "subnet's ID")));
  });
}

/**
 * Who validates a subnet at the height of the last block: stakers, and the validators of L1s, active or not.
 *
 * This and not `platform.getValidatorsAt` is what a validator manager can be kept by: it alone tells the transactions,
 * by which one time of validating is told from the next.
 *
 * @throws {RPCError} As {@link getHeight}.
 */
export async function getCurrentValidators(
  uri: string,
  subnetID: ID,
  options: CallOptions = {},
): Promise<CurrentValidator[]> {
  const reply = await call(uri, "platform.getCurrentValidators", { subnetID }, options);
  return checked(uri, "platform.getCurrentValidators", () => readCurrentValidators(field(reply, "validators")));
}

function call(uri: string, method: string, params: object, options: CallOptions): Promise<unknown> {
  return callRPC(uri, PATH, method, params, { timeoutMs: PLATFORM_TIMEOUT_MS, ...options });
}

/** Says of what is found wrong with an answer whose it is. */
function checked<T>(uri: string, method: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const url = `${uri.replace(/\/+$/, "")}${PATH}`;
    const message = `${url} answered ${method} with what is no such answer: ${errorMessage(error)}`;
    throw new RPCError({ code: "malformed", url }, message, { cause: error });
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
