import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { addrFromSlice } from "../../../lib/core/ip.ts";
import {
  MAX_PROXY_V1_LENGTH,
  MAX_PROXY_V2_PAYLOAD_LENGTH,
  ProxyHeaderError,
  type ProxyHeaderErrorType,
  parseProxyHeader,
} from "../../../lib/p2p/transport/proxy_header.ts";
import { ascii, concat, DESTINATION, proxyV1, proxyV2, V2_SIGNATURE } from "../../support/proxy_headers.ts";

type Code = ProxyHeaderErrorType["code"];

const SOURCE = { ip: "192.0.2.1", port: 56_324 };
const SOURCE_IPV6 = { ip: "2001:db8::1", port: 1 };
const DESTINATION_IPV6 = { ip: "2001:db8::ffff", port: 65_535 };
const MAX_LENGTH = 16 + MAX_PROXY_V2_PAYLOAD_LENGTH;

/** @returns The code of the refusal, or what was read. */
function verdict(bytes: Uint8Array): Code | ReturnType<typeof parseProxyHeader> {
  try {
    return parseProxyHeader(bytes);
  } catch (error) {
    if (error instanceof ProxyHeaderError) return error.type.code;
    throw error;
  }
}

/** 16 bytes and the rest as numbers. */
function v2(command: number, family: number, ...rest: readonly number[]): Uint8Array {
  return concat(V2_SIGNATURE, Uint8Array.of(command, family, ...rest));
}

describe("version 1", () => {
  test("the specification's example", () => {
    const header = ascii("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n");
    expect(parseProxyHeader(concat(header, ascii("GET / HTTP/1.1\r\nHost: 192.168.0.11\r\n\r\n")))).toEqual({
      version: 1,
      source: { ip: "192.168.0.1", port: 56_324 },
      destination: { ip: "192.168.0.11", port: 443 },
      length: header.length,
    });
  });

  const longest = `${"ffff:".repeat(7)}ffff`;

  test.each([
    ["the longest of IPv4", "TCP4 255.255.255.255 255.255.255.255 65535 65535", "255.255.255.255", 65_535, 56],
    ["the longest of IPv6", `TCP6 ${longest} ${longest} 65535 65535`, longest, 65_535, 104],
    ["the shortest of IPv6", "TCP6 :: :: 0 0", "::", 0, 22],
    ["IPv6 in capitals and with zeros", "TCP6 2001:0DB8:0:0:0:0:0:1 :: 80 0", "2001:db8::1", 80, 42],
  ])("%s", (_, words, ip, port, length) => {
    const line = ascii(`PROXY ${words}\r\n`);
    expect(parseProxyHeader(line)).toMatchObject({ version: 1, source: { ip, port }, length });
    expect(line.length).toBe(length);
  });

  const refused: readonly (readonly [string, Code])[] = [
    ["PROXY UNKNOWN\r\n", "not-forwarded"],
    [`PROXY UNKNOWN ${longest} ${longest} 65535 65535\r\n`, "not-forwarded"],
    ["PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n", "not-tcp"],
    ["PROXY tcp4 192.0.2.1 192.0.2.2 1 2\r\n", "not-tcp"],
    ["PROXY \r\n", "not-tcp"],
    ["PROXY  TCP4 192.0.2.1 192.0.2.2 1 2\r\n", "not-tcp"],
    ["PROXY TCP4\r\n", "malformed"],
    ["PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n", "malformed"],
    ["PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n", "malformed"],
    ["PROXY TCP4 192.0.2.1 192.0.2.2 1 2 \r\n", "malformed"],
    ["PROXY TCP4 192.0.2.1  192.0.2.2 1 2\r\n", "malformed"],
    ["PROXY TCP4 192.0.2.1\t192.0.2.2 1 2\r\n", "malformed"],
    ["PROXY TCP4 192.0.2.256 192.0.2.2 1 2\r\n", "malformed"],
    ["PROXY TCP4 192.0.02.1 192.0.2.2 1 2\r\n", "malformed"],
    ["PROXY TCP4 192.0.2 192.0.2.2 1 2\r\n", "malformed"],
    ["PROXY TCP4 ::1 ::2 1 2\r\n", "malformed"],
    ["PROXY TCP4 ::ffff:192.0.2.1 192.0.2.2 1 2\r\n", "malformed"],
    ["PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n", "malformed"],
    ["PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n", "malformed"],
    ["PROXY TCP6 ::ffff:c000:201 ::1 1 2\r\n", "malformed"],
    ["PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n", "malformed"],
    ["PROXY TCP6 1::2::3 ::1 1 2\r\n", "malformed"],
    ["PROXY TCP4 192.0.2.1 192.0.2.2 65536 2\r\n", "malformed"],
    ["PROXY TCP4 192.0.2.1 192.0.2.2 1 -2\r\n", "malformed"],
    ["PROXY TCP4 192.0.2.1 192.0.2.2 1 +2\r\n", "malformed"],
    ["PROXY TCP4 192.0.2.1 192.0.2.2 080 2\r\n", "malformed"],
    ["PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n", "malformed"],
    ["PROXY TCP4 192.0.2.1 192.0.2.2 1\r2\r\n", "malformed"],
    [`PROXY TCP4 ${"0".repeat(MAX_PROXY_V1_LENGTH)}\r\n`, "too-long"],
    ["PROXYTCP4 192.0.2.1 192.0.2.2 1 2\r\n", "no-signature"],
    ["proxy TCP4 192.0.2.1 192.0.2.2 1 2\r\n", "no-signature"],
    ["\r\nPROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", "no-signature"],
  ];
  test.each(refused)("%j is refused: %s", (text, code) => {
    expect(verdict(ascii(text))).toBe(code);
  });

  test("is waited for to its 107th byte", () => {
    const line = ascii(`PROXY ${"x".repeat(MAX_PROXY_V1_LENGTH)}`);
    expect(verdict(line.subarray(0, MAX_PROXY_V1_LENGTH - 1))).toBeUndefined();
    expect(verdict(line.subarray(0, MAX_PROXY_V1_LENGTH))).toBe("too-long");
  });
});

