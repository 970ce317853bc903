import { expect, test } from "bun:test";
import { existsSync, readFileSync, statSync } from "node:fs";
import { request } from "node:http";
import { Node } from "../../lib/node/node.ts";
import { eventually } from "../support/eventually.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../support/temporary.ts";
import { LOOPBACK, nodeConfig } from "./support.ts";

const ADMIN = { ...LOOPBACK, "network-id": "local", "api-admin-enabled": "true" };

function start(directory: TemporaryDirectory, flags: Record<string, string> = {}): Promise<Node> {
  return Node.start(nodeConfig({ ...ADMIN, "data-dir": directory.join("node"), ...flags }));
}

interface Answer {
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string };
}

async function call(node: Node, method: string, params?: unknown): Promise<Answer> {
  const response = await fetch(`${node.uri}/ext/${method.split(".")[0]}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  return (await response.json()) as Answer;
}

async function refusal(node: Node, method: string, params?: unknown): Promise<string | undefined> {
  return (await call(node, method, params)).error?.message;
}

/** Sends headers that `fetch` keeps for itself. */
function post(
  node: Node,
  headers: Record<string, string>,
  method = "POST",
): Promise<{ status: number; headers: object }> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "admin.getLoggerLevel" });
  return new Promise((resolve, reject) => {
    const sent = request(
      `${node.uri}/ext/admin`,
      { method, headers: { "content-type": "application/json", ...headers } },
      (answer) => {
        answer.resume();
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers }));
      },
    );
    sent.on("error", reject);
    sent.end(method === "POST" ? body : undefined);
  });
}

test("admin is there only where it is switched on", async () => {
  using directory = temporaryDirectory();
  await using node = await start(directory, { "api-admin-enabled": "false" });
  expect((await fetch(`${node.uri}/ext/admin`)).status).toBe(404);
});

test("no page of another origin reaches admin, whatever http-allowed-origins and http-allowed-hosts say", async () => {
  using directory = temporaryDirectory();
  await using node = await start(directory, { "http-allowed-origins": "*", "http-allowed-hosts": "*" });
  const { host } = new URL(node.uri);
  const origins: Record<string, number> = {
    [node.uri]: 200,
    "https://evil.example": 403,
    "http://127.0.0.1": 403,
    "http://localhost": 403,
    null: 403,
    "": 403,
    junk: 403,
  };
  for (const [origin, status] of Object.entries(origins)) {
    expect({ origin, ...(await post(node, { origin })) }).toMatchObject({ origin, status });
  }
  // A name that was made to point here is its page's own origin.
  expect((await post(node, { origin: "http://evil.example:1", host: "evil.example:1" })).status).toBe(403);
  expect((await post(node, { "sec-fetch-site": "cross-site" })).status).toBe(403);
  expect((await post(node, {})).status).toBe(200);

  const preflight = await post(
    node,
    { origin: "https://evil.example", "access-control-request-method": "POST", host },
    "OPTIONS",
  );
  expect(preflight.headers).not.toHaveProperty("access-control-allow-origin");
  expect(preflight.headers).not.toHaveProperty("access-control-allow-methods");
  // What another name leads to is guarded the same.
  await call(node, "admin.alias", { endpoint: "admin", alias: "root" });
  const aliased = await fetch(`${node.uri}/ext/root`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: "https://evil.example" },
    body: "{}",
  });
  expect(aliased.status).toBe(403);
  expect(aliased.headers.get("access-control-allow-origin")).toBeNull();
});

test("log levels change while the node runs, of one logger or of all", async () => {
  using directory = temporaryDirectory();
  await using node = await start(directory, { "log-level": "info", "log-display-level": "off" });
  const before = await call(node, "admin.getLoggerLevel", { loggerName: "main" });
  expect(before.result).toEqual({ loggerLevels: { main: { logLevel: "INFO", displayLevel: "OFF" } } });

  const log = () => readFileSync(directory.join("node", "logs", "main.log"), "utf8");
  expect(log()).toContain("INFO");
  const changed = await call(node, "admin.setLoggerLevel", { loggerName: "main", logLevel: "Debug" });
  expect(changed.result).toEqual({ loggerLevels: { main: { logLevel: "DEBUG", displayLevel: "OFF" } } });
  await call(node, "info.getNodeID");
  await eventually("a call is logged at debug", () => /DEBUG .*API called/.test(log()));

  await call(node, "admin.setLoggerLevel", { logLevel: "off" });
  const length = log().length;
  await call(node, "info.getNodeID");
  expect(log().length).toBe(length);
  const { loggerLevels } = (await call(node, "admin.getLoggerLevel")).result as {
    loggerLevels: Record<string, { logLevel: string }>;
  };
  expect(Object.values(loggerLevels).map(({ logLevel }) => logLevel)).not.toContain("INFO");
  expect(Object.keys(loggerLevels)).toContain("main");
});

test("levels and loggers that there are not are refused in the reference's words, and nothing changes", async () => {
  using directory = temporaryDirectory();
  await using node = await start(directory);
  const set = (params: unknown) => refusal(node, "admin.setLoggerLevel", params);
  expect(await set({})).toBe("need to specify either displayLevel or logLevel");
  expect(await set({ loggerName: "nope", logLevel: "debug" })).toBe('logger with name "nope" not found');
  expect(await set({ logLevel: "nope" })).toStartWith("couldn't unmarshal an argument");
  expect(await set({ logLevel: "debug", displayLevel: "" })).toStartWith("couldn't unmarshal an argument");
  expect(await set({ logLevel: null })).toBe("need to specify either displayLevel or logLevel");
  expect(await refusal(node, "admin.getLoggerLevel", { loggerName: "x" })).toBe('logger with name "x" not found');
  const { result } = await call(node, "admin.getLoggerLevel", { loggerName: "main" });
  expect(result).toMatchObject({ loggerLevels: { main: { logLevel: "INFO" } } });
});

test("an endpoint gets another name, with the paths below it, once", async () => {
  using directory = temporaryDirectory();
  await using node = await start(directory);
  const status = async (path: string) => (await fetch(`${node.uri}/ext/${path}`)).status;
  const alias = (endpoint: string, name: string) => call(node, "admin.alias", { endpoint, alias: name });
  expect(await status("well/liveness")).toBe(404);
  expect(await alias("health", "well")).toEqual({ jsonrpc: "2.0", result: {}, id: 1 } as object);
  expect(await status("well/liveness")).toBe(200);
  expect((await alias("metrics", "my/own")).result).toEqual({});
  expect(await status("my/own")).toBe(200);
  expect(await status("my")).toBe(404);
  expect(await status("wellness/liveness")).toBe(404);

  const refused = async (name: string) => (await alias("health", name)).error?.message;
  expect(await refused("well")).toBe("route is either already aliased or already maps to a handle: /ext/well");
  expect(await refused("info")).toBe("failed to create endpoint as /ext/info already exists");
  expect(await refused("x".repeat(513))).toBe("alias length is too long");
  for (const bad of ["", "a b", "../x", "a//b", "a/", "a?b"]) {
    expect(await refused(bad)).toBe(`no request can have the path /ext/${bad}`);
  }
});

test("a chain gets another name, which info knows at once", async () => {
  using directory = temporaryDirectory();
  await using node = await start(directory);
  const platform = "11111111111111111111111111111111LpoYY";
  const aliases = async () => (await call(node, "admin.getChainAliases", { chain: platform })).result;
  expect(await aliases()).toEqual({ aliases: ["P", "platform", platform] });
  expect((await call(node, "admin.aliasChain", { chain: "P", alias: "pp" })).result).toEqual({});
  expect(await aliases()).toEqual({ aliases: ["P", "platform", platform, "pp"] });
  expect((await call(node, "info.getBlockchainID", { alias: "pp" })).result).toEqual({ blockchainID: platform });

  expect(await refusal(node, "admin.aliasChain", { chain: "P", alias: "pp" })).toBe(
    "alias already mapped to an ID: pp",
  );
  expect(await refusal(node, "admin.aliasChain", { chain: "P", alias: "X" })).toBe("alias already mapped to an ID: X");
  expect(await refusal(node, "admin.aliasChain", { chain: "Q", alias: "q" })).toBe("there is no ID with alias: Q");
  expect(await refusal(node, "admin.getChainAliases", { chain: "P" })).toBe(
    "input string is smaller than the checksum size",
  );
  const unknown = "2JVSBoinj9C2J33VntvzYtVJNZdN2NKiwwKjcumHUWEb5DbBrm";
  expect((await call(node, "admin.getChainAliases", { chain: unknown })).result).toEqual({ aliases: null });
});

test("profiles are written to profile-dir, for the owner alone", async () => {
  using directory = temporaryDirectory();
  const profiles = directory.join("elsewhere");
  await using node = await start(directory, { "profile-dir": profiles });
  expect(await refusal(node, "admin.stopCPUProfiler")).toBe("cpu profiler doesn't exist");
  expect((await call(node, "admin.startCPUProfiler")).result).toEqual({});
  expect(await refusal(node, "admin.startCPUProfiler")).toBe("cpu profiler already running");
  expect((await call(node, "admin.stopCPUProfiler")).result).toEqual({});
  expect(JSON.parse(readFileSync(`${profiles}/cpu.profile`, "utf8"))).toHaveProperty("nodes");

  expect((await call(node, "admin.memoryProfile")).result).toEqual({});
  expect(JSON.parse(readFileSync(`${profiles}/mem.profile`, "utf8"))).toHaveProperty("snapshot.meta.node_fields");
  for (const name of ["cpu.profile", "mem.profile"]) {
    expect(statSync(`${profiles}/${name}`).mode & 0o777).toBe(0o600);
  }
  expect(statSync(profiles).mode & 0o777).toBe(0o700);
  for (const method of ["lockProfile", "stacktrace", "loadVMs", "dbGet"]) {
    expect(await refusal(node, `admin.${method}`)).toStartWith(`admin.${method} is not for avx: `);
  }
});

test("profile-continuous-enabled writes profiles all the time, and keeps as many as it is told", async () => {
  using directory = temporaryDirectory();
  const node = await start(directory, {
    "profile-continuous-enabled": "true",
    "profile-continuous-freq": "20ms",
    "profile-continuous-max-files": "2",
  });
  const path = (name: string) => directory.join("node", "profiles", "continuous", name);
  await eventually("two profiles were put aside", () => existsSync(path("mem.profile.2")));
  await node.close();
  expect(existsSync(path("cpu.profile"))).toBe(true);
  expect(existsSync(path("cpu.profile.2"))).toBe(true);
  expect(existsSync(path("cpu.profile.3"))).toBe(false);
});

test("getConfig tells every flag, and no secret", async () => {
  using directory = temporaryDirectory();
  const signer = Buffer.from(new Uint8Array(32).fill(7)).toString("base64");
  await using node = await start(directory, {
    "staking-signer-key-file-content": signer,
    "tracing-headers": "authorization=Bearer-hunter2",
  });
  const { result = {} } = await call(node, "admin.getConfig");
  expect(result).toMatchObject({
    "api-admin-enabled": true,
    "data-dir": directory.join("node"),
    "health-check-frequency": "30s",
    "http-port": 0,
    "log-dir": `${directory.join("node")}/logs`,
    "staking-signer-key-file-content": "(44 characters)",
    "tracing-headers": { authorization: "(hidden)" },
  });
  const text = JSON.stringify(result);
  expect(text).not.toContain(signer);
  expect(text).not.toContain("hunter2");
});
