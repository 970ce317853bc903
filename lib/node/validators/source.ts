/**
 * Keeps a node's validators as the P-Chain of another node has them.
 *
 * A node without a chain asks one that has it. What is asked for is applied whole or not at all: while the other node
 * is away, or answers what cannot be, the validators stay as they were last known.
 *
 * 1. The other node's network is looked at, at first and after each failure.
 * 2. Its height is asked for. Only a block changes validators: where the height is the same nothing more is asked.
 * 3. The validators of the Primary Network are asked for, then those of the subnets.
 * 4. BLS keys that are new are checked.
 * 5. The differences are applied at one stroke, so that listeners never see half of them.
 *
 * @module
 */

import type { Clock, Timer } from "../../core/clock.ts";
import { errorMessage } from "../../core/errors.ts";
import { type ID, PRIMARY_NETWORK_ID } from "../../core/ids/id.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import type { Logger } from "../../core/log.ts";
import type { MetricsNamespace } from "../../core/metrics.ts";
import type { Random } from "../../core/random.ts";
import { applyValidators } from "../../core/validators/apply.ts";
import type { Validator, ValidatorManager } from "../../core/validators/manager.ts";
import { networkValidators } from "../../platform/current_validators.ts";
import { ValidatorSourceError } from "./errors.ts";
import { checkNewKeys } from "./key_check.ts";
import type { PlatformAPI } from "./platform_api.ts";
import { declareSourceMetrics } from "./source_metrics.ts";
import { type SourceStatus, StatusKeeper } from "./source_status.ts";

/** What a source needs. */
export interface ValidatorSourceModules {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly api: PlatformAPI;
  /** What is kept. */
  readonly validators: ValidatorManager;
  /** `avalanche_validator_source`; nothing is shown without it. */
  readonly metrics?: MetricsNamespace | undefined;
}

/** How a source behaves. */
export interface ValidatorSourceOptions {
  /** The network that the API must belong to. */
  readonly networkID: number;
  /** The subnets to follow, without the Primary Network, which always is. */
  readonly trackedSubnets: ReadonlySet<ID>;
  /**
   * Whether to follow all subnets: a validator of the Primary Network is asked for the nodes of all of them (upstream
   * `network/network.go`, `Peers`). Asked before each poll.
   */
  readonly followsAllSubnets: () => boolean;
  /** Milliseconds from the end of one poll to the beginning of the next. */
  readonly frequencyMs: number;
}

/** The default of {@link ValidatorSourceOptions.frequencyMs}: the P-Chain has a block every few seconds. */
export const DEFAULT_VALIDATORS_FREQUENCY_MS = 10_000;

/** The longest pause after failures, milliseconds, unless polls are farther apart than that anyway. */
const MAX_BACKOFF_MS = 60_000;

/** Subnets whose validators are asked for at one time. */
const CONCURRENT_SUBNETS = 4;

/** What one poll found, by subnet. The Primary Network comes first. */
type Found = ReadonlyMap<ID, ReadonlyMap<NodeID, Validator>>;

export class ValidatorSource implements AsyncDisposable {
  readonly #modules: ValidatorSourceModules;
  readonly #options: ValidatorSourceOptions;
  readonly #status: StatusKeeper;
  readonly #closing = new AbortController();
  #timer: Timer | undefined;
  #polling: Promise<void> | undefined;
  #networkIsKnown = false;
  /** The height that the validators are of, at least. */
  #height: bigint | undefined;
  /** The subnets that were applied last, without the Primary Network. */
  #followed: ReadonlySet<ID> = new Set();
  /** All that there were at a height. */
  #all: { readonly height: bigint; readonly subnets: ReadonlySet<ID> } | undefined;

  constructor(modules: ValidatorSourceModules, options: ValidatorSourceOptions) {
    this.#modules = modules;
    this.#options = options;
    this.#status = new StatusKeeper(modules.clock, options.frequencyMs);
    if (modules.metrics !== undefined) declareSourceMetrics(modules.metrics, () => this.status);
  }

  get status(): SourceStatus {
    return this.#status.read();
  }

  /** Polls now and then again and again. */
  start(): void {
    void this.#pollAndWait();
  }

