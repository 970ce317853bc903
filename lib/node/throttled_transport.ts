/**
 * A transport that dials and accepts no faster than is allowed.
 *
 * @module
 */

import type { AddrPort } from "../core/ip.ts";
import type { DialThrottler } from "../p2p/throttling/dial_throttler.ts";
import type { InboundConnThrottler } from "../p2p/throttling/inbound_conn_throttler.ts";
import type { Connection, DialOptions, Listener, ListenHandler, Transport } from "../p2p/transport/contract.ts";

/** What a throttled transport needs. */
export interface ThrottledTransportModules {
  readonly transport: Transport;
  readonly dials: DialThrottler;
  readonly accepts: InboundConnThrottler;
}

/**
 * Puts the throttlers of connections before a transport.
 *
 * A dial waits for its turn. An accepted connection does not: upstream leaves it in the kernel's backlog, which no
 * runtime can, so that one too many is closed before a handshake is spent on it, and its node dials again.
 */
export class ThrottledTransport implements Transport {
  readonly #modules: ThrottledTransportModules;

  constructor(modules: ThrottledTransportModules) {
    this.#modules = modules;
  }

  async dial(address: AddrPort, options: DialOptions): Promise<Connection> {
    await this.#modules.dials.acquire(options.signal);
    return this.#modules.transport.dial(address, options);
  }

  listen(address: AddrPort, handler: ListenHandler): Promise<Listener> {
    const { transport, accepts } = this.#modules;
    return transport.listen(address, {
      onConnection: (connection) => handler.onConnection(connection),
      onUpgradeFailed: (error, remote) => handler.onUpgradeFailed(error, remote),
      onAcceptFailed: (error) => handler.onAcceptFailed(error),
      takeTurn: (signal) => handler.takeTurn(signal),
      shouldUpgrade: (remote) => accepts.tryAcquire() && handler.shouldUpgrade(remote),
    });
  }
}
