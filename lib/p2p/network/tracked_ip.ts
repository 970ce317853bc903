/**
 * An address that is dialled until someone answers, with growing pauses.
 *
 * @module
 */

import type { AddrPort } from "../../core/ip.ts";
import type { Random } from "../../core/random.ts";

/** Bounds of the pauses, milliseconds. */
export interface ReconnectOptions {
  readonly initialReconnectDelayMs: number;
  readonly maxReconnectDelayMs: number;
}

/** Why dialling is stopped: nobody asks, and an error, with the stack that led to it, would be made for each address. */
const STOPPED = "stopped";

/** One address of one node (upstream `network/tracked_ip.go`). */
export class TrackedIP {
  readonly addrPort: AddrPort;
  readonly #stopped = new AbortController();
  #delayMs: number;

  /** @param delayMs The pause before the next dial. */
  constructor(addrPort: AddrPort, delayMs = 0) {
    this.addrPort = addrPort;
    this.#delayMs = delayMs;
  }

  get delayMs(): number {
    return this.#delayMs;
  }

  /** Aborted when the address is no longer to be dialled. */
  get signal(): AbortSignal {
    return this.#stopped.signal;
  }

  /**
   * Makes the next pause longer: 1 to 2 times the last, drawn at random so that nodes that lost the same peer do not
   * come back all at once; above the maximum, 0.75 to 1 times that.
   */
  increaseDelay(options: ReconnectOptions, random: Random): void {
    const last = this.#delayMs > 0 ? this.#delayMs : options.initialReconnectDelayMs;
    this.#delayMs = last * (1 + random.float());
    if (this.#delayMs > options.maxReconnectDelayMs) {
      this.#delayMs = (options.maxReconnectDelayMs * (3 + random.float())) / 4;
    }
  }

  /** Stops dialling this address; the other one begins with the pause that this one had come to. */
  replaceWith(addrPort: AddrPort): TrackedIP {
    this.stop();
    return new TrackedIP(addrPort, this.#delayMs);
  }

  stop(): void {
    this.#stopped.abort(STOPPED);
  }
}
