/**
 * The PROXY protocol's header: what a load balancer says, before all else, of the connection that it forwards.
 *
 * Both versions are read by the letter of the specification (https://www.haproxy.org/download/2.3/doc/proxy-protocol.txt).
 * Only forwarded TCP connections are accepted, as upstream's listener asks (`network/network.go`, `ValidateHeader`).
 *
 * @module
 */

import { AvxError } from "../../core/errors.ts";
import { type AddrPort, addrFromSlice, parseIP } from "../../core/ip.ts";

/** What a header says. */
export interface ProxyHeader {
  readonly version: 1 | 2;
  /** Who dialled. */
  readonly source: AddrPort;
  /** What was dialled: the load balancer, as seen from outside. */
  readonly destination: AddrPort;
  /** Bytes of the header; what follows them is the connection's. */
  readonly length: number;
}

export type ProxyHeaderErrorType = {
  readonly code: /** Another protocol. */
    | "no-signature"
    /** Longer than a header may be. */
    | "too-long"
    /** Not of the form that the specification gives it. */
    | "malformed"
    /** The load balancer speaks for itself, as for a health check: `LOCAL`, or `UNKNOWN` in version 1. */
    | "not-forwarded"
    /** UDP, a Unix socket, or nothing known. */
    | "not-tcp";
};

/** Bytes that do not begin with a header that is accepted. */
export class ProxyHeaderError extends AvxError<ProxyHeaderErrorType> {}

/** Bytes of the longest line of version 1, CRLF included (specification, section 2.1). */
export const MAX_PROXY_V1_LENGTH = 107;
/** Bytes that version 2 may hold after its fixed part: what the read buffer of upstream's library holds. */
export const MAX_PROXY_V2_PAYLOAD_LENGTH = 4_096;

const V1_SIGNATURE = new TextEncoder().encode("PROXY ");
const V2_SIGNATURE = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a);
/** Signature, version and command, family and protocol, length. */
const V2_FIXED_LENGTH = 16;
const V2_VERSION = 2;
const V2_LOCAL = 0;
const V2_PROXY = 1;
/** Address bytes by family and protocol: TCP over IPv4 and over IPv6. */
const V2_ADDRESS_LENGTHS: ReadonlyMap<number, number> = new Map([
  [0x11, 4],
  [0x21, 16],
]);
const PORT_LENGTH = 2;

const CR = 0x0d;
const LF = 0x0a;

/**
 * Reads the header that `bytes` begin with.
 *
 * @param bytes All that has arrived so far.
 * @returns The header, or `undefined` while it is not there as a whole: never once
 *   {@link MAX_PROXY_V2_PAYLOAD_LENGTH} + 16 bytes are there.
 * @throws {ProxyHeaderError} As soon as it is clear that no header to accept will come of it.
 *
 * @example
 * ```ts
 * const bytes = new TextEncoder().encode("PROXY TCP4 192.0.2.1 198.51.100.1 56324 9651\r\n");
 * parseProxyHeader(bytes)?.source; // { ip: "192.0.2.1", port: 56324 }
 * ```
 */
export function parseProxyHeader(bytes: Uint8Array): ProxyHeader | undefined {
  if (beginsLike(bytes, V1_SIGNATURE)) return parseV1(bytes);
  if (beginsLike(bytes, V2_SIGNATURE)) return parseV2(bytes);
  throw refuse("no-signature", "it does not begin with a signature of the PROXY protocol");
}

/** Whether what is there of the signature is right. */
function beginsLike(bytes: Uint8Array, signature: Uint8Array): boolean {
  const length = Math.min(bytes.length, signature.length);
  for (let i = 0; i < length; i++) if (bytes[i] !== signature[i]) return false;
  return true;
}

