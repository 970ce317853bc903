import { expect, test } from "bun:test";
import { gunzipSync } from "node:zlib";
import { Registry } from "prom-client";
import { MetricsNamespace } from "../../../lib/core/metrics.ts";
import { metricsResponse } from "../../../lib/node/api/metrics.ts";

const TEXT =
  "# HELP avalanche_network_peers connected peers\n# TYPE avalanche_network_peers gauge\navalanche_network_peers 4\n";

function scrape(headers: Record<string, string> = {}, method = "GET"): Promise<Response> {
  const registry = new Registry();
  new MetricsNamespace(registry, "avalanche_network").gaugedBy({ name: "peers", help: "connected peers" }, () => 4);
  return metricsResponse(new Request("http://127.0.0.1/ext/metrics", { headers, method }), registry);
}

// Recorded from avalanchego 1.14.2, but for those that ask for protobuf first: it gives them that.
test.each([
  ["", "underscores"],
  ["*/*", "underscores"],
  ["text/html", "underscores"],
  ["text/plain;version=0.0.4;escaping=values", "values"],
  ["text/plain;version=1.0.0;escaping=allow-utf-8", "allow-utf-8"],
  ["text/plain;escaping=nonsense", "underscores"],
  ["application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", "underscores"],
  ["text/plain;version=0.0.4,application/openmetrics-text;escaping=dots;q=0.5", "underscores"],
  // What Prometheus 3 sends.
  [
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
    "allow-utf-8",
  ],
])("who accepts %p is given text with the escaping %s", async (accept, escaping) => {
  const response = await scrape({ accept });
  expect(response.headers.get("content-type")).toBe(`text/plain; version=0.0.4; charset=utf-8; escaping=${escaping}`);
  expect(await response.text()).toBe(TEXT);
});

// Recorded from avalanchego 1.14.2.
test.each([
  ["gzip", true],
  ["zstd, gzip", true],
  ["gzip, deflate, br", true],
  ["gzip;q=0.5", true],
  ["gzip;q=0", false],
  ["gzip;q=0.5, identity;q=1", false],
  ["identity", false],
  ["*", false],
  ["br", false],
  ["deflate", false],
  ["", false],
])("who accepts the encoding %p: compressed %p", async (encoding, compressed) => {
  const response = await scrape({ "accept-encoding": encoding });
  expect(response.headers.get("content-encoding")).toBe(compressed ? "gzip" : null);
  const body = new Uint8Array(await response.arrayBuffer());
  expect(Buffer.from(compressed ? gunzipSync(body) : body).toString()).toBe(TEXT);
});

test.each(["GET", "POST", "PUT", "DELETE"])("%s is answered", async (method) => {
  const response = await scrape({}, method);
  expect(response.status).toBe(200);
  expect(await response.text()).toBe(TEXT);
});
