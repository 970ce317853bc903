import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import process from "node:process";
import { Registry } from "prom-client";
import { exposeMetrics } from "../../lib/core/exposition.ts";
import { MetricsNamespace } from "../../lib/core/metrics.ts";
import { declareProcessMetrics } from "../../lib/node/process_metrics.ts";
import { parseMetrics } from "../../scripts/side_by_side/parse_metrics.ts";
import { temporaryDirectory } from "../support/temporary.ts";

async function shown(directory?: string): Promise<Map<string, { type: string; value: number | undefined }>> {
  const metrics = new MetricsNamespace(new Registry(), "avalanche_process");
  declareProcessMetrics(metrics, directory);
  const families = parseMetrics(await exposeMetrics(metrics.registry));
  return new Map([...families].map(([name, { series, type }]) => [name, { type, value: series[0]?.value }]));
}

test("what the system says is shown under the names of Prometheus' own client", async () => {
  using directory = temporaryDirectory();
  const at = directory.join("self");
  mkdirSync(`${at}/fd`, { recursive: true });
  mkdirSync(`${at}/net`);
  for (const fd of ["0", "1", "2", "17"]) writeFileSync(`${at}/fd/${fd}`, "");
  writeFileSync(`${at}/status`, "Name:\tavx\nVmPeak:\t  900 kB\nVmSize:\t  800 kB\nVmRSS:\t  80 kB\n");
  writeFileSync(
    `${at}/limits`,
    "Limit  Soft Limit  Hard Limit  Units\nMax address space   123456   unlimited   bytes\n",
  );
  writeFileSync(
    `${at}/net/netstat`,
    "TcpExt: InOctets Other\nTcpExt: 7 8\nIpExt: InNoRoutes InOctets OutOctets\nIpExt: 1 2000 30000\n",
  );
  const metrics = await shown(at);
  const value = (name: string) => metrics.get(`avalanche_process_${name}`);
  expect(value("process_open_fds")).toEqual({ type: "gauge", value: 3 });
  expect(value("process_virtual_memory_bytes")).toEqual({ type: "gauge", value: 800 * 1_024 });
  expect(value("process_virtual_memory_max_bytes")).toEqual({ type: "gauge", value: 123_456 });
  expect(value("process_network_receive_bytes_total")).toEqual({ type: "counter", value: 2_000 });
  expect(value("process_network_transmit_bytes_total")).toEqual({ type: "counter", value: 30_000 });

  writeFileSync(`${at}/limits`, "Max address space         unlimited            unlimited            bytes\n");
  expect((await shown(at)).get("avalanche_process_process_virtual_memory_max_bytes")?.value).toBe(2 ** 64);
});

test("what the system does not tell is not shown", async () => {
  using directory = temporaryDirectory();
  const names = [...(await shown(directory.join("nothing"))).keys()];
  for (const name of ["open_fds", "virtual_memory_bytes", "virtual_memory_max_bytes", "network_receive_bytes_total"]) {
    expect(names).not.toContain(`avalanche_process_process_${name}`);
  }
});

test("processor time, memory and start are those of this process", async () => {
  const before = process.cpuUsage();
  const metrics = await shown();
  const value = (name: string) => metrics.get(`avalanche_process_process_${name}`)?.value ?? Number.NaN;
  expect(value("cpu_seconds_total")).toBeGreaterThanOrEqual((before.user + before.system) / 1e6);
  expect(value("resident_memory_bytes")).toBeGreaterThan(10_000_000);
  expect(Math.abs(value("start_time_seconds") - (Date.now() / 1_000 - process.uptime()))).toBeLessThan(5);
});
