/** A real Prometheus scrapes running nodes, and is asked what a dashboard asks. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Node } from "../../lib/node/node.ts";
import cChain from "../../scripts/side_by_side/seats/c_chain.ts";
import pChain from "../../scripts/side_by_side/seats/p_chain.ts";
import xChain from "../../scripts/side_by_side/seats/x_chain.ts";
import { startAppNodes } from "../support/app_nodes.ts";
import { freePort } from "../support/ports.ts";
import { needsPrometheus, PROMETHEUS } from "../support/prometheus.ts";
import { temporaryDirectory } from "../support/temporary.ts";

setDefaultTimeout(120_000);

/** How long Prometheus may take to start and to scrape on a busy machine. */
const PATIENCE_MS = 60_000;
/** What the rates of this test look back: some twenty scrapes. */
const WINDOW = "10s";

const NODE_COUNT = 3;

/** One of what a query gives. */
interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A Prometheus that scrapes nodes until it is disposed of. */
interface PrometheusServer extends AsyncDisposable {
  /** Asks until the answer fits. */
  queryUntil(expression: string, fits: (samples: readonly Sample[]) => boolean): Promise<Sample[]>;
}

async function startPrometheus(nodes: readonly Node[], directory: string): Promise<PrometheusServer> {
  const port = await freePort();
  const configFile = join(directory, "prometheus.yml");
  const targets = nodes.map(({ uri }) => `"${new URL(uri).host}"`).join(", ");
  writeFileSync(
    configFile,
    `global: {scrape_interval: 500ms, scrape_timeout: 500ms}
scrape_configs:
  - job_name: avalanchego
    metrics_path: /ext/metrics
    static_configs: [{targets: [${targets}]}]
`,
  );
  const child = spawn(
    PROMETHEUS as string,
    [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(directory, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--log.level=warn",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let said = "";
  child.stderr?.on("data", (chunk) => {
    said += chunk;
  });

  const get = async <T>(path: string): Promise<T> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`);
    const { data, error } = (await response.json()) as { data: T; error?: string };
    if (error !== undefined) throw new Error(`Prometheus refuses ${path}: ${error}`);
    return data;
  };
  const query = async (expression: string): Promise<Sample[]> => {
    const { result } = await get<{ result: { metric: Sample["metric"]; value: [number, string] }[] }>(
      `query?query=${encodeURIComponent(expression)}`,
    );
    return result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }));
  };
  const until = async <T>(what: string, ask: () => Promise<T>, fits: (answer: T) => boolean): Promise<T> => {
    const giveUpAt = performance.now() + PATIENCE_MS;
    for (;;) {
      const answer = await ask().catch((error: unknown) => error as Error);
      if (!(answer instanceof Error) && fits(answer)) return answer;
      if (performance.now() > giveUpAt || child.exitCode !== null) {
        throw new Error(`in vain: ${what}; last: ${JSON.stringify(answer)} ${answer}\nPrometheus said: ${said}`);
      }
      await new Promise((done) => setTimeout(done, 100));
    }
  };
  const server: PrometheusServer = {
    queryUntil: (expression, fits) => until(expression, () => query(expression), fits),
    [Symbol.asyncDispose]: () => ended(child),
  };
  try {
    await until(
      "all targets are up",
      () => get<{ activeTargets: { health: string }[] }>("targets"),
      ({ activeTargets: found }) => found.length === nodes.length && found.every(({ health }) => health === "up"),
    );
    return server;
  } catch (error) {
    await ended(child);
    throw error;
  }
}

function ended(child: ChildProcess): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  child.once("exit", () => resolve());
  child.kill("SIGTERM");
  return promise;
}

test.skipIf(PROMETHEUS === undefined)(
  needsPrometheus("Prometheus scrapes three nodes, and answers what dashboards ask"),
  async () => {
    using directory = temporaryDirectory();
    await using network = await startAppNodes(NODE_COUNT, () => [pChain, xChain, cChain]);
    await using prometheus = await startPrometheus(network.nodes, directory.path);
    const { queryUntil } = prometheus;
    const ofEachNode = (samples: readonly Sample[]) => samples.length === NODE_COUNT;
    const eachIs = (value: number) => (samples: readonly Sample[]) =>
      ofEachNode(samples) && samples.every((sample) => sample.value === value);

    // Gauges, as single panels show them.
    await queryUntil('avalanche_network_peers{job="avalanchego"}', eachIs(NODE_COUNT - 1));
    await queryUntil('avalanche_stake_percent_connected{chain="P", job="avalanchego"}', eachIs(1));
    const failing = await queryUntil(
      'sum(avalanche_health_checks_failing{check="health",job="avalanchego",tag="all"})',
      ([sum]) => sum?.value === 0,
    );
    expect(failing).toHaveLength(1);
    await queryUntil("count(avalanche_upgrade_time_until == +Inf)", ([count]) => count?.value === NODE_COUNT);

    // Rates of counters, by operation, both ways.
    const byOp = (io: string, family: string) =>
      queryUntil(`sum by (op) (rate(${family}{io="${io}", job="avalanchego"}[${WINDOW}]))`, (samples) =>
        ["app_request", "app_response", "get_peerlist"].every((op) => {
          return samples.some(({ metric, value }) => metric["op"] === op && value > 0);
        }),
      );
    for (const io of ["sent", "received"]) {
      await byOp(io, "avalanche_network_msgs");
      await byOp(io, "avalanche_network_msgs_bytes");
    }
    for (const io of ["sent", "received"]) {
      await queryUntil(`sum(avalanche_network_msgs{io="${io}",op="handshake"})`, ([sum]) => {
        return sum !== undefined && sum.value >= NODE_COUNT * (NODE_COUNT - 1);
      });
    }

    // What failed shows as none, not as nothing.
    const failed = await queryUntil(
      `sum by (op) (rate(avalanche_network_msgs_failed_to_send{job="avalanchego"}[${WINDOW}]))`,
      (samples) => samples.some(({ metric }) => metric["op"] === "app_request"),
    );
    expect(failed.every(({ value }) => value >= 0)).toBe(true);

    // Averages of the pairs of sum and count.
    for (const direction of ["compression", "decompression"]) {
      const spent = `avalanche_network_codec_compressed_duration{direction="${direction}"}`;
      const counted = `avalanche_network_codec_compressed_count{direction="${direction}"}`;
      const means = await queryUntil(
        `sum(increase(${spent}[${WINDOW}])) / sum(increase(${counted}[${WINDOW}]))`,
        ([mean]) => mean !== undefined && mean.value > 0,
      );
      // Nanoseconds: more than a thousandth of a millisecond, less than a second.
      expect(means[0]?.value).toBeGreaterThan(1_000);
      expect(means[0]?.value).toBeLessThan(1e9);
    }
    await queryUntil(
      `increase(avalanche_network_byte_throttler_inbound_acquire_latency_sum{job="avalanchego"}[${WINDOW}]) / increase(avalanche_network_byte_throttler_inbound_acquire_latency_count{job="avalanchego"}[${WINDOW}])`,
      (samples) => ofEachNode(samples) && samples.every(({ value }) => value >= 0),
    );

    // Chains, and what their apps gossip.
    const chains = await queryUntil(
      `sum by (chain) (rate(avalanche_handler_messages{op="app_request", job="avalanchego"}[${WINDOW}]))`,
      (samples) => samples.length === 3 && samples.every(({ value }) => value > 0),
    );
    expect(chains.map(({ metric }) => metric["chain"]).sort()).toEqual(["C", "P", "X"]);
    const quantile = await queryUntil(
      "histogram_quantile(0.5, sum by (le) (avalanche_evm_sdk_eth_tx_gossip_bloomfilter_hit_rate_bucket))",
      ([median]) => median !== undefined && Number.isFinite(median.value),
    );
    expect(quantile[0]?.value).toBeLessThanOrEqual(100);
    const latency = await queryUntil(
      `sum(rate(avalanche_responses_message_latencies[${WINDOW}])) / sum(rate(avalanche_responses_messages[${WINDOW}]))`,
      ([mean]) => mean !== undefined && mean.value > 0,
    );
    expect(latency).toHaveLength(1);

    // The process, and what Prometheus itself found out about the scrapes.
    const cpu = `rate(avalanche_process_process_cpu_seconds_total[${WINDOW}])`;
    await queryUntil(cpu, (samples) => ofEachNode(samples) && samples.every(({ value }) => value > 0));
    await queryUntil('scrape_samples_scraped{job="avalanchego"}', (samples) => {
      return ofEachNode(samples) && samples.every(({ value }) => value > 300);
    });
    await queryUntil('sum(up{job="avalanchego"})', ([up]) => up?.value === NODE_COUNT);

    // A node that ends is seen to be down.
    await network.nodes[2]?.close();
    await queryUntil('sum(up{job="avalanchego"})', ([up]) => up?.value === NODE_COUNT - 1);
    await queryUntil("min(avalanche_network_peers)", ([least]) => least?.value === 1);
  },
);

const PROMTOOL = PROMETHEUS === undefined ? undefined : join(dirname(PROMETHEUS), "promtool");
const hasPromtool = PROMTOOL !== undefined && existsSync(PROMTOOL);

test.skipIf(!hasPromtool)(
  hasPromtool
    ? "promtool reads all metrics, and blames nothing but names that follow avalanchego's"
    : "promtool reads all metrics (skipped: no promtool beside prometheus)",
  async () => {
    await using network = await startAppNodes(2, () => [pChain, xChain, cChain]);
    const metrics = await (await fetch(`${network.nodes[0]?.uri}/ext/metrics`)).text();
    const { status, stdout } = spawnSync(PROMTOOL as string, ["check", "metrics"], {
      input: metrics,
      encoding: "utf8",
    });
    // 3: it could be read, and there is something to say of style.
    expect(status).toBe(3);
    const style = /counter metrics should have "_total" suffix|should not have "_(count|sum)" suffix|not 'camelCase'/;
    expect(stdout.split("\n").filter((line) => line !== "" && !style.test(line))).toEqual([]);
  },
);
