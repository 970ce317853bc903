/**
 * Which peers this version speaks with.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { Compatibility } from "./compatibility.ts";
import { CURRENT_VERSION, MINIMUM_COMPATIBLE_VERSION, PREV_MINIMUM_COMPATIBLE_VERSION } from "./constants.ts";

/** @param upgradeTime Unix seconds of the upgrade before which older versions are still spoken with. */
export function currentCompatibility(upgradeTime: number, clock: Clock): Compatibility {
  return new Compatibility(
    {
      current: CURRENT_VERSION,
      minCompatible: PREV_MINIMUM_COMPATIBLE_VERSION,
      minCompatibleAfterUpgrade: MINIMUM_COMPATIBLE_VERSION,
      upgradeTime,
    },
    clock,
  );
}
