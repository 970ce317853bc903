/** The page that lays avx beside avalanchego, and what it is made of. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compare, complaints } from "../../scripts/side_by_side/compare.ts";
import type { NodeFacts } from "../../scripts/side_by_side/gather.ts";
import { recordedFlags } from "../../scripts/side_by_side/main.ts";
import { flagsSection, SIDE_BY_SIDE_PAGE, sideBySidePage } from "../../scripts/side_by_side/page.ts";
import { labelNames, parseMetrics } from "../../scripts/side_by_side/parse_metrics.ts";
import { AVALANCHEGO, needsAvalanchego } from "../support/avalanchego.ts";
import { avxEnvironment } from "../support/cli.ts";
import { temporaryDirectory } from "../support/temporary.ts";

setDefaultTimeout(180_000);

const ROOT = join(import.meta.dirname, "../..");

function node(facts: Partial<NodeFacts>): NodeFacts {
  return {
    version: "test/1.0.0",
    families: new Map(),
    checks: new Map(),
    methods: new Set(),
    refusals: new Map(),
    ...facts,
  };
}

/** What a page writes as code: names of all kinds. */
function namesIn(page: string): Set<string> {
  return new Set([...page.matchAll(/`([^`\s]+)`/g)].map(([, name]) => name as string));
}

const run = (...args: string[]) =>
  spawnSync(process.execPath, [join(ROOT, "scripts/side_by_side/main.ts"), ...args], {
    encoding: "utf8",
    env: avxEnvironment(),
    timeout: 150_000,
  });

test("what is missing without a reason, and what is not the same, is named", () => {
  const upstream = node({
    families: new Map([
      ["avalanche_network_peers", { type: "gauge", labels: [] }],
      ["avalanche_network_msgs", { type: "counter", labels: ["io", "op"] }],
      ["avalanche_network_new", { type: "counter", labels: [] }],
      ["avalanche_db_io_read", { type: "counter", labels: [] }],
    ]),
    checks: new Map([
      ["network", ["connectedPeers", "news"]],
      ["P", ["engine"]],
    ]),
    methods: new Set(["info.peers", "info.news", "platform.getHeight"]),
  });
  const own = node({
    families: new Map([
      ["avalanche_network_peers", { type: "counter", labels: [] }],
      ["avalanche_network_msgs", { type: "counter", labels: ["op"] }],
      ["avalanche_network_own", { type: "gauge", labels: [] }],
    ]),
    checks: new Map([["network", ["connectedPeers"]]]),
    methods: new Set(["info.peers"]),
  });
  const comparison = compare(upstream, own);
  expect(complaints(comparison)).toEqual([
    "the metrics avalanche_network_new are missing, and nothing says why",
    "the health check or key network.news is missing, and nothing says why",
    "the method info.news is missing, and nothing says why",
    "the metrics avalanche_network_peers are counter {}, not gauge {}",
    "the metrics avalanche_network_msgs are counter {op}, not counter {io, op}",
  ]);
  expect([...comparison.methods.absent.values()]).toEqual([["platform.getHeight"]]);
  expect([...comparison.metrics.absent.values()]).toEqual([["avalanche_db_io_read"]]);
  expect(comparison.metrics.own).toEqual(["avalanche_network_own"]);

  const page = sideBySidePage({ upstream, own, comparison, upstreamFlags: ["http-port", "db-dir", "not-a-flag"] });
  expect(namesIn(page)).toContain("not-a-flag");
  expect(page).toContain("avx keeps no database (1):\n\n`avalanche_db_io_read`");
});

test("the page in docs/ says of flags what their table says", () => {
  const page = readFileSync(join(ROOT, SIDE_BY_SIDE_PAGE), "utf8");
  // Where this fails: ./compile.sh side-by-side writes the page anew.
  expect(page.slice(page.indexOf("## Flags"))).toBe(flagsSection(recordedFlags()));
});

test.each([
  "avalanche_network_peers 1",
  "# TYPE a gauge\nb 1",
  "# TYPE a gauge\na{x=1} 1",
  '# TYPE a gauge\na{x="1} 1',
  "# TYPE a gauge\n# TYPE a gauge",
])("%p is no scrape", (text) => {
  expect(() => parseMetrics(text)).toThrow("cannot be read");
});

test("series of histograms and summaries belong to their families", () => {
  const families = parseMetrics(
    '# TYPE h histogram\nh_bucket{c="1",le="+Inf"} 2\nh_sum{c="1"} 3\nh_count{c="1"} 2\n# TYPE s summary\ns{quantile="0.5"} NaN\n',
  );
  expect([...families.values()].map((family) => [family.name, family.series.length, labelNames(family)])).toEqual([
    ["h", 3, ["c"]],
    ["s", 1, []],
  ]);
});

test("without an avalanchego to ask it says how to name one", () => {
  const { status, stderr } = run();
  expect(status).toBe(2);
  expect(stderr).toContain("--avalanchego-path");
});

test.skipIf(AVALANCHEGO === undefined)(
  needsAvalanchego("the page in docs/ says of all that a running avalanchego has whether avx has it, or why not"),
  () => {
    using directory = temporaryDirectory();
    const out = directory.join("page.md");
    const { status, stderr } = run("--avalanchego-path", AVALANCHEGO as string, "--out", out);
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(existsSync(out)).toBe(true);
    const [written, found] = [join(ROOT, SIDE_BY_SIDE_PAGE), out].map((path) => namesIn(readFileSync(path, "utf8")));
    // Run ./compile.sh side-by-side where this fails.
    expect([...(found as Set<string>)].filter((name) => !written?.has(name))).toEqual([]);
  },
);
