import { expect, test } from "bun:test";
import { parseNodeID } from "../../../lib/core/ids/node_id.ts";
import { createAPI } from "../../../lib/node/api/app.ts";
import { api, healthSource, infoSource, post } from "./support.ts";

test("an unhealthy node answers 503 by GET and 200 by POST", async () => {
  const { app } = api({ health: { health: false } });
  expect((await app.request("/ext/health")).status).toBe(503);
  expect((await app.request("/ext/health/health")).status).toBe(503);
  expect((await app.request("/ext/health/readiness")).status).toBe(200);
  const { response, text } = await post(app, "/ext/health", '{"jsonrpc":"2.0","id":1,"method":"health.health"}');
  expect(response.status).toBe(200);
  expect(JSON.parse(text)).toMatchObject({ result: { healthy: false } });
});

test("tags reach the checks from a query and from arguments", async () => {
  const asked: (readonly string[])[] = [];
  const report = (tags: readonly string[]) => {
    asked.push(tags);
    return { checks: new Map(), healthy: true };
  };
  const app = createAPI(
    { health: { ...healthSource(), health: { report } } },
    { nodeID: infoSource().nodeID, allowedHosts: [], allowedOrigins: [], readTimeoutMs: 0 },
    { measure: async (_, handle) => handle() },
  );
  await app.request("/ext/health?tag=a&tag=b");
  await post(app, "/ext/health", '{"jsonrpc":"2.0","id":1,"method":"health.health","params":{"tags":["c"]}}');
  await post(app, "/ext/health", '{"jsonrpc":"2.0","id":1,"method":"health.health","params":[{"Tags":["d"]}]}');
  const { text } = await post(
    app,
    "/ext/health",
    '{"jsonrpc":"2.0","id":1,"method":"health.health","params":{"tags":"e"}}',
  );
  expect(text).toContain("couldn't unmarshal an argument");
  expect(asked).toEqual([["a", "b"], ["c"], ["d"]]);
});

test("an API that is switched off is not found", async () => {
  const app = createAPI(
    {},
    { nodeID: parseNodeID(infoSource().nodeID), allowedHosts: [], allowedOrigins: [], readTimeoutMs: 0 },
    { measure: async (_, handle) => handle() },
  );
  for (const path of ["/ext/info", "/ext/health", "/ext/metrics"]) {
    expect((await app.request(path)).status).toBe(404);
  }
});

test.each(["/", "/ext", "/ext/info/", "/ext/health/nope", "/ext/bc/C/rpc"])("%s is not found", async (path) => {
  const response = await api().app.request(path);
  expect(response.status).toBe(404);
  expect(await response.text()).toBe("404 page not found\n");
});

test.each([
  ["/ext//info", "/ext/info"],
  ["//ext/info", "/ext/info"],
  ["/ext/health///liveness", "/ext/health/liveness"],
])("%s is moved to %s", async (path, to) => {
  const response = await api().app.request(path);
  expect(response.status).toBe(301);
  expect(response.headers.get("location")).toBe(to);
  expect(response.headers.get("node-id")).toBe(infoSource().nodeID);
});

test.each([
  ["evil.example", 403],
  ["evil.example:80", 403],
  ["LOCALHOST:99", 200],
  ["localhost", 200],
  ["127.0.0.1:9650", 200],
  ["::1", 200],
  ["[::1]:80", 200],
  ["[::1]", 403],
  ["localhost:80:80", 403],
  ["", 200],
])("the host %p gives %d, as in avalanchego", async (host, status) => {
  const response = await api().app.request("/ext/health/liveness", { headers: { host } });
  expect(response.status).toBe(status);
  if (status === 403) {
    expect(await response.text()).toBe("invalid host specified\n");
    expect(response.headers.get("node-id")).toBe(infoSource().nodeID);
  }
});

