/**
 * Nodes of JSON as values of the types that Go would decode them into, with Go's error texts.
 *
 * @module
 */

import { GoJSONError } from "./errors.ts";
import type { JSONNode } from "./parse.ts";

/** Where a value is decoded: Go's error texts name the struct and the path of fields that lead to it. */
export interface GoPlace {
  /** The innermost struct's name without its package; empty at the top. */
  readonly struct: string;
  /** Field names, joined by periods. */
  readonly path: string;
  /** Values of the wrong type so far; where there is no list, the first one is thrown. */
  readonly faults?: GoJSONError[];
}

/** Outside of any struct. */
export const TOP: GoPlace = { struct: "", path: "" };

/**
 * Runs a decoder as `json.Unmarshal` does: a value of the wrong type leaves its field as it was and decoding goes on,
 * so that the error of a type that reads itself, which ends it at once, is told first.
 *
 * @param decode Is given the place to begin at.
 * @param outside Where the types' own reading happens within that of another; its faults are not told here.
 * @throws {GoJSONError} The first value of the wrong type.
 */
export function unmarshal<T>(decode: (place: GoPlace) => T, outside?: GoPlace): T {
  const faults: GoJSONError[] = [];
  const value = decode({ struct: outside?.struct ?? "", path: outside?.path ?? "", faults });
  if (faults[0] !== undefined) throw faults[0];
  return value;
}

/** Takes a field's value; it is called again where a name is repeated. */
export type FieldDecoder = (node: JSONNode, place: GoPlace) => void;

/**
 * Decodes an object into fields. Names are found in any case of letters, unknown ones are passed over, `null` leaves
 * everything as it was.
 *
 * @param type The Go type, such as `genesis.UnparsedConfig`.
 * @param keepStruct Whether errors name the struct outside instead: so for types that read themselves.
 */
export function decodeObject(
  node: JSONNode,
  place: GoPlace,
  type: string,
  fields: Readonly<Record<string, FieldDecoder>>,
  keepStruct = false,
): void {
  if (node.kind === "null") return;
  if (node.kind !== "object") note(place, wrongType(node, place, type));
  const struct = keepStruct ? place.struct : type.slice(type.indexOf(".") + 1);
  for (const [written, value] of node.entries ?? []) {
    const name = Object.hasOwn(fields, written) ? written : findFolded(fields, written);
    const path = place.path ? `${place.path}.${name}` : `${name}`;
    if (name !== undefined) fields[name]?.(value, { ...place, struct, path });
  }
}

function findFolded(fields: Readonly<Record<string, FieldDecoder>>, written: string): string | undefined {
  const folded = fold(written);
  return Object.keys(fields).find((name) => fold(name) === folded);
}

/** Unicode's simple folding, as far as it can reach an ASCII name. */
function fold(name: string): string {
  return name.replaceAll("\u017f", "s").toLowerCase();
}

/**
 * The items of an array; none of `null`.
 *
 * @param type The Go type, such as `[]string`.
 */
export function decodeArray(node: JSONNode, place: GoPlace, type: string): readonly JSONNode[] {
  if (node.kind !== "array" && node.kind !== "null") note(place, wrongType(node, place, type));
  return node.items ?? [];
}

/** A string; `null` leaves `current`. */
export function decodeString(node: JSONNode, place: GoPlace, current: string): string {
  if (node.kind !== "string" && node.kind !== "null") note(place, wrongType(node, place, "string"));
  return node.text ?? current;
}

/** A boolean; `null` leaves `current`. */
export function decodeBool(node: JSONNode, place: GoPlace, current: boolean): boolean {
  if (node.kind === "bool") return node.raw === "true";
  if (node.kind !== "null") note(place, wrongType(node, place, "bool"));
  return current;
}

const INTEGER_RANGES = {
  uint32: [0n, 2n ** 32n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
} as const;

/**
 * A whole number in the range of its kind, written without fraction and exponent; `null` leaves `current`.
 *
 * @param type The Go type, where it has a name of its own.
 */
export function decodeInteger(
  node: JSONNode,
  place: GoPlace,
  kind: keyof typeof INTEGER_RANGES,
  current: bigint,
  type: string = kind,
): bigint {
  if (node.kind !== "number") {
    if (node.kind !== "null") note(place, wrongType(node, place, type));
    return current;
  }
  const [least, most] = INTEGER_RANGES[kind];
  // Go's parser of unsigned numbers takes no sign, not even that of zero.
  const digits = least < 0n ? /^-?[0-9]+$/ : /^[0-9]+$/;
  const value = digits.test(node.raw) ? BigInt(node.raw) : undefined;
  if (value !== undefined && value >= least && value <= most) return value;
  note(place, wrongType(node, place, type, `number ${node.raw}`));
  return current;
}

/**
 * The error of a value of the wrong type.
 *
 * @param found What there is, where that is more than the kind of value.
 */
export function wrongType(node: JSONNode, place: GoPlace, type: string, found: string = node.kind): GoJSONError {
  const target = place.struct || place.path ? `struct field ${place.struct}.${place.path} of type` : "value of type";
  return new GoJSONError({ code: "type" }, `json: cannot unmarshal ${found} into Go ${target} ${type}`);
}

/** Takes note of an error, or throws it where none are noted. */
function note(place: GoPlace, error: GoJSONError): void {
  if (place.faults === undefined) throw error;
  place.faults.push(error);
}
