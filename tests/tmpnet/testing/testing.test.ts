import { afterEach, beforeEach, expect, test } from "bun:test";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Network } from "../../../lib/tmpnet/network.ts";
import { systemProcessTable } from "../../../lib/tmpnet/runtime/process_table.ts";
import { NetworkPool } from "../../../lib/tmpnet/testing/network_pool.ts";
import { saveNetworkReport, withNetworkReport } from "../../../lib/tmpnet/testing/network_report.ts";
import { endAbandonedNetworks, endSharedNetworks, sharedNetwork } from "../../../lib/tmpnet/testing/shared_network.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../support/temporary.ts";
import { endLeftovers, nodeProcessesIn, until } from "../support.ts";

const TIMEOUT_MS = 120_000;
const SUITE = join(import.meta.dirname, "suite_process.ts");

let directory: TemporaryDirectory;
let env: Record<string, string | undefined>;
beforeEach(() => {
  directory = temporaryDirectory();
  const HOME = directory.join("home");
  env = { ...process.env, HOME, TMPNET_ROOT_NETWORK_DIR: directory.path, AVX_REUSE_NETWORK: undefined };
});
afterEach(async () => {
  await endSharedNetworks({ env });
  endLeftovers(directory.path);
  directory[Symbol.dispose]();
});

