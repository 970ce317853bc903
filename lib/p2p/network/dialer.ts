/**
 * Keeps dialling the nodes that are wanted, each at its newest address, until it is told that one is reached.
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import { errorMessage } from "../../core/errors.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import { type AddrPort, formatAddrPort, isPublicIP } from "../../core/ip.ts";
import type { Logger } from "../../core/log.ts";
import type { Random } from "../../core/random.ts";
import type { DialThrottler } from "../throttling/dial_throttler.ts";
import type { Connection, Transport } from "../transport/contract.ts";
import { type ReconnectOptions, TrackedIP } from "./tracked_ip.ts";

/** What a dialer needs. */
export interface DialerModules {
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: Random;
  readonly transport: Transport;
  readonly throttler: DialThrottler;
  /** Whether the node is still wanted. */
  readonly wants: (nodeID: NodeID) => boolean;
  /** Whether a connection to the node is there or on its way. */
  readonly isKnown: (nodeID: NodeID) => boolean;
  /** Takes a connection; whoever answered at the address of `expected`. */
  readonly onConnection: (connection: Connection, expected: NodeID) => void;
  readonly onFailure: (error: unknown) => void;
}

export interface DialerOptions extends ReconnectOptions {
  /** Whether nodes at private addresses are dialled. */
  readonly allowPrivateIPs: boolean;
}

export class Dialer {
  readonly #modules: DialerModules;
  readonly #options: DialerOptions;
  readonly #tracked = new Map<NodeID, TrackedIP>();
  readonly #closing = new AbortController();
  #dialling = 0;

  constructor(modules: DialerModules, options: DialerOptions) {
    this.#modules = modules;
    this.#options = options;
  }

  /** Addresses that are being dialled. */
  get dialling(): number {
    return this.#dialling;
  }

  /** Nodes of which an address is kept: being dialled, or until the connection is one. */
  get trackedNodes(): number {
    return this.#tracked.size;
  }

  /** Whether an address of the node is known here. */
  tracks(nodeID: NodeID): boolean {
    return this.#tracked.has(nodeID);
  }

  /** Dials the node at an address, in place of the one that was dialled before. */
  dial(nodeID: NodeID, addrPort: AddrPort): void {
    const before = this.#tracked.get(nodeID);
    this.#dial(nodeID, before === undefined ? new TrackedIP(addrPort) : before.replaceWith(addrPort));
  }

  /** A connection broke before it was of use: the address is tried again, after a pause, while the node is wanted. */
  redial(nodeID: NodeID): void {
    const before = this.#tracked.get(nodeID);
    if (before === undefined) return;
    if (this.#modules.wants(nodeID)) this.#dial(nodeID, before.replaceWith(before.addrPort));
    else this.stop(nodeID);
  }

  /** Dials the node no more. */
  stop(nodeID: NodeID): void {
    this.#tracked.get(nodeID)?.stop();
    this.#tracked.delete(nodeID);
  }

  /** Dials nobody any more. */
  close(): void {
    this.#closing.abort();
    for (const nodeID of [...this.#tracked.keys()]) this.stop(nodeID);
  }

  #dial(nodeID: NodeID, tracked: TrackedIP): void {
    if (this.#closing.signal.aborted) return;
    this.#tracked.set(nodeID, tracked);
    const { log } = this.#modules;
    if (log.enabled("verbo")) log.verbo("attempting to dial node", { nodeID, ip: formatAddrPort(tracked.addrPort) });
    this.#dialling++;
    this.#dialUntilDone(nodeID, tracked).finally(() => {
      this.#dialling--;
    });
  }

  /**
   * Dials until a connection is there or the address is no longer to be dialled.
   *
   * A dial that is under way goes on although its address is replaced, as upstream's does: the other side has let it
   * through, and would let no other through before a cool-down of ten seconds is over.
   */
  async #dialUntilDone(nodeID: NodeID, tracked: TrackedIP): Promise<void> {
    const { isKnown, log, onConnection, onFailure, random, transport, wants } = this.#modules;
    const { signal } = this.#closing;
    const fields = () => ({ nodeID, peerIP: formatAddrPort(tracked.addrPort) });
    while (await this.#pause(tracked)) {
      if (!wants(nodeID)) {
        this.stop(nodeID);
        return;
      }
      if (isKnown(nodeID)) return;
      tracked.increaseDelay(this.#options, random);

      // The loop goes on also where nothing is dialled: it is what notices that the node is no longer wanted.
      if (!this.#options.allowPrivateIPs && !isPublicIP(tracked.addrPort.ip)) {
        log.verbo("skipping connection dial", { ...fields(), reason: "private IPs are not dialled" });
        continue;
      }
      if (!(await this.#hasTurn(tracked))) return;
      try {
        const connection = await transport.dial(tracked.addrPort, { signal });
        onConnection(connection, nodeID);
        return;
      } catch (error) {
        if (signal.aborted) return;
        onFailure(error);
        log.verbo("failed to reach peer, attempting again", {
          ...fields(),
          delayMs: tracked.delayMs,
          error: errorMessage(error),
        });
      }
    }
  }

  /** @returns Whether to dial: false when the address was given up before its turn, which is another's then. */
  async #hasTurn({ signal }: TrackedIP): Promise<boolean> {
    try {
      await this.#modules.throttler.acquire(signal);
      return true;
    } catch {
      return false;
    }
  }

  /** @returns Whether to go on: false when the address is no longer dialled. */
  #pause(tracked: TrackedIP): Promise<boolean> {
    const { signal } = tracked;
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const timer = this.#modules.clock.setTimeout(() => end(true), tracked.delayMs);
      const onAbort = (): void => end(false);
      const end = (goOn: boolean): void => {
        timer.cancel();
        signal.removeEventListener("abort", onAbort);
        resolve(goOn);
      };
      signal.addEventListener("abort", onAbort);
    });
  }
}
