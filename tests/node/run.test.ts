import { expect, test } from "bun:test";
import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { runNode } from "../../cmd/node/run.ts";
import { readProcessContext } from "../../lib/platform/process_context.ts";
import { AVX_COMPILED, AVX_SOURCE, avxEnvironment, needsCompiled, runAvx } from "../support/cli.ts";
import { capturedContext } from "../support/context.ts";
import { eventually } from "../support/eventually.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../support/temporary.ts";
import { callNode, LOOPBACK } from "./support.ts";

/** Writes a configuration as tmpnet does: all values are strings. */
function configuration(directory: TemporaryDirectory, flags: Record<string, string> = {}): string {
  const path = directory.join("flags.json");
  const all = { ...LOOPBACK, "network-id": "local", "data-dir": directory.join("node"), ...flags };
  writeFileSync(path, JSON.stringify(all));
  return path;
}

function mainLog(directory: TemporaryDirectory): string {
  return readFileSync(directory.join("node", "logs", "main.log"), "utf8");
}

/** Runs avx until its process context is there, then ends it by SIGTERM. */
async function startAndStop(command: readonly string[], directory: TemporaryDirectory) {
  const contextFile = directory.join("node", "process.json");
  await using avx = {
    child: Bun.spawn([...command], { env: avxEnvironment(), stdin: "ignore", stdout: "pipe", stderr: "pipe" }),
    async [Symbol.asyncDispose]() {
      this.child.kill("SIGKILL");
      await this.child.exited;
    },
  };
  await eventually("the node says where it is", () => {
    return readProcessContext(contextFile)?.pid === avx.child.pid || avx.child.exitCode !== null;
  });
  const context = readProcessContext(contextFile);
  const { nodeID } = await callNode<{ nodeID: string }>(context?.uri ?? "", "info.getNodeID");
  const stopAt = performance.now();
  avx.child.kill("SIGTERM");
  const code = await avx.child.exited;
  const stopMs = performance.now() - stopAt;
  return { nodeID, code, stopMs, stdout: await avx.child.stdout.text(), stderr: await avx.child.stderr.text() };
}

test("a leading --config-file runs a node, which stops on SIGTERM within a second", async () => {
  using directory = temporaryDirectory();
  const path = configuration(directory);
  const { nodeID, code, stopMs, stdout, stderr } = await startAndStop(
    [...AVX_SOURCE, "--config-file", path],
    directory,
  );
  expect(code).toBe(0);
  expect(stopMs).toBeLessThan(1_000);
  expect(nodeID).toStartWith("NodeID-");
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^\[\d\d-\d\d\|\d\d:\d\d:\d\d\.\d{3}\] INFO node\/node\.ts:\d+ initializing node \{/);
  expect(stdout).toMatch(/"nodePOP": \{"publicKey":"0x[0-9a-f]{96}","proofOfPossession":"0x[0-9a-f]{192}"\}/);
  expect(existsSync(directory.join("node", "process.json"))).toBe(false);
  // What chains say is in files of their own.
  const ofTheNode = stdout.split("\n").filter((line) => !line.includes(" Chain> "));
  expect(mainLog(directory)).toBe(ofTheNode.join("\n"));
});

test.skipIf(AVX_COMPILED === undefined)(
  needsCompiled("the executable runs a node under avalanchego's name"),
  async () => {
    using directory = temporaryDirectory();
    const name = directory.join("avalanchego");
    symlinkSync((AVX_COMPILED as readonly string[])[0] as string, name);
    const { code, stopMs } = await startAndStop([name, "--config-file", configuration(directory)], directory);
    expect(code).toBe(0);
    expect(stopMs).toBeLessThan(1_000);
  },
);

