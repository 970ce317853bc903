import { expect, test } from "bun:test";
import fc from "fast-check";
import { fromHex, toHex } from "../../../lib/core/bytes.ts";
import { formatAddress, parseAddress, parseBech32 } from "../../../lib/core/ids/bech32.ts";
import { IdsError } from "../../../lib/core/ids/errors.ts";

test("an address of any chain and network is read as it was written", () => {
  const hrp = fc.constantFrom("avax", "fuji", "custom", "local");
  fc.assert(
    fc.property(
      fc.constantFrom("X", "P", "C"),
      hrp,
      fc.uint8Array({ minLength: 20, maxLength: 20 }),
      (chain, hrp, bytes) => {
        expect(parseAddress(formatAddress(chain, hrp, bytes))).toEqual({ chain, hrp, bytes });
      },
    ),
  );
});

test("BIP 173's own examples are read, and BIP 350's, as the reference does", () => {
  for (const text of [
    "A12UEL5L",
    "a12uel5l",
    "A1LQFN3A",
    "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
  ]) {
    expect(() => parseBech32(text)).not.toThrow();
  }
  expect(toHex(parseBech32("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw").bytes)).toBe(
    toHex(fromHex("00443214c74254b635cf84653a56d7c675be77df") as Uint8Array),
  );
});

test.each([
  ["P-", "invalid bech32 string length 0"],
  ["P-a b12uel5l", "invalid character in string: ' '"],
  ["P-pzry9x0s0muk", "invalid separator index -1"],
  ["P-1pzry9x0s0muk", "invalid separator index 0"],
  ["P-x1b4n0q5v", "invalid character not part of charset: 98"],
  ["P-li1dgmt3", "invalid separator index 2"],
])("%s is refused: %s", (text, message) => {
  expect(() => parseAddress(text)).toThrow(new IdsError({ code: "bech32" }, message));
});

test("a text in another alphabet is looked at byte by byte", () => {
  expect(() => parseBech32("é1qqqq")).toThrow(/^invalid bech32 string length 7$/);
  expect(() => parseBech32("é1qqqqq")).toThrow(/^invalid character in string: 'Ã'$/);
});
