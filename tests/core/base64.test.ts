import { expect, test } from "bun:test";
import { Base64Error, base64Decode } from "../../lib/core/base64.ts";
import { toHex } from "../../lib/core/bytes.ts";

test.each([
  ["", ""],
  ["aGk=", "6869"],
  ["aGk=\n", "6869"],
  ["a\r\nGk=", "6869"],
  ["AA=\n=", "00"],
  ["AAAA", "000000"],
  ["+/+/", "fbffbf"],
  // Bits behind the last byte are not looked at, as in Go.
  ["AB==", "00"],
])("%j is %s", (text, hex) => {
  expect(toHex(base64Decode(text))).toBe(hex);
});

test.each([
  ["A", 0],
  ["AA", 0],
  ["AAA", 0],
  ["AAAAA", 4],
  ["AA=", 3],
  ["AA=A", 2],
  ["AAA=A", 4],
  ["=", 0],
  ["A=", 1],
  ["AA-A", 2],
  ["AA A", 2],
  ["AAAAé", 4],
  ["{}", 0],
])("%j is refused at byte %d", (text, offset) => {
  expect(() => base64Decode(text)).toThrow(`illegal base64 data at input byte ${offset}`);
  expect(() => base64Decode(text)).toThrow(Base64Error);
});
