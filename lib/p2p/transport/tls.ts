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

/** How connections come about. Durations are milliseconds. */
export interface TLSTransportOptions {
  /** @default {30000} upstream `network-outbound-connection-timeout`: from the dial to the TCP connection. */
  readonly dialTimeoutMs?: number;
  /** @default {15000} upstream `network-read-handshake-timeout`: from the TCP connection to the end of the handshake. */
  readonly handshakeTimeoutMs?: number;
  /**
   * Accepted connections that have no handshake yet; one more ends the oldest of them.
   *
   * An honest handshake takes two round trips, so it is the silent ones that grow old. Upstream has no such limit but
   * what its others come to: 256 accepted a second, each for 15 s.
   *
   * @default {1024} At 256 accepted a second each has four seconds; 25 KB each in Bun and 50 KB in Deno, as measured.
   */
  readonly maxPendingUpgrades?: number;
  /**
   * Whether every accepted connection begins with a PROXY header, which then says where it comes from.
   *
   * @default {false} upstream `network-tcp-proxy-enabled`
   */
  readonly proxyEnabled?: boolean;
  /** @default {3000} upstream `network-tcp-proxy-read-timeout`: from the turn of a connection to the end of its header. */
  readonly proxyReadTimeoutMs?: number;
}

export const DEFAULT_DIAL_TIMEOUT_MS = 30_000;
export const DEFAULT_HANDSHAKE_TIMEOUT_MS = 15_000;
export const DEFAULT_MAX_PENDING_UPGRADES = 1_024;
export const DEFAULT_PROXY_ENABLED = false;
export const DEFAULT_PROXY_READ_TIMEOUT_MS = 3_000;

/** What the transport needs. */
export interface TLSTransportModules {
  readonly clock: Clock;
  readonly tlsCert: TLSCert;
  /** Takes the secrets of connections, lines of the form that `SSLKEYLOGFILE` has: for debugging alone, and on Bun alone. */
  readonly keyLog?: ((line: Uint8Array) => void) | undefined;
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
  readonly #options: Required<TLSTransportOptions>;
  /** Shared by all dials: one of its own for each would cost 50 KB and a parse of the key. */
  readonly #dialContext: SecureContext;

  constructor(modules: TLSTransportModules, options: TLSTransportOptions = {}) {
    this.#modules = modules;
    this.#options = {
      dialTimeoutMs: DEFAULT_DIAL_TIMEOUT_MS,
      handshakeTimeoutMs: DEFAULT_HANDSHAKE_TIMEOUT_MS,
      maxPendingUpgrades: DEFAULT_MAX_PENDING_UPGRADES,
      proxyEnabled: DEFAULT_PROXY_ENABLED,
      proxyReadTimeoutMs: DEFAULT_PROXY_READ_TIMEOUT_MS,
      ...options,
    };
    const { keyPEM, certPEM } = modules.tlsCert;
    this.#dialContext = createSecureContext({ key: keyPEM, cert: certPEM, ...TLS_PROTOCOL });
  }

  dial(address: AddrPort, { signal }: DialOptions): Promise<Connection> {
    return dialTLS(address, {
      signal,
      clock: this.#modules.clock,
      keyLog: this.#modules.keyLog,
      secureContext: this.#dialContext,
      dialTimeoutMs: this.#options.dialTimeoutMs,
      handshakeTimeoutMs: this.#options.handshakeTimeoutMs,
    });
  }

  listen(address: AddrPort, handler: ListenHandler): Promise<Listener> {
    return listenTLS(address, handler, { ...this.#modules, ...this.#options });
  }
}
