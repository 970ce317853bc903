/**
 * Asks again and again under which address this machine is seen.
 *
 * @module
 */

import type { Clock, Timer } from "../core/clock.ts";
import { errorMessage } from "../core/errors.ts";
import type { AddrPort } from "../core/ip.ts";
import type { Logger } from "../core/log.ts";

/** What the updater needs. */
export interface PublicIPUpdaterModules {
  readonly clock: Clock;
  readonly log: Logger;
  /** Asks once. */
  readonly ask: (signal: AbortSignal) => Promise<string>;
  /** Holds the address; peers are told from their next Handshake on, under a new signature. */
  readonly network: { publicAddress: AddrPort };
}

/** How long one asking may take while a node runs, milliseconds (upstream `utils/dynamicip/updater.go`). */
export const PUBLIC_IP_UPDATE_TIMEOUT_MS = 10_000;

/**
 * Keeps a network's address. It begins when it is made; the first asking is one period later.
 *
 * An address that could not be found out stays what it was.
 */
export class PublicIPUpdater implements Disposable {
  readonly #modules: PublicIPUpdaterModules;
  readonly #closing = new AbortController();
  readonly #timer: Timer;
  #isAsking = false;

  /** @param frequencyMs Milliseconds from one asking to the next; one that takes longer is waited for. */
  constructor(modules: PublicIPUpdaterModules, frequencyMs: number) {
    this.#modules = modules;
    this.#timer = modules.clock.setInterval(() => void this.#update(), frequencyMs);
  }

  /** Asks no more, and gives up what it asks at the moment. */
  [Symbol.dispose](): void {
    this.#closing.abort();
    this.#timer.cancel();
  }

  async #update(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const { ask, log, network } = this.#modules;
    const { signal } = this.#closing;
    try {
      const ip = await ask(signal);
      const { ip: oldIP, port } = network.publicAddress;
      if (signal.aborted || ip === oldIP) return;
      network.publicAddress = { ip, port };
      log.info("updated public IP", { oldIP, newIP: ip });
    } catch (error) {
      if (signal.aborted) return;
      log.warn("could not find out the public IP: peers may be told an old one", { error: errorMessage(error) });
    } finally {
      this.#isAsking = false;
    }
  }
}
