/**
 * Writes protobuf as Go's `proto.Marshal` does: fields in the order of their numbers, nothing for a zero value.
 *
 * A message is measured first and then written from its end to its beginning, straight into the frame that it goes
 * out in: each length is known when the bytes behind it stand, and nothing is copied twice.
 *
 * @module
 */

import { malformedProtobuf } from "../errors.ts";
import type { FieldPlan, Fields, MessagePlan } from "./plan.ts";
import { varintLength, writeVarint } from "./varint.ts";

const VARINT = 0;
const BYTES = 2;

const TWO_TO_THE_32 = 0x1_0000_0000;

/**
 * How many bytes a message takes.
 *
 * @throws {MessageError} `protobuf` where a string cannot be written as UTF-8.
 */
export function encodedLength(plan: MessagePlan, message: Fields): number {
  let length = 0;
  for (const field of plan.fields) {
    const value = writtenValue(field, message);
    if (value === undefined) continue;
    if (!field.repeated) length += tagLength(field) + valueLength(field, value);
    else if (isPacked(field)) length += packedFieldLength(field, value as readonly unknown[]);
    else for (const item of value as readonly unknown[]) length += tagLength(field) + valueLength(field, item);
  }
  return length;
}

/**
 * Writes a message so that it ends before `end`.
 *
 * @param into Has room for `encodedLength` bytes before `end`.
 * @returns Where the message begins.
 */
export function encodeBefore(plan: MessagePlan, message: Fields, into: Uint8Array, end: number): number {
  let at = end;
  for (let i = plan.fields.length - 1; i >= 0; i--) {
    const field = plan.fields[i] as FieldPlan;
    const value = writtenValue(field, message);
    if (value === undefined) continue;
    if (!field.repeated) {
      at = writeVarintBefore(into, writeValue(field, value, into, at), tag(field));
    } else if (isPacked(field)) {
      at = writePackedField(field, value as readonly unknown[], into, at);
    } else {
      const items = value as readonly unknown[];
      for (let j = items.length - 1; j >= 0; j--) {
        at = writeVarintBefore(into, writeValue(field, items[j], into, at), tag(field));
      }
    }
  }
  return at;
}

/** What is to be written of a field, or `undefined` where it is left out. */
function writtenValue(field: FieldPlan, message: Fields): unknown {
  if (field.oneof !== undefined) {
    const oneof = message[field.oneof] as { case: string | undefined; value?: unknown } | undefined;
    return oneof?.case === field.name ? oneof.value : undefined;
  }
  const value = message[field.name];
  if (value === undefined || field.kind === "message") return value;
  switch (field.repeated ? "repeated" : field.kind) {
    case "repeated":
    case "bytes":
    case "string":
      return (value as { readonly length: number }).length === 0 ? undefined : value;
    case "bool":
      return value === false ? undefined : value;
    default:
      return Number(value) === 0 ? undefined : value;
  }
}

function isPacked(field: FieldPlan): boolean {
  return field.kind !== "bytes" && field.kind !== "string" && field.kind !== "message";
}

function tag(field: FieldPlan): number {
  return (field.number << 3) | (field.repeated || !isPacked(field) ? BYTES : VARINT);
}

function tagLength(field: FieldPlan): number {
  return varintLength(field.number << 3);
}

/** Bytes of a value, with its length before it where it has one. */
function valueLength(field: FieldPlan, value: unknown): number {
  switch (field.kind) {
    case "bytes":
      return withLength((value as Uint8Array).length);
    case "string":
      return withLength(utf8Length(value as string));
    case "message":
      return withLength(encodedLength(field.message as MessagePlan, value as Fields));
    default:
      return numberLength(field, value);
  }
}

/** Writes a value, and its length before it where it has one. @returns Where it begins. */
function writeValue(field: FieldPlan, value: unknown, into: Uint8Array, end: number): number {
  let at: number;
  switch (field.kind) {
    case "bytes":
      at = end - (value as Uint8Array).length;
      into.set(value as Uint8Array, at);
      break;
    case "string":
      at = end - utf8Length(value as string);
      encoder.encodeInto(value as string, into.subarray(at, end));
      break;
    case "message":
      at = encodeBefore(field.message as MessagePlan, value as Fields, into, end);
      break;
    default:
      return writeNumber(field, value, into, end);
  }
  return writeVarintBefore(into, at, end - at);
}

function packedFieldLength(field: FieldPlan, numbers: readonly unknown[]): number {
  let length = 0;
  for (const number of numbers) length += numberLength(field, number);
  return tagLength(field) + withLength(length);
}

function writePackedField(field: FieldPlan, numbers: readonly unknown[], into: Uint8Array, end: number): number {
  let at = end;
  for (let i = numbers.length - 1; i >= 0; i--) at = writeNumber(field, numbers[i], into, at);
  return writeVarintBefore(into, writeVarintBefore(into, at, end - at), tag(field));
}

function numberLength(field: FieldPlan, value: unknown): number {
  const number = wireNumber(field, value);
  return typeof number === "bigint" ? uint64Length(number) : varintLength(number);
}

function writeNumber(field: FieldPlan, value: unknown, into: Uint8Array, end: number): number {
  const number = wireNumber(field, value);
  return typeof number === "bigint" ? writeUint64(into, end, number) : writeVarintBefore(into, end, number);
}

/** The whole number that stands for a value on the wire. */
function wireNumber(field: FieldPlan, value: unknown): number | bigint {
  switch (field.kind) {
    case "uint64": {
      // Times and heights: arithmetic on bigints costs ten times that on numbers.
      const number = Number(value);
      return number >= 0 && number <= Number.MAX_SAFE_INTEGER ? number : BigInt.asUintN(64, value as bigint);
    }
    case "bool":
      return 1;
    case "sint32":
      return (((value as number) << 1) ^ ((value as number) >> 31)) >>> 0;
    case "enum":
      // Negative ones go out as 64 bits.
      return (value as number) < 0 ? BigInt.asUintN(64, BigInt(value as number)) : (value as number);
    default:
      return (value as number) >>> 0;
  }
}

const encoder = new TextEncoder();

function utf8Length(text: string): number {
  if (!text.isWellFormed()) throw malformedProtobuf();
  return encoder.encode(text).length;
}

function withLength(length: number): number {
  return varintLength(length) + length;
}

/** Bytes of a varint of 64 bits. */
function uint64Length(value: bigint): number {
  const high = Number(value >> 32n);
  const low = Number(value & 0xffff_ffffn);
  if (high < 0x20_0000) return varintLength(high * TWO_TO_THE_32 + low);
  return high < 0x8000_0000 ? (high < 0x100_0000 ? 8 : 9) : 10;
}

/** Writes a varint so that it ends before `end`. @returns Where it begins. */
function writeVarintBefore(into: Uint8Array, end: number, value: number): number {
  const start = end - varintLength(value);
  writeVarint(into, start, value);
  return start;
}

function writeUint64(into: Uint8Array, end: number, value: bigint): number {
  const start = end - uint64Length(value);
  let at = start;
  let rest = value;
  for (; rest >= 0x80n; rest >>= 7n) into[at++] = Number(rest & 0x7fn) | 0x80;
  into[at] = Number(rest);
  return start;
}
