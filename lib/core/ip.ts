/**
 * IP addresses as text, the way Go's `net/netip` reads and prints them (upstream `utils/ips`).
 *
 * An address is a string in canonical form: IPv6 in lowercase with its longest run of zeros cut, and an IPv4 address
 * that came as IPv6 (`::ffff:1.2.3.4`) as IPv4. Equal addresses are equal strings.
 *
 * @module
 */

import { AvxError } from "./errors.ts";
import { quote } from "./quote.ts";

/** What can be wrong with the text of an address. */
export type IPErrorType = { readonly code: "address" } | { readonly code: "address-port" };

/** A text that is no address; messages are those of Go's parser. */
export class IPError extends AvxError<IPErrorType> {}

/** An address and a port. */
export interface AddrPort {
  /** Canonical text. */
  readonly ip: string;
  /** 0 to 65535. */
  readonly port: number;
}

/** Bytes of an address on the wire. */
export const IPV6_LENGTH = 16;
const IPV4_LENGTH = 4;

/**
 * The address that 4 or 16 bytes stand for.
 *
 * @returns Canonical text, or `undefined` for any other length.
 */
export function addrFromSlice(bytes: Uint8Array): string | undefined {
  if (bytes.length === IPV4_LENGTH) return formatIPv4(bytes, 0);
  if (bytes.length !== IPV6_LENGTH) return undefined;
  return isIPv4Mapped(bytes) ? formatIPv4(bytes, 12) : formatIPv6(bytes);
}

/**
 * The 16 bytes of an address; IPv4 as `::ffff:a.b.c.d`. A zone is dropped.
 *
 * @throws {IPError} `address`
 */
export function ipTo16(ip: string): Uint8Array {
  return readIP(ip).bytes;
}

/**
 * Whether an address can be reached from everywhere: global unicast and not private (upstream `ips.IsPublic`).
 *
 * @throws {IPError} `address`
 */
export function isPublicIP(ip: string): boolean {
  const bytes = ipTo16(ip);
  const first = bytes[0] as number;
  const second = bytes[1] as number;
  if (!isIPv4Mapped(bytes)) {
    const linkLocal = first === 0xfe && (second & 0xc0) === 0x80;
    const uniqueLocal = (first & 0xfe) === 0xfc;
    const multicast = first === 0xff;
    return !(linkLocal || uniqueLocal || multicast || isLoopbackIP(ip) || isUnspecifiedIP(ip));
  }
  const [a, b, c, d] = bytes.subarray(12) as unknown as [number, number, number, number];
  const unspecified = (a | b | c | d) === 0;
  const broadcast = (a & b & c & d) === 255;
  const multicast = (a & 0xf0) === 0xe0;
  const linkLocal = a === 169 && b === 254;
  const privateUse = a === 10 || (a === 172 && (b & 0xf0) === 16) || (a === 192 && b === 168);
  return !(unspecified || broadcast || multicast || linkLocal || privateUse || a === 127);
}

/** @throws {IPError} `address` */
export function isLoopbackIP(ip: string): boolean {
  const bytes = ipTo16(ip);
  if (isIPv4Mapped(bytes)) return bytes[12] === 127;
  return bytes.every((byte, i) => byte === (i === 15 ? 1 : 0));
}

/** Whether an address is `0.0.0.0` or `::`. */
export function isUnspecifiedIP(ip: string): boolean {
  return ip === "0.0.0.0" || ip === "::";
}

/**
 * Reads an address.
 *
 * @returns Canonical text.
 * @throws {IPError} `address`
 *
 * @example
 * ```ts
 * parseIP("2001:DB8:0:0:0:0:0:1"); // "2001:db8::1"
 * ```
 */
export function parseIP(text: string): string {
  return canonical(readIP(text));
}

/**
 * Reads `1.2.3.4:9651` or `[2001:db8::1]:9651`. No names are looked up.
 *
 * @throws {IPError} `address-port` or `address`
 *
 * @example
 * ```ts
 * parseAddrPort("[2001:db8::1]:9651"); // { ip: "2001:db8::1", port: 9651 }
 * ```
 */
