/**
 * Reads protobuf exactly as Go's `proto.Unmarshal` does, so that no message is read here and refused there.
 *
 * Where libraries differ this follows Go: a field of an unexpected wire type is passed over like an unknown one, a
 * group is passed over up to its own end, a varint has at most ten bytes and 64 bits, 32-bit values keep their low
 * bits, a oneof's member that comes again is merged, one that comes after another replaces it, and strings are UTF-8.
 * Unknown fields are not kept.
 *
 * @module
 */

import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { invalidUTF8, malformedProtobuf } from "../errors.ts";
import { LazyLists } from "./lazy_lists.ts";
import { type FieldPlan, type Fields, type MessagePlan, messagePlan, NO_BYTES } from "./plan.ts";

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const START_GROUP = 3;
const END_GROUP = 4;
const FIXED32 = 5;

/** How deep unknown groups may lie in each other: one more than Go's `protowire.DefaultRecursionLimit`. */
const MAX_GROUP_DEPTH = 10_001;

/**
 * Up to so many bytes the lists of a message are made at once; those of a longer one when they are asked for. No honest
 * list of small things is longer, and one of the smallest things of this length costs a millisecond.
 */
const MAX_EAGER_BYTES = 16 * 1024;

const TWO_TO_THE_32 = 0x1_0000_0000;

/** A byte order mark is text like any other. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads a message.
 *
 * @param schema The generated description of what it is.
 * @param bytes All of it.
 * @param copy Whether byte fields are copies; otherwise they lie in `bytes`.
 * @param maxEagerBytes The lists of a longer message are made when they are asked for.
 * @throws {MessageError} `protobuf`, `invalid-utf8`.
 */
export function decodeMessage<Desc extends DescMessage>(
  schema: Desc,
  bytes: Uint8Array,
  copy: boolean,
  maxEagerBytes: number = MAX_EAGER_BYTES,
): MessageShape<Desc> {
  const plan = messagePlan(schema);
  const message = plan.create();
  new Decoder(bytes, copy, maxEagerBytes).message(plan, message, bytes.length);
  return message as MessageShape<Desc>;
}

class Decoder {
  readonly #bytes: Uint8Array;
  readonly #copy: boolean;
  readonly #maxEagerBytes: number;
  /** What lists that are made later are read from. */
  #kept: Uint8Array | undefined;
  #position = 0;
  /** The varint that was read last: its low and its high 32 bits. */
  #low = 0;
  #high = 0;

  constructor(bytes: Uint8Array, copy: boolean, maxEagerBytes: number) {
    this.#bytes = bytes;
    this.#copy = copy;
    this.#maxEagerBytes = maxEagerBytes;
  }

