/**
 * Reading DER as Go's `cryptobyte` reads it: the reference's certificate rules are made of its acts.
 *
 * Every read either takes a whole element or takes nothing that matters, and gives `undefined` or `false`: what that
 * means is the caller's to say.
 *
 * @module
 */

/** Tags of the elements that certificates are made of (X.690). */
export const Tag = {
  Boolean: 0x01,
  Integer: 0x02,
  BitString: 0x03,
  OctetString: 0x04,
  ObjectIdentifier: 0x06,
  UTF8String: 0x0c,
  Sequence: 0x30,
  Set: 0x31,
  NumericString: 0x12,
  PrintableString: 0x13,
  T61String: 0x14,
  IA5String: 0x16,
  UTCTime: 0x17,
  GeneralizedTime: 0x18,
  BMPString: 0x1e,
} as const;

/** The tag of a context-specific element that holds bytes. */
export function contextTag(number: number): number {
  return 0x80 | number;
}

/** The tag of a context-specific element that holds elements. */
export function constructedContextTag(number: number): number {
  return 0xa0 | number;
}

const LONG_FORM = 0x80;
const HIGH_TAG_NUMBER = 0x1f;
const MAX_LENGTH_BYTES = 4;
/** cryptobyte takes subidentifiers of five bytes and, before the last of them, less than 2^24. */
const MAX_SUBIDENTIFIER_BYTES = 5;
const MAX_SUBIDENTIFIER_PREFIX = 0x100_0000;

/** Any element: its tag, what it holds, and its bytes with the header. */
export interface AnyElement {
  readonly tag: number;
  readonly content: DERReader;
  readonly element: Uint8Array;
}

/** A place in bytes, and where they end. Readers of inner elements share the bytes. */
export class DERReader {
  readonly #bytes: Uint8Array;
  #at: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** Whether all was read. */
  get isEmpty(): boolean {
    return this.#at >= this.#end;
  }

  /** What was not read yet: a view, not a copy. */
  get rest(): Uint8Array {
    return this.#bytes.subarray(this.#at, this.#end);
  }

  /** Whether the next element would have this tag. */
  peek(tag: number): boolean {
    return this.#at < this.#end && this.#bytes[this.#at] === tag;
  }

  /** Takes the next element and gives what it holds, if it has this tag. */
  read(tag: number): DERReader | undefined {
    return this.peek(tag) ? this.#take() : undefined;
  }

  /** Takes the next element if it has this tag. */
  skip(tag: number): boolean {
    return this.read(tag) !== undefined;
  }

  /** Takes the next element if it has this tag; `false` only if it has, and cannot be read. */
  skipOptional(tag: number): boolean {
    return !this.peek(tag) || this.skip(tag);
  }

  /** Takes the next element, whatever it is. */
  readAny(): AnyElement | undefined {
    const start = this.#at;
    const tag = this.#bytes[start] ?? 0;
    const content = this.#take();
    return content && { tag, content, element: this.#bytes.subarray(start, this.#at) };
  }

  /** The content of an object identifier that is sound: equal bytes are equal identifiers. */
  readObjectIdentifier(): Uint8Array | undefined {
    const content = this.read(Tag.ObjectIdentifier)?.rest;
    return content !== undefined && isObjectIdentifier(content) ? content : undefined;
  }

  /** The content of an integer: big-endian two's complement in as few bytes as it takes. */
  readInteger(): Uint8Array | undefined {
    const content = this.read(Tag.Integer)?.rest;
    return content !== undefined && isMinimalInteger(content) ? content : undefined;
  }

  /** The bits of a bit string, moved right so that unused ones come first. */
  readBitString(): Uint8Array | undefined {
    const content = this.read(Tag.BitString)?.rest;
    if (content === undefined || content.length === 0) return undefined;
    const unused = content[0] as number;
    const bits = content.subarray(1);
    if (unused > 7) return undefined;
    if (bits.length === 0) return unused === 0 ? bits : undefined;
    if (((bits[bits.length - 1] as number) & ((1 << unused) - 1)) !== 0) return undefined;
    if (unused === 0) return bits;
    return bits.map((byte, i) => (byte >>> unused) | ((bits[i - 1] ?? 0) << (8 - unused)));
  }

  /** The value of a boolean. */
  readBoolean(): boolean | undefined {
    const content = this.read(Tag.Boolean)?.rest;
    if (content?.length !== 1) return undefined;
    if (content[0] === 0) return false;
    return content[0] === 0xff ? true : undefined;
  }

  /** Moves past the next element and gives a reader of what it holds. */
  #take(): DERReader | undefined {
    const bytes = this.#bytes;
    const start = this.#at;
    if (this.#end - start < 2) return undefined;
    if (((bytes[start] as number) & HIGH_TAG_NUMBER) === HIGH_TAG_NUMBER) return undefined;
    let length = bytes[start + 1] as number;
    let contentStart = start + 2;
    if (length >= LONG_FORM) {
      const lengthBytes = length & 0x7f;
      contentStart += lengthBytes;
      if (lengthBytes === 0 || lengthBytes > MAX_LENGTH_BYTES || contentStart > this.#end) return undefined;
      // In as few bytes as it takes: no leading zero, and none at all below 128.
      if (bytes[start + 2] === 0) return undefined;
      length = 0;
      for (let i = start + 2; i < contentStart; i++) length = length * 256 + (bytes[i] as number);
      if (length < LONG_FORM) return undefined;
    }
    const contentEnd = contentStart + length;
    if (contentEnd > this.#end) return undefined;
    this.#at = contentEnd;
    return new DERReader(bytes, contentStart, contentEnd);
  }
}

function isMinimalInteger(content: Uint8Array): boolean {
  if (content.length <= 1) return content.length === 1;
  const first = content[0];
  const second = content[1] as number;
  return !((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
}

function isObjectIdentifier(content: Uint8Array): boolean {
  let value = 0;
  let length = 0;
  for (const byte of content) {
    if (length === MAX_SUBIDENTIFIER_BYTES || value >= MAX_SUBIDENTIFIER_PREFIX) return false;
    if (length === 0 && byte === 0x80) return false;
    value = value * 128 + (byte & 0x7f);
    length++;
    if (byte < 0x80) {
      value = 0;
      length = 0;
    }
  }
  return content.length > 0 && length === 0;
}

/** Whether an integer's content, as {@link DERReader.readInteger} gives it, is below zero. */
export function isNegativeInteger(content: Uint8Array): boolean {
  return (content[0] as number) >= 0x80;
}

/** An integer's content as a number; negative ones included. */
export function integerValue(content: Uint8Array): bigint {
  let value = 0n;
  for (const byte of content) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(content.length * 8, value);
}