export function parseAddrPort(text: string): AddrPort {
  const malformed = (cause: string) => new IPError({ code: "address-port" }, cause);
  const colon = text.lastIndexOf(":");
  if (colon < 0) throw malformed("not an ip:port");
  let host = text.slice(0, colon);
  const digits = text.slice(colon + 1);
  if (host.length === 0) throw malformed("no IP");
  if (digits.length === 0) throw malformed("no port");
  const bracketed = host.startsWith("[");
  if (bracketed) {
    if (host.length < 2 || !host.endsWith("]")) throw malformed("missing ]");
    host = host.slice(1, -1);
  }
  const port = /^[0-9]+$/.test(digits) ? Number(digits) : Number.NaN;
  if (!(port <= 65_535)) throw malformed(`invalid port ${quote(digits)} parsing ${quote(text)}`);

  const parsed = readIP(host);
  if (bracketed && parsed.isIPv4) {
    throw malformed(`invalid ip:port ${quote(text)}, square brackets can only be used with IPv6 addresses`);
  }
  if (!bracketed && !parsed.isIPv4) {
    throw malformed(`invalid ip:port ${quote(text)}, IPv6 addresses must be surrounded by square brackets`);
  }
  return { ip: canonical(parsed), port };
}

/**
 * `1.2.3.4:9651` or `[2001:db8::1]:9651`.
 *
 * @example
 * ```ts
 * formatAddrPort({ ip: "127.0.0.1", port: 9651 }); // "127.0.0.1:9651"
 * ```
 */
export function formatAddrPort({ ip, port }: AddrPort): string {
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** Whether both are the same address and port. */
export function addrPortsEqual(a: AddrPort, b: AddrPort): boolean {
  return a.port === b.port && a.ip === b.ip;
}

interface ParsedIP {
  /** 16 bytes. */
  readonly bytes: Uint8Array;
  /** Whether the text was dotted: `::ffff:1.2.3.4` is IPv6 by this measure. */
  readonly isIPv4: boolean;
  readonly zone: string;
}

function canonical({ bytes, zone }: ParsedIP): string {
  if (isIPv4Mapped(bytes)) return formatIPv4(bytes, 12);
  return zone === "" ? formatIPv6(bytes) : `${formatIPv6(bytes)}%${zone}`;
}

function isIPv4Mapped(bytes: Uint8Array): boolean {
  for (let i = 0; i < 10; i++) {
    if (bytes[i] !== 0) return false;
  }
  return bytes[10] === 0xff && bytes[11] === 0xff;
}

function formatIPv4(bytes: Uint8Array, offset: number): string {
  return `${bytes[offset]}.${bytes[offset + 1]}.${bytes[offset + 2]}.${bytes[offset + 3]}`;
}

/** The first of the longest runs of two or more zero fields is cut (RFC 5952). */
function formatIPv6(bytes: Uint8Array): string {
  const fields = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] as number) << 8) | (bytes[2 * i + 1] as number));
  let start = -1;
  let length = 1;
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && fields[end] === 0) end++;
    if (end - i > length) {
      start = i;
      length = end - i;
    }
  }
  const hex = (from: number, to: number) => fields.slice(from, to).map((field) => field.toString(16));
  if (start < 0) return hex(0, 8).join(":");
  return `${hex(0, start).join(":")}::${hex(start + length, 8).join(":")}`;
}

function readIP(text: string): ParsedIP {
  // What comes first decides, as in the reference: a zone alone is no address.
  const kind = /[.:%]/.exec(text)?.[0];
  if (kind === undefined) throw badAddress(text, "unable to parse IP");
  if (kind === "%") throw badAddress(text, "missing IPv6 address");
  if (kind === ":") return readIPv6(text);

  const bytes = new Uint8Array(IPV6_LENGTH);
  bytes.fill(0xff, 10, 12);
  readIPv4Fields(text, text, bytes, 12);
  return { bytes, isIPv4: true, zone: "" };
}

