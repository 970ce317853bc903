/**
 * Networks for tests that run side by side: each test has one for itself, and hands it on.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import { Network, type NetworkControl, type NetworkModules } from "../network.ts";
import type { NetworkOptions } from "../network_options.ts";
import { removeNetwork } from "../remove.ts";
import { networkStatus } from "../status.ts";
import { endAbandonedNetworks, startTestNetwork } from "./shared_network.ts";

/** How a pool behaves. */
export interface NetworkPoolOptions extends NetworkOptions {
  /** @default {2} How many networks there are at most. */
  readonly size?: number;
}

/** A network that is lent. Giving it back twice is harmless. */
export interface LentNetwork extends AsyncDisposable {
  readonly network: Network;
  /** Has it ended when it is given back: what was done to it is nothing for the next test. */
  discard(): void;
}

interface Pooled {
  readonly network: Network;
  readonly guard: Disposable;
}

/**
 * Lends networks that are alike, one to each test at a time.
 *
 * They are started as they are needed. One that comes back healthy is lent again; one that does not, or was discarded,
 * is ended and another takes its place. All end with the pool, or with the process.
 *
 * @example
 * ```ts
 * await using pool = new NetworkPool({ size: 2, nodeCount: 2 });
 * {
 *   await using lent = await pool.lend();
 *   console.log(lent.network.nodeUris());
 * }
 * ```
 */
export class NetworkPool implements AsyncDisposable {
  readonly #size: number;
  readonly #options: NetworkOptions;
  readonly #control: NetworkControl;
  readonly #modules: NetworkModules;
  readonly #key = `pool ${randomUUID()}`;
  readonly #idle: Pooled[] = [];
  readonly #waiting: PromiseWithResolvers<void>[] = [];
  readonly #all = new Set<Pooled>();
  #taken = 0;
  #swept: Promise<unknown> | undefined;
  #closed = false;

  constructor(options: NetworkPoolOptions = {}, control: NetworkControl = {}, modules: NetworkModules = {}) {
    const { size = 2, ...network } = options;
    if (!Number.isSafeInteger(size) || size < 1) throw new RangeError(`A pool has 1 network or more, not ${size}`);
    this.#size = size;
    this.#options = network;
    this.#control = control;
    this.#modules = modules;
  }

  /**
   * Lends a network, once there is one.
   *
   * @throws {TmpnetError} As {@link Network.start}.
   */
  async lend(): Promise<LentNetwork> {
    while (this.#taken >= this.#size) {
      const turn = Promise.withResolvers<void>();
      this.#waiting.push(turn);
      await turn.promise;
    }
    this.#requireOpen();
    this.#taken++;
    try {
      return this.#lent(this.#idle.pop() ?? (await this.#start()));
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  /** Ends all networks, also those that are lent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const turn of this.#waiting.splice(0)) turn.resolve();
    await Promise.all([...this.#all].map((pooled) => this.#end(pooled)));
  }

  async #start(): Promise<Pooled> {
    const { env = process.env } = this.#modules;
    this.#swept ??= endAbandonedNetworks(this.#options.rootNetworkDir, env);
    await this.#swept;
    let guard: Disposable | undefined;
    const onGuard = (made: Disposable) => {
      guard = made;
    };
    const network = await startTestNetwork(this.#key, false, this.#options, this.#control, this.#modules, onGuard);
    const pooled: Pooled = { network, guard: guard as Disposable };
    this.#all.add(pooled);
    if (this.#closed) await this.#end(pooled);
    this.#requireOpen();
    return pooled;
  }

  #lent(pooled: Pooled): LentNetwork {
    let isUsable = true;
    let isBack = false;
    return {
      network: pooled.network,
      discard: () => {
        isUsable = false;
      },
      [Symbol.asyncDispose]: async () => {
        if (isBack) return;
        isBack = true;
        try {
          if (isUsable && !this.#closed && (await isWhole(pooled.network, this.#modules))) this.#idle.push(pooled);
          else await this.#end(pooled);
        } finally {
          this.#release();
        }
      },
    };
  }

  async #end(pooled: Pooled): Promise<void> {
    if (!this.#all.delete(pooled)) return;
    pooled.guard[Symbol.dispose]();
    const { env = process.env } = this.#modules;
    await removeNetwork(pooled.network.dir, { stop: true }, { env });
  }

  #release(): void {
    this.#taken--;
    this.#waiting.shift()?.resolve();
  }

  #requireOpen(): void {
    if (this.#closed) throw new Error("The pool of networks is closed");
  }
}

async function isWhole(network: Network, modules: NetworkModules): Promise<boolean> {
  try {
    return (await networkStatus(Network.read(network.dir, modules))).healthy;
  } catch {
    return false;
  }
}