/** Runs a test process until it has told of its network. */
async function suite(what: "end" | "exit" | "wait", variables: Record<string, string> = {}) {
  const child = Bun.spawn([process.execPath, SUITE, what], {
    env: { ...env, ...variables },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  let printed = "";
  const reader = child.stdout.getReader();
  while (!printed.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) break;
    printed += new TextDecoder().decode(value);
  }
  const [dir = "", isSame] = printed.trim().split(" ");
  expect(isSame).toBe("true");
  return { child, dir };
}

/** The processes that wait for the end of the one that a network belongs to. */
function guardians(dir: string): number[] {
  const isGuardian = (commandLine: string) => commandLine.startsWith("/bin/sh -c cat ") && commandLine.includes(dir);
  return systemProcessTable()
    .list(isGuardian)
    .map(({ pid }) => pid);
}

test.each(["end", "exit", "wait"] as const)(
  "a shared network ends with its process, which does %s",
  async (what) => {
    const { child, dir } = await suite(what);
    if (what === "wait") child.kill("SIGKILL");
    expect(await child.exited).toBe({ end: 0, exit: 3, wait: 137 }[what]);
    await until(() => !existsSync(dir), 20_000);
    expect(nodeProcessesIn(directory.path)).toHaveLength(0);
  },
  TIMEOUT_MS,
);

test(
  "the network of a test process that was killed is ended by the next one, and no other is",
  async () => {
    await using bystander = await Network.start({ nodeCount: 2, rootNetworkDir: directory.path }, {}, { env });
    const killed = await suite("wait");
    const alive = await suite("wait");
    // As a machine that goes down does: what watches over the network ends first.
    for (const pid of guardians(killed.dir)) process.kill(pid, "SIGKILL");
    killed.child.kill("SIGKILL");
    await killed.child.exited;
    expect(nodeProcessesIn(killed.dir)).toHaveLength(2);

    expect(await endAbandonedNetworks(directory.path, env)).toEqual([killed.dir]);
    expect(nodeProcessesIn(killed.dir)).toHaveLength(0);
    expect(existsSync(killed.dir)).toBe(false);
    expect(nodeProcessesIn(alive.dir)).toHaveLength(2);
    expect(nodeProcessesIn(bystander.dir)).toHaveLength(2);
    alive.child.kill("SIGTERM");
    await alive.child.exited;
  },
  TIMEOUT_MS,
);

test(
  "with AVX_REUSE_NETWORK the next run goes on with the network, also where it was stopped",
  async () => {
    const first = await suite("end", { AVX_REUSE_NETWORK: "1" });
    await first.child.exited;
    expect(nodeProcessesIn(first.dir)).toHaveLength(2);
    const second = await suite("exit", { AVX_REUSE_NETWORK: "1" });
    await second.child.exited;
    expect(second.dir).toBe(first.dir);
    expect(nodeProcessesIn(first.dir)).toHaveLength(2);
    await Network.stop(first.dir, {}, { env });

    const reusing = { ...env, AVX_REUSE_NETWORK: "true" };
    const network = await sharedNetwork({ nodeCount: 2 }, {}, { env: reusing });
    expect(network.dir).toBe(first.dir);
    expect(network.nodeUris()).toHaveLength(2);
    const another = await sharedNetwork({ nodeCount: 2, networkID: 77 }, {}, { env: reusing });
    expect(another.dir).not.toBe(network.dir);
    await Promise.all([network.stop(), another.stop()]);
  },
  TIMEOUT_MS,
);

test(
  "a start that fails is told to all who asked, and tried anew by the next",
  async () => {
    const options = { nodeCount: 2, avalanchegoPath: directory.join("no-such-program") };
    const asked = await Promise.allSettled([sharedNetwork(options, {}, { env }), sharedNetwork(options, {}, { env })]);
    for (const one of asked) {
      expect(one.status === "rejected" ? one.reason.message : one.status).toContain("there is no such file");
    }
    writeFileSync(directory.join("no-such-program"), "");
    await expect(sharedNetwork(options, {}, { env })).rejects.toThrow("not executable");
  },
  TIMEOUT_MS,
);

test(
  "a pool lends each network to one at a time, and another in place of one that suffered",
  async () => {
    const lentNow = new Set<string>();
    const seen = new Set<string>();
    {
      await using pool = new NetworkPool({ size: 2, nodeCount: 2 }, {}, { env });
      await Promise.all(
        Array.from({ length: 5 }, async () => {
          await using lent = await pool.lend();
          const { dir } = lent.network;
          expect(lentNow.has(dir)).toBe(false);
          lentNow.add(dir);
          seen.add(dir);
          expect(lentNow.size).toBeLessThanOrEqual(2);
          await Bun.sleep(50);
          lentNow.delete(dir);
        }),
      );
      expect(seen.size).toBe(2);

      const lent = await pool.lend();
      await lent.network.stopNodes([lent.network.nodes[0]?.nodeID as string]);
      await lent[Symbol.asyncDispose]();
      await lent[Symbol.asyncDispose]();
      expect(existsSync(lent.network.dir)).toBe(false);
      const [one, two] = [await pool.lend(), await pool.lend()];
      expect(one.network.dir).not.toBe(two.network.dir);
      two.discard();
      await two[Symbol.asyncDispose]();
      expect(existsSync(two.network.dir)).toBe(false);
    }
    expect(nodeProcessesIn(directory.path)).toHaveLength(0);
  },
  TIMEOUT_MS,
);

test(
  "a failing test tells how its network is, and saves what its nodes logged",
  async () => {
    await using network = await Network.start({ nodeCount: 2 }, {}, { env });
    expect(await withNetworkReport(network, () => 7)).toBe(7);
    const [stopped] = network.nodes;
    await network.stopNodes([stopped?.nodeID as string]);
    const reports = directory.join("reports");
    const failing = withNetworkReport(
      network,
      () => {
        throw new RangeError("three is not two");
      },
      { directory: reports },
    );
    const error = (await failing.catch((thrown: unknown) => thrown)) as RangeError;
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toStartWith("three is not two\n");
    expect(error.message).toContain(network.dir);
    expect(error.message).toContain(`${stopped?.nodeID} process`);
    const saved = join(reports, network.uuid);
    expect(JSON.parse(readFileSync(join(saved, "status.json"), "utf8"))).toMatchObject({ healthy: false });
    for (const { nodeID } of network.nodes) expect(readFileSync(join(saved, "logs.txt"), "utf8")).toContain(nodeID);
    expect(await saveNetworkReport(network, saved)).toEqual([join(saved, "status.json"), join(saved, "logs.txt")]);
  },
  TIMEOUT_MS,
);

test("a copy of a test's network is nobody's to end", async () => {
  const { child, dir } = await suite("wait");
  const copy = join(directory.path, "20200101-000000-kept");
  cpSync(dir, copy, { recursive: true });
  for (const pid of guardians(dir)) process.kill(pid, "SIGKILL");
  child.kill("SIGKILL");
  await child.exited;
  expect(await endAbandonedNetworks(directory.path, env)).toEqual([dir]);
  expect(existsSync(join(copy, "config.json"))).toBe(true);
});