/** Reads dotted fields into four bytes; `whole` is the text that errors quote. */
function readIPv4Fields(whole: string, dotted: string, bytes: Uint8Array, offset: number): void {
  let value = 0;
  let digits = 0;
  let field = 0;
  for (let i = 0; i < dotted.length; i++) {
    const code = dotted.charCodeAt(i);
    if (code >= 48 && code <= 57) {
      if (digits === 1 && value === 0) throw badAddress(whole, "IPv4 field has octet with leading zero");
      value = value * 10 + code - 48;
      digits++;
      if (value > 255) throw badAddress(whole, "IPv4 field has value >255");
    } else if (code === 46) {
      if (digits === 0 || i === dotted.length - 1) {
        throw badAddress(whole, "IPv4 field must have at least one digit", dotted.slice(i));
      }
      if (field === 3) throw badAddress(whole, "IPv4 address too long");
      bytes[offset + field++] = value;
      value = 0;
      digits = 0;
    } else {
      throw badAddress(whole, "unexpected character", dotted.slice(i));
    }
  }
  if (field < 3) throw badAddress(whole, "IPv4 address too short");
  bytes[offset + 3] = value;
}

function readIPv6(text: string): ParsedIP {
  const percent = text.indexOf("%");
  const zone = percent < 0 ? "" : text.slice(percent + 1);
  if (percent >= 0 && zone === "") throw badAddress(text, "zone must be a non-empty string");

  let rest = percent < 0 ? text : text.slice(0, percent);
  const bytes = new Uint8Array(IPV6_LENGTH);
  let ellipsis = -1;
  if (rest.startsWith("::")) {
    ellipsis = 0;
    rest = rest.slice(2);
    if (rest.length === 0) return { bytes, isIPv4: false, zone };
  }

  let at = 0;
  while (at < IPV6_LENGTH) {
    const digits = /^[0-9a-fA-F]*/.exec(rest)?.[0] ?? "";
    // The reference looks at each digit in turn: five are too many even where the value would be small.
    if (digits.length > 4) throw badAddress(text, "each group must have 4 or less digits", rest);
    if (digits.length === 0) throw badAddress(text, "each colon-separated field must have at least one digit", rest);
    if (rest[digits.length] === ".") {
      if (ellipsis < 0 && at !== 12) {
        throw badAddress(text, "embedded IPv4 address must replace the final 2 fields of the address", rest);
      }
      if (at + IPV4_LENGTH > IPV6_LENGTH) {
        throw badAddress(text, "too many hex fields to fit an embedded IPv4 at the end of the address", rest);
      }
      readIPv4Fields(text, rest, bytes, at);
      rest = "";
      at += IPV4_LENGTH;
      break;
    }
    const value = Number.parseInt(digits, 16);
    bytes[at] = value >>> 8;
    bytes[at + 1] = value & 0xff;
    at += 2;

    rest = rest.slice(digits.length);
    if (rest.length === 0) break;
    if (!rest.startsWith(":")) throw badAddress(text, "unexpected character, want colon", rest);
    if (rest.length === 1) throw badAddress(text, "colon must be followed by more characters", rest);
    rest = rest.slice(1);
    if (rest.startsWith(":")) {
      if (ellipsis >= 0) throw badAddress(text, "multiple :: in address", rest);
      ellipsis = at;
      rest = rest.slice(1);
      if (rest.length === 0) break;
    }
  }
  if (rest.length !== 0) throw badAddress(text, "trailing garbage after address", rest);

  if (at < IPV6_LENGTH) {
    if (ellipsis < 0) throw badAddress(text, "address string too short");
    bytes.copyWithin(ellipsis + IPV6_LENGTH - at, ellipsis, at);
    bytes.fill(0, ellipsis, ellipsis + IPV6_LENGTH - at);
  } else if (ellipsis >= 0) {
    throw badAddress(text, "the :: must expand to at least one field of zeros");
  }
  return { bytes, isIPv4: false, zone };
}

function badAddress(text: string, cause: string, at = ""): IPError {
  const place = at === "" ? "" : ` (at ${quote(at)})`;
  return new IPError({ code: "address" }, `ParseAddr(${quote(text)}): ${cause}${place}`);
}
