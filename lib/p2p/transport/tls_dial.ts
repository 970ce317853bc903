/**
 * One outbound TLS connection.
 *
 * @module
 */

import { connect, type SecureContext } from "node:tls";
import type { Clock } from "../../core/clock.ts";
import type { AddrPort } from "../../core/ip.ts";
import type { Connection } from "./contract.ts";
import { TransportError } from "./errors.ts";
import { TLSConnection } from "./tls_connection.ts";
import { ignoreErrors, peerCertificate, TLS_PROTOCOL } from "./tls_socket.ts";

/** What a dial needs and how it is bounded. */
export interface DialTLSOptions {
  readonly clock: Clock;
  readonly secureContext: SecureContext;
  /** Takes the connection's secrets. */
  readonly keyLog?: ((line: Uint8Array) => void) | undefined;
  readonly signal: AbortSignal;
  readonly dialTimeoutMs: number;
  readonly handshakeTimeoutMs: number;
}

/**
 * Connects, shakes hands and looks at the certificate. Whatever goes wrong, no socket and no timer is left.
 *
 * @throws {TransportError} All codes but `listen-failed`.
 */
export function dialTLS(address: AddrPort, options: DialTLSOptions): Promise<Connection> {
  const { clock, secureContext, signal, dialTimeoutMs, handshakeTimeoutMs } = options;
  if (signal.aborted) return Promise.reject(new TransportError({ code: "aborted", address }));

  const socket = connect({
    host: address.ip,
    port: address.port,
    secureContext,
    rejectUnauthorized: false,
    ...TLS_PROTOCOL,
  });
  if (options.keyLog !== undefined) socket.on("keylog", options.keyLog);
  const { promise, resolve, reject } = Promise.withResolvers<Connection>();
  const limit = (timeoutMs: number) =>
    clock.setTimeout(() => reject(new TransportError({ code: "handshake-timeout", address, timeoutMs })), timeoutMs);
  let timer = limit(dialTimeoutMs);

  socket.once("connect", () => {
    timer.cancel();
    timer = limit(handshakeTimeoutMs);
  });
  socket.once("secureConnect", () => {
    try {
      resolve(new TLSConnection(socket, peerCertificate(socket, address), address, false));
    } catch (error) {
      reject(error);
    }
  });
  socket.once("error", (error) => reject(new TransportError({ code: "connect-failed", address }, error)));
  socket.once("close", () => reject(new TransportError({ code: "connect-failed", address })));
  const onAbort = (): void => reject(new TransportError({ code: "aborted", address }));
  signal.addEventListener("abort", onAbort, { once: true });

  return promise
    .catch((error: unknown) => {
      ignoreErrors(socket);
      socket.destroy();
      throw error;
    })
    .finally(() => {
      timer.cancel();
      signal.removeEventListener("abort", onAbort);
    });
}
