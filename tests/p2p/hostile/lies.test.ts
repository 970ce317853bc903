import { describe, expect, test } from "bun:test";
import type { GrewBy } from "../../support/flood/siege.ts";
import { SIEGE_TIMEOUT_MS as TIMEOUT_MS, withstands } from "../../support/flood/withstands.ts";

const endsPeers =
  (times: number) =>
  (grewBy: GrewBy): boolean =>
    grewBy("peers_closed", "malformed-message") >= times;

describe("peer lists", () => {
  test(
    "of a million empty entries are passed over before the handshake, and end the peer after it",
    async () => {
      const { counts, grewBy } = await withstands("well-compressed peer lists", {
        until: (grewBy) => endsPeers(2)(grewBy) && grewBy("msgs_bytes_saved", 'io="received",op="peerlist"') > 1e7,
      });
      expect(grewBy("peers_closed", "malformed-message")).toBe(counts["closed"] as number);
    },
    TIMEOUT_MS,
  );

  test.each(["strangers in peer lists", "one stranger thousands of times"])(
    "of whom nobody asked for are useless, and counted as such: %s",
    async (name) => {
      await withstands(name, { identities: 20, until: (grewBy) => grewBy("num_useless_peerlist_bytes") > 1e7 });
    },
    TIMEOUT_MS,
  );

  test(
    "of validators whose addresses they did not sign, with port 0, or of no certificate, end the peer",
    async () => {
      const { counts, grewBy } = await withstands("lies about validators", { identities: 20, until: endsPeers(20) });
      expect(grewBy("peers_closed", "malformed-message")).toBe(counts["closed"] as number);
      expect(grewBy("connections_failed", 'direction="outbound"')).toBe(0);
    },
    TIMEOUT_MS,
  );
});
