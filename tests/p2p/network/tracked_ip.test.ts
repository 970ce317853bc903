import { describe, expect, test } from "bun:test";
import { seededRandom } from "../../../lib/core/random.ts";
import { TrackedIP } from "../../../lib/p2p/network/tracked_ip.ts";

const ADDRESS = { ip: "127.0.0.1", port: 9651 };
const LIMITS = { initialReconnectDelayMs: 1_000, maxReconnectDelayMs: 60_000 };

describe("an address that is dialled", () => {
  test("waits longer each time, at least as long as before and at most twice that, up to the maximum", () => {
    const random = seededRandom(1);
    const tracked = new TrackedIP(ADDRESS);
    expect(tracked.delayMs).toBe(0);
    let last = LIMITS.initialReconnectDelayMs;
    for (let attempt = 0; attempt < 100; attempt++) {
      tracked.increaseDelay(LIMITS, random);
      const grown = tracked.delayMs >= last && tracked.delayMs <= 2 * last;
      const capped = tracked.delayMs >= 0.75 * LIMITS.maxReconnectDelayMs;
      expect(grown || capped).toBe(true);
      expect(tracked.delayMs).toBeLessThanOrEqual(LIMITS.maxReconnectDelayMs);
      last = tracked.delayMs;
    }
    expect(last).toBeGreaterThanOrEqual(45_000);
  });

  test("hands its pause on to the address that replaces it, and is dialled no more", () => {
    const tracked = new TrackedIP(ADDRESS);
    tracked.increaseDelay(LIMITS, seededRandom(2));
    const moved = tracked.replaceWith({ ip: "127.0.0.2", port: 1 });
    expect(tracked.signal.aborted).toBe(true);
    expect(moved.signal.aborted).toBe(false);
    expect(moved.delayMs).toBe(tracked.delayMs);
  });
});
