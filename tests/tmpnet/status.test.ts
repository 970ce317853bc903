import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodeFaults } from "../../lib/tmpnet/faults.ts";
import type { Network } from "../../lib/tmpnet/network.ts";
import type { NodeAnswers } from "../../lib/tmpnet/node_answers.ts";
import { type NetworkStatus, networkStatus, networkStatusAt } from "../../lib/tmpnet/status.ts";
import { waitForNetwork } from "../../lib/tmpnet/wait.ts";
import { homeForEachTest } from "./home.ts";
import { madeNetwork, madeNodeID } from "./made_networks.ts";
import { errorOf, nodeProcessesIn, until } from "./support.ts";

setDefaultTimeout(60_000);

const home = homeForEachTest();

const codes = (status: { readonly faults: readonly { readonly code: string }[] }) =>
  status.faults.map(({ code }) => code);

test("a node that was killed is told with its last sign of life; the others see whom they miss", async () => {
  const network = await home.start({ nodeCount: 3 });
  const [first] = network.nodes;
  const state = network.inspect(first!);
  if (state.status !== "running") throw new Error("it does not run");
  process.kill(state.pid, "SIGKILL");
  await until(() => network.inspect(first!).status === "stopped");

  const before = Date.now();
  const status = await networkStatus(network);
  expect(status.healthy).toBe(false);
  const [killed, second] = status.nodes;
  expect(codes(killed!)).toEqual(["died"]);
  expect(killed!.endedAt).toBeLessThanOrEqual(before);
  expect(Date.parse(killed!.faults[0]!.since!)).toBe(Math.floor(killed!.endedAt!));
  // These nodes know no peers: of the one that runs, each says that it misses it.
  expect(codes(second!)).toEqual(["missing-peer"]);
  expect(second!.faults[0]!.what).toContain(`not connected to ${status.nodes[2]!.nodeID}; both run since `);
  await network.stop();
  const stopped = await networkStatus(network);
  expect(stopped.nodes.map(codes)).toEqual([["stopped"], ["stopped"], ["stopped"]]);
});

test("what is asked is told apart: the check that fails, since when, and a node that gives no answer", () => {
  const process = { status: "running", pid: 1, uri: "u", stakingAddress: "s", startedAt: 1_000 } as const;
  const node = { nodeID: "NodeID-A", dataDir: "/d", isEphemeral: false, process } as unknown as NodeAnswers;
  const unhealthy = {
    answers: true,
    healthy: false,
    failing: [{ check: "C", error: "no stake", since: "T" }],
  } as const;
  const missing = { known: true, connected: 1, missing: ["NodeID-B"] } as unknown as NodeAnswers["peers"];
  expect(nodeFaults({ ...node, api: unhealthy, peers: missing }, new Map([["NodeID-B" as never, 2_000]]))).toEqual([
    { part: "api", code: "check", what: "C: no stake", since: "T" },
    { part: "peers", code: "missing-peer", what: "not connected to NodeID-B; both run since 1970-01-01T00:00:02.000Z" },
  ]);
  const silent = { answers: false, error: "timed out" } as const;
  expect(nodeFaults({ ...node, api: silent, peers: { known: false, error: "timed out" } }, new Map())).toEqual([
    { part: "api", code: "no-answer", what: "timed out" },
    { part: "peers", code: "no-answer", what: "timed out" },
  ]);
});

test("half-made, broken and failed networks are told for what they are", async () => {
  const { root } = home;
  const halfMade = join(root, "20260101-000000");
  mkdirSync(halfMade, { recursive: true });
  writeFileSync(join(halfMade, "genesis.json"), "{}");
  expect(await networkStatusAt(halfMade)).toMatchObject({ healthy: false, nodes: [], faults: [{ code: "broken" }] });

  const broken = madeNetwork(root, "20260102-000000", "A");
  const at = Date.UTC(2026, 0, 2) / 1000;
  writeFileSync(join(broken.nodes[0]!, "logs", "main.log"), "");
  for (const path of [join(broken.nodes[0]!, "logs", "main.log"), broken.nodes[0]!]) utimesSync(path, at, at);
  const status = await networkStatusAt(broken.dir);
  expect(codes(status)).toEqual(["broken"]);
  expect(status.nodes.map(({ nodeID, endedAt }) => [nodeID as string, endedAt])).toEqual([
    [madeNodeID("A"), at * 1000],
  ]);

  const failed = madeNetwork(root, "20260103-000000", "");
  writeFileSync(join(failed.dir, "avx-start.json"), JSON.stringify({ begunAt: 0, failed: "the moon is full\nmore" }));
  expect((await networkStatusAt(failed.dir)).faults).toEqual([
    {
      part: "network",
      code: "failed-start",
      what: "its first start failed: the moon is full",
      since: "1970-01-01T00:00:00.000Z",
    },
    { part: "network", code: "no-nodes", what: "it has no nodes" },
  ]);
  expect(networkStatusAt(home.directory.path)).rejects.toThrow("is no network");
});

test("a start that failed is noted, and one that succeeded leaves no note", async () => {
  let dir = "";
  const onProgress = (progress: { kind: string; network?: Network }) => {
    if (progress.kind === "created") dir = progress.network?.dir ?? "";
  };
  await errorOf(home.start({ nodeCount: 1, defaultFlags: { fake: "fatal" } }, { onProgress }));
  expect(JSON.parse(readFileSync(join(dir, "avx-start.json"), "utf8")).failed).toContain("it logged FATAL");
  expect(codes(await networkStatusAt(dir))).toEqual(["failed-start"]);
  await using network = await home.start({ nodeCount: 1 });
  expect(codes(await networkStatus(network))).toEqual([]);
});

test("a wait ends at once where all is well, and gives each node's reasons where it is not", async () => {
  const network = await home.start({ nodeCount: 1 });
  expect((await waitForNetwork(network.dir)).healthy).toBe(true);
  await network.stop();
  const seen: number[] = [];
  const onStatus = (status: NetworkStatus) => seen.push(status.nodes.length);
  const { type, message } = await errorOf(waitForNetwork(network.dir, { timeoutMs: 600, onStatus }));
  expect(type).toMatchObject({ code: "not-healthy", nodeIDs: [network.nodes[0]!.nodeID] });
  expect(message).toContain(`${network.nodes[0]!.nodeID} process: it does not run (since `);
  expect(seen).toEqual([1]);
  expect(nodeProcessesIn(network.dir)).toEqual([]);
});

test("a wait tells what has changed, and not that the same began some milliseconds earlier or later", async () => {
  await using network = await home.start({ nodeCount: 2 });
  // They know no peers, and each misses the other for as long as it is asked.
  const seen: string[] = [];
  const onStatus = ({ nodes }: NetworkStatus) => seen.push(nodes.flatMap(({ faults }) => faults)[0]!.what);
  const error = await waitForNetwork(network.dir, { timeoutMs: 1_500, onStatus }).catch((thrown: unknown) => thrown);
  expect((error as Error).message).toContain("; both run since 2");
  expect(seen).toHaveLength(1);
});

test("a wait for what nobody starts is given up early, and a signal ends any", async () => {
  const { dir } = madeNetwork(home.root, "20260101-000000", "A");
  const startedAt = performance.now();
  const error = await errorOf(waitForNetwork(dir, { timeoutMs: 50_000 }));
  expect(error.message).toContain("nobody starts what is stopped");
  expect(performance.now() - startedAt).toBeLessThan(45_000);
  const aborted = AbortSignal.abort();
  expect(waitForNetwork(dir, { signal: aborted })).rejects.toMatchObject({ type: { code: "interrupted" } });
});
