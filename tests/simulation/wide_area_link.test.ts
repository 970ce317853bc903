import { describe, expect, test } from "bun:test";
import { randomFor } from "./seeds.ts";
import { WideAreaLink, type WideAreaLinkOptions } from "./wide_area_link.ts";

function link(
  options: Partial<WideAreaLinkOptions> = {},
  addresses = 40,
): [WideAreaLink, { ip: string; port: number }[]] {
  const made = new WideAreaLink(randomFor(1, "test"), { latencyMs: 40, loss: 0, ...options });
  const places = Array.from({ length: addresses }, (_, i) => ({ ip: `10.0.0.${i}`, port: 1 }));
  for (const { ip } of places) made.up(ip);
  return [made, places];
}

function sample(made: WideAreaLink, places: { ip: string; port: number }[], bytes = 100): (number | undefined)[] {
  return places.flatMap((from) => places.map((to) => (from === to ? undefined : made.delayMs(from, to, bytes))));
}

describe("a wide area link", () => {
  test("has the mean that was asked for, and no packet is faster than the first step", () => {
    const [made, places] = link({}, 150);
    const delays = sample(made, places).filter((delay) => delay !== undefined);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(1);
    expect(delays.reduce((sum, delay) => sum + delay, 0) / delays.length).toBeWithin(36, 44);
  });

  test("loses the share that was asked for, of what is sent in many packets more", () => {
    const [made, places] = link({ loss: 0.1 }, 60);
    const share = (bytes: number): number => {
      const delays = sample(made, places, bytes);
      return (delays.filter((delay) => delay === undefined).length - places.length) / (delays.length - places.length);
    };
    expect(share(1_448)).toBeWithin(0.08, 0.12);
    expect(share(2 * 1_448)).toBeWithin(0.16, 0.22);
    expect(made.lost).toBeGreaterThan(0);
  });

  test("carries nothing across a parted net, and everything once it is healed", () => {
    const [made, [a, b, c]] = link({}, 3) as unknown as [WideAreaLink, { ip: string; port: number }[]];
    if (a === undefined || b === undefined || c === undefined) throw new Error("there are no places");
    made.part(new Map([[b.ip, 1]]));
    expect(made.delayMs(a, b, 1)).toBeUndefined();
    expect(made.delayMs(b, a, 1)).toBeUndefined();
    expect(made.delayMs(a, c, 1)).toBeNumber();
    made.heal();
    expect(made.delayMs(a, b, 1)).toBeNumber();
  });

  test("carries nothing to or from a machine that is down, or that was never there", () => {
    const [made, [a, b]] = link({}, 2) as unknown as [WideAreaLink, { ip: string; port: number }[]];
    if (a === undefined || b === undefined) throw new Error("there are no places");
    made.down(b.ip);
    expect(made.delayMs(a, b, 1)).toBeUndefined();
    expect(made.delayMs(b, a, 1)).toBeUndefined();
    made.up(b.ip);
    expect(made.delayMs(a, b, 1)).toBeNumber();
    expect(made.delayMs(a, { ip: "10.9.9.9", port: 1 }, 1)).toBeUndefined();
  });
});
