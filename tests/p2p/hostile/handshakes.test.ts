import { describe, expect, test } from "bun:test";
import type { GrewBy } from "../../support/flood/siege.ts";
import { SIEGE_TIMEOUT_MS as TIMEOUT_MS, withstands } from "../../support/flood/withstands.ts";

const endsPeers =
  (times: number) =>
  (grewBy: GrewBy): boolean =>
    grewBy("peers_closed", "malformed-message") >= times;

describe("handshakes", () => {
  test(
    "by the thousand with signatures that are not right end each peer",
    async () => {
      const { counts, grewBy } = await withstands("invalid signatures", { until: endsPeers(1_000) });
      expect(counts).toEqual({ closed: 1_000, refused: 0, kept: 0 });
      expect(grewBy("peers_closed", "malformed-message")).toBe(1_000);
      expect(grewBy("times_connected")).toBe(0);
    },
    TIMEOUT_MS,
  );

  test(
    "of validators with proofs by another key end each peer",
    async () => {
      const { counts, grewBy } = await withstands("proofs by validators that do not fit", {
        identities: 20,
        validatorsHaveKeys: true,
        until: (grewBy) => grewBy("peers_closed", "invalid-bls-signature") > 20,
      });
      expect(grewBy("peers_closed", "invalid-bls-signature")).toBe(counts["closed"] as number);
    },
    TIMEOUT_MS,
  );

  test(
    "of many identities are done, and forgotten with their connections",
    async () => {
      const { counts, grewBy } = await withstands("many identities", {
        until: (grewBy) => grewBy("times_connected") > 100,
      });
      expect(counts["peers"]).toBeGreaterThan(50);
      expect(grewBy("peers")).toBe(0);
    },
    TIMEOUT_MS,
  );
});

test(
  "pings of 101 percent end each peer",
  async () => {
    const { counts, grewBy } = await withstands("pings of 101 percent", { until: endsPeers(20) });
    expect(grewBy("peers_closed", "malformed-message")).toBe(counts["closed"] as number);
  },
  TIMEOUT_MS,
);
