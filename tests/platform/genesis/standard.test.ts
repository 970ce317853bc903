import { describe, expect, test } from "bun:test";
import { seededRandom } from "../../../lib/core/random.ts";
import { bootstrappers, sampleBootstrappers } from "../../../lib/platform/bootstrappers.ts";
import { genesisInfo } from "../../../lib/platform/genesis/info.ts";
import { recentValidators } from "../../../lib/platform/genesis/recent_validators.ts";
import { standardGenesis } from "../../../lib/platform/genesis/standard.ts";
import { standardFacts } from "../../../lib/platform/genesis/standard_facts.ts";
import { validateGenesis } from "../../../lib/platform/genesis/validate.ts";
import { FUJI_ID, LOCAL_ID, MAINNET_ID } from "../../../lib/platform/networks.ts";

/** The start that upstream's `genesis_local.json` names, and what is added to it. */
const LOCAL_START = 1_721_016_000;
const NINE_MONTHS = 9 * 30 * 86_400;

const at = (seconds: number) => ({ now: () => seconds * 1_000 });

describe("standard networks", () => {
  test.each([MAINNET_ID, FUJI_ID])(
    "what is known of network %d is what follows from its genesis",
    async (networkID) => {
      const info = genesisInfo(await standardGenesis(networkID));
      expect(info).toMatchObject(standardFacts(networkID)!);
    },
  );

  test("of other networks nothing is known beforehand", () => {
    expect(standardFacts(LOCAL_ID)).toBeUndefined();
    expect(standardFacts(88_888)).toBeUndefined();
  });

  test("the local genesis begins anew every nine months", async () => {
    const starts = [0, 1, NINE_MONTHS - 1, NINE_MONTHS, 3 * NINE_MONTHS + 5].map(async (elapsed) => {
      const { startTime } = await standardGenesis(LOCAL_ID, at(LOCAL_START + elapsed));
      return (Number(startTime) - LOCAL_START) / NINE_MONTHS;
    });
    expect(await Promise.all(starts)).toEqual([0, 0, 0, 1, 3]);
    expect((await standardGenesis(LOCAL_ID, at(0))).startTime).toBe(BigInt(LOCAL_START));
  });

  test("a network that brings no genesis has the local one under its own number, and it is sound", async () => {
    const config = await standardGenesis(88_888);
    expect(config.networkID).toBe(88_888);
    expect(() => validateGenesis(88_888, config)).not.toThrow();
    expect(genesisInfo(config).validators.length).toBe(config.initialStakers.length);
  });
});

describe("nodes of public networks", () => {
  test("mainnet and fuji have bootstrappers and recent validators; others have none", async () => {
    for (const networkID of [MAINNET_ID, FUJI_ID]) {
      const listed = bootstrappers(networkID);
      expect(listed.length).toBeGreaterThan(0);
      expect(listed.every(({ id, ip }) => id.startsWith("NodeID-") && ip.port > 0)).toBe(true);
      const validators = await recentValidators(networkID);
      expect(new Set(validators).size).toBe(validators.length);
      expect(validators.length).toBeGreaterThan(100);
    }
    for (const networkID of [LOCAL_ID, 88_888]) {
      expect(bootstrappers(networkID)).toEqual([]);
      expect(await recentValidators(networkID)).toEqual([]);
    }
  });

  test("mainnet's bootstrappers are among its recent validators or its genesis stakers", async () => {
    const known = new Set<string>([
      ...(await recentValidators(MAINNET_ID)),
      ...(await standardGenesis(MAINNET_ID)).initialStakers.map(({ nodeID }) => nodeID),
    ]);
    expect(bootstrappers(MAINNET_ID).filter(({ id }) => !known.has(id))).toEqual([]);
  });

  test("a sample has no node twice, and no more than there are", () => {
    const all = bootstrappers(MAINNET_ID);
    const sample = sampleBootstrappers(MAINNET_ID, 5, seededRandom(1));
    expect(new Set(sample.map(({ id }) => id)).size).toBe(5);
    expect(sampleBootstrappers(MAINNET_ID, 1_000, seededRandom(2)).length).toBe(all.length);
    expect(sampleBootstrappers(88_888, 5, seededRandom(3))).toEqual([]);
  });
});
