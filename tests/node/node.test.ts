import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { formatAddrPort } from "../../lib/core/ip.ts";
import { NodeError } from "../../lib/node/errors.ts";
import { Node } from "../../lib/node/node.ts";
import { readProcessContext } from "../../lib/platform/process_context.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/ports.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../support/temporary.ts";
import { callNode, LOOPBACK, nodeConfig, testNetwork } from "./support.ts";

const LOCAL = { ...LOOPBACK, "network-id": "local" };

function start(directory: TemporaryDirectory, flags: Record<string, string> = {}): Promise<Node> {
  return Node.start(nodeConfig({ ...LOCAL, "data-dir": directory.join("node"), ...flags }));
}

async function refusal(directory: TemporaryDirectory, flags: Record<string, string>): Promise<NodeError> {
  try {
    await (await start(directory, flags)).close();
  } catch (error) {
    if (error instanceof NodeError) return error;
    throw error;
  }
  throw new Error("the node started");
}

function mainLog(directory: TemporaryDirectory): string {
  return readFileSync(directory.join("node", "logs", "main.log"), "utf8");
}

test("a node says where it is while it runs, and leaves nothing but its keys and logs", async () => {
  using directory = temporaryDirectory();
  const path = directory.join("node", "process.json");
  const node = await start(directory);
  const context = readProcessContext(path);
  expect(context).toEqual({ pid: process.pid, uri: node.uri, stakingAddress: formatAddrPort(node.stakingAddress) });
  expect(statSync(path).mode & 0o777).toBe(0o640);
  expect((await fetch(`${node.uri}/ext/health/liveness`)).headers.get("node-id")).toBe(node.nodeID);
  expect(await callNode<{ nodeID: string }>(node.uri, "info.getNodeID")).toMatchObject({ nodeID: node.nodeID });
  await node.close();
  await node.close();
  expect(await node.ended).toBeUndefined();
  expect(existsSync(path)).toBe(false);
  expect(fetch(node.uri)).rejects.toThrow();
  expect(mainLog(directory)).not.toContain("FATAL");

  await using again = await start(directory);
  expect(again.nodeID).toBe(node.nodeID);
});

test("the APIs tell what the node knows", async () => {
  using directory = temporaryDirectory();
  await using node = await start(directory, { "chain-aliases-file-content": btoa("{}"), "tx-fee": "5" });
  expect(await callNode<object>(node.uri, "info.getNodeVersion")).toMatchObject({
    version: "avx/1.14.2",
    databaseVersion: "v1.4.5",
    rpcProtocolVersion: "45",
  });
  expect(await callNode<object>(node.uri, "info.getNetworkName")).toEqual({ networkName: "local" });
  expect(await callNode<object>(node.uri, "info.getTxFee")).toMatchObject({ txFee: "5" });
  expect(await callNode<object>(node.uri, "info.getBlockchainID", { alias: "X" })).toHaveProperty("blockchainID");
  expect(await callNode<object>(node.uri, "info.upgrades")).toHaveProperty("graniteTime");
  expect(await callNode<object>(node.uri, "info.getNodeIP")).toEqual({ ip: formatAddrPort(node.stakingAddress) });
  const metrics = await (await fetch(`${node.uri}/ext/metrics`)).text();
  for (const family of ["api_calls", "health_checks_failing", "network_peers", "process_process_open_fds"]) {
    expect(metrics).toContain(`# TYPE avalanche_${family} `);
  }
});

test("an API that is switched off is not served", async () => {
  using directory = temporaryDirectory();
  await using node = await start(directory, { "api-info-enabled": "false", "api-metrics-enabled": "false" });
  expect((await fetch(`${node.uri}/ext/info`)).status).toBe(404);
  expect((await fetch(`${node.uri}/ext/metrics`)).status).toBe(404);
  expect((await fetch(`${node.uri}/ext/health/liveness`)).status).toBe(200);
});

