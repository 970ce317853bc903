import { expect, test } from "bun:test";
import fc from "fast-check";
import { Registry } from "prom-client";
import { exposeMetrics } from "../../lib/core/exposition.ts";
import { MetricsNamespace } from "../../lib/core/metrics.ts";
import { parseMetrics } from "../../scripts/side_by_side/parse_metrics.ts";

function namespace(): MetricsNamespace {
  return new MetricsNamespace(new Registry(), "avalanche_garden");
}

test("families are in the order of their names, series and labels in that of theirs", async () => {
  const metrics = namespace();
  const water = metrics.counter({ name: "water", help: "litres", labelNames: ["tank", "bed"] });
  water.inc({ tank: "2", bed: "rose" }, 3);
  water.inc({ bed: "lily", tank: "9" }, 2.5);
  metrics.gaugedBy({ name: "beds", help: "how many" }, () => 2);
  expect(await exposeMetrics(metrics.registry)).toBe(
    [
      "# HELP avalanche_garden_beds how many",
      "# TYPE avalanche_garden_beds gauge",
      "avalanche_garden_beds 2",
      "# HELP avalanche_garden_water litres",
      "# TYPE avalanche_garden_water counter",
      'avalanche_garden_water{bed="lily",tank="9"} 2.5',
      'avalanche_garden_water{bed="rose",tank="2"} 3',
      "",
    ].join("\n"),
  );
});

test("a family without a series is left out", async () => {
  const metrics = namespace();
  metrics.counter({ name: "water", help: "litres", labelNames: ["bed"] });
  expect(await exposeMetrics(metrics.registry)).toBe("");
});

test("a histogram's buckets are in the order of their bounds, and count what is at most that", async () => {
  const metrics = namespace();
  const depth = metrics.histogram({ name: "depth", help: "cm", labelNames: ["bed"], buckets: [0, 25, 100] });
  for (const cm of [0, 10, 25, 99, 300]) depth.observe({ bed: "rose" }, cm);
  expect(await exposeMetrics(metrics.registry)).toBe(
    [
      "# HELP avalanche_garden_depth cm",
      "# TYPE avalanche_garden_depth histogram",
      'avalanche_garden_depth_bucket{bed="rose",le="0"} 1',
      'avalanche_garden_depth_bucket{bed="rose",le="25"} 3',
      'avalanche_garden_depth_bucket{bed="rose",le="100"} 4',
      'avalanche_garden_depth_bucket{bed="rose",le="+Inf"} 5',
      'avalanche_garden_depth_sum{bed="rose"} 434',
      'avalanche_garden_depth_count{bed="rose"} 5',
      "",
    ].join("\n"),
  );
});

test.each([
  [Number.POSITIVE_INFINITY, "+Inf"],
  [Number.NEGATIVE_INFINITY, "-Inf"],
  [Number.NaN, "NaN"],
  [4e15, "4e+15"],
  [0.000001, "1e-06"],
  [-27, "-27"],
])("%p is written as Go writes it", async (value, text) => {
  const metrics = namespace();
  metrics.gaugedBy({ name: "level", help: "of water" }, () => value);
  expect(await exposeMetrics(metrics.registry)).toEndWith(`avalanche_garden_level ${text}\n`);
});

test("any text in a label or a help keeps to its line, and is read back as it was", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), async (label, help) => {
      fc.pre(!/[\ud800-\udfff]/.test(label + help));
      const metrics = namespace();
      metrics.gauge({ name: "level", help: `of ${help}`, labelNames: ["bed"] }).set({ bed: label }, 1);
      const text = await exposeMetrics(metrics.registry);
      expect(text.split("\n")).toHaveLength(4);
      const family = parseMetrics(text).get("avalanche_garden_level");
      expect(family?.series).toEqual([{ name: "avalanche_garden_level", labels: { bed: label }, value: 1 }]);
      expect(family?.help).toBe(`of ${help}`);
    }),
  );
});

test.each(['rose" 1\navalanche_garden_forged 9\n#', "a\\", "{}", '",x="', "\r\n"])(
  "the label value %p forges no series",
  async (bed) => {
    const metrics = namespace();
    metrics.gauge({ name: "level", help: "of water", labelNames: ["bed"] }).set({ bed }, 1);
    const families = parseMetrics(await exposeMetrics(metrics.registry));
    expect([...families.keys()]).toEqual(["avalanche_garden_level"]);
    expect(families.get("avalanche_garden_level")?.series[0]?.labels).toEqual({ bed });
  },
);
