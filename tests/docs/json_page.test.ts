/** `docs/json.md` says what commands print: all that they print, and nothing that they do not. */

import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { registerInstall } from "../../cmd/install.ts";
import { main } from "../../cmd/main.ts";
import { NET_COMMANDS } from "../../cmd/net/group.ts";
import { EXAMPLES, SECTIONS } from "../../scripts/json_page/sections.ts";
import { JSON_PAGE, jsonPage } from "../../scripts/write_json_page.ts";
import { AVALANCHEGO } from "../support/avalanchego.ts";
import { capturedContext } from "../support/context.ts";
import { needsPrometheus, PROMETHEUS } from "../support/prometheus.ts";
import { needsXSVM, WITHOUT_XSVM, XSVM, xsvmPlugins } from "../support/xsvm.ts";
import { homeForEachTest } from "../tmpnet/home.ts";
import { playedRelease, ReleaseServer } from "../tmpnet/install/release_server.ts";
import { misfits, type Shapes, shapesOfPage } from "./json_shapes.ts";
import { ROOT } from "./public_symbols.ts";

// Nodes are programs: on a busy machine they take their time.
setDefaultTimeout(180_000);

const IS_LINUX_X64 = process.platform === "linux" && process.arch === "x64";

const home = homeForEachTest();
let shapes: Shapes;
beforeAll(async () => {
  shapes = await shapesOfPage(readFileSync(join(ROOT, JSON_PAGE), "utf8"));
});

/** Runs a command of the page, and holds what it prints against the page. */
async function printed(command: string, ...args: string[]): Promise<any> {
  const section = SECTIONS.find(({ commands }) => commands.includes(command));
  if (section === undefined) throw new Error(`the page has no ${command}`);
  const words = [...command.split(" ").slice(1), ...args];
  const context = capturedContext({ env: home.env });
  await main(words.includes("--version-json") ? words : [...words, "--json"], context);
  const { text } = context.stdout;
  const values = (command === "avx net logs" ? text.trimEnd().split("\n") : [text]).map((each) => {
    try {
      return JSON.parse(each) as unknown;
    } catch {
      throw new Error(`${command} printed no JSON, but ${text}${context.stderr.text}`);
    }
  });
  expect({ command, misfits: values.flatMap((value) => misfits(shapes, section.type, value)) }).toEqual({
    command,
    misfits: [],
  });
  return values[0];
}

test("the page is what bun scripts/write_json_page.ts makes of the types, and its examples are as it says", () => {
  expect(readFileSync(join(ROOT, JSON_PAGE), "utf8")).toBe(jsonPage());
  for (const { type, example } of SECTIONS) expect(misfits(shapes, type, EXAMPLES[example])).toEqual([]);
  expect(Object.keys(EXAMPLES).toSorted()).toEqual(SECTIONS.map(({ example }) => example).toSorted());
});

test("what does not fit is told with its place", () => {
  const finding = { check: "avx", status: "ok", what: "w" };
  const document = { healthy: true, problems: 0, warnings: 0, findings: [finding] };
  expect(misfits(shapes, "DoctorDocument", document)).toEqual([]);
  const { problems: _, ...less } = document;
  expect(misfits(shapes, "DoctorDocument", { ...less, more: 1, findings: [{ ...finding, status: "odd" }] })).toEqual([
    "DoctorDocument.more is not documented",
    "DoctorDocument.problems is missing",
    'DoctorDocument.findings[0].status is not "ok": "odd"',
  ]);
  expect(misfits(shapes, "NetworkListing[]", {})).toEqual(["NetworkListing is no list"]);
  expect(misfits(shapes, "APIStatus", { answers: false, error: 7 })).toHaveLength(1);
});

test("every command that has --json is on the page", () => {
  const context = capturedContext({ env: home.env });
  const program = new Command("avx");
  const net = program.command("net");
  for (const register of NET_COMMANDS) register(net, context);
  registerInstall(program.command("install"), context);
  const onPage = SECTIONS.flatMap(({ commands }) => commands);
  const missing = commandsWithJSON(program, "avx").filter((name) => !onPage.some((each) => each.startsWith(name)));
  expect(missing).toEqual([]);
  expect(commandsWithJSON(program, "avx").length).toBeGreaterThan(30);
});

function commandsWithJSON(command: Command, name: string): string[] {
  const own = command.options.some(({ long }) => long === "--json") ? [name] : [];
  return [...own, ...command.commands.flatMap((child) => commandsWithJSON(child, `${name} ${child.name()}`))];
}

