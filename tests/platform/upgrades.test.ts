import { describe, expect, test } from "bun:test";
import { PlatformError } from "../../lib/platform/errors.ts";
import {
  parseUpgrades,
  upgradesFromFile,
  upgradesFromFlag,
  upgradesToJSON,
  validateUpgrades,
} from "../../lib/platform/upgrade_text.ts";
import {
  INITIALLY_ACTIVE_TIME,
  isUpgradeActive,
  UNSCHEDULED_ACTIVATION_TIME,
  upgradeConfig,
} from "../../lib/platform/upgrades.ts";

/** What a node of a test network answers to `info.upgrades` (recorded from avalanchego 1.14.2). */
const RECORDED =
  '{"apricotPhase1Time":"2020-12-05T05:00:00Z","apricotPhase2Time":"2020-12-05T05:00:00Z","apricotPhase3Time":"2020-12-05T05:00:00Z","apricotPhase4Time":"2020-12-05T05:00:00Z","apricotPhase4MinPChainHeight":0,"apricotPhase5Time":"2020-12-05T05:00:00Z","apricotPhasePre6Time":"2020-12-05T05:00:00Z","apricotPhase6Time":"2020-12-05T05:00:00Z","apricotPhasePost6Time":"2020-12-05T05:00:00Z","banffTime":"2020-12-05T05:00:00Z","cortinaTime":"2020-12-05T05:00:00Z","cortinaXChainStopVertexID":"11111111111111111111111111111111LpoYY","durangoTime":"2020-12-05T05:00:00Z","etnaTime":"2020-12-05T05:00:00Z","fortunaTime":"2020-12-05T05:00:00Z","graniteTime":"2020-12-05T05:00:00Z","graniteEpochDuration":30000000000,"heliconTime":"9999-12-01T00:00:00Z"}';

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof PlatformError) return error.message;
    throw error;
  }
  return "";
}

describe("upgrade times", () => {
  test("are shown as avalanchego shows them, and read from that", () => {
    expect(JSON.stringify(upgradesToJSON(upgradeConfig(88_888)))).toBe(RECORDED);
    for (const networkID of [1, 5, 12_345]) {
      const text = JSON.stringify(upgradesToJSON(upgradeConfig(networkID)));
      expect(parseUpgrades(text)).toEqual(upgradeConfig(networkID));
    }
    expect(upgradesFromFlag(88_888, Buffer.from(RECORDED).toString("base64"))).toEqual(upgradeConfig(88_888));
    expect(upgradesFromFile(88_888, Buffer.from(RECORDED))).toEqual(upgradeConfig(88_888));
  });

  test("of the public networks are in order", () => {
    for (const networkID of [1, 5, 88_888]) validateUpgrades(upgradeConfig(networkID));
    expect(messageOf(() => validateUpgrades({ ...upgradeConfig(1), etnaTime: 0 }))).toBe(
      "invalid upgrade configuration: upgrade 10 (2024-03-06T16:00:00Z) is after upgrade 11 (1970-01-01T00:00:00Z)",
    );
  });

  test("count from their second on", () => {
    const config = upgradeConfig(88_888);
    expect(isUpgradeActive(config, "graniteTime", INITIALLY_ACTIVE_TIME * 1_000)).toBe(true);
    expect(isUpgradeActive(config, "graniteTime", INITIALLY_ACTIVE_TIME * 1_000 - 1)).toBe(false);
    expect(isUpgradeActive(config, "heliconTime", UNSCHEDULED_ACTIVATION_TIME * 1_000 - 1)).toBe(false);
  });

  test("that are missing lie in the year 1; zones and fractions are understood", () => {
    const config = parseUpgrades('{"etnaTime":"2020-12-05T06:00:00.5+01:00","heliconTime":null}');
    expect(config.etnaTime).toBe(INITIALLY_ACTIVE_TIME + 0.5);
    expect(upgradesToJSON(config)).toMatchObject({
      apricotPhase1Time: "0001-01-01T00:00:00Z",
      etnaTime: "2020-12-05T05:00:00.5Z",
      heliconTime: "0001-01-01T00:00:00Z",
      graniteEpochDuration: 0,
    });
  });

  const READ = "unable to unmarshal upgrade bytes: ";
  test.each([
    ["{", `${READ}unexpected end of JSON input`],
    ["[]", `${READ}json: cannot unmarshal array into Go value of type upgrade.Config`],
    ['{"etnaTime":5}', `${READ}Time.UnmarshalJSON: input is not a JSON string`],
    ['{"etnaTime":"today"}', `${READ}parsing time "today": not in the form of RFC 3339`],
    ['{"etnaTime":"2020-12-05T05:00:00"}', `${READ}parsing time "2020-12-05T05:00:00": not in the form of RFC 3339`],
    ['{"etnaTime":"2020-13-05T05:00:00Z"}', `${READ}parsing time "2020-13-05T05:00:00Z": month out of range`],
    ['{"etnaTime":"2023-02-29T05:00:00Z"}', `${READ}parsing time "2023-02-29T05:00:00Z": day out of range`],
    ['{"etnaTime":"2020-12-05T24:00:00Z"}', `${READ}parsing time "2020-12-05T24:00:00Z": hour out of range`],
    [
      '{"cortinaXChainStopVertexID":"x"}',
      `${READ}couldn't decode ID to bytes: input string is smaller than the checksum size`,
    ],
    [
      '{"graniteEpochDuration":"30s"}',
      `${READ}json: cannot unmarshal string into Go struct field Config.graniteEpochDuration of type time.Duration`,
    ],
    [
      '{"apricotPhase4MinPChainHeight":-1}',
      `${READ}json: cannot unmarshal number -1 into Go struct field Config.apricotPhase4MinPChainHeight of type uint64`,
    ],
  ])("%s is refused: %s", (text, message) => {
    expect(messageOf(() => parseUpgrades(text))).toBe(message);
  });

  test("cannot be set for standard networks, nor from what is no base64", () => {
    expect(messageOf(() => upgradesFromFlag(5, "?"))).toBe("cannot configure upgrades for networkID: fuji");
    expect(messageOf(() => upgradesFromFile(12_345, "?"))).toBe("cannot configure upgrades for networkID: local");
    expect(messageOf(() => upgradesFromFlag(88_888, "?"))).toBe(
      "unable to decode upgrade base64 content: illegal base64 data at input byte 0",
    );
  });
});