  /** Reads fields up to `end` into `into`; without it they are only checked. */
  message(plan: MessagePlan, into: Fields | undefined, end: number): void {
    const start = this.#position;
    const lists = into === undefined || !plan.hasLists ? undefined : this.#lists(into, end);
    while (this.#position < end) {
      this.#varint(end);
      const number = this.#low >>> 3;
      // A field number has 29 bits, so with the wire type it fits into the low half.
      if (this.#high !== 0 || number === 0) throw malformedProtobuf();
      const wireType = this.#low & 7;
      const field = plan.byNumber[number];
      if (field === undefined || !this.#field(field, wireType, into, lists, end)) {
        this.#skip(number, wireType, end);
      }
    }
    lists?.addPart(start, end);
  }

  /** Makes the entries of a list that was checked, from here to `end`. */
  *entries(field: FieldPlan, start: number, end: number): Iterable<unknown> {
    this.#position = start;
    while (this.#position < end) {
      this.#varint(end);
      const number = this.#low >>> 3;
      const wireType = this.#low & 7;
      if (number !== field.number) {
        this.#skip(number, wireType, end);
      } else if (wireType === BYTES) {
        const valueEnd = this.#valueEnd(end);
        if (isLengthDelimited(field)) yield this.#value(field, undefined, valueEnd);
        else while (this.#position < valueEnd) yield this.#nextNumber(field, valueEnd);
      } else if (wireType === VARINT && !isLengthDelimited(field)) {
        yield this.#nextNumber(field, end);
      } else {
        this.#skip(number, wireType, end);
      }
    }
  }

  /** Where lists that are made later are noted; none where all are made at once. */
  #lists(into: Fields, end: number): LazyLists | undefined {
    const lists = LazyLists.of(into);
    if (lists !== undefined || end - this.#position <= this.#maxEagerBytes) return lists;
    this.#kept ??= this.#copy ? this.#bytes.slice() : this.#bytes;
    const kept = this.#kept;
    return LazyLists.attach(into, (field, from, to) =>
      new Decoder(kept, false, this.#maxEagerBytes).entries(field, from, to),
    );
  }

  /** Reads a known field's value. @returns False where the wire type is not the field's: nothing was read then. */
  #field(
    field: FieldPlan,
    wireType: number,
    into: Fields | undefined,
    lists: LazyLists | undefined,
    end: number,
  ): boolean {
    if (into === undefined || (field.repeated && lists !== undefined)) {
      const count = this.#check(field, wireType, end);
      if (count > 0) lists?.add(field, count);
      return count >= 0;
    }
    switch (field.kind) {
      case "bytes":
      case "string":
      case "message": {
        if (wireType !== BYTES) return false;
        const valueEnd = this.#valueEnd(end);
        if (field.repeated) (into[field.name] as unknown[]).push(this.#value(field, undefined, valueEnd));
        else if (field.oneof !== undefined) this.#oneof(field, field.oneof, into, valueEnd);
        else into[field.name] = this.#value(field, into[field.name], valueEnd);
        return true;
      }
      default:
        if (field.repeated) return this.#numbers(field, wireType, into[field.name] as unknown[], end);
        if (wireType !== VARINT) return false;
        into[field.name] = this.#nextNumber(field, end);
        return true;
    }
  }

  /** Passes over a known field's value as one that is read. @returns How many values it holds; -1 as `#field` false. */
  #check(field: FieldPlan, wireType: number, end: number): number {
    if (isLengthDelimited(field)) {
      if (wireType !== BYTES) return -1;
      const valueEnd = this.#valueEnd(end);
      if (field.message !== undefined) this.message(field.message, undefined, valueEnd);
      else if (field.kind === "string") this.#value(field, undefined, valueEnd);
      else this.#position = valueEnd;
      return 1;
    }
    if (wireType === VARINT) {
      this.#varint(end);
      return 1;
    }
    if (wireType !== BYTES || !field.repeated) return -1;
    const listEnd = this.#valueEnd(end);
    let count = 0;
    for (; this.#position < listEnd; count++) this.#varint(listEnd);
    return count;
  }

  #oneof(field: FieldPlan, oneof: string, into: Fields, end: number): void {
    const current = into[oneof] as { case: string | undefined; value?: unknown };
    const value = this.#value(field, current.case === field.name ? current.value : undefined, end);
    into[oneof] = { case: field.name, value };
  }

  /** Reads what lies up to `end` into a value. @param current What is merged into, for messages. */
  #value(field: FieldPlan, current: unknown, end: number): unknown {
    if (field.message !== undefined) {
      const message = (current as Fields | undefined) ?? field.message.create();
      this.message(field.message, message, end);
      return message;
    }
    const start = this.#position;
    this.#position = end;
    if (field.kind === "bytes") {
      if (start === end) return NO_BYTES;
      return this.#copy ? this.#bytes.slice(start, end) : this.#bytes.subarray(start, end);
    }
    try {
      return utf8.decode(this.#bytes.subarray(start, end));
    } catch {
      throw invalidUTF8();
    }
  }

  /** Repeated numbers come packed or one by one. */
  #numbers(field: FieldPlan, wireType: number, into: unknown[], end: number): boolean {
    if (wireType === VARINT) {
      into.push(this.#nextNumber(field, end));
      return true;
    }
    if (wireType !== BYTES) return false;
    const listEnd = this.#valueEnd(end);
    while (this.#position < listEnd) {
      into.push(this.#nextNumber(field, listEnd));
    }
    return true;
  }

  #nextNumber(field: FieldPlan, end: number): number | bigint | boolean {
    this.#varint(end);
    return this.#number(field);
  }

  /** The varint that was read last, as the field has it. */
  #number(field: FieldPlan): number | bigint | boolean {
    const low = this.#low;
    switch (field.kind) {
      case "uint64":
        return toUint64(low, this.#high);
      case "bool":
        return low !== 0 || this.#high !== 0;
      case "enum":
        return low;
      case "sint32":
        return (low >>> 1) ^ -(low & 1);
      default:
        return low >>> 0;
    }
  }

  /** Reads a length and gives the position that it leads to. */
  #valueEnd(end: number): number {
    this.#varint(end);
    const valueEnd = this.#position + (this.#low >>> 0);
    if (this.#high !== 0 || valueEnd > end) throw malformedProtobuf();
    return valueEnd;
  }

  /** Passes over the value of a field whose tag was read. */
  #skip(number: number, wireType: number, end: number): void {
    switch (wireType) {
      case VARINT:
        this.#varint(end);
        break;
      case FIXED64:
        this.#advance(8, end);
        break;
      case BYTES:
        this.#position = this.#valueEnd(end);
        break;
      case START_GROUP:
        this.#skipGroup(number, end);
        break;
      case FIXED32:
        this.#advance(4, end);
        break;
      default:
        // The end of a group that never began, and two wire types that do not exist.
        throw malformedProtobuf();
    }
  }

  /** Passes over groups without recursion, as a stranger says how deep they lie. */
  #skipGroup(number: number, end: number): void {
    const open = [number];
    while (open.length > 0) {
      this.#varint(end);
      // Within groups Go takes field numbers of up to 31 bits.
      const inner = (this.#low >>> 3) + this.#high * 2 ** 29;
      const wireType = this.#low & 7;
      if (this.#high < 0 || this.#high >= 4 || inner === 0) throw malformedProtobuf();
      if (wireType === END_GROUP) {
        if (open.pop() !== inner) throw malformedProtobuf();
      } else if (wireType === START_GROUP) {
        if (open.push(inner) > MAX_GROUP_DEPTH) throw malformedProtobuf();
      } else {
        this.#skip(inner, wireType, end);
      }
    }
  }

  #advance(bytes: number, end: number): void {
    this.#position += bytes;
    if (this.#position > end) throw malformedProtobuf();
  }

  /** Reads a varint of at most 64 bits into `#low` and `#high`, both as signed 32-bit numbers. */
  #varint(end: number): void {
    const bytes = this.#bytes;
    let position = this.#position;
    if (position < end && (bytes[position] as number) < 0x80) {
      this.#low = bytes[position] as number;
      this.#high = 0;
      this.#position = position + 1;
      return;
    }
    let low = 0;
    let high = 0;
    for (let shift = 0; ; shift += 7) {
      // The tenth byte holds the 64th bit and nothing else.
      if (position >= end || shift > 63) throw malformedProtobuf();
      const byte = bytes[position++] as number;
      const bits = byte & 0x7f;
      if (shift < 28) {
        low |= bits << shift;
      } else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else {
        if (shift === 63 && byte > 1) throw malformedProtobuf();
        high |= bits << (shift - 32);
      }
      if (byte < 0x80) break;
    }
    this.#position = position;
    this.#low = low;
    this.#high = high;
  }
}

/** Whether a value of the field has its length before it. */
function isLengthDelimited(field: FieldPlan): boolean {
  return field.kind === "bytes" || field.kind === "string" || field.kind === "message";
}

/** The whole number that two 32-bit halves stand for. */
function toUint64(low: number, high: number): bigint {
  if (high >= 0 && high < 0x20_0000) return BigInt(high * TWO_TO_THE_32 + (low >>> 0));
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}
