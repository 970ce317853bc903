/**
 * What lies between two in-memory transports, and how TCP answers it.
 *
 * A link carries packets and may lose them; the transport above it is a stream. What is lost is sent again after a
 * pause that doubles, and what is behind it waits, so that loss is seen as delay, and as a lost connection only where it
 * lasts. The numbers are those of Linux.
 *
 * @module
 */

import type { Clock, Timer } from "../../core/clock.ts";
import type { AddrPort } from "../../core/ip.ts";

/** How packets travel. A simulation gives its own to delay, lose and part. */
export interface MemoryLink {
  /**
   * Asked each time that something is sent or sent again.
   *
   * @param bytes How many are sent together; 0 for what only opens or ends a connection.
   * @returns Milliseconds until it is there, or `undefined` when it is lost on the way.
   */
  delayMs(from: AddrPort, to: AddrPort, bytes: number): number | undefined;
}

/** Everything arrives, in the next turn. */
export const IDEAL_LINK: MemoryLink = { delayMs: () => 0 };

/** What all transports of one net share. */
export interface MemoryWire {
  readonly clock: Clock;
  readonly link: MemoryLink;
}

/** Milliseconds before the first packet of a connection is sent again (RFC 6298: 1 second while nothing is measured). */
export const INITIAL_RETRANSMIT_MS = 1_000;
/** Milliseconds before a packet is sent again, beyond the round trip (Linux `TCP_RTO_MIN`). */
export const MIN_RETRANSMIT_MS = 200;
/** The longest pause in milliseconds before a packet is sent again (Linux `TCP_RTO_MAX`). */
export const MAX_RETRANSMIT_MS = 120_000;
/** So often is a packet sent again before the connection counts as lost (Linux `tcp_retries2`). */
export const MAX_RETRANSMITS = 15;
/** The same once the connection was closed on this side (Linux `tcp_orphan_retries`). */
export const MAX_ORPHAN_RETRANSMITS = 8;

/** The pause before a packet is sent again for the next time. */
export function nextRetransmitMs(lastMs: number): number {
  return Math.min(2 * lastMs, MAX_RETRANSMIT_MS);
}

/** The pause before a packet is sent again for the first time on a connection whose packets take `delayMs`. */
export function retransmitMs(delayMs: number): number {
  return 2 * delayMs + MIN_RETRANSMIT_MS;
}

/** Sends one packet until it is there, for ever. @returns Ends it. */
export function sendUntilThere(
  { clock, link }: MemoryWire,
  packet: { readonly from: AddrPort; readonly to: AddrPort; readonly bytes: number; readonly retransmitMs: number },
  onThere: (delayMs: number) => void,
): Timer {
  let timer: Timer;
  const send = (pauseMs: number): void => {
    const delayMs = link.delayMs(packet.from, packet.to, packet.bytes);
    timer =
      delayMs === undefined
        ? clock.setTimeout(() => send(nextRetransmitMs(pauseMs)), pauseMs)
        : clock.setTimeout(() => onThere(delayMs), delayMs);
  };
  send(packet.retransmitMs);
  const cancel = (): void => timer.cancel();
  return { cancel, [Symbol.dispose]: cancel };
}
