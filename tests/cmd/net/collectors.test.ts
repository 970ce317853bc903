/** Collectors at the command line: what is printed, and what is refused before anything is made. */

import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { type AvxResult, runAvx } from "../../support/cli.ts";
import { needsPrometheus, PROMETHEUS } from "../../support/prometheus.ts";
import { homeForEachTest } from "../../tmpnet/home.ts";

// Each test starts programs: on a busy machine that takes its time.
setDefaultTimeout(90_000);

const home = homeForEachTest();

beforeEach(() => {
  const bin = home.directory.join("bin");
  mkdirSync(bin);
  if (PROMETHEUS !== undefined) symlinkSync(PROMETHEUS, `${bin}/prometheus`);
  home.env["PATH"] = `${bin}:${home.env["PATH"]}`;
});

afterEach(async () => {
  await net("stop-metrics-collector");
});

function net(...args: string[]): Promise<AvxResult> {
  return runAvx(["net", ...args], { env: home.env, timeoutMs: 60_000 });
}

test("a collector that is not told where to send to is refused, with what would do", async () => {
  const { code, stdout, stderr } = await net("start-metrics-collector");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toBe(
    "avx: prometheus is not told where to send the metrics: PROMETHEUS_PUSH_URL is not set\n" +
      "Set PROMETHEUS_PUSH_URL, PROMETHEUS_USERNAME and PROMETHEUS_PASSWORD, " +
      "or keep them on this machine: avx net start-metrics-collector --local.\n",
  );
  expect((await net("start-logs-collector")).stderr).toContain("Set LOKI_PUSH_URL, LOKI_USERNAME and LOKI_PASSWORD.\n");
  expect((await net("start-logs-collector", "--local")).code).toBe(2);
  expect((await net("start-metrics-collector", "--local", "--port", "70000")).code).toBe(2);
});

test("a network that is to be collected is not made where it cannot be", async () => {
  home.env["TMPNET_START_LOGS_COLLECTOR"] = "true";
  for (const args of [["start"], ["start", "--start-metrics-collector"]]) {
    const { code, stderr } = await net(...args);
    expect(code).toBe(1);
    expect(stderr).toContain("is not told where to send");
  }
  expect(existsSync(home.root)).toBe(false);
});

test("what stands nowhere to be asked is told", async () => {
  const { code, stderr } = await net("check-logs", "--network-uuid", "x");
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: "avx: It is not known where the logs are: LOKI_URL is not set\nSet LOKI_URL.\n",
  });
  home.env["PROMETHEUS_URL"] = "http://127.0.0.1:1";
  const asked = await net("check-metrics", "--network-uuid", "e8ff", "--timeout", "1ms");
  expect(asked.code).toBe(1);
  expect(asked.stderr).toContain('the question was count({network_uuid="e8ff"})');
  expect((await net("check-metrics")).stderr).toContain("No network was started");
});

test.skipIf(PROMETHEUS === undefined)(
  needsPrometheus("a collector is started, named, found in use, asked and stopped"),
  async () => {
    const started = await net("start-metrics-collector", "--local", "--port", "0");
    expect({ code: started.code, stderr: started.stderr }).toEqual({ code: 0, stderr: "" });
    expect(started.stdout).toMatch(
      /^Started prometheus, process \d+: it collects the metrics of all networks and keeps them\nLook at them: http:\/\/127\.0\.0\.1:\d+\nTo stop it: avx net stop-metrics-collector\n$/,
    );
    const again = JSON.parse((await net("start-metrics-collector", "--local", "--json")).stdout);
    expect(again).toMatchObject({ collector: "prometheus", local: true, wasRunning: true });
    expect(started.stdout).toContain(`process ${again.pid}:`);

    const network = await net("start", "--node-count", "1", "--start-metrics-collector", "--json");
    expect(network.stderr).toContain(`prometheus runs already, process ${again.pid}:`);
    const { uuid } = JSON.parse(network.stdout);
    const found = JSON.parse((await net("check-metrics", "--json")).stdout);
    expect(found).toMatchObject({ networkUUID: uuid, url: again.url });
    const text = (await net("check-metrics", "--network-uuid", uuid)).stdout;
    expect(text.replace(/^\d+/, "N")).toBe(`N series of metrics of network ${uuid} are at ${again.url}\n`);

    const stopped = JSON.parse((await net("stop", "--json")).stdout);
    expect(existsSync(stopped.nodes[0].metricsSnapshot)).toBe(true);
    expect((await net("stop-metrics-collector")).stdout).toBe(`Stopped prometheus, process ${again.pid}\n`);
    const nothing = await net("stop-metrics-collector", "--json");
    expect(JSON.parse(nothing.stdout)).toEqual({ collector: "prometheus", wasRunning: false });
  },
);
