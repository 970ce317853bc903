/**
 * Options that commands about subnets share, and how their values are read.
 *
 * @module
 */

import { fromHex } from "../../lib/core/bytes.ts";
import { AVAX } from "../../lib/platform/units.ts";
import { Network } from "../../lib/tmpnet/network.ts";
import { SubnetError } from "../../lib/tmpnet/subnets/errors.ts";
import type { SubnetControl } from "../../lib/tmpnet/subnets/host.ts";
import type { L1ValidatorSpec } from "../../lib/tmpnet/subnets/spec.ts";
import type { CommandContext } from "../command.ts";
import { UsageError } from "../errors.ts";
import { findNetwork, type WhichNetwork } from "./options.ts";
import { progressView } from "./progress.ts";

/** Options of commands that change subnets. */
export interface SubnetCommandOptions extends WhichNetwork {
  readonly timeout: number;
  readonly json?: boolean;
}

/** An L1 among arguments. */
export const L1_ARGUMENT = ["<l1>", "its name or subnet ID"] as const;

/** What a validator of an L1 may be called. */
export const VALIDATOR_HELP = "its validation ID, or its node";

export const TIMEOUT_HELP = "how long all of it may take, such as 30s";

const MAX_UINT64 = 2n ** 64n - 1n;

/**
 * Does something to a network's subnets and shows how it goes. What was asked for and cannot be is a wrong usage.
 *
 * @param work Is handed the network, and what the work is to behave like.
 */
export async function onSubnets<T>(
  options: SubnetCommandOptions,
  context: CommandContext,
  work: (network: Network, control: SubnetControl) => Promise<T>,
): Promise<{ readonly network: Network; readonly result: T }> {
  const { env, signal } = context;
  const network = Network.read(findNetwork(options, context), { env });
  using view = progressView(context.stderr);
  try {
    const onProgress: SubnetControl["onProgress"] = (progress) => view.show(progress);
    return { network, result: await work(network, { signal, timeoutMs: options.timeout, env, onProgress }) };
  } catch (error) {
    if (error instanceof SubnetError && error.type.code === "spec") throw new UsageError(error.message);
    throw error;
  }
}

/**
 * Reads an amount of AVAX, such as `5` or `0.25`.
 *
 * @returns nAVAX.
 * @throws {UsageError} For anything else.
 */
export function parseAVAX(option: string): (text: string) => bigint {
  return (text) => {
    const [, whole, fraction = ""] = /^(\d{1,11})(?:\.(\d{1,9}))?$/.exec(text) ?? [];
    const amount = whole === undefined ? -1n : BigInt(whole) * AVAX + BigInt(fraction.padEnd(9, "0"));
    if (amount >= 0n && amount <= MAX_UINT64) return amount;
    throw new UsageError(`${option} must be an amount of AVAX, not "${text}"`, { hint: "Write it as 5 or 0.25" });
  };
}

/**
 * Reads what a validator weighs.
 *
 * @throws {UsageError} For anything but a number of 64 bits.
 */
export function parseWeight(text: string): bigint {
  const weight = /^\d{1,20}$/.test(text) ? BigInt(text) : -1n;
  if (weight >= 0n && weight <= MAX_UINT64) return weight;
  throw new UsageError(`A weight is a whole number, not "${text.slice(0, 40)}"`);
}

/**
 * Reads bytes in hex.
 *
 * @throws {UsageError} For anything else.
 */
export function parseHex(option: string): (text: string) => Uint8Array {
  return (text) => {
    const bytes = fromHex(text);
    if (bytes !== undefined) return bytes;
    throw new UsageError(`${option} must be hex, such as 0x0afb7603…, and "${text.slice(0, 40)}" is not`);
  };
}

/**
 * Reads a validator of an L1: a node, and after a colon each its weight and its balance in AVAX.
 *
 * @throws {UsageError} For anything else.
 */
export function parseL1Validator(text: string): L1ValidatorSpec {
  const [node = "", weight, balance, more] = text.split(":");
  const isWeight = weight === undefined || weight === "" || /^\d{1,19}$/.test(weight);
  if (node === "" || more !== undefined || !isWeight) {
    throw new UsageError(`"${text}" is no validator`, { hint: "Write it as node, node:weight or node:weight:AVAX" });
  }
  return {
    node,
    ...(weight ? { weight: BigInt(weight) } : {}),
    ...(balance ? { balance: parseAVAX("A validator's balance")(balance) } : {}),
  };
}

/** Adds what `parse` reads to what an option was given before. */
export function collecting<T>(parse: (text: string) => T): (text: string, before?: readonly T[]) => readonly T[] {
  return (text, before = []) => [...before, parse(text)];
}

/** JSON with exact numbers as text: amounts exceed what JSON's numbers hold. */
export function toJSONText(value: unknown): string {
  const plain = (_: string, item: unknown) => {
    if (typeof item === "bigint") return String(item);
    return item instanceof Map ? Object.fromEntries(item) : item;
  };
  return `${JSON.stringify(value, plain, 2)}\n`;
}
