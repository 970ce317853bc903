/** Metrics that are saved before a stop: kept when they come, and never waited for when they do not. */

import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { systemClock } from "../../../lib/core/clock.ts";
import { MAX_SNAPSHOT_BYTES, saveMetricsSnapshot } from "../../../lib/tmpnet/monitoring/snapshot.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../support/temporary.ts";

setDefaultTimeout(30_000);

let directory: TemporaryDirectory;
let server: Server | undefined;

beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  directory[Symbol.dispose]();
});

/** Serves metrics as told. @returns Its URI. */
async function serve(listener: Parameters<typeof createServer>[1]): Promise<string> {
  const made = createServer(listener as never);
  server = made;
  await new Promise<void>((resolve) => made.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
}

const AT = Date.UTC(2026, 10, 21, 10, 47, 56, 789);
const clock = { ...systemClock, now: () => AT };
const save = (uri: string) => saveMetricsSnapshot({ dataDir: directory.path }, uri, clock);

test("metrics lie under the time of their asking", async () => {
  const uri = await serve((request, response) => response.end(`avalanche_path{path="${request.url}"} 1\n`));
  const path = await save(uri);
  expect(path).toBe(directory.join("metrics", "20261121T104756Z"));
  expect(readFileSync(path as string, "utf8")).toBe('avalanche_path{path="/ext/metrics"} 1\n');
});

test("a node that takes the request and says nothing is not waited for, and leaves nothing", async () => {
  const uri = await serve(() => {});
  expect(await save(uri)).toBeUndefined();
  expect(existsSync(directory.join("metrics"))).toBe(false);
});

test("a node that begins and never ends is not waited for", async () => {
  const uri = await serve((_, response) => {
    response.writeHead(200);
    response.write("avalanche_up 1\n");
  });
  expect(await save(uri)).toBeUndefined();
});

test("more than can be metrics is not read to its end", async () => {
  let sent = 0;
  const chunk = Buffer.alloc(1 << 20, 97);
  const uri = await serve((_, response) => {
    const more = () => {
      while (sent < 1 << 30 && !response.destroyed) {
        sent += chunk.length;
        if (!response.write(chunk)) return void response.once("drain", more);
      }
      response.end();
    };
    more();
  });
  expect(await save(uri)).toBeUndefined();
  expect(sent).toBeLessThan(MAX_SNAPSHOT_BYTES * 8);
});

test("nobody there, a redirect, an error, a place that cannot be written: no file, no fault", async () => {
  expect(await save("http://127.0.0.1:1")).toBeUndefined();
  expect(await save("not a URI")).toBeUndefined();
  const uri = await serve((request, response) => {
    if (request.url?.startsWith("/moved/")) return response.writeHead(302, { location: "/" }).end();
    return response.writeHead(request.url === "/ext/metrics" ? 200 : 500).end("x 1\n");
  });
  expect(await save(`${uri}/moved`)).toBeUndefined();
  expect(await save(`${uri}/broken`)).toBeUndefined();
  writeFileSync(directory.join("metrics"), "a file is in the way");
  expect(await save(uri)).toBeUndefined();
  expect(readdirSync(directory.path)).toEqual(["metrics"]);
});