test("nodes of a network find each other, are healthy, and say so when the others are gone", async () => {
  using directory = temporaryDirectory();
  const network = testNetwork(3);
  await using nodes = new AsyncDisposableStack();
  const started: Node[] = [];
  for (const [i, staker] of network.stakers.entries()) {
    const [first] = started;
    const bootstrap =
      first === undefined
        ? { "bootstrap-ips": "", "bootstrap-ids": "" }
        : { "bootstrap-ips": formatAddrPort(first.stakingAddress), "bootstrap-ids": first.nodeID };
    const flags = { ...network.flags, ...staker.flags, ...bootstrap, "data-dir": directory.join(String(i)) };
    started.push(nodes.use(await Node.start(nodeConfig(flags))));
  }
  const [one, ...others] = started as [Node, Node, Node];
  await eventually("all see the two others", () => started.every((node) => node.network.peerInfo().length === 2));
  let health = await (await fetch(`${one.uri}/ext/health`)).json();
  for (let i = 0; i < 200 && !(health as { healthy: boolean }).healthy; i++) {
    await Bun.sleep(10);
    health = await (await fetch(`${one.uri}/ext/health`)).json();
  }
  expect(health).toMatchObject({
    healthy: true,
    checks: {
      validators: { message: { disconnectedValidators: [], percentConnected: 1 } },
      bls: { message: "node has the correct BLS key" },
      network: { message: { connectedPeers: 2 } },
      router: { message: { longestRunningRequest: "0s", outstandingRequests: 0 } },
      chains: { message: { P: { state: "running" }, X: { state: "running" }, C: { state: "running" } } },
      bootstrapped: { message: [] },
      diskspace: {},
    },
  });
  expect((await fetch(`${one.uri}/ext/health/readiness`)).status).toBe(200);
  const { peers } = await callNode<{ peers: { nodeID: string; version: string }[] }>(one.uri, "info.peers");
  expect(peers.map(({ nodeID }) => nodeID).sort()).toEqual(others.map(({ nodeID }) => nodeID as string).sort());
  expect(peers[0]?.version).toBe("avx/1.14.2");

  await Promise.all(others.map((node) => node.close()));
  await eventually("the peers are gone", () => one.network.peerInfo().length === 0);
  await Bun.sleep(50);
  const response = await fetch(`${one.uri}/ext/health`);
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({
    healthy: false,
    checks: { validators: { error: expect.stringContaining("not connected to enough stake") } },
  });
  expect((await fetch(`${one.uri}/ext/health/readiness`)).status).toBe(200);
});

test("without sybil protection a node alone is healthy, and whoever connects validates", async () => {
  using directory = temporaryDirectory();
  const off = { "sybil-protection-enabled": "false", "health-check-frequency": "20ms" };
  await using one = await start(directory, off);
  const bootstrap = { "bootstrap-ips": formatAddrPort(one.stakingAddress), "bootstrap-ids": one.nodeID };
  await Bun.sleep(60);
  expect((await fetch(`${one.uri}/ext/health`)).status).toBe(200);
  {
    await using _ = await start(directory, { ...off, ...bootstrap, "data-dir": directory.join("other") });
    await eventually("they are connected", () => one.network.peerInfo().length === 1);
    expect(one.network.connectedStake(one.network.peerInfo()[0]!.trackedSubnets[0]!)).toMatchObject({
      connected: 200n,
      total: 200n,
    });
  }
  await eventually("it is gone", () => one.network.peerInfo().length === 0);
  expect((await fetch(`${one.uri}/ext/health`)).status).toBe(200);
});

test("a bootstrapper that comes late is dialled until it is there", async () => {
  using directory = temporaryDirectory();
  const network = testNetwork(2);
  const [late, early] = network.stakers;
  const port = await freePort();
  const bootstrap = { "bootstrap-ips": `127.0.0.1:${port}`, "bootstrap-ids": late!.nodeID };
  const flags = { ...network.flags, "data-dir": directory.join("early"), ...early!.flags, ...bootstrap };
  await using first = await Node.start(nodeConfig(flags));
  expect((await fetch(`${first.uri}/ext/health/readiness`)).status).toBe(503);
  await using _ = await Node.start(
    nodeConfig({ ...network.flags, ...late!.flags, "data-dir": directory.join("late"), "staking-port": String(port) }),
  );
  await eventually("they are connected", () => first.network.peerInfo().length === 1);
  await Bun.sleep(60);
  expect((await fetch(`${first.uri}/ext/health/readiness`)).status).toBe(200);
});

test("a process context that a killed node left behind is replaced", async () => {
  using directory = temporaryDirectory();
  mkdirSync(directory.join("node"));
  const path = directory.join("node", "process.json");
  // A process that is surely there, and is no node.
  writeFileSync(path, JSON.stringify({ pid: process.ppid, uri: "http://127.0.0.1:9", stakingAddress: "127.0.0.1:9" }));
  await using node = await start(directory);
  expect(readProcessContext(path)?.uri).toBe(node.uri);
});

test("a flag without effect is logged with the reason", async () => {
  using directory = temporaryDirectory();
  await using _ = await start(directory, { "db-type": "memdb" });
  expect(mainLog(directory)).toContain('{"flag": "db-type", "reason": "avx keeps no database"}');
});

