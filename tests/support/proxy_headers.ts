/**
 * PROXY headers as load balancers write them, and a load balancer that does.
 *
 * @module
 */

import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { type AddrPort, ipTo16 } from "../../lib/core/ip.ts";

/** `\r\n\r\n\0\r\nQUIT\n`: how version 2 begins. */
export const V2_SIGNATURE = Uint8Array.of(13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10);

/** What is behind the load balancer, as its headers say. */
export const DESTINATION: AddrPort = { ip: "198.51.100.7", port: 9651 };

/** A header of version 1. */
export function proxyV1(source: AddrPort, destination: AddrPort = DESTINATION): Uint8Array {
  const protocol = source.ip.includes(":") ? "TCP6" : "TCP4";
  return ascii(`PROXY ${protocol} ${source.ip} ${destination.ip} ${source.port} ${destination.port}\r\n`);
}

export interface ProxyV2Options {
  readonly destination?: AddrPort;
  /** Version and command. @default {0x21} PROXY */
  readonly command?: number;
  /** Family and protocol. @default TCP over the family of the source */
  readonly family?: number;
  /** What follows the addresses. */
  readonly extensions?: Uint8Array;
}

/** A header of version 2. */
export function proxyV2(source: AddrPort, options: ProxyV2Options = {}): Uint8Array {
  const isIPv4 = !source.ip.includes(":");
  const { destination = DESTINATION, command = 0x21, extensions = new Uint8Array(0) } = options;
  const address = ({ ip }: AddrPort) => ipTo16(ip).subarray(isIPv4 ? 12 : 0);
  const payload = concat(
    address(source),
    address(destination),
    uint16(source.port),
    uint16(destination.port),
    extensions,
  );
  const family = options.family ?? (isIPv4 ? 0x11 : 0x21);
  return concat(V2_SIGNATURE, Uint8Array.of(command, family), uint16(payload.length), payload);
}

/** Stands before one port of this machine. */
export interface LoadBalancer extends AsyncDisposable {
  readonly port: number;
}

/**
 * Forwards connections to a port of this machine, each behind a header.
 *
 * @param header What the next connection begins with.
 * @param pieceLength Bytes of the header that are sent at a time; where it is not given, it goes out in one piece with
 *   what the client says first.
 */
export async function startLoadBalancer(
  port: number,
  header: () => Uint8Array,
  pieceLength = Number.POSITIVE_INFINITY,
): Promise<LoadBalancer> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
  };
  const server = createServer(async (front) => {
    const back = connect({ host: "127.0.0.1", port, noDelay: true });
    keep(front);
    keep(back);
    back.pipe(front);
    front.once("close", () => back.destroy());
    back.once("close", () => front.destroy());
    const first = await new Promise<Uint8Array>((resolve) => front.once("data", resolve));
    front.pause();
    for (let left = concat(header(), first); left.length > 0; left = left.subarray(pieceLength)) {
      await new Promise<unknown>((resolve) => back.write(left.subarray(0, pieceLength), resolve));
    }
    front.pipe(back);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}
