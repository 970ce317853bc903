import { describe, expect, test } from "bun:test";
import { PlatformError } from "../../lib/platform/errors.ts";
import {
  isProductionNetwork,
  isStandardNetwork,
  networkHRP,
  networkID,
  networkName,
} from "../../lib/platform/networks.ts";

describe("networks", () => {
  test.each([
    [1, "mainnet", "avax"],
    [2, "cascade", "cascade"],
    [3, "denali", "denali"],
    [4, "everest", "everest"],
    [5, "fuji", "fuji"],
    [10, "testing", "testing"],
    [12345, "local", "local"],
    [88888, "network-88888", "custom"],
    [0, "network-0", "custom"],
    [4294967295, "network-4294967295", "custom"],
  ])("%d is called %s and its addresses start with %s", (id, name, hrp) => {
    expect(networkName(id)).toBe(name);
    expect(networkHRP(id)).toBe(hrp);
    expect(networkID(name)).toBe(id);
  });

  test("a network is found in any case of letters, by its other name and by its number", () => {
    expect(networkID("MainNet")).toBe(1);
    expect(networkID("testnet")).toBe(5);
    expect(networkID("88888")).toBe(88888);
    expect(networkID("Network-7")).toBe(7);
  });

  test.each(["", "network-", "nowhere", "-1", "+1", "1.0", "1_000", "0x10", "4294967296", "network-network-1", " 1"])(
    "%j is no network",
    (name) => {
      expect(() => networkID(name)).toThrow(PlatformError);
      expect(() => networkID(name)).toThrow(`failed to parse network name: ${JSON.stringify(name)}`);
    },
  );

  test("mainnet and fuji are in production; local is standard too", () => {
    expect([1, 5, 12345, 88888].map(isProductionNetwork)).toEqual([true, true, false, false]);
    expect([1, 5, 12345, 88888].map(isStandardNetwork)).toEqual([true, true, true, false]);
  });
});