test("every host is allowed on wish", async () => {
  const { app } = api({}, { allowedHosts: ["*"] });
  expect((await app.request("/ext/health/liveness", { headers: { host: "evil.example" } })).status).toBe(200);
});

test("a routing header for a chain finds none", async () => {
  const response = await api().app.request("/ext/info", { headers: { "avalanche-api-route": "x" } });
  expect(response.status).toBe(404);
  expect(await response.text()).toBe("");
});

const ORIGINS = { allowedOrigins: ["https://a.example", "https://*.b.example"] };

test.each([
  ["https://a.example", true],
  ["https://A.example", true],
  ["https://x.b.example", true],
  ["https://b.example", false],
  ["https://evil", false],
])("the origin %s may read: %p", async (origin, allowed) => {
  const response = await api({}, ORIGINS).app.request("/ext/health/liveness", { headers: { origin } });
  expect(response.headers.get("access-control-allow-origin")).toBe(allowed ? origin : null);
  expect(response.headers.get("access-control-allow-credentials")).toBe(allowed ? "true" : null);
  expect(response.headers.get("vary")).toBe("Origin");
});

test("a preflight is answered with what the page may do, whatever the host", async () => {
  const { app } = api({}, ORIGINS);
  const preflight = (origin: string, method: string, headers = "content-type") =>
    app.request("/ext/info", {
      method: "OPTIONS",
      headers: {
        host: "evil.example",
        origin,
        "access-control-request-method": method,
        "access-control-request-headers": headers,
      },
    });
  const good = await preflight("https://a.example", "POST");
  expect(good.status).toBe(200);
  expect(Object.fromEntries(good.headers)).toMatchObject({
    "access-control-allow-credentials": "true",
    "access-control-allow-headers": "Content-Type",
    "access-control-allow-methods": "POST",
    "access-control-allow-origin": "https://a.example",
    vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
  });
  for (const bad of [
    await preflight("https://evil", "POST"),
    await preflight("https://a.example", "DELETE"),
    await preflight("https://a.example", "POST", "x-secret"),
  ]) {
    expect(bad.status).toBe(200);
    expect(bad.headers.has("access-control-allow-origin")).toBe(false);
  }
});

test("every origin is allowed with a star", async () => {
  const response = await api().app.request("/ext/health/liveness", { headers: { origin: "https://any" } });
  expect(response.headers.get("access-control-allow-origin")).toBe("*");
});

test("metrics are Prometheus text and count the calls", async () => {
  const { app } = api();
  await app.request("/ext/health");
  await app.request("/ext/health/liveness");
  const response = await app.request("/ext/metrics");
  expect(response.headers.get("content-type")).toStartWith("text/plain; version=0.0.4; charset=utf-8");
  const text = await response.text();
  expect(text).toContain("# TYPE avalanche_api_calls counter");
  expect(text).toContain('avalanche_api_calls{base="health"} 2');
  expect(text).toContain('avalanche_api_calls{base="info"} 0');
  expect(text).toContain('avalanche_api_calls_processing{base="metrics"} 1');
  expect(text).toContain("# TYPE avalanche_api_calls_duration gauge");
});

test("what should not happen is told to the node, and to the caller no more than that", async () => {
  const faults: unknown[] = [];
  const report = () => {
    throw new Error("secret");
  };
  const app = createAPI(
    { health: { ...healthSource(), health: { report } } },
    {
      nodeID: infoSource().nodeID,
      allowedHosts: [],
      allowedOrigins: [],
      readTimeoutMs: 0,
      onFault: (error) => faults.push(error),
    },
    { measure: async (_, handle) => handle() },
  );
  const response = await app.request("/ext/health", { headers: { host: "127.0.0.1" } });
  expect(response.status).toBe(500);
  expect(await response.text()).toBe("500 internal server error\n");
  expect(response.headers.get("node-id")).toBe(infoSource().nodeID);
  expect(faults).toEqual([new Error("secret")]);
});
