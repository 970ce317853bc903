/**
 * Charges what this process uses to the nodes that cause it (upstream `snow/networking/tracker/resource_tracker.go`).
 *
 * While work for a node is under way its meter runs. A node's part of all meters together is its part of the processor
 * time and of the disk reads that the process really uses.
 *
 * @module
 */

import type { Clock } from "../../../core/clock.ts";
import type { NodeID } from "../../../core/ids/node_id.ts";
import type { MetricsNamespace } from "../../../core/metrics.ts";
import type { ResourceTracker } from "../contract.ts";
import { Meter } from "./meter.ts";
import type { ResourceUser } from "./resource_user.ts";

/** Milliseconds (upstream `config/flags.go`, `system-tracker-processing-halflife`). */
export const DEFAULT_SYSTEM_TRACKER_PROCESSING_HALFLIFE_MS = 15_000;

/** A meter below this that does not run is as good as none (upstream's `epsilon`). */
const EPSILON = 1e-9;

/** So many meters are kept without a look at which of them have run out. */
const MIN_METERS_BEFORE_PRUNING = 128;

/** Reads what nodes use of one resource. Times are milliseconds of `Clock.monotonic`. */
export interface Tracker {
  /** What a node uses at a time. */
  usage(nodeID: NodeID, nowMs: number): number;
  /** What all nodes use together. */
  totalUsage(): number;
  /**
   * How long until a node's use has fallen to `value`, if it uses nothing more.
   *
   * @returns Milliseconds; 0 for a node that is not known or is there already.
   */
  timeUntilUsage(nodeID: NodeID, nowMs: number, value: number): number;
}

export interface NodeResourceTrackerOptions {
  /** @default {15000} Milliseconds. */
  readonly processingHalflifeMs?: number;
  /**
   * Whether other nodes run in this process: what it uses is theirs, too. Peers are charged for the time that is worked
   * for them then, and for no disk reads.
   *
   * @default {false}
   */
  readonly sharesProcess?: boolean;
}

export interface NodeResourceTrackerModules {
  readonly clock: Clock;
  readonly resources: ResourceUser;
  /** `avalanche_resource_tracker`. */
  readonly metrics?: MetricsNamespace | undefined;
}

/** The one tracker of a node: peers and handlers tell it of their work, throttlers read it. */
export class NodeResourceTracker implements ResourceTracker {
  /** Processor cores. */
  readonly cpuTracker: Tracker;
  /** Bytes read from the disk per second. */
  readonly diskTracker: Tracker;
  readonly #halflifeMs: number;
  readonly #total: Meter;
  readonly #meters = new Map<NodeID, Meter>();
  #pruneAt = MIN_METERS_BEFORE_PRUNING;

  constructor(modules: NodeResourceTrackerModules, options: NodeResourceTrackerOptions = {}) {
    this.#halflifeMs = options.processingHalflifeMs ?? DEFAULT_SYSTEM_TRACKER_PROCESSING_HALFLIFE_MS;
    this.#total = new Meter(this.#halflifeMs);
    const { clock, resources } = modules;
    const { sharesProcess = false } = options;
    this.cpuTracker = this.#shareOf(
      sharesProcess ? () => this.#total.read(clock.monotonic()) : () => resources.cpuUsage(),
    );
    this.diskTracker = this.#shareOf(sharesProcess ? () => 0 : () => resources.diskReadUsage());
    if (modules.metrics !== undefined) this.#declare(modules.metrics, modules);
  }

  /** How many nodes have a meter. */
  get trackedNodes(): number {
    return this.#meters.size;
  }

  startProcessing(nodeID: NodeID, atMs: number): void {
    this.#meter(nodeID, atMs).increment(atMs);
    this.#total.increment(atMs);
  }

  stopProcessing(nodeID: NodeID, atMs: number): void {
    this.#meter(nodeID, atMs).decrement(atMs);
    this.#total.decrement(atMs);
  }

  #shareOf(realUsage: () => number): Tracker {
    return {
      totalUsage: realUsage,
      usage: (nodeID, nowMs) => {
        const real = realUsage();
        if (real === 0) return 0;
        const meter = this.#meters.get(nodeID);
        if (meter === undefined) return 0;
        const measured = this.#total.read(nowMs);
        return measured === 0 ? 0 : (real * meter.read(nowMs)) / measured;
      },
      timeUntilUsage: (nodeID, nowMs, value) => {
        const real = realUsage();
        const meter = this.#meters.get(nodeID);
        const measured = this.#total.read(nowMs);
        if (meter === undefined || measured === 0 || real === 0) return 0;
        return meter.timeUntil(nowMs, (value * measured) / real);
      },
    };
  }

  #meter(nodeID: NodeID, nowMs: number): Meter {
    let meter = this.#meters.get(nodeID);
    if (meter === undefined) {
      if (this.#meters.size >= this.#pruneAt) this.#prune(nowMs);
      meter = new Meter(this.#halflifeMs);
      this.#meters.set(nodeID, meter);
    }
    return meter;
  }

  /**
   * Forgets the meters that have run out.
   *
   * Upstream looks at the oldest only, and only when a node is held back, so that one busy old node keeps all others;
   * strangers could grow that. Here all are looked at whenever their number has doubled.
   */
  #prune(nowMs: number): void {
    for (const [nodeID, meter] of this.#meters) {
      if (meter.running === 0 && meter.read(nowMs) <= EPSILON) this.#meters.delete(nodeID);
    }
    this.#pruneAt = Math.max(MIN_METERS_BEFORE_PRUNING, 2 * this.#meters.size);
  }

  #declare(metrics: MetricsNamespace, { clock, resources }: NodeResourceTrackerModules): void {
    const gauge = (name: string, help: string, read: () => number): void => metrics.gaugedBy({ name, help }, read);
    gauge("processing_time", "Work for all nodes: how much of it is under way at a time", () => {
      return this.#total.read(clock.monotonic());
    });
    gauge("cpu_usage", "Processor cores in use", () => resources.cpuUsage());
    gauge("disk_reads", "Bytes read from the disk per second", () => resources.diskReadUsage());
    gauge("disk_writes", "Bytes written to the disk per second", () => resources.diskWriteUsage());
    gauge("disk_available_space", "Bytes left on the volume of the database", () => resources.availableDiskBytes());
    gauge("disk_available_percentage", "Percent left of the volume of the database", () => {
      return resources.availableDiskPercentage();
    });
  }
}
