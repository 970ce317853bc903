/**
 * When each network upgrade takes effect, on every network.
 *
 * Two nodes that disagree about these cannot stay connected past an upgrade. Source: upstream `upgrade/upgrade.go`.
 *
 * @module
 */

import { EMPTY_ID, type ID, parseID } from "../core/ids/id.ts";
import { FUJI_ID, MAINNET_ID } from "./networks.ts";

/** The upgrades in the order in which they must take effect. */
export const UPGRADE_TIMES = [
  "apricotPhase1Time",
  "apricotPhase2Time",
  "apricotPhase3Time",
  "apricotPhase4Time",
  "apricotPhase5Time",
  "apricotPhasePre6Time",
  "apricotPhase6Time",
  "apricotPhasePost6Time",
  "banffTime",
  "cortinaTime",
  "durangoTime",
  "etnaTime",
  "fortunaTime",
  "graniteTime",
  "heliconTime",
] as const;

/** The name that an upgrade's time has in a configuration. */
export type UpgradeTime = (typeof UPGRADE_TIMES)[number];

/** When upgrades take effect: Unix seconds, fractions allowed. Peers tell each other `graniteTime`. */
export interface UpgradeConfig extends Readonly<Record<UpgradeTime, number>> {
  readonly apricotPhase4MinPChainHeight: bigint;
  readonly cortinaXChainStopVertexID: ID;
  /** Nanoseconds. */
  readonly graniteEpochDuration: bigint;
}

/** When what has been active from the start became so: networks without times of their own. */
export const INITIALLY_ACTIVE_TIME = utc("2020-12-05T05:00:00Z");

/** When what is not scheduled takes effect. */
export const UNSCHEDULED_ACTIVATION_TIME = utc("9999-12-01T00:00:00Z");

const SECOND_NS = 1_000_000_000n;

const MAINNET: UpgradeConfig = {
  apricotPhase1Time: utc("2021-03-31T14:00:00Z"),
  apricotPhase2Time: utc("2021-05-10T11:00:00Z"),
  apricotPhase3Time: utc("2021-08-24T14:00:00Z"),
  apricotPhase4Time: utc("2021-09-22T21:00:00Z"),
  apricotPhase4MinPChainHeight: 793_005n,
  apricotPhase5Time: utc("2021-12-02T18:00:00Z"),
  apricotPhasePre6Time: utc("2022-09-05T01:30:00Z"),
  apricotPhase6Time: utc("2022-09-06T20:00:00Z"),
  apricotPhasePost6Time: utc("2022-09-07T03:00:00Z"),
  banffTime: utc("2022-10-18T16:00:00Z"),
  cortinaTime: utc("2023-04-25T15:00:00Z"),
  cortinaXChainStopVertexID: parseID("jrGWDh5Po9FMj54depyunNixpia5PN4aAYxfmNzU8n752Rjga"),
  durangoTime: utc("2024-03-06T16:00:00Z"),
  etnaTime: utc("2024-12-16T17:00:00Z"),
  fortunaTime: utc("2025-04-08T15:00:00Z"),
  graniteTime: utc("2025-11-19T16:00:00Z"),
  graniteEpochDuration: 300n * SECOND_NS,
  heliconTime: UNSCHEDULED_ACTIVATION_TIME,
};

const FUJI: UpgradeConfig = {
  apricotPhase1Time: utc("2021-03-26T14:00:00Z"),
  apricotPhase2Time: utc("2021-05-05T14:00:00Z"),
  apricotPhase3Time: utc("2021-08-16T19:00:00Z"),
  apricotPhase4Time: utc("2021-09-16T21:00:00Z"),
  apricotPhase4MinPChainHeight: 47_437n,
  apricotPhase5Time: utc("2021-11-24T15:00:00Z"),
  apricotPhasePre6Time: utc("2022-09-06T20:00:00Z"),
  apricotPhase6Time: utc("2022-09-06T20:00:00Z"),
  apricotPhasePost6Time: utc("2022-09-07T06:00:00Z"),
  banffTime: utc("2022-10-03T14:00:00Z"),
  cortinaTime: utc("2023-04-06T15:00:00Z"),
  cortinaXChainStopVertexID: parseID("2D1cmbiG36BqQMRyHt4kFhWarmatA1ighSpND3FeFgz3vFVtCZ"),
  durangoTime: utc("2024-02-13T16:00:00Z"),
  etnaTime: utc("2024-11-25T16:00:00Z"),
  fortunaTime: utc("2025-03-13T15:00:00Z"),
  graniteTime: utc("2025-10-29T15:00:00Z"),
  graniteEpochDuration: 300n * SECOND_NS,
  heliconTime: UNSCHEDULED_ACTIVATION_TIME,
};

const DEFAULT: UpgradeConfig = {
  ...allAt(INITIALLY_ACTIVE_TIME),
  apricotPhase4MinPChainHeight: 0n,
  cortinaXChainStopVertexID: EMPTY_ID,
  graniteEpochDuration: 30n * SECOND_NS,
  heliconTime: UNSCHEDULED_ACTIVATION_TIME,
};

/** The upgrades of a network for which none were configured. */
export function upgradeConfig(networkID: number): UpgradeConfig {
  switch (networkID) {
    case MAINNET_ID:
      return MAINNET;
    case FUJI_ID:
      return FUJI;
    default:
      return DEFAULT;
  }
}

/**
 * Whether an upgrade has taken effect.
 *
 * @param nowMs Unix milliseconds.
 */
export function isUpgradeActive(config: UpgradeConfig, upgrade: UpgradeTime, nowMs: number): boolean {
  return nowMs >= config[upgrade] * 1_000;
}

function allAt(seconds: number): Record<UpgradeTime, number> {
  return Object.fromEntries(UPGRADE_TIMES.map((name) => [name, seconds])) as Record<UpgradeTime, number>;
}

function utc(text: string): number {
  return Date.parse(text) / 1_000;
}
