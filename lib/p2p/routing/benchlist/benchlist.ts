/**
 * Leaves out the nodes that are likely not to answer: each failure and each answer moves a node's chance of failure,
 * and one whose chance is too high is benched for a while, so that nobody waits for it (upstream
 * `snow/networking/benchlist/benchlist.go`).
 *
 * Never more than a share of the stake is benched; when there is no room, those that fail less make it.
 *
 * @module
 */

import { Averager } from "../../../core/averager.ts";
import type { Clock, Timer } from "../../../core/clock.ts";
import type { ID } from "../../../core/ids/id.ts";
import type { NodeID } from "../../../core/ids/node_id.ts";
import { type Logger, noLog } from "../../../core/log.ts";
import type { ValidatorManager } from "../../../core/validators/manager.ts";
import { RoutingError } from "../errors.ts";

/** When nodes are benched. Durations are milliseconds, chances and shares go from 0 to 1. */
export interface BenchlistOptions {
  /**
   * The half-life of the average of failures.
   *
   * @default {60000}
   */
  readonly halflifeMs?: number;
  /**
   * Below this a benched node is taken back.
   *
   * @default {0.2}
   */
  readonly unbenchProbability?: number;
  /**
   * Above this a node is benched.
   *
   * @default {0.5}
   */
  readonly benchProbability?: number;
  /** @default {300000} The longest time on the bench. */
  readonly benchDurationMs?: number;
  /**
   * The share of the stake that may be benched at one time, below 1; with 0 nobody is.
   *
   * @default {0.08333} Upstream `config/config.go`: (1 - alphaConfidence / k) / 3, with 15 of 20.
   */
  readonly maxPortion?: number;
}

/** Upstream's (`snow/networking/benchlist/benchlist.go`, `config/config.go`). */
export const DEFAULT_BENCHLIST_OPTIONS: Required<BenchlistOptions> = {
  halflifeMs: 60_000,
  unbenchProbability: 0.2,
  benchProbability: 0.5,
  benchDurationMs: 300_000,
  maxPortion: (1 - 15 / 20) / 3,
};

/** Is told who is benched and who is taken back. */
export interface Benchable {
  benched(chainID: ID, nodeID: NodeID): void;
  unbenched(chainID: ID, nodeID: NodeID): void;
}

/** What a benchlist needs. */
export interface BenchlistModules {
  readonly clock: Clock;
  readonly log?: Logger | undefined;
  readonly validators: ValidatorManager;
  readonly benchable: Benchable;
}

/** The chain that a benchlist is of. */
export interface BenchlistChain {
  readonly chainID: ID;
  /** Whose stake counts. */
  readonly subnetID: ID;
}

const SUCCESS = 0;
const FAILURE = 1;
/** Deadlines are sums of fractions of milliseconds: less than this beside the clock's time is rounding. */
const HALF_NANOSECOND_MS = 5e-7;
const MAX_UINT64 = 2n ** 64n - 1n;

interface TrackedNode {
  readonly nodeID: NodeID;
  failureProbability: Averager;
  /** When it is taken back, in milliseconds of `Clock.monotonic`; `undefined` while it is not benched. */
  benchedUntil: number | undefined;
}

export class Benchlist implements Disposable {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #validators: ValidatorManager;
  readonly #benchable: Benchable;
  readonly #chain: BenchlistChain;
  readonly #options: Required<BenchlistOptions>;
  readonly #nodes = new Map<NodeID, TrackedNode>();
  /** In the order of benching, which is that of the deadlines too: all are benched for the same time. */
  readonly #benched = new Map<NodeID, TrackedNode>();
  #timer: Timer | undefined;
  #timerAt: number | undefined;
  #disposed = false;

  /** @throws {RoutingError} `invalid-benchlist` for a share that is not from 0 to below 1. */
  constructor(modules: BenchlistModules, chain: BenchlistChain, options: BenchlistOptions = {}) {
    this.#clock = modules.clock;
    this.#log = modules.log ?? noLog;
    this.#validators = modules.validators;
    this.#benchable = modules.benchable;
    this.#chain = chain;
    this.#options = { ...DEFAULT_BENCHLIST_OPTIONS, ...options };
    const { maxPortion } = this.#options;
    if (!(maxPortion >= 0 && maxPortion < 1)) {
      throw new RoutingError(
        { code: "invalid-benchlist", option: "maxPortion" },
        `max portion of benched stake must be in [0,1) but got ${maxPortion}`,
      );
    }
  }

  /** Whether requests to the node should fail at once. */
  isBenched(nodeID: NodeID): boolean {
    return this.#benched.has(nodeID);
  }

  /** Those on the bench, in the order of benching. */
  get benched(): Iterable<NodeID> {
    return this.#benched.keys();
  }

  get numBenched(): number {
    return this.#benched.size;
  }

