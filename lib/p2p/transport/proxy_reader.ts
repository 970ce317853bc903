/**
 * Takes the PROXY header from the front of an accepted connection.
 *
 * @module
 */

import type { Socket } from "node:net";
import type { Clock } from "../../core/clock.ts";
import type { AddrPort } from "../../core/ip.ts";
import { TransportError } from "./errors.ts";
import { type ProxyHeader, parseProxyHeader } from "./proxy_header.ts";

export interface ReadProxyHeaderOptions {
  readonly clock: Clock;
  /** From now to the end of the header. */
  readonly timeoutMs: number;
  /** The load balancer's address, which errors name. */
  readonly address: AddrPort;
}

/**
 * Reads the header and leaves the rest to be read: the socket is paused then, as it must be now.
 *
 * A header that comes in pieces is read as the specification recommends; upstream's library refuses it in version 1.
 * What is held meanwhile is one chunk more than the longest header.
 *
 * @throws {TransportError} `invalid-proxy-header` or `proxy-header-timeout`. The socket is the caller's to destroy.
 */
export function readProxyHeader(socket: Socket, options: ReadProxyHeaderOptions): Promise<ProxyHeader> {
  const { address, clock, timeoutMs } = options;
  const { promise, resolve, reject } = Promise.withResolvers<ProxyHeader>();
  let arrived: Uint8Array = new Uint8Array(0);

  const onData = (chunk: Uint8Array): void => {
    arrived = arrived.length === 0 ? chunk : joined(arrived, chunk);
    try {
      const header = parseProxyHeader(arrived);
      if (header === undefined) return;
      end();
      if (arrived.length > header.length) socket.unshift(arrived.subarray(header.length));
      resolve(header);
    } catch (error) {
      end();
      reject(new TransportError({ code: "invalid-proxy-header", address }, error));
    }
  };
  const onClose = (): void => {
    end();
    reject(new TransportError({ code: "invalid-proxy-header", address }, new Error("The connection ended before it")));
  };
  const limit = clock.setTimeout(() => {
    end();
    reject(new TransportError({ code: "proxy-header-timeout", address, timeoutMs }));
  }, timeoutMs);
  const end = (): void => {
    limit.cancel();
    socket.off("data", onData);
    socket.off("end", onClose);
    socket.off("close", onClose);
    socket.pause();
  };
  socket.on("data", onData);
  socket.on("end", onClose);
  socket.on("close", onClose);
  socket.resume();
  return promise;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}
