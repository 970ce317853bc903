/** A node's life with real processes and sockets: ends, returns, sleeps, and meets itself. */

import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { type Clock, systemClock } from "../../lib/core/clock.ts";
import { formatAddrPort } from "../../lib/core/ip.ts";
import { Node } from "../../lib/node/node.ts";
import { type ProcessContext, readProcessContext } from "../../lib/platform/process_context.ts";
import { AVX_SOURCE, avxEnvironment } from "../support/cli.ts";
import { eventually } from "../support/eventually.ts";
import { openSockets } from "../support/open_sockets.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../support/temporary.ts";
import { nodeConfig, testNetwork } from "./support.ts";

const HOUR_MS = 3_600_000;
/** Processes start slowly on a busy machine. */
const TIMEOUT_MS = 60_000;

type Flags = Readonly<Record<string, string>>;

/** The flags of the two nodes that a network has. */
function pair(): [Flags, Flags] {
  const { stakers, flags } = testNetwork(2);
  return stakers.map((staker) => ({ ...flags, ...staker.flags })) as [Flags, Flags];
}

/** A node of the network in this process. */
function start(
  directory: TemporaryDirectory,
  name: string,
  flags: Flags,
  modules: { readonly clock?: Clock } = {},
): Promise<Node> {
  return Node.start(nodeConfig({ ...flags, "data-dir": directory.join(name) }), modules);
}