test("HTTP is served with TLS on wish, and a context file elsewhere", async () => {
  using directory = temporaryDirectory();
  const { newTLSCert } = await import("../../lib/core/staking/tls_cert.ts");
  const { keyPEM, certPEM } = newTLSCert();
  const path = directory.join("elsewhere", "where.json");
  await using node = await start(directory, {
    "http-tls-enabled": "true",
    "http-tls-key-file-content": btoa(keyPEM),
    "http-tls-cert-file-content": btoa(certPEM),
    "process-context-file": path,
  });
  expect(node.uri).toStartWith("https://");
  expect(readProcessContext(path)?.uri).toBe(node.uri);
  const response = await fetch(`${node.uri}/ext/health/liveness`, { tls: { rejectUnauthorized: false } });
  expect(response.status).toBe(200);
});

test("while it waits to stop a node answers, and is unhealthy", async () => {
  using directory = temporaryDirectory();
  const node = await start(directory, {
    "http-shutdown-wait": "200ms",
    "sybil-protection-enabled": "false",
    "health-check-frequency": "20ms",
  });
  await Bun.sleep(60);
  expect((await fetch(`${node.uri}/ext/health`)).status).toBe(200);
  const closed = node.close();
  const response = await fetch(`${node.uri}/ext/health`);
  expect(response.status).toBe(503);
  expect(await response.json()).toHaveProperty("checks.shuttingDown");
  await closed;
});

test("too little disk space ends the node with a fatal line", async () => {
  using directory = temporaryDirectory();
  await using node = await start(directory, {
    "health-check-frequency": "20ms",
    "system-tracker-disk-required-available-space-percentage": "50",
    "system-tracker-disk-warning-available-space-percentage": "50",
  });
  const { availablePercentage } = (await import("../../lib/p2p/throttling/tracker/process_usage.ts")).readDiskSpace(
    directory.path,
  )!;
  if (availablePercentage >= 50) return; // This machine has room enough.
  expect((await node.ended)?.message).toContain("Too little disk space");
  expect(mainLog(directory)).toMatch(/FATAL .*too little disk space/);
});

// ------------------------------------------------------------------------------------------------ what cannot start

function listening(): Promise<{ port: number } & AsyncDisposable> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      resolve({ port, [Symbol.asyncDispose]: () => new Promise((done) => server.close(() => done())) });
    });
  });
}

test.each(["http-port", "staking-port"])("a %s in use is named, in the log too, and nothing is left", async (flag) => {
  using directory = temporaryDirectory();
  await using taken = await listening();
  const error = await refusal(directory, { [flag]: String(taken.port) });
  expect(error.message).toEndWith(`on 127.0.0.1:${taken.port}: the port is in use`);
  expect(error.hint).toContain("port 0 takes any free one");
  expect(mainLog(directory)).toMatch(/FATAL .*failed to start the node .*the port is in use/);
  expect(existsSync(directory.join("node", "process.json"))).toBe(false);

  // The death is told once: the next start begins a new log.
  await using _ = await start(directory);
  expect(mainLog(directory)).not.toContain("FATAL");
});

test("an address that this machine does not have is named", async () => {
  using directory = temporaryDirectory();
  const error = await refusal(directory, { "http-host": "192.0.2.1" });
  expect(error.type).toMatchObject({ code: "listen-failed", flag: "http-port" });
  expect((await refusal(directory, { "staking-host": "no.such.host.invalid" })).type.code).toBe("unknown-host");
});

test("a data directory that cannot be made is named", async () => {
  using directory = temporaryDirectory();
  writeFileSync(directory.join("file"), "");
  const path = directory.join("file", "node");
  const error = await refusal(directory, { "data-dir": path });
  expect(error.type).toEqual({ code: "cannot-write", path });
  expect(error.hint).toBe("Give a directory that can be written with data-dir");
});

test("a log directory that cannot be made is named", async () => {
  using directory = temporaryDirectory();
  writeFileSync(directory.join("file"), "");
  const path = directory.join("file", "logs");
  expect((await refusal(directory, { "log-dir": path })).type).toEqual({ code: "cannot-write", path });
});

test("wrong keys are told in the log as the reason", async () => {
  using directory = temporaryDirectory();
  mkdirSync(directory.join("node", "staking"), { recursive: true });
  writeFileSync(directory.join("node", "staking", "staker.key"), "junk");
  writeFileSync(directory.join("node", "staking", "staker.crt"), "junk");
  expect((await refusal(directory, {})).type.code).toBe("bad-key-file");
  expect(mainLog(directory)).toMatch(/FATAL .*staker\.key/);
});

test("a limit of open files that the system does not allow is refused where it was asked for", async () => {
  using directory = temporaryDirectory();
  if (process.platform !== "linux") return; // Elsewhere the limit is not told.
  const error = await refusal(directory, { "fd-limit": "4000000000" });
  expect(error.type).toMatchObject({ code: "fd-limit", limit: 4_000_000_000 });
  expect(error.hint).toContain("ulimit -n");
});