test("a node that cannot start says why on stderr and in its log, and fails", async () => {
  using directory = temporaryDirectory();
  const path = configuration(directory, { "genesis-file-content": btoa("{"), "network-id": "77" });
  const { code, stderr } = await runAvx(["--config-file", path]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^avx: unable to load genesis content from flag: .*\n/);
  expect(mainLog(directory)).toMatch(/^\[.*\] FATAL .*failed to start the node \{"error": "unable to load genesis/);
});

test("a flag that does not exist is wrong usage, and told in the log that it names", async () => {
  using directory = temporaryDirectory();
  const { code, stderr } = await runAvx(["node", "run", "--http-prot=0", `--data-dir=${directory.join("node")}`]);
  expect(code).toBe(2);
  expect(stderr).toBe("avx: unknown flag: --http-prot\nDid you mean --http-port?\n");
  expect(mainLog(directory)).toContain("FATAL");
});

test("an unknown key of a configuration file fails, and is told in the log that the file names", async () => {
  using directory = temporaryDirectory();
  const { code, stderr } = await runAvx(["--config-file", configuration(directory, { "htp-port": "0" })]);
  expect(code).toBe(2);
  expect(stderr).toContain("Did you mean --http-port?");
  expect(mainLog(directory)).toContain("FATAL");
});

test("what the command line says is wrong usage, what a file or the environment says is a failure", async () => {
  using directory = temporaryDirectory();
  const data = `--data-dir=${directory.join("node")}`;
  const code = async (args: readonly string[], env: Record<string, string> = {}): Promise<number> => {
    return (await runAvx(["node", "run", data, ...args], { env })).code;
  };
  expect(await code(["--network-id=nowhere"])).toBe(2);
  expect(await code([], { AVAGO_NETWORK_ID: "nowhere" })).toBe(1);
  expect(await code(["--network-id=local", "--network-ping-frequency=1h"])).toBe(2);
  expect(await code(["--network-id=local"], { AVAGO_NETWORK_PING_FREQUENCY: "1h" })).toBe(1);
  expect(await code(["--config-file", configuration(directory, { "log-level": "loud" })])).toBe(1);
});

test("a failed start is told once, and leaves the log of a node that runs alone", async () => {
  using directory = temporaryDirectory();
  const context = capturedContext();
  const running = runNode(["--config-file", configuration(directory)], context);
  await eventually("the node says where it is", () => existsSync(directory.join("node", "process.json")));
  const failed = await runAvx(["node", "run", `--data-dir=${directory.join("node")}`, "--log-level=loud"]);
  expect(failed).toMatchObject({ code: 2, stdout: "" });
  expect(mainLog(directory)).not.toContain("FATAL");
  context.interrupt();
  await running;
  const alone = await runAvx(["--config-file", configuration(directory, { "staking-signer-key-file": "/none" })]);
  expect(alone.stdout).not.toContain("FATAL");
  expect(alone.stderr).toStartWith("avx: Cannot read /none: there is no such file");
  expect(mainLog(directory)).toContain("FATAL");
});

test("versions are told in avalanchego's form", async () => {
  const plain = capturedContext();
  expect(await runNode(["--version"], plain)).toBe(0);
  expect(plain.stdout.text).toMatch(
    /^avalanchego\/1\.14\.2 \[database=v1\.4\.5, rpcchainvm=45, (commit=\w+, )?avx=\S+\]\n$/,
  );
  const json = capturedContext({ env: { AVAGO_VERSION_JSON: "true" } });
  expect(await runNode([], json)).toBe(0);
  expect(JSON.parse(json.stdout.text)).toMatchObject({
    application: "avalanchego/1.14.2",
    database: "v1.4.5",
    rpcchainvm: 45,
  });
  expect(runNode(["--version", "--version-json"], capturedContext())).rejects.toThrow("Only one of");
});

test("help shows every flag under a heading, in the width that there is", async () => {
  const context = capturedContext();
  expect(await runNode(["--help"], context)).toBe(0);
  const { text } = context.stdout;
  expect(text).toStartWith("Usage: avx node run [flags]\n");
  expect(text).toContain("\nHTTP server:\n  --http-host <string>");
  expect(text).toContain("--network-ping-frequency <duration>");
  expect(text.replace(/\s+/g, " ")).toContain("How often a peer is pinged (default 22.5s)");
  expect(text).not.toContain("system-tracker-disk-required-available-space ");
  expect(text).toMatch(/without effect:\n.*--db-type/s);
  for (const line of text.split("\n")) {
    // A path is not broken.
    if (!line.includes("$AVALANCHEGO_DATA_DIR")) expect(line.length).toBeLessThanOrEqual(80);
  }
});

test("a node in this process stops when its context is interrupted", async () => {
  using directory = temporaryDirectory();
  const context = capturedContext();
  const running = runNode(["--config-file", configuration(directory)], context);
  await eventually("the node says where it is", () => existsSync(directory.join("node", "process.json")));
  context.interrupt();
  expect(await running).toBe(0);
  expect(context.stdout.text).toContain("finished the shutdown of the node");
});

test("a data directory in which another node runs is left alone", async () => {
  using directory = temporaryDirectory();
  const path = configuration(directory);
  const contextFile = directory.join("node", "process.json");
  const child = Bun.spawn([...AVX_SOURCE, "--config-file", path], { env: avxEnvironment(), stdout: "ignore" });
  try {
    await eventually("the node says where it is", () => existsSync(contextFile));
    const before = readFileSync(contextFile, "utf8");
    const { code, stderr } = await runAvx(["--config-file", path]);
    expect(code).toBe(1);
    expect(stderr).toContain(`The node of process ${child.pid} runs here already`);
    expect(readFileSync(contextFile, "utf8")).toBe(before);
    expect(mainLog(directory)).not.toContain("FATAL");
  } finally {
    child.kill("SIGKILL");
    await child.exited;
  }
  // Killed, it has left its context file behind: the next node takes its place.
  const { code } = await startAndStop([...AVX_SOURCE, "--config-file", path], directory);
  expect(code).toBe(0);
});