describe("version 2", () => {
  test("TCP over IPv4, as the specification lays it out", () => {
    const header = v2(0x21, 0x11, 0, 12, 192, 0, 2, 1, 198, 51, 100, 7, 0xdc, 0x04, 0x25, 0xb3);
    expect(parseProxyHeader(header)).toEqual({ version: 2, source: SOURCE, destination: DESTINATION, length: 28 });
    expect(header).toEqual(proxyV2(SOURCE));
  });

  test("TCP over IPv6, whose IPv4 addresses are read as such", () => {
    const header = proxyV2(SOURCE_IPV6, { destination: DESTINATION_IPV6 });
    expect(header).toHaveLength(16 + 36);
    expect(parseProxyHeader(header)).toEqual({
      version: 2,
      source: SOURCE_IPV6,
      destination: DESTINATION_IPV6,
      length: 52,
    });
    const mapped = v2(0x21, 0x21, 0, 36, ...new Uint8Array(10), 255, 255, 192, 0, 2, 1, ...new Uint8Array(20));
    expect(parseProxyHeader(mapped)?.source.ip).toBe("192.0.2.1");
  });

  test("extensions are passed over, as many as the length says", () => {
    const extensions = new Uint8Array(MAX_PROXY_V2_PAYLOAD_LENGTH - 12).fill(4);
    const header = proxyV2(SOURCE, { extensions });
    expect(parseProxyHeader(concat(header, ascii("more")))).toMatchObject({ source: SOURCE, length: MAX_LENGTH });
    expect(verdict(proxyV2(SOURCE, { extensions: concat(extensions, Uint8Array.of(4)) }))).toBe("too-long");
  });

  const refused: readonly (readonly [string, Uint8Array, Code])[] = [
    ["LOCAL without addresses", v2(0x20, 0x00, 0, 0), "not-forwarded"],
    ["LOCAL with addresses", proxyV2(SOURCE, { command: 0x20 }), "not-forwarded"],
    ["a command that is unassigned", proxyV2(SOURCE, { command: 0x22 }), "malformed"],
    ["version 1 in binary", proxyV2(SOURCE, { command: 0x11 }), "malformed"],
    ["version 3", proxyV2(SOURCE, { command: 0x31 }), "malformed"],
    ["an unspecified family", v2(0x21, 0x00, 0, 0), "not-tcp"],
    ["UDP over IPv4", proxyV2(SOURCE, { family: 0x12 }), "not-tcp"],
    ["UDP over IPv6", proxyV2(SOURCE_IPV6, { destination: DESTINATION_IPV6, family: 0x22 }), "not-tcp"],
    ["a Unix stream", v2(0x21, 0x31, 0, 216, ...new Uint8Array(216)), "not-tcp"],
    ["a Unix datagram", v2(0x21, 0x32, 0, 216, ...new Uint8Array(216)), "not-tcp"],
    ["IPv4 without a protocol", proxyV2(SOURCE, { family: 0x10 }), "not-tcp"],
    ["a family that is unassigned", proxyV2(SOURCE, { family: 0x41 }), "not-tcp"],
    ["no room for IPv4", v2(0x21, 0x11, 0, 11, ...new Uint8Array(11)), "malformed"],
    ["no room for IPv6", v2(0x21, 0x21, 0, 35, ...new Uint8Array(35)), "malformed"],
    ["a length of 65535", v2(0x21, 0x11, 0xff, 0xff), "too-long"],
    ["a signature with an error in its last byte", V2_SIGNATURE.with(11, 13), "no-signature"],
  ];
  test.each(refused)("%s is refused", (_, bytes, code) => {
    expect(verdict(bytes)).toBe(code);
  });
});

