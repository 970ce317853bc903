/**
 * Whether the network is about to upgrade to what this node does not know (upstream `node/node.go`).
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import { formatDuration } from "../../core/duration.ts";
import type { Logger } from "../../core/log.ts";
import { formatRFC3339 } from "../rfc3339.ts";
import { type UpgradeVote, unknownUpgrade } from "../upgrade_vote.ts";
import type { Checker } from "./check.ts";

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

/** What a node does about an upgrade that comes in so long. */
interface Urgency {
  readonly error?: string;
  readonly level: "info" | "warn" | "error";
  /** How long the log is silent between two lines. */
  readonly silenceMs: number;
}

function urgencyOf(untilMs: number): Urgency {
  if (untilMs > WEEK) return { level: "info", silenceMs: 12 * HOUR };
  if (untilMs > 3 * DAY) return { level: "warn", silenceMs: 12 * HOUR };
  if (untilMs > DAY) return { level: "warn", silenceMs: HOUR, error: "unknown network upgrade detected" };
  if (untilMs > HOUR) {
    return {
      level: "error",
      silenceMs: HOUR,
      error: "unknown network upgrade detected - update as soon as possible",
    };
  }
  return { level: "error", silenceMs: 0, error: "imminent network upgrade detected - update immediately" };
}

/**
 * Makes the check. It fails from three days before the upgrade on, and its reason grows more urgent.
 *
 * A departure: where no validators are known it finds nothing, and upstream, which always knows some, fails.
 *
 * @param vote Which upgrade time the stake tells.
 * @param localTime This node's own, Unix seconds.
 */
export function futureUpgradeCheck(
  modules: { readonly clock: Clock; readonly log: Logger },
  vote: () => UpgradeVote,
  localTime: number,
): Checker {
  const { clock, log } = modules;
  let toldAt: number | undefined;
  return () => {
    const found = vote();
    const { time, times, totalWeight, weight } = found;
    const details = {
      localUpgradeTime: formatRFC3339(localTime * SECOND),
      modeUpgradeTime: formatTime(time),
      modeUpgradeWeightPercentage: totalWeight === 0n ? 0 : 100 * (Number(weight) / Number(totalWeight)),
      numUpgradeTimes: times,
    };
    const upgrade = unknownUpgrade(found, localTime);
    if (upgrade === undefined) return { details };

    const untilMs = upgrade * SECOND - clock.now();
    const { error, level, silenceMs } = urgencyOf(untilMs);
    const timeUntilUpgrade = formatDuration(untilMs);
    const now = clock.monotonic();
    if (toldAt === undefined || now - toldAt >= silenceMs) {
      toldAt = now;
      log[level]("unknown upgrade detected - this node should be updated to a compatible version", {
        upgradeTime: formatTime(time),
        timeUntilUpgrade,
        ...(error === undefined ? {} : { error }),
      });
    }
    return { details: { ...details, timeUntilUpgrade }, error };
  };
}

/** The last second that a date can hold: what a peer tells may be any number. */
const MAX_DATE_SECONDS = 8_640_000_000_000n;

function formatTime(seconds: bigint): string {
  return seconds > MAX_DATE_SECONDS ? `${seconds}` : formatRFC3339(Number(seconds) * SECOND);
}
