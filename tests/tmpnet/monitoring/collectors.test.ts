/** Collectors as processes: a real Prometheus where there is one, and a stand-in for Promtail. */

import { beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { quoted } from "../../../lib/core/program.ts";
import { waitForCollected, whereToAsk } from "../../../lib/tmpnet/monitoring/check.ts";
import { collectorState, startCollector, stopCollector } from "../../../lib/tmpnet/monitoring/collector_process.ts";
import { LOGS_COLLECTOR, METRICS_COLLECTOR } from "../../../lib/tmpnet/monitoring/collectors.ts";
import { Network } from "../../../lib/tmpnet/network.ts";
import { systemProcessTable } from "../../../lib/tmpnet/runtime/process_table.ts";
import { needsPrometheus, PROMETHEUS } from "../../support/prometheus.ts";
import { needsTmpnetctl, runTmpnetctl, TMPNETCTL } from "../../support/tmpnetctl.ts";
import { homeForEachTest } from "../home.ts";
import { errorOf, readJSON, until } from "../support.ts";

// Each test starts programs: on a busy machine that takes its time.
setDefaultTimeout(90_000);

const strangers: ChildProcess[] = [];
const home = homeForEachTest(async ({ env }) => {
  for (const collector of [METRICS_COLLECTOR, LOGS_COLLECTOR]) await stopCollector(collector, { env });
  for (const child of strangers.splice(0)) child.kill("SIGKILL");
});

beforeEach(() => {
  const bin = home.directory.join("bin");
  mkdirSync(bin);
  if (PROMETHEUS !== undefined) symlinkSync(PROMETHEUS, join(bin, "prometheus"));
  const script = join(import.meta.dirname, "fake_promtail.ts");
  const promtail = `#!/bin/sh\nexec ${quoted(process.execPath)} ${quoted(script)} "$@"\n`;
  writeFileSync(join(bin, "promtail"), promtail, { mode: 0o700 });
  home.env["PATH"] = `${bin}:${home.env["PATH"]}`;
});

const LOKI = { LOKI_PUSH_URL: "http://127.0.0.1:1/loki/api/v1/push", LOKI_USERNAME: "me", LOKI_PASSWORD: 'it\'s "so"' };

const placeOf = (name: string, ...parts: string[]) => home.directory.join(".tmpnet", name, ...parts);
const isRunning = (pid: number) => systemProcessTable().read(pid) !== undefined;
const startLocal = (port = 0) => startCollector(METRICS_COLLECTOR, { local: true, port }, { env: home.env });
const startPromtail = (more: Record<string, string> = {}) =>
  startCollector(LOGS_COLLECTOR, { port: 0 }, { env: { ...home.env, ...LOKI, ...more } });

/** A process that is none of ours, with arguments that could be a collector's. */
function stranger(cwd: string): number {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", "--", "--config.file=prometheus.yaml"], {
    cwd,
    stdio: "ignore",
  });
  strangers.push(child);
  return child.pid as number;
}

/** The labels of all targets that Prometheus scrapes. */
async function targetsOf(url: string): Promise<Record<string, string>[]> {
  const { data } = (await (await fetch(`${url}/api/v1/targets?state=active`)).json()) as any;
  return data.activeTargets.map(({ labels }: { labels: Record<string, string> }) => labels);
}

