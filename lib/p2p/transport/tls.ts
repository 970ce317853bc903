/**
 * Mutual TLS 1.3 over TCP: the transport of the real network.
 *
 * No certificate authority is asked: a peer is whoever holds the key of the certificate that it shows, so each side
 * must show one, and it must be of a kind that a node may have (upstream `network/peer/tls_config.go`). Whether the
 * runtime calls a socket authorized is never looked at.
 *
 * @module
 */

import { createSecureContext, type SecureContext } from "node:tls";
import type { Clock } from "../../core/clock.ts";
import type { AddrPort } from "../../core/ip.ts";
import type { TLSCert } from "../../core/staking/tls_cert.ts";
import type { Connection, DialOptions, Listener, ListenHandler, Transport } from "./contract.ts";
import { dialTLS } from "./tls_dial.ts";
import { listenTLS } from "./tls_listener.ts";
import { TLS_PROTOCOL } from "./tls_socket.ts";

/** How long connections may take. All values are milliseconds. */
export interface TLSTransportOptions {
  /** @default {30000} upstream `network-outbound-connection-timeout`: from the dial to the TCP connection. */
  readonly dialTimeoutMs?: number;
  /** @default {15000} upstream `network-read-handshake-timeout`: from the TCP connection to the end of the handshake. */
  readonly handshakeTimeoutMs?: number;
}

export const DEFAULT_DIAL_TIMEOUT_MS = 30_000;
export const DEFAULT_HANDSHAKE_TIMEOUT_MS = 15_000;

/** What the transport needs. */
export interface TLSTransportModules {
  readonly clock: Clock;
  readonly tlsCert: TLSCert;
}

/**
 * Dials and listens with one identity.
 *
 * @example
 * ```ts
 * const transport = new TLSTransport({ clock: systemClock, tlsCert: newTLSCert() });
 * const connection = await transport.dial({ ip: "127.0.0.1", port: 9651 }, { signal: AbortSignal.timeout(5_000) });
 * ```
 */
export class TLSTransport implements Transport {
  readonly #modules: TLSTransportModules;
  readonly #dialTimeoutMs: number;
  readonly #handshakeTimeoutMs: number;
  /** Shared by all dials: one of its own for each would cost 50 KB and a parse of the key. */
  readonly #dialContext: SecureContext;

  constructor(modules: TLSTransportModules, options: TLSTransportOptions = {}) {
    this.#modules = modules;
    this.#dialTimeoutMs = options.dialTimeoutMs ?? DEFAULT_DIAL_TIMEOUT_MS;
    this.#handshakeTimeoutMs = options.handshakeTimeoutMs ?? DEFAULT_HANDSHAKE_TIMEOUT_MS;
    const { keyPEM, certPEM } = modules.tlsCert;
    this.#dialContext = createSecureContext({ key: keyPEM, cert: certPEM, ...TLS_PROTOCOL });
  }

  dial(address: AddrPort, { signal }: DialOptions): Promise<Connection> {
    return dialTLS(address, {
      signal,
      clock: this.#modules.clock,
      secureContext: this.#dialContext,
      dialTimeoutMs: this.#dialTimeoutMs,
      handshakeTimeoutMs: this.#handshakeTimeoutMs,
    });
  }

  listen(address: AddrPort, handler: ListenHandler): Promise<Listener> {
    return listenTLS(address, handler, { ...this.#modules, handshakeTimeoutMs: this.#handshakeTimeoutMs });
  }
}