function parseV1(bytes: Uint8Array): ProxyHeader | undefined {
  const within = bytes.subarray(0, MAX_PROXY_V1_LENGTH);
  const end = within.indexOf(LF);
  if (end < 0) {
    if (bytes.length < MAX_PROXY_V1_LENGTH) return undefined;
    throw refuse("too-long", `no line ends within ${MAX_PROXY_V1_LENGTH} bytes`);
  }
  if (within[end - 1] !== CR) throw refuse("malformed", "the line does not end with CRLF");

  const [, protocol, source, destination, sourcePort, destinationPort, ...more] = String.fromCharCode(
    ...within.subarray(0, end - 1),
  ).split(" ");
  if (protocol === "UNKNOWN") throw refuse("not-forwarded", "it names no connection that is forwarded");
  if (protocol !== "TCP4" && protocol !== "TCP6") throw refuse("not-tcp", "its protocol is neither TCP4 nor TCP6");
  if (more.length > 0) throw refuse("malformed", "the line has more than six words");
  return {
    version: 1,
    source: { ip: readIP(source, protocol), port: readPort(sourcePort) },
    destination: { ip: readIP(destination, protocol), port: readPort(destinationPort) },
    length: end + 1,
  };
}

/** An IPv4 address that is written as IPv6 is none of either, as with upstream's library. */
function readIP(text: string | undefined, protocol: "TCP4" | "TCP6"): string {
  const alphabet = protocol === "TCP4" ? /^[0-9.]+$/ : /^[0-9a-fA-F:]+$/;
  try {
    const ip = text !== undefined && alphabet.test(text) ? parseIP(text) : undefined;
    if (ip !== undefined && ip.includes(":") === (protocol === "TCP6")) return ip;
  } catch {
    // The parser's words add nothing.
  }
  throw refuse("malformed", `an address is none of ${protocol}`);
}

function readPort(text: string | undefined): number {
  const port = text !== undefined && /^(0|[1-9][0-9]{0,4})$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 0xffff) return port;
  throw refuse("malformed", "a port is not a number from 0 to 65535 without leading zeros");
}

function parseV2(bytes: Uint8Array): ProxyHeader | undefined {
  const [versionAndCommand, familyAndProtocol] = bytes.subarray(V2_SIGNATURE.length);
  if (versionAndCommand === undefined) return undefined;
  const command = versionAndCommand & 0x0f;
  if (versionAndCommand >> 4 !== V2_VERSION || command > V2_PROXY) {
    throw refuse("malformed", "its version or its command is unknown");
  }
  if (command === V2_LOCAL) throw refuse("not-forwarded", "its command is LOCAL");

  if (familyAndProtocol === undefined) return undefined;
  const addressLength = V2_ADDRESS_LENGTHS.get(familyAndProtocol);
  if (addressLength === undefined) throw refuse("not-tcp", "it is for neither TCP over IPv4 nor TCP over IPv6");

  if (bytes.length < V2_FIXED_LENGTH) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const payloadLength = view.getUint16(V2_FIXED_LENGTH - 2);
  if (payloadLength < 2 * (addressLength + PORT_LENGTH)) throw refuse("malformed", "it has no room for its addresses");
  if (payloadLength > MAX_PROXY_V2_PAYLOAD_LENGTH) {
    throw refuse("too-long", `${payloadLength} bytes follow its fixed part, ${MAX_PROXY_V2_PAYLOAD_LENGTH} may`);
  }
  const length = V2_FIXED_LENGTH + payloadLength;
  if (bytes.length < length) return undefined;

  const destinationAt = V2_FIXED_LENGTH + addressLength;
  const portsAt = destinationAt + addressLength;
  // What follows the ports, the extensions, is of no use to a node.
  return {
    version: 2,
    source: {
      ip: addrFromSlice(bytes.subarray(V2_FIXED_LENGTH, destinationAt)) as string,
      port: view.getUint16(portsAt),
    },
    destination: {
      ip: addrFromSlice(bytes.subarray(destinationAt, portsAt)) as string,
      port: view.getUint16(portsAt + PORT_LENGTH),
    },
    length,
  };
}

function refuse(code: ProxyHeaderErrorType["code"], cause: string): ProxyHeaderError {
  return new ProxyHeaderError({ code }, `No PROXY header to accept: ${cause}`);
}