test.skipIf(PROMETHEUS === undefined)(
  needsPrometheus("a real Prometheus scrapes a running network, with its labels in the answer of its API"),
  async () => {
    home.env["GH_REPO"] = "ava-labs/avalanchego";
    const { url, wasRunning } = await startLocal();
    expect(wasRunning).toBe(false);
    const network = await Network.start({ nodeCount: 2, owner: "me" }, {}, { env: home.env });
    const labels = { network_uuid: network.uuid };
    const found = await waitForCollected(METRICS_COLLECTOR, whereToAsk(METRICS_COLLECTOR, { env: home.env }), labels);
    expect(found).toMatchObject({ url, query: `count({network_uuid="${network.uuid}"})` });
    expect(found.count).toBeGreaterThan(50);

    let series: { metric: Record<string, string>; value: [number, string] }[] = [];
    await until(async () => {
      const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent('up{job="avalanchego"}')}`);
      series = ((await response.json()) as any).data.result;
      return series.filter(({ value }) => value[1] === "1").length === 2;
    }, 30_000);
    const expected = network.nodes.map(({ nodeID }) => ({
      __name__: "up",
      gh_repo: "ava-labs/avalanchego",
      instance: `${network.uuid}-${nodeID.slice(7, 15).toLowerCase()}`,
      is_ephemeral_node: "false",
      job: "avalanchego",
      network_owner: "me",
      network_uuid: network.uuid,
      node_id: nodeID,
    }));
    const byNode = (a: { node_id: string }, b: { node_id: string }) => (a.node_id < b.node_id ? -1 : 1);
    expect(series.map(({ metric }) => metric as any).sort(byNode)).toEqual(expected.sort(byNode));

    const stops = await network.stop();
    for (const { metricsSnapshot } of stops)
      expect(readFileSync(metricsSnapshot as string, "utf8")).toContain("# TYPE");
    expect(readdirSync(placeOf("prometheus", "file_sd_configs"))).toEqual([]);
    expect(readdirSync(placeOf("promtail", "file_sd_configs"))).toEqual([]);
    await until(async () => (await targetsOf(url)).length === 0, 30_000);
  },
);

test.skipIf(PROMETHEUS === undefined)(
  needsPrometheus("one Prometheus runs, however often and however many start it at a time"),
  async () => {
    const states = await Promise.all([startLocal(), startLocal(), startLocal()]);
    expect(new Set(states.map(({ pid }) => pid)).size).toBe(1);
    expect(states.filter(({ wasRunning }) => !wasRunning)).toHaveLength(1);
    expect(readFileSync(placeOf("prometheus", "run.pid"), "utf8")).toBe(String(states[0]?.pid));
    const stopped = await stopCollector(METRICS_COLLECTOR, { env: home.env });
    expect(stopped?.pid).toBe(states[0]!.pid);
    expect(isRunning(states[0]!.pid)).toBe(false);
    expect(existsSync(placeOf("prometheus", "run.pid"))).toBe(false);
    expect(await stopCollector(METRICS_COLLECTOR, { env: home.env })).toBeUndefined();
  },
);

test.skipIf(PROMETHEUS === undefined)(
  needsPrometheus("Prometheus as an agent takes a password with any characters, and keeps it from others"),
  async () => {
    const credentials = { PROMETHEUS_USERNAME: 'a"b\\c: #d', PROMETHEUS_PASSWORD: "it's $HOME \"\\\n" };
    const push = { ...home.env, ...credentials, PROMETHEUS_PUSH_URL: "http://127.0.0.1:1/api/v1/push" };
    const state = await startCollector(METRICS_COLLECTOR, { port: 0 }, { env: push });
    expect(state.local).toBe(false);
    expect(statSync(placeOf("prometheus", "prometheus.yaml")).mode & 0o777).toBe(0o600);
    expect(statSync(placeOf("prometheus")).mode & 0o777).toBe(0o700);
    const response = await fetch(`${state.url}/api/v1/status/config`);
    expect(((await response.json()) as any).data.yaml).toContain("username: 'a\"b\\c: #d'");
    expect(readFileSync(state.logPath, "utf8")).not.toContain("it's");
  },
);

test.skipIf(PROMETHEUS === undefined)(
  needsPrometheus("a Prometheus that was killed, or whose pid file is lost, is no riddle"),
  async () => {
    const first = await startLocal();
    process.kill(first.pid, "SIGKILL");
    await until(() => !isRunning(first.pid));
    expect(collectorState(METRICS_COLLECTOR, { env: home.env })).toBeUndefined();
    const second = await startLocal();
    expect(second).toMatchObject({ wasRunning: false });

    if (process.platform !== "linux") return; // elsewhere a process without a pid file cannot be told
    writeFileSync(placeOf("prometheus", "run.pid"), "not a pid");
    expect(await startLocal()).toMatchObject({ pid: second.pid, wasRunning: true });
    expect((await stopCollector(METRICS_COLLECTOR, { env: home.env }))?.pid).toBe(second.pid);
  },
);

test.skipIf(PROMETHEUS === undefined)(
  needsPrometheus("a port that somebody has is told, and nothing is left running"),
  async () => {
    using server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("Prometheus is Ready.\n") });
    const error = await errorOf(startLocal(server.port));
    expect(error.type.code).toBe("collector");
    expect(error.message).toContain(`cannot have port ${server.port}`);
    expect(error.hint).toContain("--port");
    expect(collectorState(METRICS_COLLECTOR, { env: home.env })).toBeUndefined();
  },
);

test("a pid file that names a stranger ends nobody, and is taken away", async () => {
  mkdirSync(placeOf("prometheus"), { recursive: true });
  // Its command line is a collector's; only Linux tells that it works elsewhere.
  const elsewhere = process.platform === "linux" ? [stranger(home.directory.path)] : [];
  for (const content of [...elsewhere, process.pid, 1, -1, 0, "99999999999", "x", ""]) {
    writeFileSync(placeOf("prometheus", "run.pid"), String(content));
    expect(collectorState(METRICS_COLLECTOR, { env: home.env })).toBeUndefined();
    expect(await stopCollector(METRICS_COLLECTOR, { env: home.env })).toBeUndefined();
    expect(existsSync(placeOf("prometheus", "run.pid"))).toBe(false);
  }
  for (const pid of elsewhere) expect(isRunning(pid)).toBe(true);
});

test("a program that is not there, and what is not told, are named", async () => {
  const nothing = { ...home.env, PATH: home.directory.join("nowhere") };
  const missing = await errorOf(startCollector(LOGS_COLLECTOR, {}, { env: nothing }));
  expect(missing.message).toBe("LOKI_PUSH_URL is not set");
  for (const name of ["LOKI_USERNAME", "LOKI_PASSWORD"]) {
    expect((await errorOf(startPromtail({ [name]: "" }))).message).toBe(`${name} is not set`);
  }
  const error = await errorOf(startCollector(LOGS_COLLECTOR, {}, { env: { ...nothing, ...LOKI } }));
  expect([error.message, error.hint]).toEqual(["There is no promtail on PATH", LOGS_COLLECTOR.hint]);
  const local = await errorOf(startCollector(LOGS_COLLECTOR, { local: true }, { env: home.env }));
  expect(local.message).toContain("no local mode");
  expect(existsSync(home.directory.join(".tmpnet"))).toBe(false);
});

test("Promtail is started with tmpnet's configuration, and is up before it knows a node", async () => {
  const state = await startPromtail();
  const port = new URL(state.url).port;
  const place = placeOf("promtail");
  expect(readFileSync(join(place, "promtail.yaml"), "utf8")).toBe(`server:
  http_listen_port: ${port}
  grpc_listen_port: 0

positions:
  filename: "${place}/positions.yaml"

client:
  url: "http://127.0.0.1:1/loki/api/v1/push"
  basic_auth:
    username: "me"
    password: "it's \\"so\\""

scrape_configs:
  - job_name: "avalanchego"
    file_sd_configs:
      - files:
          - "${place}/file_sd_configs/*.json"
`);
  expect(statSync(join(place, "promtail.yaml")).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(place, "run.pid"), "utf8")).toBe(String(state.pid));
  expect(collectorState(LOGS_COLLECTOR, { env: home.env })).toEqual({ ...state, wasRunning: true });
  expect((await stopCollector(LOGS_COLLECTOR, { env: home.env }))?.pid).toBe(state.pid);
});

test("a collector that ends at once is quoted, and leaves no pid file", async () => {
  const error = await errorOf(startPromtail({ FAKE_PROMTAIL: "exit" }));
  expect(error.message).toContain("promtail ended when it was started");
  expect(error.message).toContain("error creating promtail: the moon is full");
  expect(existsSync(placeOf("promtail", "run.pid"))).toBe(false);
});

test("a start that is given up leaves nothing running", async () => {
  const signal = AbortSignal.abort();
  const start = startCollector(
    LOGS_COLLECTOR,
    { port: 0, signal },
    { env: { ...home.env, ...LOKI, FAKE_PROMTAIL: "no-port" } },
  );
  expect((await errorOf(start)).type.code).toBe("interrupted");
  expect(collectorState(LOGS_COLLECTOR, { env: home.env })).toBeUndefined();
});

test.skipIf(TMPNETCTL === undefined || process.platform !== "linux")(
  needsTmpnetctl("tmpnetctl stops the collector that avx started, and avx the one that tmpnetctl started"),
  async () => {
    const tmpnetctl = async (...args: string[]) => {
      const { code, stdout, stderr } = await runTmpnetctl(args, { ...home.env, ...LOKI, FAKE_PROMTAIL: "no-port" });
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      return stdout;
    };
    const ours = await startPromtail();
    expect(await tmpnetctl("start-logs-collector")).toContain("collector already running");
    expect(await tmpnetctl("stop-logs-collector")).toContain(`"pid": ${ours.pid}`);
    expect(isRunning(ours.pid)).toBe(false);

    await tmpnetctl("start-logs-collector");
    const pid = Number(readFileSync(placeOf("promtail", "run.pid"), "utf8"));
    await until(() => collectorState(LOGS_COLLECTOR, { env: home.env })?.pid === pid);
    expect(await startPromtail()).toMatchObject({ pid, wasRunning: true });
    expect(await stopCollector(LOGS_COLLECTOR, { env: home.env })).toMatchObject({ pid });
    expect(isRunning(pid)).toBe(false);
    expect(await tmpnetctl("stop-logs-collector")).toContain("collector not running");
  },
);

test.skipIf(TMPNETCTL === undefined || PROMETHEUS === undefined)(
  needsTmpnetctl(needsPrometheus("tmpnetctl stops the Prometheus that avx started")),
  async () => {
    const { pid } = await startLocal();
    expect(await runTmpnetctl(["stop-metrics-collector"], home.env)).toMatchObject({ code: 0, stderr: "" });
    expect(isRunning(pid)).toBe(false);
    expect(collectorState(METRICS_COLLECTOR, { env: home.env })).toBeUndefined();
  },
);

test("that collectors cannot be told of a node fails nothing, and is said", async () => {
  mkdirSync(home.directory.join(".tmpnet"));
  writeFileSync(placeOf("prometheus"), "a file is in the way");
  const warnings: string[] = [];
  await using network = await Network.start(
    { nodeCount: 1, rootNetworkDir: home.directory.join("networks") },
    { onProgress: (progress) => progress.kind === "warning" && warnings.push(progress.message) },
    { env: home.env },
  );
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain(placeOf("prometheus", "file_sd_configs"));
  expect(readJSON(join(network.dir, "config.json")).uuid).toBe(network.uuid);
});
