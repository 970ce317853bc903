/** avx called by the name `tmpnetctl`: alone, and compared with the real one where it is found. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { Network } from "../../lib/tmpnet/network.ts";
import { networkStatus } from "../../lib/tmpnet/status.ts";
import { AVALANCHEGO, needsAvalanchego } from "../support/avalanchego.ts";
import { AVX_COMPILED, type AvxResult, needsCompiled, runAvx } from "../support/cli.ts";
import { needsTmpnetctl, runTmpnetctl, TMPNETCTL } from "../support/tmpnetctl.ts";
import { homeForEachTest } from "./home.ts";
import { fakeNodeProgram, nodeProcessesIn } from "./support.ts";

setDefaultTimeout(90_000);

const home = homeForEachTest();

const WITHOUT_BOTH = AVALANCHEGO === undefined || TMPNETCTL === undefined;

/** Runs avx by tmpnetctl's name. */
function ctl(args: readonly string[], env: Record<string, string> = {}): Promise<AvxResult> {
  return runAvx(args, { invokedAs: "tmpnetctl", env: { ...home.env, ...env }, timeoutMs: 80_000 });
}

/** The lines that a script takes: all but what is logged. */
const scriptLines = (stdout: string) => stdout.split("\n").filter((line) => !/^\[\d\d-\d\d\|/.test(line));

/** Each line of help as a machine reads it: what is listed, of which kind, and its default. */
function skeleton(help: string): string[] {
  return help
    .split("\n")
    .filter((line) => /^\s+(-|\S+-\S+\s)|^Usage|:$/.test(line))
    .map((line) => {
      const [, item = line] = /^\s*((?:-h, )?(?:--)?[\w-]+(?: (?:string|int|uint)\b)?)/.exec(line) ?? [];
      return `${item} ${/\(default ([^()]*)\)$/.exec(line)?.[1] ?? ""}`.trim();
    });
}

test("a script of tmpnetctl's users starts, restarts and stops a network with what is printed", async () => {
  const program = fakeNodeProgram(home.directory.path);
  const started = await ctl(["start-network", "--node-count=2", "--network-owner", "me"], {
    AVALANCHEGO_PATH: program,
  });
  expect({ code: started.code, stderr: started.stderr }).toEqual({ code: 0, stderr: "" });
  const dir = readFileSync(join(home.root, "latest", "network.env"), "utf8").replace("export TMPNET_NETWORK_DIR=", "");
  expect(scriptLines(started.stdout)).toEqual([
    "",
    "Configure tmpnetctl to target this network by default with one of the following statements:",
    ` - source ${dir}/network.env`,
    ` - export TMPNET_NETWORK_DIR=${dir}`,
    ` - export TMPNET_NETWORK_DIR=${home.root}/latest`,
    "",
  ]);
  expect(dir).toEndWith("-me");
  const before = nodeProcessesIn(home.root).sort();
  expect(before).toHaveLength(2);

  expect((await ctl(["restart-network"], { TMPNET_NETWORK_DIR: dir })).code).toBe(0);
  const after = nodeProcessesIn(home.root).sort();
  expect(after).toHaveLength(2);
  expect(after).not.toEqual(before);

  // What does not run is not started by a restart.
  await home.read(dir).stopNodes([Network.read(dir).nodes[0]!.nodeID]);
  expect((await ctl(["--network-dir", dir, "restart-network"])).code).toBe(0);
  expect(nodeProcessesIn(home.root)).toHaveLength(1);

  const stopped = await ctl(["stop-network", "--network-dir", join(home.root, "latest")]);
  expect(stopped).toEqual({ code: 0, stdout: `Stopped network configured at: ${home.root}/latest\n`, stderr: "" });
  expect(nodeProcessesIn(home.root)).toEqual([]);
  const nothing = await ctl(["restart-network", `--network-dir=${dir}`, "--log-format=json"]);
  expect(JSON.parse(nothing.stdout)).toMatchObject({ level: "info", msg: "restarting network" });
  expect(nodeProcessesIn(home.root)).toEqual([]);
});

test("what needs Kubernetes is refused by name, and nothing is made", async () => {
  for (const args of [
    ["start-network", "--runtime=kube", "--kube-image", "x"],
    ["start-kind-cluster", "--install-chaos-mesh"],
  ]) {
    const { code, stdout, stderr } = await ctl(args, { AVALANCHEGO_PATH: "/bin/true" });
    expect({ code, logged: scriptLines(stdout) }).toEqual({ code: 1, logged: [""] });
    expect(stderr).toMatch(/^Error: (--runtime=kube|start-kind-cluster) is not there yet: avx runs nodes as processes/);
  }
  expect(existsSync(home.root)).toBe(false);
});

test("a node that does not start is told, and the exit code says so", async () => {
  const { code, stderr } = await ctl(["start-network", "--avalanchego-path", "/bin/false"]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^Error: NodeID-\w+ did not start: it ended with exit code 1/);
  expect(stderr).toContain("\ntmpnetctl failed: NodeID-");
});

test("a file of that name which is called as a node is a node", async () => {
  const { code, stderr } = await ctl(["--config-file", home.directory.join("none.json")]);
  expect(code).not.toBe(0);
  expect(stderr).not.toContain("tmpnetctl failed");
  expect(stderr).toContain("none.json");
});

test("bash completes commands and flags by the script that is printed", async () => {
  const { stdout } = await ctl(["completion", "bash"]);
  const complete = (...words: string[]) => {
    const ask = `COMP_WORDS=(tmpnetctl ${words.map((word) => `"${word}"`).join(" ")}); COMP_CWORD=${words.length}`;
    const { stdout: found } = Bun.spawnSync(["bash", "-c", `${stdout}\n${ask}; _tmpnetctl; echo "\${COMPREPLY[*]}"`]);
    return found.toString().trim();
  };
  expect(complete("stop-n")).toBe("stop-network");
  expect(complete("start-network", "--node")).toBe("--node-count");
  expect(complete("--network-dir", "d", "check-logs", "--network")).toBe("--network-uuid --network-dir");
  expect((await ctl(["completion", "zsh"])).stdout).toContain(stdout);
  expect((await ctl(["completion", "fish"])).stdout).toContain(
    "__fish_seen_subcommand_from start-network' -l node-count",
  );
  expect((await ctl(["completion", "powershell"])).stderr).toStartWith(
    "Error: completion expected one of [bash fish zsh]",
  );
});

/** Command lines that end before anything is started, with what the environment says. */
const COMMAND_LINES: readonly (readonly [args: readonly string[], env?: Record<string, string>])[] = [
  [[]],
  [["version"]],
  [["version", "--log-format", "bad"]],
  [["--help"]],
  [["help", "stop-network"]],
  [["start-network", "-h"]],
  [["stop-network", "-h"]],
  [["restart-network", "--help"]],
  [["check-metrics", "-h"]],
  [["check-logs", "-h"]],
  [["start-metrics-collector", "-h"]],
  [["start-kind-cluster", "-h"]],
  [
    ["start-network", "-h"],
    { AVALANCHEGO_PATH: "/a", AVAGO_PLUGIN_DIR: "/p", TMPNET_NETWORK_DIR: "/n", KUBECONFIG: "/k" },
  ],
  [["bogus"]],
  [["stop-networ"]],
  [["--version"]],
  [["-x"]],
  [["stop-network"]],
  [["restart-network"]],
  [["stop-network", "--log-format", "bad", "--network-dir", "/nope"]],
  [["start-network"]],
  [["start-network", "--avalanchego-path", "/bin/true", "--node-count", "0"]],
  [["start-network", "--avalanchego-path", "/bin/true", "--node-count", "x"]],
  [["start-network", "--runtime", "foo"]],
  [["--node-count", "0", "start-network", "ignored"]],
  [["start-network", "--nonsense"]],
  [["start-network", "--reuse-dynamic-ports=maybe"]],
  [["start-metrics-collector"]],
  [["start-logs-collector"], { LOKI_PUSH_URL: "x" }],
  [["stop-logs-collector"]],
  [["check-metrics"]],
  [["check-metrics", "--network-uuid"]],
  [["check-logs"], { LOKI_URL: "http://127.0.0.1:1", LOKI_USERNAME: "u", LOKI_PASSWORD: "p" }],
];

test.skipIf(TMPNETCTL === undefined)(
  needsTmpnetctl("exit codes, streams, flags and errors are those of the real tmpnetctl"),
  async () => {
    for (const [args, env = {}] of COMMAND_LINES) {
      const [theirs, ours] = await Promise.all([runTmpnetctl(args, { ...home.env, ...env }), ctl(args, env)]);
      const seen = ({ code, stdout, stderr }: AvxResult) => {
        const [first = "", ...more] = stderr.split("\n");
        const last = stderr === "" ? "" : stderr.slice(stderr.indexOf("tmpnetctl failed"));
        const version = args[0] === "version" ? stdout.split(",")[0]?.trim() : "";
        return {
          args,
          code,
          version,
          first,
          last,
          errors: skeleton(more.join("\n")),
          help: skeleton(scriptLines(stdout).join("\n")),
        };
      };
      expect(seen(ours)).toEqual(seen(theirs));
    }
  },
);

test.skipIf(WITHOUT_BOTH)(
  needsAvalanchego(needsTmpnetctl("both make the same files for collectors, and the same output for scripts")),
  async () => {
    const gh = { GH_REPO: "ava-labs/avalanchego", GH_WORKFLOW: "e2e", GH_RUN_ID: "7" };
    const args = ["start-network", "--avalanchego-path", AVALANCHEGO as string, "--network-owner", "me"];
    const seen: unknown[] = [];
    for (const run of [ctl, (more: readonly string[], env = {}) => runTmpnetctl(more, { ...home.env, ...env })]) {
      const { code, stdout } = await run(args, gh);
      expect({ code, stdout: code === 0 ? "" : stdout }).toEqual({ code: 0, stdout: "" });
      const network = home.read(join(home.root, "latest"));
      // What differs from network to network has a name instead.
      const names = new Map<string, string>([
        [network.dir, "DIR"],
        [network.uuid, "UUID"],
      ]);
      for (const [i, { nodeID, uri }] of network.nodeUris().entries()) {
        names.set(nodeID, `NODE${i}`).set(uri.slice("http://".length), `ADDRESS${i}`);
        names.set(nodeID.slice("NodeID-".length, "NodeID-".length + 8).toLowerCase(), `node${i}`);
      }
      const plain = (text: string) => [...names].reduce((left, [from, to]) => left.replaceAll(from, to), text);
      const files = ["prometheus", "promtail"].flatMap((name) => {
        const place = home.directory.join(".tmpnet", name, "file_sd_configs");
        return readdirSync(place).map((file) => [name, plain(file), plain(readFileSync(join(place, file), "utf8"))]);
      });
      const messages = stdout.match(
        /(starting network|started local node|node is healthy|started network|metrics and).*/g,
      );
      const fields = messages?.map((line) =>
        plain(line)
          .replace(/from=\d+/, "from=T")
          .replaceAll(/"uri": "[^"]*"/g, ""),
      );
      seen.push({ files: files.sort(), lines: scriptLines(plain(stdout)), fields: new Set(fields?.sort()) });
      expect((await run(["stop-network", "--network-dir", network.dir])).code).toBe(0);
      for (const name of ["prometheus", "promtail"]) {
        expect(readdirSync(home.directory.join(".tmpnet", name, "file_sd_configs"))).toEqual([]);
      }
    }
    expect(seen[0]).toEqual(seen[1]);
  },
);

test.skipIf(WITHOUT_BOTH)(
  needsAvalanchego(needsTmpnetctl("each stops and restarts what the other started, by the same command lines")),
  async () => {
    const theirs = (args: readonly string[]) => runTmpnetctl(args, home.env);
    for (const [starter, other] of [
      [ctl, theirs],
      [theirs, ctl],
    ] as const) {
      expect((await starter(["start-network", `--avalanchego-path=${AVALANCHEGO}`])).code).toBe(0);
      const latest = join(home.root, "latest");
      expect((await other(["restart-network", "--network-dir", latest])).code).toBe(0);
      const network = home.read(latest);
      expect((await networkStatus(network)).healthy).toBe(true);
      expect((await other(["stop-network", "--network-dir", latest])).code).toBe(0);
      expect(nodeProcessesIn(home.root)).toEqual([]);
      for (const { dataDir } of network.nodes) expect(readdirSync(join(dataDir, "metrics")).length).toBeGreaterThan(0);
    }
  },
);

test.skipIf(AVX_COMPILED === undefined)(
  needsCompiled("a link of that name to the compiled avx is tmpnetctl"),
  async () => {
    const link = home.directory.join("tmpnetctl");
    symlinkSync((AVX_COMPILED as readonly string[])[0] as string, link);
    expect(await runAvx(["version"], { command: [link], env: home.env })).toEqual({
      code: 0,
      stdout: "0.0.1\n",
      stderr: "",
    });
  },
);
