/**
 * How much of a resource a node may use: a part for everybody while the whole is not used up, and a part by stake for
 * validators (upstream `snow/networking/tracker/targeter.go`).
 *
 * Amounts are in the tracker's unit: processor cores, or bytes read from the disk per second.
 *
 * @module
 */

import type { NodeID } from "../../../core/ids/node_id.ts";
import type { ValidatorManager } from "../../../core/validators/manager.ts";
import { stakeWeighted } from "../validator_share.ts";
import type { Tracker } from "./resource_tracker.ts";

export interface TargeterOptions {
  /** Shared by the validators, by stake; at least 0. */
  readonly vdrAlloc: number;
  /** Once this much is used by all together, only the parts by stake are left; at least 0. */
  readonly maxNonVdrUsage: number;
  /** The most that a node may use beside its part by stake; at least 0. */
  readonly maxNonVdrNodeUsage: number;
}

/**
 * Processor cores that handle messages. Upstream reckons with all of the machine's, and uses them all; here one thread
 * handles what peers send, and with limits drawn from more cores than that strangers could fill it.
 */
const MESSAGE_CORES = 1;

/**
 * Processor cores, shared out as upstream does (`config/flags.go`): all of them for validators, four fifths before
 * others are held back, an eighth for one node.
 */
export const DEFAULT_CPU_TARGETER_OPTIONS: TargeterOptions = {
  vdrAlloc: MESSAGE_CORES,
  maxNonVdrUsage: 0.8 * MESSAGE_CORES,
  maxNonVdrNodeUsage: MESSAGE_CORES / 8,
};

/** Bytes per second: 1000 GiB, which no disk reaches (upstream `config/flags.go`). */
const DISK_UNLIMITED = 1_000 * 1024 ** 3;

/** Bytes read from the disk per second. The defaults hold nobody back, as upstream's. */
export const DEFAULT_DISK_TARGETER_OPTIONS: TargeterOptions = {
  vdrAlloc: DISK_UNLIMITED,
  maxNonVdrUsage: DISK_UNLIMITED,
  maxNonVdrNodeUsage: DISK_UNLIMITED,
};

export interface TargeterModules {
  readonly validators: ValidatorManager;
  /** What all nodes together use. */
  readonly tracker: Pick<Tracker, "totalUsage">;
}

export class Targeter {
  readonly #modules: TargeterModules;
  readonly #options: TargeterOptions;

  constructor(modules: TargeterModules, options: TargeterOptions) {
    this.#modules = modules;
    this.#options = options;
  }

  /** What a node may use at this moment; never below 0. */
  targetUsage(nodeID: NodeID): number {
    const { vdrAlloc, maxNonVdrUsage, maxNonVdrNodeUsage } = this.#options;
    const { validators, tracker } = this.#modules;
    const base = Math.min(Math.max(0, maxNonVdrUsage - tracker.totalUsage()), maxNonVdrNodeUsage);
    return stakeWeighted(validators, nodeID, vdrAlloc) + base;
  }
}
