/** Life of a network, with nodes that misbehave as they are told. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listNetworks } from "../../lib/tmpnet/listing.ts";
import { Network, type NetworkProgress } from "../../lib/tmpnet/network.ts";
import { networkReport } from "../../lib/tmpnet/report.ts";
import { networkStatus } from "../../lib/tmpnet/status.ts";
import { homeForEachTest } from "./home.ts";
import { errorOf, nodeProcessesIn, readJSON, until } from "./support.ts";

// Each test starts programs: on a busy machine that takes its time.
setDefaultTimeout(60_000);

const home = homeForEachTest();

test("a network starts, is found on disk as tmpnet would have it, and is stopped by what it leaves", async () => {
  const told: string[] = [];
  const onProgress = (progress: NetworkProgress) => {
    told.push(progress.kind === "node" ? `${progress.nodeID} ${progress.phase}` : progress.kind);
  };
  let dir: string;
  {
    await using network = await home.start({ nodeCount: 3, owner: "me" }, { onProgress });
    dir = network.dir;
    expect(nodeProcessesIn(home.root)).toHaveLength(3);
    expect(network.nodeUris()).toHaveLength(3);
    expect(network.networkID).toBe(88888);
    expect(network.preFundedKeys).toHaveLength(50);
    expect(network.chainRpcUrl("C")).toEndWith("/ext/bc/C/rpc");

    const [first, second, third] = network.nodes.map((node) => readJSON(join(node.dataDir, "flags.json")));
    expect([first["bootstrap-ids"], first["bootstrap-ips"]]).toEqual(["", ""]);
    const { stakingAddress } = readJSON(join(network.nodes[0]!.dataDir, "process.json"));
    for (const flags of [second, third]) {
      expect(flags["bootstrap-ids"]).toBe(network.nodes[0]!.nodeID);
      expect(flags["bootstrap-ips"]).toBe(stakingAddress);
      expect(flags["network-id"]).toBe("88888");
      expect(flags["health-check-frequency"]).toBe("250ms");
    }
  }
  expect(nodeProcessesIn(home.root)).toEqual([]);
  expect(told[0]).toBe("created");
  expect(told.filter((line) => line.endsWith(" healthy"))).toHaveLength(3);

  expect(dir).toMatch(/\/\d{8}-\d{6}\.\d+-me$/);
  expect(readdirSync(home.root).sort()).toEqual([dir.slice(home.root.length + 1), "latest", "latest_me"]);
  expect(
    readdirSync(dir)
      .filter((name) => !name.startsWith("NodeID-"))
      .sort(),
  ).toEqual(["avx.json", "config.json", "genesis.json", "metrics.txt", "network.env"]);
  expect(readFileSync(join(dir, "network.env"), "utf8")).toBe(`export TMPNET_NETWORK_DIR=${dir}`);
  expect(readFileSync(join(dir, "metrics.txt"), "utf8")).toMatch(/^https:\/\/.*network_uuid%7C%3D%7C.*&to=now\n$/);
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  expect(statSync(join(dir, "config.json")).mode & 0o777).toBe(0o600);
});

test("the defaults are those of a quick network, or tmpnet's own", async () => {
  const quick = await home.start({ nodeCount: 1 });
  expect(quick.config.defaultFlags).toMatchObject({
    "network-initial-timeout": "300ms",
    "network-minimum-timeout": "300ms",
    "network-no-ingress-connections-grace-period": "87600h",
  });
  await quick.stop();
  const [node] = quick.nodes;
  expect(readJSON(join(node!.dataDir, "flags.json"))["sybil-protection-enabled"]).toBe("false");

  const plain = await home.start({ nodeCount: 1, tmpnetDefaults: true });
  expect(plain.config.defaultFlags).toEqual({});
  expect(readJSON(join(plain.nodes[0]!.dataDir, "flags.json"))["health-check-frequency"]).toBe("2s");
  await plain.stop();

  const own = await home.start({ nodeCount: 1, defaultFlags: { "health-check-frequency": "5s", "http-host": "::1" } });
  expect(own.config.defaultFlags["health-check-frequency"]).toBe("5s");
  expect(readJSON(join(own.nodes[0]!.dataDir, "flags.json"))["http-host"]).toBe("::1");
  await own.stop();
});

test.each(["fatal", "exit", "fatal-later", "exit-later"])(
  "when a node ends (%s), it is named and quoted, and nothing is left running",
  async (fake) => {
    const before = await home.start({ nodeCount: 1 });
    await before.stop();
    const error = await errorOf(home.start({ nodeCount: 3, defaultFlags: { fake } }));
    expect(error.type.code).toBe("node-died");
    expect(error.message).toMatch(/^NodeID-\w+ did not start: it (logged FATAL|ended with exit code [37])/);
    if (fake !== "exit-later") expect(error.message).toContain("the moon is full");
    expect(nodeProcessesIn(home.root)).toEqual([]);
    // The link is at the last network that ran, and this one's directory is there to be looked at.
    expect(Network.read(join(home.root, "latest")).dir).toBe(before.dir);
    expect(listNetworks(home.root, home.env)).toHaveLength(2);
  },
);

test("when nodes are not healthy in time, one is named with what it lacks, and nothing is left running", async () => {
  const error = await errorOf(home.start({ nodeCount: 2, defaultFlags: { fake: "unhealthy" } }, { timeoutMs: 500 }));
  expect(error.type.code).toBe("unhealthy");
  expect(error.message).toMatch(/^NodeID-\w+ did not get healthy in time:\n {2}network: the moon is full\n/);
  expect(nodeProcessesIn(home.root)).toEqual([]);
});

test.each(["silent", "unhealthy"])("an interrupted start leaves nothing running (%s)", async (fake) => {
  const controller = new AbortController();
  const starting = errorOf(home.start({ nodeCount: 3, defaultFlags: { fake } }, { signal: controller.signal }));
  await until(() => nodeProcessesIn(home.root).length > 0);
  controller.abort();
  expect((await starting).type).toEqual({ code: "interrupted" });
  expect(nodeProcessesIn(home.root)).toEqual([]);
});

test("a network is restarted with all its nodes, whether they ran, were stopped, or were killed", async () => {
  const network = await home.start({ nodeCount: 3 });
  const [first, second] = network.nodes;
  const state = network.inspect(first!);
  process.kill((state as { pid: number }).pid, "SIGKILL");
  await until(() => nodeProcessesIn(home.root).length === 2);
  const restarted = await home.read(network.dir).restart();
  expect(nodeProcessesIn(home.root)).toHaveLength(3);
  expect(restarted.nodeUris()).toHaveLength(3);
  await restarted.stop();
  await restarted.restart();
  expect(nodeProcessesIn(home.root)).toHaveLength(3);
  expect(restarted.nodes.map(({ nodeID }) => nodeID)).toContain(second!.nodeID);
});

test("ports are dynamic, or kept where the network asks for it", async () => {
  const fixed = await home.start({ nodeCount: 2, reuseDynamicPorts: true });
  const before = fixed
    .nodeUris()
    .map(({ uri }) => uri)
    .sort();
  const again = await fixed.restart();
  expect(
    again
      .nodeUris()
      .map(({ uri }) => uri)
      .sort(),
  ).toEqual(before);
  await again.stop();
  const later = await again.restart();
  expect(
    later
      .nodeUris()
      .map(({ uri }) => uri)
      .sort(),
  ).toEqual(before);
  await later.stop();

  const dynamic = await home.start({ nodeCount: 1 });
  expect(dynamic.nodes[0]!.flags).not.toHaveProperty("http-port");
});

test("a port that is taken is told by the node that wanted it", async () => {
  const taken = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
  try {
    const error = await errorOf(home.start({ nodeCount: 1, defaultFlags: { "http-port": String(taken.port) } }));
    expect(error.type.code).toBe("node-died");
    expect(nodeProcessesIn(home.root)).toEqual([]);
  } finally {
    await taken.stop(true);
  }
});

test("nodes that are not meant to last are nobody's bootstrappers", async () => {
  const network = await home.start({ nodeCount: 2 });
  await network.stop();
  const [first, second] = network.nodes;
  const path = join(first!.dataDir, "config.json");
  writeFileSync(path, JSON.stringify({ ...readJSON(path), isEphemeral: true }));
  await home.read(network.dir).restart();
  expect(readJSON(join(second!.dataDir, "flags.json"))["bootstrap-ids"]).toBe("");
  expect(readJSON(join(first!.dataDir, "flags.json"))["bootstrap-ids"]).toBe(second!.nodeID);
});

test("status asks process, API and peers apart", async () => {
  const network = await home.start({ nodeCount: 3, defaultFlags: { fake: "healthy" } });
  const well = await networkStatus(network);
  // Fake nodes have no peers: that is all that is wrong with them.
  expect(well.healthy).toBe(false);
  for (const { process, api, peers } of well.nodes) {
    expect(process.status).toBe("running");
    expect(api).toEqual({ answers: true, healthy: true, failing: [] });
    expect(peers).toMatchObject({ known: true, connected: 0 });
    expect("missing" in peers && peers.missing).toHaveLength(2);
  }
  const [first, second] = network.nodes;
  const pidOf = (node: typeof first) => (network.inspect(node!) as { pid: number }).pid;
  const frozen = pidOf(first);
  process.kill(frozen, "SIGSTOP");
  process.kill(pidOf(second), "SIGKILL");
  await until(() => network.inspect(second!).status === "stopped");
  const ill = await networkStatus(network, { timeoutMs: 300 });
  const of = (node: typeof first) => ill.nodes.find(({ nodeID }) => nodeID === node!.nodeID)!;
  expect(of(first)).toMatchObject({ process: { status: "running" }, api: { answers: false }, peers: { known: false } });
  expect(JSON.stringify(of(first).api)).toContain("did not answer");
  expect(of(second)).toMatchObject({
    process: { status: "stopped" },
    api: { answers: false },
    peers: { known: false },
  });
  process.kill(frozen, "SIGCONT");
});

test("a report has what a developer needs", async () => {
  const network = await home.start({ nodeCount: 2 });
  const report = await networkReport(network);
  expect(report.nodes).toHaveLength(2);
  expect(report.cChain).toBeUndefined();
  // A copy: the matcher writes into what it is given.
  expect({ ...report.fundedKey }).toMatchObject({
    privateKeyHex: expect.stringMatching(/^0x[0-9a-f]{64}$/),
    privateKey: network.config.preFundedKeys[0],
    xChainAddress: expect.stringMatching(/^X-custom1/),
    pChainAddress: expect.stringMatching(/^P-custom1/),
    cChainAddress: expect.stringMatching(/^0x[0-9a-fA-F]{40}$/),
  });
  expect(report.env).toEqual({ TMPNET_NETWORK_DIR: network.dir });
  const genesis = readFileSync(join(network.dir, "genesis.json"), "utf8");
  expect(genesis).toContain(report.fundedKey!.xChainAddress);
  expect(genesis).toContain(report.fundedKey!.cChainAddress.slice(2).toLowerCase());
});

test("networks are listed with how much of each runs, also one that cannot be understood", async () => {
  const network = await home.start({ nodeCount: 2, owner: "me" });
  const brokenName = "20991231-235959.5-broken";
  mkdirSync(home.directory.join("networks", brokenName));
  writeFileSync(home.directory.join("networks", brokenName, "config.json"), "{");
  writeFileSync(home.directory.join("networks", brokenName, "genesis.json"), "{}");
  mkdirSync(home.directory.join("networks", "no-network"));
  const [mine, broken, ...rest] = listNetworks(home.root, {});
  expect(rest).toEqual([]);
  expect(mine).toMatchObject({
    dir: network.dir,
    owner: "me",
    nodeCount: 2,
    runningCount: 2,
    latest: true,
    program: home.program,
  });
  expect(broken).toMatchObject({ name: brokenName, nodeCount: 0, problem: expect.stringContaining("not JSON") });
  expect(listNetworks(home.directory.join("nothing"), {})).toEqual([]);
});

test("a network whose files are broken is still stopped", async () => {
  const network = await home.start({ nodeCount: 3 });
  writeFileSync(join(network.dir, "config.json"), "{");
  writeFileSync(join(network.nodes[0]!.dataDir, "config.json"), '{"flags": {}}');
  const stops = await Network.stop(network.dir, {}, { env: home.env });
  expect(stops.map(({ result }) => result.how)).toEqual(["stopped", "stopped", "stopped"]);
  expect(nodeProcessesIn(home.root)).toEqual([]);
});

test("what is wrong with a directory is said plainly", async () => {
  expect(() => Network.read(home.directory.join("nowhere"))).toThrow("There is no network directory at");
  expect(() => Network.read(home.directory.path)).toThrow("is no network: it has no config.json");
  expect((await errorOf(Network.stop(home.directory.path))).message).toContain("is no network");

  const network = await home.start({ nodeCount: 1 });
  await network.stop();
  const genesisPath = join(network.dir, "genesis.json");
  const genesis = readFileSync(genesisPath, "utf8");
  writeFileSync(genesisPath, genesis.slice(0, 100));
  const error = await errorOf(home.read(network.dir).restart());
  expect(error.type).toEqual({ code: "bad-file", path: genesisPath });
  expect(error.message).toContain("could not unmarshal genesis JSON");
  writeFileSync(genesisPath, genesis);

  const nodePath = join(network.nodes[0]!.dataDir, "config.json");
  const config = readJSON(nodePath);
  const other = await home.start({ nodeCount: 1 });
  const key = "staking-tls-key-file-content";
  const flags = { ...config.flags, [key]: other.nodes[0]!.flags[key] };
  writeFileSync(nodePath, JSON.stringify({ ...config, flags }));
  expect(() => Network.read(network.dir)).toThrow("its staking key and certificate are not fit for use");
});

test("a network that cannot be is refused before anything is made", async () => {
  for (const options of [{ nodeCount: 0 }, { nodeCount: 1.5 }, { owner: "a/b" }, { avalanchegoPath: "/nowhere" }]) {
    await errorOf(home.start(options));
  }
  expect(existsSync(home.root)).toBe(false);
  writeFileSync(home.directory.join("file"), "");
  const error = await errorOf(home.start({ rootNetworkDir: home.directory.join("file", "networks") }));
  expect(error.type.code).toBe("unwritable");
});

test("networks that start together do not mix", async () => {
  const networks = await Promise.all([1, 2, 3, 4].map((count) => home.start({ nodeCount: count })));
  expect(new Set(networks.map(({ dir }) => dir)).size).toBe(4);
  await networks[0]!.stop();
  expect(nodeProcessesIn(home.root)).toHaveLength(9);
  await Promise.all(networks.map((network) => network.stop()));
  expect(nodeProcessesIn(home.root)).toEqual([]);
});