  /**
   * Polls once; the poll that is under way where there is one. How it ended is in {@link status}: it throws nothing.
   */
  poll(): Promise<void> {
    this.#polling ??= this.#poll().finally(() => {
      this.#polling = undefined;
    });
    return this.#polling;
  }

  /** Asks nothing any more. The validators stay. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#timer?.cancel();
    await this.#polling;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #pollAndWait(): Promise<void> {
    await this.poll();
    if (this.#closing.signal.aborted) return;
    this.#timer = this.#modules.clock.setTimeout(() => void this.#pollAndWait(), this.#pauseMs());
  }

  /** The frequency; after failures up to twice as long with each, at random, so that nodes do not come all at once. */
  #pauseMs(): number {
    const { frequencyMs } = this.#options;
    const { failures } = this.status;
    if (failures === 0) return frequencyMs;
    const longest = Math.max(frequencyMs, MAX_BACKOFF_MS);
    const pauseMs = Math.min(longest, frequencyMs * 2 ** failures);
    return (pauseMs * (1 + this.#modules.random.float())) / 2;
  }

  async #poll(): Promise<void> {
    const { log } = this.#modules;
    try {
      const height = await this.#pollHeight();
      const { failures } = this.status;
      this.#status.succeeded(height);
      if (failures > 0) log.info("the P-Chain API answers again", { failures, height });
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      this.#networkIsKnown = false;
      this.#status.failed(error);
      const fields = { error: errorMessage(error), failures: this.status.failures };
      if (this.status.failures === 1) log.warn("could not ask for the validators: they stay as they are", fields);
      else log.debug("could not ask for the validators", fields);
    }
  }

  async #pollHeight(): Promise<bigint> {
    const { api } = this.#modules;
    const { signal } = this.#closing;
    await this.#checkNetwork(signal);
    const height = await api.height(signal);
    const subnets = await this.#subnetsToFollow(height, signal);
    if (height === this.#height && subnets.symmetricDifference(this.#followed).size === 0) return height;

    const found = await this.#ask(subnets, signal);
    signal.throwIfAborted();
    this.#apply(found, height);
    return height;
  }

  async #checkNetwork(signal: AbortSignal): Promise<void> {
    if (this.#networkIsKnown) return;
    const expected = this.#options.networkID;
    const networkID = (await this.#modules.api.networkID(signal)) ?? expected;
    if (networkID !== expected) {
      throw new ValidatorSourceError(
        { code: "wrong-network", networkID, expected },
        `The API belongs to the network ${networkID}, and this node to ${expected}`,
      );
    }
    this.#networkIsKnown = true;
  }

  /** The subnets beside the Primary Network. */
  async #subnetsToFollow(height: bigint, signal: AbortSignal): Promise<ReadonlySet<ID>> {
    const { followsAllSubnets, trackedSubnets } = this.#options;
    if (!followsAllSubnets()) return trackedSubnets;
    if (this.#all?.height !== height) {
      const subnets = new Set(await this.#modules.api.subnetIDs(signal)).union(trackedSubnets);
      subnets.delete(PRIMARY_NETWORK_ID);
      this.#all = { height, subnets };
    }
    return this.#all.subnets;
  }

  async #ask(subnets: ReadonlySet<ID>, signal: AbortSignal): Promise<Found> {
    const primary = await this.#askSubnet(PRIMARY_NETWORK_ID, undefined, signal);
    if (primary.size === 0) {
      throw new ValidatorSourceError({ code: "no-validators" }, "The API knows no validators of the Primary Network");
    }
    const found = new Map([[PRIMARY_NETWORK_ID, primary]]);
    const waiting = [...subnets];
    const askNext = async (): Promise<void> => {
      for (let subnetID = waiting.shift(); subnetID !== undefined; subnetID = waiting.shift()) {
        found.set(subnetID, await this.#askSubnet(subnetID, primary, signal));
      }
    };
    await Promise.all(Array.from({ length: CONCURRENT_SUBNETS }, askNext));
    return found;
  }

  async #askSubnet(
    subnetID: ID,
    primary: ReadonlyMap<NodeID, Validator> | undefined,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<NodeID, Validator>> {
    const { api, validators } = this.#modules;
    const current = await api.currentValidators(subnetID, signal);
    await checkNewKeys(validators, subnetID, current);
    return networkValidators(current, primary);
  }

  #apply(found: Found, height: bigint): void {
    const { log, validators } = this.#modules;
    for (const subnetID of this.#followed) {
      if (!found.has(subnetID)) applyValidators(validators, subnetID, new Map());
    }
    for (const [subnetID, desired] of found) {
      const changes = applyValidators(validators, subnetID, desired);
      if (Object.values(changes).some((count) => count > 0)) {
        log.debug("the validators have changed", { subnetID, height, validators: desired.size, ...changes });
      }
    }
    if (this.#height === undefined) {
      const primary = validators.numValidators(PRIMARY_NETWORK_ID);
      log.info("the P-Chain API has told the validators", { height, validators: primary, subnets: found.size - 1 });
    }
    this.#followed = new Set(found.keys()).difference(new Set([PRIMARY_NETWORK_ID]));
    this.#height = height;
  }
}
