/**
 * Which versions of peers this node talks to (upstream `version/compatibility.go`).
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { type Application, compareApplications } from "./application.ts";

/** Versions in rising order: `minCompatible`, `minCompatibleAfterUpgrade`, `current`. */
export interface CompatibilityVersions {
  /** What this node is itself. */
  readonly current: Application;
  /** The oldest peer before the upgrade. */
  readonly minCompatible: Application;
  /** The oldest peer from the upgrade on. */
  readonly minCompatibleAfterUpgrade: Application;
  /** Unix seconds. */
  readonly upgradeTime: number;
}

/** Why a peer is not compatible. */
export type Incompatibility =
  /** Its major version is above ours: it knows rules that we do not. */
  | "newer-major"
  /** It is older than the oldest that may be. */
  | "below-minimum";

export class Compatibility implements CompatibilityVersions {
  readonly current: Application;
  readonly minCompatible: Application;
  readonly minCompatibleAfterUpgrade: Application;
  readonly upgradeTime: number;
  readonly #clock: Clock;

  constructor(versions: CompatibilityVersions, clock: Clock) {
    this.current = versions.current;
    this.minCompatible = versions.minCompatible;
    this.minCompatibleAfterUpgrade = versions.minCompatibleAfterUpgrade;
    this.upgradeTime = versions.upgradeTime;
    this.#clock = clock;
  }

  /** The oldest peer that is compatible now: another from the moment of the upgrade on. */
  get minimum(): Application {
    const isBeforeUpgrade = this.#clock.now() < this.upgradeTime * 1000;
    return isBeforeUpgrade ? this.minCompatible : this.minCompatibleAfterUpgrade;
  }

  /** Whether this node talks to such a peer now. It may not a minute later. */
  compatible(peer: Application): boolean {
    return this.incompatibility(peer) === undefined;
  }

  /** Why this node does not talk to such a peer, or `undefined` where it does. */
  incompatibility(peer: Application): Incompatibility | undefined {
    if (peer.major > this.current.major) return "newer-major";
    return compareApplications(peer, this.minimum) < 0 ? "below-minimum" : undefined;
  }
}
