import { expect, test } from "bun:test";
import { ManualClock } from "../../../lib/core/clock.ts";
import { compareApplications, formatApplication } from "../../../lib/core/version/application.ts";
import { Compatibility } from "../../../lib/core/version/compatibility.ts";
import {
  AVX_APPLICATION,
  CURRENT_VERSION,
  MINIMUM_COMPATIBLE_VERSION,
  PREV_MINIMUM_COMPATIBLE_VERSION,
} from "../../../lib/core/version/constants.ts";

test("a peer that may stay before the upgrade may have to go after it", () => {
  const clock = new ManualClock(999_999);
  const compatibility = new Compatibility(
    {
      current: CURRENT_VERSION,
      minCompatible: PREV_MINIMUM_COMPATIBLE_VERSION,
      minCompatibleAfterUpgrade: MINIMUM_COMPATIBLE_VERSION,
      upgradeTime: 1_000,
    },
    clock,
  );
  expect(compatibility.compatible(PREV_MINIMUM_COMPATIBLE_VERSION)).toBe(true);
  clock.advance(1);
  expect(compatibility.compatible(PREV_MINIMUM_COMPATIBLE_VERSION)).toBe(false);
  expect(compatibility.incompatibility(PREV_MINIMUM_COMPATIBLE_VERSION)).toBe("below-minimum");
  expect(compatibility.incompatibility({ ...CURRENT_VERSION, major: 2 })).toBe("newer-major");
});

test("avx is on the wire under its own name, with the version that it is compatible with", () => {
  expect(formatApplication(AVX_APPLICATION)).toBe("avx/1.14.2");
  expect(compareApplications(AVX_APPLICATION, CURRENT_VERSION)).toBe(0);
});
