/** `avx net` where it tells of networks and clears them away, as it is typed; nodes are fake or none. */

import { beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { AVX_SOURCE, type AvxResult, runAvx } from "../../support/cli.ts";
import { homeForEachTest } from "../../tmpnet/home.ts";
import { madeNetwork } from "../../tmpnet/made_networks.ts";
import { nodeProcessesIn } from "../../tmpnet/support.ts";

setDefaultTimeout(60_000);

const home = homeForEachTest();
beforeEach(() => {
  mkdirSync(home.root);
  home.env["NO_COLOR"] = "1";
});

function net(...args: string[]): Promise<AvxResult> {
  return runAvx(["net", ...args], { env: home.env });
}

const LINES = `[11-21|10:00:00.000] INFO a.go:1 first {"n": 1}
[11-21|10:00:01.000] ERROR a.go:2 \u001b[2Jbroke\u0007
goroutine 1
`;

function networkWithLogs(): { readonly dir: string; readonly nodes: readonly string[] } {
  const network = madeNetwork(home.root, "20260101-000000");
  for (const node of network.nodes) writeFileSync(join(node, "logs", "main.log"), LINES);
  symlinkSync("20260101-000000", join(home.root, "latest"));
  return network;
}

test("logs as text and as JSON: whose they are, harmless, one object a line", async () => {
  const { nodes } = networkWithLogs();
  const text = await net("logs");
  expect(text).toMatchObject({ code: 0, stderr: "" });
  expect(text.stdout.split("\n").slice(2, 5)).toEqual([
    "AAAAAA [11-21|10:00:01.000] ERROR a.go:2 \\u001b[2Jbroke\\u0007",
    "AAAAAA   goroutine 1",
    "BBBBBB [11-21|10:00:01.000] ERROR a.go:2 \\u001b[2Jbroke\\u0007",
  ]);
  expect((await net("logs", "--node", "1", "-n", "1", "--level", "error", "--grep", "brok.")).stdout).toStartWith(
    "BBBBBB ",
  );
  const [line, ...more] = (await net("logs", "--json", "--node", "AAA")).stdout.trimEnd().split("\n");
  expect(more).toHaveLength(1);
  expect(JSON.parse(line!)).toEqual({
    time: expect.stringMatching(/^\d{4}-11-2\d.*Z$/),
    node: nodes[0]!.split("/").at(-1),
    level: "info",
    logger: "",
    file: "a.go:1",
    message: "first",
    fields: { n: 1 },
    log: "main.log",
  });
});

test("a reader that goes away ends it; Ctrl-C ends following at once, exit code 0", async () => {
  const { nodes } = networkWithLogs();
  for (let i = 0; i < 200; i++) appendFileSync(join(nodes[0]!, "logs", "main.log"), LINES.repeat(200));
  const [command, ...args] = [...AVX_SOURCE, "net", "logs"].map((word) => `'${word}'`);
  const piped = Bun.spawn(["sh", "-c", `${command} ${args.join(" ")} | head -n 2`], {
    env: home.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  expect((await piped.stdout.text()).trimEnd().split("\n")).toHaveLength(2);
  expect(await piped.stderr.text()).toBe("");

  const following = Bun.spawn([...AVX_SOURCE, "net", "logs", "-f", "--tail", "1"], {
    env: home.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  await following.stdout.getReader().read();
  following.kill("SIGINT");
  expect(await following.exited).toBe(0);
  expect(await following.stderr.text()).toBe("");
});

/** What follows is of avx's own process, so of Linux: elsewhere a reader that has gone is noticed at the next line. */
const onLinux = process.platform === "linux";

test.skipIf(!onLinux)("following ends when its reader goes, before another line is there", async () => {
  networkWithLogs();
  const [command, ...args] = [...AVX_SOURCE, "net", "logs", "-f"].map((word) => `'${word}'`);
  const piped = Bun.spawn(["sh", "-c", `(${command} ${args.join(" ")}; echo $? >&2) | head -n 1`], {
    env: home.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  expect((await piped.stdout.text()).trimEnd().split("\n")).toHaveLength(1);
  expect(await piped.stderr.text()).toBe("0\n");
});

test("a failed start is listed as such, and prune removes it and nothing else", async () => {
  home.env["AVALANCHEGO_PATH"] = home.program;
  const good = JSON.parse((await net("start", "--json", "--node-count", "1")).stdout);
  expect((await net("start", "--node-count", "1", "--flag", "fake=fatal")).code).toBe(1);
  const listed = JSON.parse((await net("list", "--json")).stdout);
  expect(listed.map((each: { state: string }) => each.state)).toEqual(["running", "failed"]);
  expect(listed[1].failure).toContain("it logged FATAL");
  expect(listed[0].bytes).toBeGreaterThan(10_000);
  const { stdout } = await net("list");
  expect(stdout).toContain("failed to start");
  expect(stdout).toEndWith("1 start failed; to remove what it left: avx net prune --failed\n");

  const dry = await net("prune", "--failed", "--dry-run");
  expect(dry.stdout).toMatch(/^Would remove \S+ \([\d.]+ kB\)\n1 network; [\d.]+ kB would be freed\n$/);
  const pruned = await net("prune", "--failed");
  expect(pruned.stdout).toMatch(/^Removed \S+ \([\d.]+ kB\)\n1 network removed, [\d.]+ kB freed\n$/);
  expect(existsSync(listed[1].dir)).toBe(false);

  const refused = await net("clean");
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toContain("is not removed: a node of it runs");
  expect((await net("clean", "--all")).stdout).toContain("1 network left alone that run");
  expect((await net("clean", "--stop", "--json")).code).toBe(0);
  expect(existsSync(good.dir)).toBe(false);
  expect(nodeProcessesIn(home.root)).toEqual([]);
  expect((await net("list")).stdout).toBe(`There is no network in ${home.root}\n`);
});

test("clean removes what a start left that was cut off, also where there is no network", async () => {
  const halfMade = (name: string): string => {
    const dir = join(home.root, name);
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, "genesis.json"), "{}");
    utimesSync(dir, 1_000, 1_000);
    utimesSync(join(dir, "genesis.json"), 1_000, 1_000);
    return dir;
  };
  const alone = halfMade("20200101-000000.000001");
  const { code, stdout } = await net("clean");
  expect({ code, there: existsSync(alone) }).toEqual({ code: 0, there: false });
  expect(stdout).toStartWith(`Removed ${alone} (`);

  home.env["AVALANCHEGO_PATH"] = home.program;
  const { dir } = JSON.parse((await net("start", "--json", "--node-count", "1")).stdout);
  await net("stop");
  const beside = halfMade("20200101-000000.000002");
  // Where the latest start was cut off, that one is meant, and not the network before.
  rmSync(join(home.root, "latest"));
  symlinkSync(beside, join(home.root, "latest"));
  const cut = JSON.parse((await net("clean", "--json", "--dry-run")).stdout);
  expect(cut.removed.map((each: { dir: string }) => each.dir)).toEqual([beside]);
  rmSync(join(home.root, "latest"));
  symlinkSync(dir, join(home.root, "latest"));
  const named = await net("clean", "--network-dir", dir, "--dry-run");
  expect(named.stdout).not.toContain(beside);
  const { removed } = JSON.parse((await net("clean", "--json")).stdout);
  expect(removed.map((each: { dir: string }) => each.dir)).toEqual([dir, beside]);
  expect(await net("clean")).toMatchObject({ code: 1, stderr: expect.stringContaining("No network was started") });
});

test("stop --all ends every network and what has run away, and says so", async () => {
  home.env["AVALANCHEGO_PATH"] = home.program;
  const [first, second] = [
    JSON.parse((await net("start", "--json", "--node-count", "1")).stdout),
    JSON.parse((await net("start", "--json", "--node-count", "1")).stdout),
  ];
  rmSync(first.dir, { recursive: true });
  const found = await net("doctor");
  expect(found.code).toBe(1);
  expect(found.stdout).toContain(`is a node whose directory ${first.nodes[0].dataDir} is gone`);
  const stopped = await net("stop", "--all");
  expect(stopped).toMatchObject({ code: 0, stderr: "" });
  expect(stopped.stdout).toBe(
    `Stopped 1 node: ${second.dir}\nEnded process ${first.nodes[0].pid}: a node whose directory ${first.nodes[0].dataDir} is gone\n`,
  );
  expect(nodeProcessesIn(home.root)).toEqual([]);
  expect((await net("stop", "--all")).stdout).toBe("No network was running\n");
  expect(JSON.parse((await net("stop", "--all", "--json")).stdout)).toEqual({
    networks: [],
    orphans: [],
    unproven: [],
  });
});

test("status: a process whose node's directory was deleted is told first, and is no good end", async () => {
  const { dir, nodes } = JSON.parse((await net("start", "--json", "--node-count", "2")).stdout);
  rmSync(nodes[0].dataDir, { recursive: true });
  const found = await net("status");
  expect(found.code).toBe(1);
  expect(found.stdout).toStartWith(`${dir}: the node is well, but\n  process  process ${nodes[0].pid} runs on: `);
  expect((await net("stop")).stdout).toContain(`Ended process ${nodes[0].pid}: `);
});

test("wait: healthy is 0, and what is not is 1 with each node's reason", async () => {
  home.env["AVALANCHEGO_PATH"] = home.program;
  await net("start", "--node-count", "1");
  expect((await net("wait", "--healthy", "--timeout", "30s")).stdout).toMatch(/^1 node healthy after/);
  await net("stop");
  const failed = await net("wait", "--timeout", "0.5");
  expect(failed).toMatchObject({ code: 1, stdout: "" });
  const told = await net("wait", "--timeout", "0.5", "--json");
  expect([told.code, JSON.parse(told.stdout).healthy]).toEqual([1, false]);
  expect(failed.stderr).toMatch(/NodeID-\w+ process: it does not run \(since /);
});

test("env: what a shell evaluates, what CI appends, what JSON says", async () => {
  home.env["AVALANCHEGO_PATH"] = home.program;
  const { dir, nodes, fundedKey } = JSON.parse((await net("start", "--json", "--node-count", "1")).stdout);
  const variables = JSON.parse((await net("env", "--json")).stdout);
  expect(variables).toMatchObject({
    TMPNET_NETWORK_DIR: dir,
    AVX_NODE_URI: nodes[0].uri,
    AVX_FUNDED_KEY_HEX: fundedKey.privateKeyHex,
    AVX_FUNDED_KEY_CB58: fundedKey.privateKey,
  });
  expect((await net("env")).stdout).toContain(`export AVX_NODE_URI=${nodes[0].uri}\n`);
  expect((await net("env", "--shell", "fish")).stdout).toContain(`set -gx AVX_NODE_URI ${nodes[0].uri};\n`);
  const file = home.directory.join("github env");
  writeFileSync(file, "BEFORE=1\n");
  home.env["GITHUB_ENV"] = file;
  expect(await net("env", "--format", "github")).toMatchObject({ code: 0, stdout: "" });
  expect(readFileSync(file, "utf8")).toStartWith(`BEFORE=1\nTMPNET_NETWORK_DIR=${dir}\n`);
  await net("stop");
  const stopped = await net("env");
  expect(stopped.stdout).not.toContain("AVX_NODE_URI");
  expect(stopped.stderr).toContain("No node of this network runs");
});

test("doctor names what the environment has wrong, with what to do", async () => {
  home.env["TMPNET_NETWORK_DIR"] = home.directory.join("nowhere");
  home.env["AVALANCHEGO_PATH"] = home.directory.join("no-avalanchego");
  const { dir } = madeNetwork(home.root, "20260101-000000", "A");
  writeFileSync(
    join(dir, "config.json"),
    JSON.stringify({ uuid: "u", defaultRuntimeConfig: { process: { avalancheGoPath: "/gone" } } }),
  );
  const { code, stdout } = await net("doctor", "--json");
  expect(code).toBe(1);
  const { healthy, problems, findings } = JSON.parse(stdout);
  expect(healthy).toBe(false);
  const bad = findings.filter(({ status }: { status: string }) => status === "problem");
  expect(bad).toHaveLength(problems);
  for (const [check, word] of [
    ["environment", home.directory.join("nowhere")],
    ["avalanchego", home.directory.join("no-avalanchego")],
    ["network", "/gone, which is not there any more"],
  ]) {
    const found = bad.find(
      (each: { check: string; what: string }) => each.check === check && each.what.includes(word!),
    );
    expect([check, found?.todo !== undefined]).toEqual([check, true]);
  }
});

test.each([
  [["logs", "--grep", "("], "is no regular expression"],
  [["logs", "--since", "soon"], "is no time"],
  [["logs", "--level", "loud"], "--level must be one of"],
  [["logs", "-n", "-1"], "--tail must be a whole number"],
  [["logs", "--node", "zzz"], 'No node of this network is called "zzz"'],
  [["logs", "--chain", "Q"], 'No log is that of "Q"'],
  [["env", "--shell", "tcsh"], "--shell must be one of"],
  [["prune"], "prune needs --older-than or --failed"],
  [["prune", "--older-than", "long"], "is no length of time"],
  [["clean", "--all", "--network-dir", "/x"], "exclude each other"],
  [["stop", "--all", "--network-dir", "/x"], "exclude each other"],
  [["wait", "--timeout", "soon"], "is no time to wait"],
])("wrong usage is exit code 2 and says so: %j", async (args, word) => {
  networkWithLogs();
  const { code, stdout, stderr } = await net(...args);
  expect(stderr).toContain(word);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
});
