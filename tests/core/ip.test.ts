import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  addrFromSlice,
  addrPortsEqual,
  formatAddrPort,
  IPError,
  ipTo16,
  isLoopbackIP,
  isPublicIP,
  parseAddrPort,
  parseIP,
} from "../../lib/core/ip.ts";
import { quote, quoteCharacter } from "../../lib/core/quote.ts";

const anyIP = fc.oneof(
  fc.uint8Array({ minLength: 4, maxLength: 4 }),
  // Fields of zero are common in IPv6, and what its text is short by.
  fc
    .array(fc.oneof(fc.constant(0), fc.nat({ max: 0xffff })), { minLength: 8, maxLength: 8 })
    .map((fields) => Uint8Array.from(fields.flatMap((field) => [field >> 8, field & 0xff]))),
);

describe("addresses", () => {
  test("read back from their own text", () => {
    fc.assert(
      fc.property(anyIP, fc.nat({ max: 65_535 }), (bytes, port) => {
        const ip = addrFromSlice(bytes) as string;
        expect(parseIP(ip)).toBe(ip);
        expect(addrFromSlice(ipTo16(ip))).toBe(ip);
        const parsed = parseAddrPort(formatAddrPort({ ip, port }));
        expect(addrPortsEqual(parsed, { ip, port })).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([
    ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
    ["0:0:1:0:0:0:0:1", "0:0:1::1"],
    ["1:0:0:2:0:0:3:4", "1::2:0:0:3:4"],
    ["1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"],
    ["::FFFF:1.2.3.4", "1.2.3.4"],
    ["64:ff9b::1.2.3.4", "64:ff9b::102:304"],
    ["fe80::1%eth0", "fe80::1%eth0"],
    ["0:0:0:0:0:0:0:0", "::"],
  ])("%s is written %s", (text, canonical) => {
    expect(parseIP(text)).toBe(canonical);
  });

  test.each([
    ["", "unable to parse IP"],
    ["1.2.3.4.5", "IPv4 address too long"],
    ["1..2.3", 'IPv4 field must have at least one digit (at ".2.3")'],
    ["1.2.3.", 'IPv4 field must have at least one digit (at ".")'],
    ["12345::", 'each group must have 4 or less digits (at "12345::")'],
    ["1:2:3:4:5:6:7", "address string too short"],
    ["1:2:3:4:5:6:7:8:9", 'trailing garbage after address (at "9")'],
    ["1:2:3:4:5:6:7::8", "the :: must expand to at least one field of zeros"],
    ["1::2::3", 'multiple :: in address (at ":3")'],
    ["1:", 'colon must be followed by more characters (at ":")'],
    ["::1%", "zone must be a non-empty string"],
    ["%eth0", "missing IPv6 address"],
    ["1:2:1.2.3.4", 'embedded IPv4 address must replace the final 2 fields of the address (at "1.2.3.4")'],
    ["1:2:3:4:5:6:7:1.2.3.4", 'embedded IPv4 address must replace the final 2 fields of the address (at "1.2.3.4")'],
    ["::1g", 'unexpected character, want colon (at "g")'],
  ])("%j is none: %s", (text, cause) => {
    const expected = `ParseAddr(${quote(text)}): ${cause}`;
    expect(() => parseIP(text)).toThrow(new IPError({ code: "address" }, expected));
  });

  test("a zone takes no part in where an address leads", () => {
    expect(isLoopbackIP("::1%lo")).toBe(true);
    expect(isPublicIP("fe80::1%eth0")).toBe(false);
    expect(ipTo16("fe80::1%eth0")).toEqual(ipTo16("fe80::1"));
  });
});

describe("quoted texts", () => {
  test.each([
    ["a", '"a"'],
    ['"\\', '"\\"\\\\"'],
    ["\x00\x07\b\f\n\r\t\v\x1b\x7f", '"\\x00\\a\\b\\f\\n\\r\\t\\v\\x1b\\x7f"'],
    ["é漢😀", '"é漢😀"'],
    ["\u00a0\u200e\ufeff\u{e0001}", '"\\u00a0\\u200e\\ufeff\\U000e0001"'],
    ["'", '"\'"'],
  ])("%j", (text, quoted) => {
    expect(quote(text)).toBe(quoted);
  });

  test("a character has its own mark", () => {
    expect([quoteCharacter("'"), quoteCharacter('"'), quoteCharacter("\n")]).toEqual(["'\\''", "'\"'", "'\\n'"]);
  });
});