/** A node in a process of its own, which is there when it resolves. */
async function spawn(directory: TemporaryDirectory, flags: Flags) {
  const dataDir = directory.join("child");
  const file = directory.join("child.json");
  writeFileSync(file, JSON.stringify({ ...flags, "data-dir": dataDir }));
  const child = Bun.spawn([...AVX_SOURCE, "--config-file", file], {
    env: avxEnvironment(),
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  const end = async (): Promise<void> => {
    child.kill("SIGKILL");
    await child.exited;
  };
  try {
    const context = (): ProcessContext | undefined => readProcessContext(`${dataDir}/process.json`);
    await eventually("the node says where it is", () => context()?.pid === child.pid);
    return { child, context: context() as ProcessContext, [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}

function dialling(node: Node): Flags {
  return { "bootstrap-ips": formatAddrPort(node.stakingAddress), "bootstrap-ids": node.nodeID };
}

const FIRST: Flags = { "bootstrap-ips": "", "bootstrap-ids": "" };

function mainLog(directory: TemporaryDirectory, name: string): string {
  return readFileSync(directory.join(name, "logs", "main.log"), "utf8");
}

async function isHealthy(uri: string): Promise<boolean> {
  return (await fetch(`${uri}/ext/health`)).status === 200;
}

async function networkDetails(uri: string): Promise<Record<string, unknown>> {
  const reply = (await (await fetch(`${uri}/ext/health`)).json()) as {
    checks: Record<string, { message: Record<string, unknown> }>;
  };
  return reply.checks["network"]?.message ?? {};
}

test(
  "a node that is killed comes back to its directory and its peers, from another port and from the same",
  async () => {
    using directory = temporaryDirectory();
    const [ours, theirs] = pair();
    await using node = await start(directory, "own", { ...ours, ...FIRST });
    const childFlags = { ...theirs, ...dialling(node) };
    const seen = (): readonly string[] => node.network.peerInfo().map(({ publicIP }) => formatAddrPort(publicIP));
    const pids: number[] = [];

    let stakingPort = "0";
    // The third is told the port that the second had.
    for (let round = 0; round < 3; round++) {
      await using killed = await spawn(directory, { ...childFlags, "staking-port": stakingPort });
      const { stakingAddress, uri } = killed.context;
      await eventually("it is connected, from where it is now", () => seen().join() === stakingAddress);
      await eventually("both are well", async () => (await isHealthy(uri)) && (await isHealthy(node.uri)));
      pids.push(killed.child.pid);
      if (round > 0) stakingPort = stakingAddress.split(":").at(-1) as string;
      killed.child.kill("SIGKILL");
      await killed.child.exited;
      await eventually("it is missed", () => seen().length === 0);
      await eventually("who is alone is not well", async () => !(await isHealthy(node.uri)));
    }
    expect(new Set(pids).size).toBe(3);
  },
  TIMEOUT_MS,
);

test(
  "a process that was stopped for longer than the ping time-out is missed meanwhile, and goes on as if nothing was",
  async () => {
    using directory = temporaryDirectory();
    const [ours, theirs] = pair();
    const impatient = { "network-ping-timeout": "2s", "network-ping-frequency": "500ms" };
    await using node = await start(directory, "own", { ...ours, ...impatient, ...FIRST });
    await using sleeper = await spawn(directory, { ...theirs, ...impatient, ...dialling(node) });
    const { uri } = sleeper.context;
    await eventually("both are well", async () => (await isHealthy(uri)) && (await isHealthy(node.uri)));
    const sockets = openSockets();

    sleeper.child.kill("SIGSTOP");
    await eventually("it is missed", () => node.network.peerInfo().length === 0);
    await eventually("who is alone is not well", async () => !(await isHealthy(node.uri)));
    sleeper.child.kill("SIGCONT");
    await eventually("both are well again", async () => (await isHealthy(uri)) && (await isHealthy(node.uri)));
    await eventually("no socket is left of what was", () => openSockets() <= sockets);
    expect(mainLog(directory, "child")).not.toMatch(/ (ERROR|FATAL) /);
  },
  TIMEOUT_MS,
);

test(
  "of two nodes with one identity the second says why it may be alone, and takes the place of the first",
  async () => {
    using directory = temporaryDirectory();
    const [watching, shared] = pair();
    await using watcher = await start(directory, "watcher", { ...watching, ...FIRST });
    const both = { ...shared, ...dialling(watcher) };
    await using first = await start(directory, "first", both);
    await eventually("the first is connected", () => first.network.peerInfo().length === 1);
    await using second = await start(directory, "second", both);

    await eventually("the second says what it sees", async () => "isolation" in (await networkDetails(second.uri)));
    expect(mainLog(directory, "second")).toMatch(/ WARN .*no node lets this one in: .*staking key/);
    expect(await isHealthy(second.uri)).toBe(false);
    expect(await isHealthy(first.uri)).toBe(true);
    expect(first.network.metrics.timesDisconnected).toBe(0);

    await first.close();
    await eventually("the second is taken", () => second.network.peerInfo().length === 1);
    await eventually("and is well", () => isHealthy(second.uri));
    expect(await networkDetails(second.uri)).not.toHaveProperty("isolation");
  },
  TIMEOUT_MS,
);

test(
  "a node whose clock is an hour behind says so in its log and its health, and connects once it is set",
  async () => {
    using directory = temporaryDirectory();
    const [right, wrong] = pair();
    let offMs = -HOUR_MS;
    const clock: Clock = { ...systemClock, now: () => systemClock.now() + offMs };
    await using peer = await start(directory, "peer", { ...right, ...FIRST });
    await using late = await start(directory, "late", { ...wrong, ...dialling(peer) }, { clock });

    await eventually("it says what it sees", async () => "isolation" in (await networkDetails(late.uri)));
    const { isolation } = await networkDetails(late.uri);
    // A second may begin between the two readings.
    expect(isolation).toMatch(
      /^this node's clock is (1h0m0s|1h0m1s|59m59s) behind those of 1 node\(s\), which refuse it$/,
    );
    expect(mainLog(directory, "late")).toContain("this node's clock is behind those of its peers, which refuse it");
    offMs = 0;
    await eventually("it is well", () => isHealthy(late.uri));
  },
  TIMEOUT_MS,
);

test(
  "ten lives in one directory and process leave no socket",
  async () => {
    using directory = temporaryDirectory();
    const [stays, comes] = pair();
    await using node = await start(directory, "stays", { ...stays, ...FIRST });
    const sockets = openSockets();
    const nodeIDs = new Set<string>();
    for (let life = 0; life < 10; life++) {
      await using other = await start(directory, "comes", { ...comes, ...dialling(node) });
      nodeIDs.add(other.nodeID);
      // Some end well connected, some in the midst of it.
      if (life % 2 === 0) await eventually("it is connected", () => node.network.peerInfo().length === 1);
    }
    expect(nodeIDs.size).toBe(1);
    await eventually("nobody is connected", () => node.network.peerInfo().length === 0);
    await eventually("no socket is left", () => openSockets() <= sockets);
    expect(node.network.ingressConnections).toBe(0);
  },
  TIMEOUT_MS,
);