test("networks of avx's own nodes, from their start to their end", async () => {
  const { dir } = await printed("avx net start", "--node-count", "1");
  const { nodes } = await printed("avx net node add");
  const [{ nodeID }] = nodes;
  for (const command of ["avx net wait", "avx net status", "avx net list", "avx net logs", "avx net env"]) {
    await printed(command);
  }
  await printed("avx net node restart", nodeID);
  await printed("avx net node stop", nodeID);
  await printed("avx net node stop", nodeID);
  expect((await printed("avx net status")).healthy).toBe(false);
  await printed("avx net wait", "--timeout", "1ms");
  await printed("avx net node start", nodeID);
  await printed("avx net node remove", nodeID);
  await printed("avx net subnet list");
  await printed("avx net restart");

  await printed("avx net snapshot save", "one");
  await printed("avx net snapshot list");
  const file = home.directory.join("one.tar.gz");
  await printed("avx net snapshot export", "one", file);
  await printed("avx net snapshot import", file, "two");
  await printed("avx net snapshot load --no-start", "one");
  const loaded = await printed("avx net snapshot load", "one");
  await printed("avx net snapshot remove", "one", "two");

  await printed("avx net stop", "--network-dir", loaded.dir);
  rmSync(loaded.dir, { recursive: true });
  await printed("avx net doctor");
  await printed("avx net list");
  await printed("avx net stop --all");
  await printed("avx net env", "--network-dir", dir);
  await printed("avx net clean", "--all", "--dry-run");
  const elsewhere = ["--node-count", "1", "--flag", "http-host=192.0.2.1"];
  await expect(printed("avx net start", ...elsewhere)).rejects.toThrow("printed no JSON");
  const listed = await printed("avx net list");
  expect(listed.at(-1).failure).toBeString();
  await printed("avx net prune", "--failed");
  await printed("avx net clean", "--all");
  await printed("avx net list");
  await printed("avx node run --version-json");
});

test("what runs away from its network is told as the page says", async () => {
  const { dir } = await printed("avx net start", "--node-count", "1");
  rmSync(dir, { recursive: true });
  expect((await printed("avx net doctor")).healthy).toBe(false);
  expect((await printed("avx net stop --all")).orphans).toHaveLength(1);
});

test.skipIf(PROMETHEUS === undefined)(needsPrometheus("collectors"), async () => {
  const bin = home.directory.join("bin");
  mkdirSync(bin);
  symlinkSync(PROMETHEUS as string, join(bin, "prometheus"));
  home.env["PATH"] = `${bin}:${home.env["PATH"]}`;
  try {
    await printed("avx net start-metrics-collector", "--local", "--port", "0");
    await printed("avx net start", "--node-count", "1");
    await printed("avx net check-metrics", "--timeout", "60s");
    await printed("avx net stop");
  } finally {
    await printed("avx net stop-metrics-collector");
  }
  await printed("avx net stop-metrics-collector");
});

test.skipIf(!IS_LINUX_X64)("releases", async () => {
  await using server = await ReleaseServer.start({ "v1.14.2": await playedRelease("1.14.2", 50_000) });
  home.env["AVX_RELEASES_URL"] = server.url;
  await printed("avx install --available");
  await printed("avx install avalanchego");
  await printed("avx install avalanchego");
  await printed("avx install --list");
  await printed("avx install --remove avalanchego@v1.14.2");
  await printed("avx install --remove avalanchego@v1.14.2");
});

test.skipIf(WITHOUT_XSVM)(needsXSVM("networks with chains, subnets and L1s"), async () => {
  const plugins = xsvmPlugins(home.directory.join("plugins"));
  const program = ["--avalanchego-path", AVALANCHEGO as string, "--plugin-dir", plugins];
  const started = await printed("avx net start", "--node-count", "2", ...program);
  expect(started.cChain.chainID).toBeNumber();
  const chain = ["--vm", "xsvm", "--genesis-command", `${XSVM} chain genesis`];
  await printed("avx net subnet create", "--name", "a", ...chain, "--validators", "1");
  await printed("avx net subnet add-chain", "a", ...chain);
  await printed("avx net subnet create", "--name", "b", ...chain, "--validators", "1", "--l1");
  const [, l1] = await printed("avx net subnet list");
  const [other] = l1.validators;
  const { validationIDs } = await printed("avx net subnet convert", "a");
  const [nodeID = ""] = Object.keys(validationIDs);
  await printed("avx net l1 increase-balance", "a", nodeID, "1");
  await printed("avx net l1 set-weight", "b", other.nodeID, "50000");
  await printed("avx net l1 disable", "a", nodeID);
  await printed("avx net env");
  await printed("avx net stop");
  await printed("avx net subnet list");
});
