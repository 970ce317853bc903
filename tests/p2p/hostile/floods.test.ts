import { describe, expect, test } from "bun:test";
import type { GrewBy } from "../../support/flood/siege.ts";
import { SIEGE_TIMEOUT_MS as TIMEOUT_MS, withstands } from "../../support/flood/withstands.ts";

const received = (op: string): string => `io="received",op="${op}"`;

describe("a flood of messages", () => {
  test(
    "that are small, good and bad ones, is read in turns and counted",
    async () => {
      await withstands("small messages", {
        until: (grewBy) =>
          grewBy("msgs", received("ping")) > 1_000 &&
          grewBy("msgs", received("app_gossip")) > 1_000 &&
          grewBy("msgs_failed_to_parse") > 1_000,
      });
    },
    TIMEOUT_MS,
  );

  test(
    "that are large is held to the bandwidth of each peer",
    async () => {
      const { counts, during, grewBy, tookMs } = await withstands("large messages", {
        until: (grewBy) => grewBy("msgs", received("app_gossip")) >= 8,
      });
      expect(during.metrics["avalanche_network_bandwidth_throttler_inbound_awaiting_acquire"]).toBeGreaterThan(0);
      // Of 1 MiB each: two at once, and one every two seconds.
      const most = (counts["peers"] as number) * (2 + Math.ceil(tookMs / 2_000));
      expect(grewBy("msgs", received("app_gossip"))).toBeLessThanOrEqual(most);
    },
    TIMEOUT_MS,
  );

  test(
    "that come to 2 MiB each from a hundred bytes is handled and let go",
    async () => {
      await withstands("well-compressed gossip", {
        until: (grewBy) => grewBy("msgs_bytes_saved", received("app_gossip")) > 1e8,
      });
    },
    TIMEOUT_MS,
  );

  test(
    "that come to 2 MiB each, and wait for a slow handler, is held to what decompressed messages may hold",
    async () => {
      const { during } = await withstands("well-compressed gossip", {
        handlingMs: 200,
        until: (grewBy) => grewBy("decompressed_throttler_total_waits") > 10,
      });
      // The limit, and one message of each of the eight.
      expect(during.throttled.decompressed.heldBytes).toBeLessThan((32 + 8 * 2) * 1024 * 1024);
    },
    TIMEOUT_MS,
  );

  test(
    "of pings, whose answers are not read, is held to the outbound bytes",
    async () => {
      await withstands("pings without reading", { until: (grewBy) => grewBy("msgs", received("ping")) > 100_000 });
    },
    TIMEOUT_MS,
  );
});

describe("a flood of requests for peers", () => {
  test(
    "is answered and counted",
    async () => {
      await withstands("requests for peers", {
        identities: 20,
        until: (grewBy) =>
          grewBy("msgs", received("get_peerlist")) > 500 && grewBy("msgs", 'io="sent",op="peerlist"') > 100,
      });
    },
    TIMEOUT_MS,
  );

  test(
    "whose answers are not read drops what does not fit into the outbound bytes",
    async () => {
      await withstands("requests for peers without reading", { identities: 20, until: isDropped("peerlist") });
    },
    TIMEOUT_MS,
  );
});

test(
  "peers that do not read while there is much for them have it dropped, and are cut off by the write time-out",
  async () => {
    const { counts, grewBy } = await withstands("deaf ears", {
      gossipEveryMs: 5,
      pongTimeoutMs: 1_000,
      until: (grewBy) => isDropped("app_gossip")(grewBy) && grewBy("peers_closed", "write-timeout") === 8,
    });
    expect(grewBy("peers_closed")).toBe(counts["peers"] as number);
  },
  TIMEOUT_MS,
);

/** Messages of an operation did not go out because the outbound throttler had no room. */
function isDropped(op: string): (grewBy: GrewBy) => boolean {
  return (grewBy) =>
    grewBy("msgs_failed_to_send", `op="${op}"`) > 0 && grewBy("throttler_outbound_acquire_failures") > 0;
}
