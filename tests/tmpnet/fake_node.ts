/**
 * A program that behaves as a node as far as a network can see, and misbehaves as a test wants.
 *
 * It is called with `--config-file`, as nodes are. The flag `fake` says what it does:
 *
 * - `healthy` (the default), `unhealthy`: serves health, and keeps `process.json` while it runs;
 * - `fatal`: logs FATAL and ends; `exit`: ends without a log, after a word on stderr;
 * - `fatal-later`: is reached, and logs FATAL then; `exit-later`: is reached, and ends then;
 * - `silent`: runs and never says where;
 * - `stubborn`, `stubborn-unhealthy`: as those, and ignore SIGTERM.
 *
 * The flag `fake-metrics` says how it tells its metrics: at once (the default), `never`, or `endless`.
 */

import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { removeProcessContext, writeProcessContext } from "../../lib/platform/process_context.ts";

const flags = JSON.parse(readFileSync(process.argv.at(-1) as string, "utf8")) as Record<string, string>;
const dataDir = flags["data-dir"] as string;
const behaviour = flags["fake"] ?? "healthy";
const contextPath = join(dataDir, "process.json");
const mainLog = join(dataDir, "logs", "main.log");

function log(level: string, message: string): void {
  mkdirSync(join(dataDir, "logs"), { recursive: true });
  appendFileSync(mainLog, `[11-21|06:14:21.321] ${level} fake/node.ts:1 ${message}\n`);
}

async function metrics(): Promise<Response> {
  if (flags["fake-metrics"] === "never") await new Promise(() => {});
  if (flags["fake-metrics"] !== "endless") return new Response("# TYPE fake_up gauge\nfake_up 1\n");
  const chunk = new Uint8Array(1 << 20);
  return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(chunk) }));
}

function end(code: number): never {
  removeProcessContext(contextPath);
  process.exit(code);
}

const keepAlive = setInterval(() => {}, 1000);
process.on("SIGTERM", () => {
  if (!behaviour.startsWith("stubborn")) end(0);
});

if (behaviour === "exit") {
  process.stderr.write("couldn't load node config: the moon is full\n");
  process.exit(7);
}
log("INFO", "initializing node");
if (behaviour === "fatal") {
  log("FATAL", "failed to initialize node: the moon is full");
  process.exit(1);
}
if (behaviour !== "silent") {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: Number(flags["http-port"] ?? 0),
    async fetch(request) {
      if (request.method === "GET") return await metrics();
      const { method } = (await request.json()) as { method: string };
      if (method === "health.health") {
        const healthy = behaviour === "healthy" || behaviour === "stubborn";
        const checks = healthy ? { network: {} } : { network: { error: "the moon is full", timeOfFirstFailure: "T" } };
        return Response.json({ jsonrpc: "2.0", id: 1, result: { checks, healthy } });
      }
      if (method === "info.peers")
        return Response.json({ jsonrpc: "2.0", id: 1, result: { numPeers: "0", peers: [] } });
      return new Response("404 page not found\n", { status: 404 });
    },
  });
  const stakingAddress = `127.0.0.1:${server.port}`;
  writeProcessContext(contextPath, { pid: process.pid, uri: `http://127.0.0.1:${server.port}`, stakingAddress });
  if (behaviour === "fatal-later") setTimeout(() => log("FATAL", "chain C ended: the moon is full"), 100);
  if (behaviour === "exit-later") setTimeout(() => end(3), 100);
  // A node that a test forgets ends by itself.
  setTimeout(() => end(0), 60_000);
} else {
  setTimeout(() => clearInterval(keepAlive), 60_000);
}
