/**
 * Reads what `platform.getCurrentValidators` answers (upstream `vms/platformvm/api/validator.go`).
 *
 * @module
 */

import { fromHex } from "../../core/bytes.ts";
import { errorMessage } from "../../core/errors.ts";
import { parseID } from "../../core/ids/id.ts";
import { parseNodeID } from "../../core/ids/node_id.ts";
import { BLS_PUBLIC_KEY_LENGTH } from "../../core/staking/bls.ts";
import type { CurrentValidator } from "../current_validators.ts";

const MAX_UINT64 = (1n << 64n) - 1n;

/** A `uint64` as Go's API writes it: digits in a text. */
export function parseUint64(value: unknown, what: string): bigint {
  if (typeof value === "string" && /^[0-9]{1,20}$/.test(value)) {
    const number = BigInt(value);
    if (number <= MAX_UINT64) return number;
  }
  throw new Error(`its ${what} is ${shown(value)}, and no uint64`);
}

/**
 * The validators of the list. BLS keys have the right length; whether they are keys is not looked at.
 *
 * @throws {Error} Names the first entry that is none, and why.
 */
export function readCurrentValidators(list: unknown): CurrentValidator[] {
  if (!Array.isArray(list)) throw new Error(`its validators are ${shown(list)}, and no list`);
  return list.map((entry: unknown, i) => {
    try {
      if (typeof entry !== "object" || entry === null) throw new Error(`it is ${shown(entry)}`);
      return readValidator(entry as Readonly<Record<string, unknown>>);
    } catch (error) {
      throw new Error(`its validator ${i} is none: ${errorMessage(error)}`);
    }
  });
}

function readValidator(entry: Readonly<Record<string, unknown>>): CurrentValidator {
  const nodeID = parseNodeID(text(entry["nodeID"], "nodeID"));
  const weight = parseUint64(entry["weight"], "weight");
  if (weight === 0n) throw new Error("its weight is 0");

  if (entry["validationID"] !== undefined) {
    return {
      kind: "l1",
      nodeID,
      weight,
      txID: parseID(text(entry["validationID"], "validationID")),
      publicKey: publicKey(entry["publicKey"]),
      // What pays for the validator is taken continuously; with nothing left it is inactive, and never both.
      active: parseUint64(entry["balance"], "balance") > 0n,
    };
  }
  const { delegatorWeight = "0", signer } = entry;
  const delegated = parseUint64(delegatorWeight, "delegatorWeight");
  if (weight + delegated > MAX_UINT64) throw new Error("its weight with that of its delegators is no uint64");
  return {
    kind: "staker",
    nodeID,
    weight: weight + delegated,
    txID: parseID(text(entry["txID"], "txID")),
    publicKey:
      signer === undefined || signer === null ? undefined : publicKey((signer as Record<string, unknown>)["publicKey"]),
  };
}

function publicKey(value: unknown): Uint8Array {
  const hex = text(value, "publicKey");
  const bytes = hex.startsWith("0x") ? fromHex(hex) : undefined;
  if (bytes?.length !== BLS_PUBLIC_KEY_LENGTH) throw new Error(`its publicKey is ${shown(hex)}, and no BLS key`);
  return bytes;
}

/** Longer than any ID or key: decoding what is much longer would take long. */
const MAX_TEXT_LENGTH = 128;

/** A text of the length of IDs and keys. */
export function text(value: unknown, what: string): string {
  if (typeof value === "string" && value.length <= MAX_TEXT_LENGTH) return value;
  throw new Error(`its ${what} is ${shown(value)}, and no such text`);
}

/** The longest piece of an answer that an error repeats. */
const MAX_SHOWN = 80;

function shown(value: unknown): string {
  if (value === undefined) return "missing";
  const json = typeof value === "object" && value !== null ? "an object" : JSON.stringify(value);
  return json.length > MAX_SHOWN ? `${json.slice(0, MAX_SHOWN)}…` : json;
}