  /** The stake on the bench. */
  get benchedWeight(): bigint {
    let weight = 0n;
    for (const nodeID of this.#benched.keys()) weight += this.#weight(nodeID);
    return weight;
  }

  /** A node's chance of failure as of the last observation; `undefined` where none is kept. */
  failureProbability(nodeID: NodeID): number | undefined {
    return this.#nodes.get(nodeID)?.failureProbability.read();
  }

  /** The node has answered in time. */
  registerResponse(nodeID: NodeID): void {
    this.#observe(nodeID, SUCCESS);
  }

  /** The node has not answered in time. */
  registerFailure(nodeID: NodeID): void {
    this.#observe(nodeID, FAILURE);
  }

  /** Nobody is benched or taken back any more. */
  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #observe(nodeID: NodeID, value: number): void {
    if (this.#disposed) return;
    const now = this.#clock.monotonic();
    this.#judge(nodeID, value, now);
    this.#takeBackDue(now);
  }

  #judge(nodeID: NodeID, value: number, now: number): void {
    let node = this.#nodes.get(nodeID);
    if (this.#weight(nodeID) === 0n) {
      // Strangers are not kept, lest they fill the memory; one that is benched stays so until its time is over.
      if (node?.benchedUntil === undefined) this.#nodes.delete(nodeID);
      return;
    }
    if (node === undefined) {
      node = { nodeID, failureProbability: this.#newAverager(now), benchedUntil: undefined };
      this.#nodes.set(nodeID, node);
    }
    node.failureProbability.observe(value, now);

    const failureProbability = node.failureProbability.read();
    const { benchDurationMs, benchProbability, unbenchProbability } = this.#options;
    if (node.benchedUntil === undefined) {
      if (failureProbability <= benchProbability || !this.#makeRoom(nodeID, failureProbability)) return;
      node.benchedUntil = now + benchDurationMs;
      this.#benched.set(nodeID, node);
      this.#log.debug("benching node", { nodeID, failureProbability });
      this.#benchable.benched(this.#chain.chainID, nodeID);
    } else if (failureProbability < unbenchProbability) {
      this.#log.debug("unbenching node", { nodeID, failureProbability });
      this.#unbench(node);
    }
  }

  /** Whose time is over begins anew: one more failure must not bench it again at once. */
  #takeBackDue(now: number): void {
    for (const node of this.#benched.values()) {
      if (node.benchedUntil === undefined || node.benchedUntil - now > HALF_NANOSECOND_MS) break;
      const oldFailureProbability = node.failureProbability.read();
      node.failureProbability = this.#newAverager(now);
      this.#log.debug("unbenching node due to timeout", { nodeID: node.nodeID, oldFailureProbability });
      this.#unbench(node);
    }
    this.#setTimer(now);
  }

  #unbench(node: TrackedNode): void {
    node.benchedUntil = undefined;
    this.#benched.delete(node.nodeID);
    this.#benchable.unbenched(this.#chain.chainID, node.nodeID);
  }

  /** Sets the timer to the first deadline, where it does not stand at it. */
  #setTimer(now: number): void {
    if (this.#disposed) return;
    const at = this.#benched.values().next().value?.benchedUntil;
    if (at === this.#timerAt) return;
    this.#timer?.cancel();
    this.#timerAt = at;
    this.#timer = at === undefined ? undefined : this.#clock.setTimeout(() => this.#onTimer(), at - now);
  }

  #onTimer(): void {
    this.#timerAt = undefined;
    this.#takeBackDue(this.#clock.monotonic());
  }

  /** A new node gets the benefit of the doubt: one success that never was. */
  #newAverager(now: number): Averager {
    return new Averager(SUCCESS, this.#options.halflifeMs, now);
  }

  /**
   * Sees that benching a node does not bench too much stake: takes back those that fail less, the least first.
   *
   * @returns Whether there is room.
   */
  #makeRoom(nodeID: NodeID, failureProbability: number): boolean {
    const totalStake = this.#validators.totalWeight(this.#chain.subnetID);
    // Upstream adds stakes as uint64 and benches nobody where they overflow.
    if (totalStake > MAX_UINT64) return false;
    const benchedStake = this.benchedWeight + this.#weight(nodeID);
    const maxBenchedStake = Number(totalStake) * this.#options.maxPortion;
    if (Number(benchedStake) <= maxBenchedStake) return true;

    const needed = benchedStake - BigInt(Math.trunc(maxBenchedStake));
    const candidates = [...this.#benched.values()]
      .map((node) => ({ node, probability: node.failureProbability.read() }))
      .filter(({ probability }) => probability < failureProbability)
      .sort((a, b) => a.probability - b.probability);
    const evicted: TrackedNode[] = [];
    let evictedStake = 0n;
    for (const { node } of candidates) {
      if (evictedStake >= needed) break;
      evictedStake += this.#weight(node.nodeID);
      evicted.push(node);
    }
    if (evictedStake < needed) {
      const reason = "benched stake would exceed max";
      this.#log.debug("not benching node", { reason, nodeID, failureProbability, benchedStake, maxBenchedStake });
      return false;
    }
    for (const node of evicted) this.#unbench(node);
    return true;
  }

  #weight(nodeID: NodeID): bigint {
    return this.#validators.getWeight(this.#chain.subnetID, nodeID);
  }
}
