/**
 * A peer that sends as fast as it is let, and no faster: what it cannot send it does not pile up.
 *
 * @module
 */

import { systemClock } from "../../../lib/core/clock.ts";
import type { AddrPort } from "../../../lib/core/ip.ts";
import { newTLSCert, type TLSCert } from "../../../lib/core/staking/tls_cert.ts";
import { type ConnectPeerOptions, connectPeer, type TestPeer } from "../../../lib/p2p/peer/connect_peer.ts";
import type { Connection, Transport } from "../../../lib/p2p/transport/contract.ts";
import { TLSTransport } from "../../../lib/p2p/transport/tls.ts";

export const NETWORK_ID = 88_888;

/** Who has no room looks this often whether it is over, milliseconds. */
const LOOK_EVERY_MS = 50;

export class Flooder {
  readonly peer: TestPeer;
  readonly #whenDrained: () => Promise<void>;

  private constructor(peer: TestPeer, whenDrained: () => Promise<void>) {
    this.peer = peer;
    this.#whenDrained = whenDrained;
  }

  /** Connects, and shakes hands unless it is told to be impolite. */
  static async connect(address: AddrPort, options: ConnectPeerOptions = {}): Promise<Flooder> {
    const tlsCert: TLSCert = options.tlsCert ?? newTLSCert();
    const inner = new TLSTransport({ clock: systemClock, tlsCert });
    let drained = Promise.withResolvers<void>();
    const transport: Transport = {
      listen: (at, handler) => inner.listen(at, handler),
      dial: async (at, dialOptions): Promise<Connection> => {
        const connection = await inner.dial(at, dialOptions);
        const open = connection.open.bind(connection);
        connection.open = (handler) =>
          open({
            ...handler,
            onData: (chunk) => handler.onData(chunk),
            onClose: (reason) => {
              drained.resolve();
              handler.onClose(reason);
            },
            onDrain: () => {
              drained.resolve();
              drained = Promise.withResolvers();
            },
          });
        return connection;
      },
    };
    const peer = await connectPeer(address, { networkID: NETWORK_ID, tlsCert, transport, ...options });
    return new Flooder(peer, () => drained.promise);
  }

  /**
   * Sends bytes again and again until it is over.
   *
   * @returns How many times they were sent.
   */
  async flood(next: (turn: number) => Uint8Array, isOver: () => boolean): Promise<number> {
    let sent = 0;
    while (!isOver() && !this.peer.isClosed) {
      let hasRoom = this.peer.sendRaw(next(sent));
      sent++;
      if (hasRoom && sent % 16 === 0) await wait(0);
      while (!hasRoom && !isOver()) {
        hasRoom = await Promise.race([this.#whenDrained().then(() => true), wait(LOOK_EVERY_MS).then(() => false)]);
      }
    }
    return sent;
  }
}

/** Milliseconds. */
export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
