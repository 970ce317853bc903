/**
 * Names and times of certificates, by the measure of Go's `crypto/x509`.
 *
 * @module
 */

import { type DERReader, Tag } from "./der.ts";

/** Whether the inside of a name is sound: sets of attributes, each an identifier and a string of a known type. */
export function checkName(name: DERReader): boolean {
  while (!name.isEmpty) {
    const set = name.read(Tag.Set);
    if (set === undefined) return false;
    while (!set.isEmpty) {
      const attribute = set.read(Tag.Sequence);
      if (attribute?.readObjectIdentifier() === undefined) return false;
      const value = attribute.readAny();
      if (value === undefined || !isString(value.tag, value.content.rest)) return false;
    }
  }
  return true;
}

/** A to Z, digits, the signs that ASN.1 names, and `*` and `&`, which Go forgives. */
const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?*&]*$/;
const NUMERIC = /^[0-9 ]*$/;

function isString(tag: number, value: Uint8Array): boolean {
  switch (tag) {
    case Tag.T61String:
      return true;
    case Tag.PrintableString:
      return PRINTABLE.test(latin1(value));
    case Tag.NumericString:
      return NUMERIC.test(latin1(value));
    case Tag.IA5String:
      return isIA5(value);
    case Tag.UTF8String:
      return isUTF8(value);
    case Tag.BMPString:
      return isBMP(value);
    default:
      return false;
  }
}

/** Whether all bytes are ASCII. */
export function isIA5(value: Uint8Array): boolean {
  return value.every((byte) => byte < 0x80);
}

function isUTF8(value: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(value);
    return true;
  } catch {
    return false;
  }
}

/** Two bytes a character; surrogates and what Unicode keeps free are refused. A zero at the end is let pass. */
function isBMP(value: Uint8Array): boolean {
  if (value.length % 2 !== 0) return false;
  for (let i = 0; i < value.length; i += 2) {
    const point = ((value[i] as number) << 8) | (value[i + 1] as number);
    const isSurrogate = point >= 0xd800 && point <= 0xdfff;
    const isNoncharacter = point >= 0xfffe || (point >= 0xfdd0 && point <= 0xfdef);
    if (isSurrogate || isNoncharacter) return false;
  }
  return true;
}

const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(Z|[+-]\d{4})$/;
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(Z|[+-]\d{4})$/;
/** Two digits of a year from here on belong to the century before. */
const FIRST_YEAR_OF_1900S = 69;

/** Takes the next element and tells whether it is a time that exists. */
export function checkTime(reader: DERReader): boolean {
  const isShort = reader.peek(Tag.UTCTime);
  const content = reader.read(isShort ? Tag.UTCTime : Tag.GeneralizedTime)?.rest;
  const match = content && (isShort ? UTC_TIME : GENERALIZED_TIME).exec(latin1(content));
  if (!match) return false;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((digits) => Number(digits ?? "0")) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const century = isShort ? (year >= FIRST_YEAR_OF_1900S ? 1900 : 2000) : 0;
  return (
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysIn(century + year, month) &&
    hour < 24 &&
    minute < 60 &&
    second < 60 &&
    isZone(match[7] as string)
  );
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** An offset is taken only as it would be printed: none is `Z`. */
function isZone(zone: string): boolean {
  if (zone === "Z") return true;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3, 5));
  return hours <= 24 && minutes < 60 && hours + minutes > 0;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