test.each([
  ["a ClientHello", Uint8Array.of(22, 3, 1, 2, 0, 1)],
  ["HTTP", ascii("GET / HTTP/1.1\r\n")],
  ["zeros", new Uint8Array(200)],
])("%s is no header from its first byte on", (_, bytes) => {
  for (let length = 1; length <= bytes.length; length++) {
    expect(verdict(bytes.subarray(0, length))).toBe("no-signature");
  }
});

describe("whatever comes", () => {
  const port = fc.integer({ min: 0, max: 0xffff });
  const ipOf = (length: number) =>
    fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => addrFromSlice(bytes) as string);
  const addrPort = (length: number) => fc.record({ ip: ipOf(length), port });
  const ends = fc.oneof(fc.tuple(addrPort(4), addrPort(4)), fc.tuple(addrPort(16), addrPort(16)));
  const header = fc.oneof(
    ends.map(([source, destination]) => ({ source, destination, bytes: proxyV1(source, destination) })),
    fc.tuple(ends, fc.uint8Array({ maxLength: 64 })).map(([[source, destination], extensions]) => {
      return { source, destination, bytes: proxyV2(source, { destination, extensions }) };
    }),
  );
  const nearlyHeader = fc.oneof(
    fc.uint8Array({ maxLength: 2 * MAX_PROXY_V1_LENGTH }),
    fc
      .tuple(fc.constantFrom(V2_SIGNATURE, ascii("PROXY "), ascii("PROXY TCP4 ")), fc.uint8Array({ maxLength: 300 }))
      .map(([begin, rest]) => concat(begin, rest)),
    fc.tuple(header, fc.nat(), fc.nat(255)).map(([{ bytes }, at, value]) => bytes.with(at % bytes.length, value)),
  );

  test("a header is read as it was written, what follows it untouched, and no sooner than it is whole", () => {
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 32 }), ({ source, destination, bytes }, rest) => {
        expect(parseProxyHeader(concat(bytes, rest))).toMatchObject({ source, destination, length: bytes.length });
        for (let length = 0; length < bytes.length; length++) {
          expect(parseProxyHeader(bytes.subarray(0, length))).toBeUndefined();
        }
      }),
    );
  });

  test("nothing but a ProxyHeaderError is thrown, and a verdict stands whatever follows", () => {
    fc.assert(
      fc.property(nearlyHeader, fc.uint8Array({ maxLength: 32 }), (bytes, rest) => {
        const first = verdict(bytes);
        if (first !== undefined) expect(verdict(concat(bytes, rest))).toEqual(first);
      }),
      { numRuns: 1_000 },
    );
  });

  test("a verdict is there once the longest header is", () => {
    fc.assert(
      fc.property(nearlyHeader, (bytes) => {
        const filled = new Uint8Array(MAX_LENGTH);
        filled.set(bytes);
        expect(verdict(filled)).toBeDefined();
      }),
    );
  });
});
