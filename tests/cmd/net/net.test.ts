/** `avx net` as it is typed, with nodes that misbehave as they are told. */

import { beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { main } from "../../../cmd/main.ts";
import { AVX_SOURCE, type AvxResult, runAvx } from "../../support/cli.ts";
import { capturedContext } from "../../support/context.ts";
import { homeForEachTest } from "../../tmpnet/home.ts";
import { nodeProcessesIn, until } from "../../tmpnet/support.ts";

// Each test starts programs: on a busy machine that takes its time.
setDefaultTimeout(60_000);

const home = homeForEachTest();
beforeEach(() => {
  home.env["AVALANCHEGO_PATH"] = home.program;
});

function net(...args: string[]): Promise<AvxResult> {
  return runAvx(["net", ...args], { env: home.env });
}

test("what nobody waited for is not said to be healthy", async () => {
  const begun = ["start", "--node-count", "1", "--flag", "fake=unhealthy", "--no-wait"];
  const started = await net(...begun);
  expect(started.stdout).toMatch(/^\n1 node started after [\d.]+ s: \//);
  expect(started.stdout).toMatch(/^ {2}avx net wait$/m);
  const { healthy, nodes, next } = JSON.parse((await net(...begun, "--json")).stdout);
  expect([healthy, nodes.length, next]).toEqual([false, 1, ["avx net wait", "avx net status", "avx net stop"]]);
  expect((await net("restart", "--flag", "data-dir=/elsewhere")).code).toBe(2);
  const restarted = await net("restart", "--flag", "fake=healthy", "--json");
  expect(JSON.parse(restarted.stdout).healthy).toBe(true);
});

test("what runs the nodes is named when they are started, and nothing where the network is not to be trusted", async () => {
  const other = home.directory.join("other");
  copyFileSync(home.program, other);
  writeFileSync(
    home.directory.join("node.json"),
    JSON.stringify({ runtimeConfig: { process: { avalancheGoPath: other } } }),
  );
  const started = await net("start", "--node-count", "3", "--node", home.directory.join("node.json"));
  const dir = realpathSync(join(home.root, "latest"));
  const line = `Starting 1 node of ${other}, 2 nodes of ${home.program} in ${dir}\n`;
  expect(started.stderr).toStartWith(line);
  await net("stop");
  const config = join(dir, "config.json");
  const text = readFileSync(config, "utf8");
  const copied = `${dir}-copied`;
  writeFileSync(config, text.replace(`"${home.program}"`, `"${join(copied, "program")}"`));
  copyFileSync(home.program, join(dir, "program"));
  cpSync(dir, copied, { recursive: true });
  const refused = await net("restart", "--network-dir", copied);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toStartWith("avx: ");
});

test("a network's life, as text in a pipe", async () => {
  const started = await net("start", "--node-count", "3", "--network-owner", "me");
  expect(started.code).toBe(0);
  const dir = join(home.root, readdirSync(home.root).find((name) => name.endsWith("-me")) as string);
  expect(nodeProcessesIn(home.root)).toHaveLength(3);

  const progress = started.stderr.trimEnd().split("\n");
  expect(progress[0]).toBe(`Starting 3 nodes of ${home.env["AVALANCHEGO_PATH"]} in ${dir}`);
  expect(progress.filter((line) => /^NodeID-\w+ runs at http:\S+, process \d+$/.test(line))).toHaveLength(3);
  expect(progress.filter((line) => /^NodeID-\w+ is healthy after [\d.]+ s$/.test(line))).toHaveLength(3);
  expect(started.stderr + started.stdout).not.toContain("\u001b");

  for (const line of [
    /^3 nodes healthy after [\d.]+ s: \//m,
    /^ {2}NodeID-\w+ +http:\/\/127\.0\.0\.1:\d+ +127\.0\.0\.1:\d+ +\d+$/m,
    /^ {2}none: these nodes run no chains/m,
    /^ {2}hex +0x[0-9a-f]{64}$/m,
    /^ {2}CB58 +PrivateKey-\w+$/m,
    /^ {2}X-Chain +X-custom1\w+$/m,
    /^ {2}P-Chain +P-custom1\w+$/m,
    /^ {2}C-Chain +0x[0-9a-fA-F]{40}$/m,
    /^ {2}avx net status$/m,
    /^ {2}avx net stop$/m,
  ]) {
    expect(started.stdout).toMatch(line);
  }
  expect(started.stdout).toContain(`  export TMPNET_NETWORK_DIR=${dir}\n  source ${dir}/network.env\n`);

  expect((await net("list")).stdout).toMatch(/-me {2}3 of 3 running {2}[\d.]+ s {2,}[\d.]+ kB {2}\S+ {2}latest\n$/);
  const status = await net("status");
  expect(status.code).toBe(1); // these nodes know no peers
  expect(status.stdout.match(/running \d+, [\d.]+ s {2,}healthy/g)).toHaveLength(3);

  const restarted = await net("restart");
  expect(restarted.code).toBe(0);
  expect(restarted.stdout).toContain("3 nodes healthy after");
  expect(nodeProcessesIn(home.root)).toHaveLength(3);

  const again = "To start it again: avx net restart\n";
  expect(await net("stop")).toEqual({ code: 0, stdout: `Stopped 3 nodes: ${dir}\n${again}`, stderr: "" });
  expect(nodeProcessesIn(home.root)).toEqual([]);
  expect((await net("stop")).stdout).toBe(`No node was running: ${dir}\n${again}`);
  expect((await net("list")).stdout).toContain("3 stopped");
  const stopped = await net("status");
  expect(stopped).toMatchObject({ code: 1, stderr: "" });
  expect(stopped.stdout).toStartWith(`${dir}: all 3 nodes are stopped\n`);
  expect(stopped.stdout).toEndWith("\nTo start all of it again: avx net restart\n");
});

test("a network's life, as JSON", async () => {
  const started = await net("start", "--json");
  const report = JSON.parse(started.stdout);
  expect(report).toMatchObject({ healthy: true, networkID: 88888, owner: "", fundedKeyCount: 50 });
  expect(report.nodes).toHaveLength(2);
  expect(Object.keys(report.nodes[0])).toEqual(["nodeID", "uri", "stakingAddress", "pid", "isEphemeral", "dataDir"]);
  expect(report.env).toEqual({ TMPNET_NETWORK_DIR: report.dir });
  expect(report.next).toEqual(["avx net status", "avx net stop"]);

  const [listed] = JSON.parse((await net("list", "--json")).stdout);
  expect(listed).toMatchObject({ dir: report.dir, uuid: report.uuid, nodeCount: 2, runningCount: 2, latest: true });
  const status = JSON.parse((await net("status", "--json")).stdout);
  expect(status.nodes.map((node: { process: { pid: number } }) => node.process.pid).sort()).toEqual(
    report.nodes.map((node: { pid: number }) => node.pid).sort(),
  );
  expect(JSON.parse((await net("restart", "--json")).stdout).nodes).toHaveLength(2);
  const stopped = JSON.parse((await net("stop", "--json")).stdout);
  expect(stopped).toMatchObject({ dir: report.dir, nodes: [{ how: "stopped" }, { how: "stopped" }] });
});

test("the network that is meant is named by option, by environment, or is the latest", async () => {
  const [first, second, third] = [
    JSON.parse((await net("start", "--json", "--node-count", "1")).stdout),
    JSON.parse((await net("start", "--json", "--node-count", "1")).stdout),
    JSON.parse((await net("start", "--json", "--node-count", "1")).stdout),
  ];
  const status = await net("status");
  expect(status.code).toBe(0);
  expect(status.stdout).toStartWith(`${third.dir}: the node is well\n`);
  // A network beside the one that is stopped is not forgotten.
  const stopped = (await net("stop", "--network-dir", first.dir)).stdout.split("\n");
  expect(stopped).toEqual([
    `Stopped 1 node: ${first.dir}`,
    `To start it again: avx net restart --network-dir ${first.dir}`,
    `Still running: ${basename(second.dir)}; to stop it: avx net stop --network-dir ${second.dir}`,
    `Still running: ${basename(third.dir)}; to stop it: avx net stop`,
    "",
  ]);
  home.env["TMPNET_NETWORK_DIR"] = second.dir;
  expect((await net("stop")).stdout).toContain(second.dir);
  delete home.env["TMPNET_NETWORK_DIR"];
  expect((await net("stop")).stdout).toContain(third.dir);
  // Where the commands would mean another network, they are printed with its home.directory.
  delete home.env["TMPNET_ROOT_NETWORK_DIR"];
  home.env["TMPNET_ROOT_DIR"] = home.directory.join("elsewhere");
  const other = JSON.parse((await net("start", "--json", "--node-count", "1", "--root-network-dir", home.root)).stdout);
  expect(other.next).toContain(`avx net stop --network-dir ${other.dir}`);
  expect(await net("stop", "--root-network-dir", home.root)).toMatchObject({ code: 0 });
});

test("a node that fails is named and quoted, exit code 1, nothing runs", async () => {
  const { code, stdout, stderr } = await net("start", "--flag", "fake=fatal");
  expect(code).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/\navx: NodeID-\w+ did not start: it logged FATAL\n {2}\[11-21\|06:14:21\.321\] FATAL/);
  expect(stderr).toContain("the moon is full");
  expect(nodeProcessesIn(home.root)).toEqual([]);
});

test.each([
  ["nope=1", 'avx: unknown flag: "nope", as --flag has it\navx node run --help shows all flags.\n'],
  ["log-levl=debug", 'avx: unknown flag: "log-levl", as --flag has it\nDid you mean --log-level?\n'],
])("a flag that avx's nodes do not have is exit code 2, and no network: %s", async (flag, expected) => {
  delete home.env["AVALANCHEGO_PATH"];
  expect(await net("start", "--flag", flag)).toEqual({ code: 2, stdout: "", stderr: expected });
  expect(existsSync(home.root)).toBe(false);
});

test("a network that is not healthy in time says why, exit code 1, nothing runs", async () => {
  const { code, stderr } = await net("start", "--flag", "fake=unhealthy", "--timeout", "0.5");
  expect(code).toBe(1);
  expect(stderr).toContain("did not get healthy in time:\n  network: the moon is full\n");
  expect(nodeProcessesIn(home.root)).toEqual([]);
});

test.each([
  ["SIGINT", "silent"],
  ["SIGTERM", "unhealthy"],
] as const)("%s during a start leaves nothing running", async (signal, fake) => {
  const child = Bun.spawn([...AVX_SOURCE, "net", "start", "--node-count", "3", "--flag", `fake=${fake}`], {
    env: home.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  await until(() => nodeProcessesIn(home.root).length > 0, 15_000);
  child.kill(signal);
  expect(await child.exited).toBe(1);
  expect(await child.stderr.text()).toContain("avx: The start was interrupted; no node is left running");
  expect(nodeProcessesIn(home.root)).toEqual([]);
});

test("a second SIGINT ends avx at once, and its nodes with it", async () => {
  const child = Bun.spawn([...AVX_SOURCE, "net", "start", "--node-count", "1", "--flag", "fake=stubborn-unhealthy"], {
    env: home.env,
    stdio: ["ignore", "ignore", "ignore"],
  });
  await until(() => nodeProcessesIn(home.root).length > 0, 15_000);
  child.kill("SIGINT");
  await Bun.sleep(50);
  child.kill("SIGINT");
  await child.exited;
  await until(() => nodeProcessesIn(home.root).length === 0, 2_000);
});

test("a start that was killed can be stopped without naming its directory", async () => {
  const child = Bun.spawn([...AVX_SOURCE, "net", "start", "--node-count", "3", "--flag", "fake=unhealthy"], {
    env: home.env,
    stdio: ["ignore", "ignore", "ignore"],
  });
  await until(() => nodeProcessesIn(home.root).length === 3, 15_000);
  child.kill("SIGKILL");
  await child.exited;
  expect((await net("stop")).code).toBe(0);
  expect(nodeProcessesIn(home.root)).toEqual([]);
});

test("a process that looks like a node and cannot be proven to be it is left alone and told, exit code 1", async () => {
  const { dir, nodes } = JSON.parse((await net("start", "--json", "--node-count", "1")).stdout);
  await net("stop");
  const decoy = Bun.spawn(["sh", "-c", "sleep 60; :", "--config-file", join(nodes[0].dataDir, "flags.json")]);
  try {
    await until(() => nodeProcessesIn(home.root).length === 1);
    const { code, stderr } = await net("stop");
    expect(code).toBe(1);
    expect(stderr).toContain("could not be proven to be this network's, and was left alone");
    expect(stderr).toContain(`process ${decoy.pid} has the command line of ${nodes[0].nodeID}`);
    expect(decoy.exitCode).toBeNull();
    expect((await net("status", "--network-dir", dir)).stdout).toContain("cannot be proven to be it");
  } finally {
    decoy.kill("SIGKILL");
  }
});

test.each([
  [["start", "--node-count", "0"], "--node-count must be a whole number of at least 1"],
  [["start", "--node-count", "two"], '--node-count must be a whole number of at least 1, not "two"'],
  [["start", "--network-owner", "a/b"], "An owner is a part of file names"],
  [["start", "--flag", "=1"], "is not a flag of the form name=value"],
  [["start", "--timeout", "soon"], '"soon" is no time to wait'],
  [["start", "--runtime", "kube"], 'it has no runtime "kube"'],
  [["start", "--nodes", "3"], "unknown option"],
  [["halt"], "unknown command"],
])("wrong usage is exit code 2 and says so: %j", async (args, word) => {
  const { code, stdout, stderr } = await net(...args);
  expect(stderr).toContain(word);
  expect(stderr).toStartWith("avx: ");
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
});

test("what is not there is exit code 1 and says what to do", async () => {
  for (const args of [["stop"], ["restart"], ["status"], ["status", "--network-dir", home.directory.join("nowhere")]]) {
    const { code, stderr } = await net(...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^avx: (No network was started in|There is no network directory at)/);
    expect(stderr).toContain("Start a network with avx net start, or name one with --network-dir.\n");
  }
  expect((await net("status", "--network-dir", home.directory.path)).stderr).toContain("is no network");
  expect((await net("start", "--avalanchego-path", "nowhere")).stderr).toContain("there is no such file");
  expect((await net("list")).stdout).toBe(`There is no network in ${home.root}\n`);
  mkdirSync(home.root);
  writeFileSync(home.directory.join("file"), "");
  const unwritable = await net("start", "--root-network-dir", home.directory.join("file", "x"));
  expect(unwritable).toMatchObject({ code: 1, stdout: "" });
  expect(unwritable.stderr).toContain("avx: Cannot write ");
});

test("on a terminal nodes are shown in place, in colour", async () => {
  const context = capturedContext({ env: home.env, isTTY: true, color: true });
  expect(await main(["net", "start", "--node-count", "2"], context)).toBe(0);
  const nodes = readdirSync(join(home.root, "latest")).filter((name) => name.startsWith("NodeID-"));
  expect(context.stderr.text).toContain("\u001b[2A"); // up two lines, to draw them again
  for (const nodeID of nodes) {
    expect(context.stderr.text).toContain(`${nodeID}  \u001b[32mhealthy \u001b[0m`);
    expect(context.stdout.text).toContain(nodeID);
  }
  const lines = context.stderr.text.split("\n");
  expect(Math.max(...lines.map((line) => Bun.stringWidth(line)))).toBeLessThanOrEqual(Math.max(80, lines[0]!.length));
  expect(readFileSync(join(home.root, "latest", "network.env"), "utf8")).toContain("TMPNET_NETWORK_DIR");
  expect(await main(["net", "stop"], context)).toBe(0);
});
