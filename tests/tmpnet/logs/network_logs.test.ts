import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { TmpnetError } from "../../../lib/tmpnet/errors.ts";
import type { LogEntry } from "../../../lib/tmpnet/logs/entry.ts";
import { type LogsOptions, networkLogs } from "../../../lib/tmpnet/logs/network_logs.ts";
import { eventually } from "../../support/eventually.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../support/temporary.ts";
import { type MadeNetwork, madeNetwork, madeNode, madeNodeID } from "../made_networks.ts";

let directory: TemporaryDirectory;
let network: MadeNetwork;

beforeEach(() => {
  directory = temporaryDirectory();
  network = madeNetwork(directory.path, "20261121-100000");
});
afterEach(() => directory[Symbol.dispose]());

const START = new Date("2026-11-21T10:00").getTime();
const two = (n: number) => String(n).padStart(2, "0");

function stamp(ms: number): string {
  const t = new Date(ms);
  const time = `${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}.${String(t.getMilliseconds()).padStart(3, "0")}`;
  return `${two(t.getMonth() + 1)}-${two(t.getDate())}|${time}`;
}

function line(seconds: number, said: string, level = "INFO"): string {
  return `[${stamp(START + seconds * 1000)}] ${level} a/b.go:1 ${said}\n`;
}

function log(node: number, text: string, name = "main.log"): string {
  const path = join(network.nodes[node] as string, "logs", name);
  appendFileSync(path, text);
  const written = (START + 3_600_000) / 1000;
  utimesSync(path, written, written);
  return path;
}

async function read(options: LogsOptions = {}): Promise<LogEntry[]> {
  const all: LogEntry[] = [];
  for await (const entries of networkLogs(network.dir, options)) all.push(...entries);
  return all;
}

const said = (entries: readonly LogEntry[]) => entries.map((entry) => entry.said);

test("logs of all nodes and chains stand in the order of time, each in its own order", async () => {
  log(0, line(1, "a1") + line(4, "a4") + line(4, "a4 too"));
  log(1, line(2, "b2") + line(1.5, "b, out of order") + line(5, "b5"));
  log(0, line(3, "c3"), "C.log");
  expect(said(await read())).toEqual(["a1", "b2", "b, out of order", "c3", "a4", "a4 too", "b5"]);
});

test("nodes and chains are chosen by place, beginning and alias", async () => {
  log(0, line(1, "a"));
  log(1, line(2, "b"));
  log(1, line(3, "c"), "C.log");
  const id = "2CPuMzFbeLYzJMMDSfE5rRYsq8dmHeW52c158Pfn8R2vC3oa9Y";
  log(1, line(4, "d"), `${id}.log`);
  expect(said(await read({ nodes: ["0"] }))).toEqual(["a"]);
  expect(said(await read({ nodes: ["BB", madeNodeID("A")] }))).toEqual(["a", "b", "c", "d"]);
  expect(said(await read({ chains: ["c"] }))).toEqual(["c"]);
  expect(said(await read({ chains: ["main"], nodes: ["NodeID-B"] }))).toEqual(["b"]);
  expect(said(await read({ chains: ["2CPuM"] }))).toEqual(["d"]);
  expect(read({ nodes: ["Z"] })).rejects.toThrow('No node of this network is called "Z"; they are\n  0  NodeID-');
  expect(read({ nodes: ["NodeID-"] })).rejects.toThrow('More than one node of this network is called "NodeID-"');
  expect(read({ chains: ["X"] })).rejects.toThrow(/No log is that of "X"; there are logs of/);
});

test("entries are chosen by level, words and time; what has no level is always let through", async () => {
  log(0, line(1, "quiet", "DEBUG") + line(2, "loud", "ERROR") + line(3, "plain\nwith the word in its trace"));
  writeFileSync(join(network.nodes[0] as string, "stdio.log"), "panic: dead\n");
  expect(said(await read({ level: "warn" }))).toEqual(["loud", "panic: dead"]);
  expect(said(await read({ grep: /word/g }))).toEqual(["plain\nwith the word in its trace"]);
  expect(said(await read({ since: START + 2_500, chains: ["main"] }))).toEqual(["plain\nwith the word in its trace"]);
});

test("the last entries come from files put aside, too, compressed or not", async () => {
  const directory = join(network.nodes[0] as string, "logs");
  const old = new Date(START + 2_500).toISOString().slice(0, -1).replaceAll(":", "-");
  const older = new Date(START + 1_500).toISOString().slice(0, -1).replaceAll(":", "-");
  writeFileSync(join(directory, `main-${older}.log.gz`), gzipSync(line(0, "a0") + line(1, "a1")));
  writeFileSync(join(directory, `main-${old}.log`), line(2, "a2"));
  log(0, line(3, "a3") + line(4, "a4"));
  log(1, line(3.5, "b"));
  expect(said(await read())).toEqual(["a0", "a1", "a2", "a3", "b", "a4"]);
  expect(said(await read({ tail: 2 }))).toEqual(["b", "a4"]);
  expect(said(await read({ tail: 5 }))).toEqual(["a1", "a2", "a3", "b", "a4"]);
  expect(said(await read({ tail: 0 }))).toEqual([]);
  expect(said(await read({ tail: 9, grep: /a[02]/ }))).toEqual(["a0", "a2"]);
  expect(said(await read({ since: START + 2_000 }))).toEqual(["a2", "a3", "b", "a4"]);
});

test("a broken compressed file gives what can be read of it, and hides nothing else", async () => {
  const name = `main-${new Date(START).toISOString().slice(0, -1).replaceAll(":", "-")}.log.gz`;
  writeFileSync(join(network.nodes[0] as string, "logs", name), gzipSync(line(0, "x".repeat(9_000))).subarray(0, 40));
  log(0, line(3, "a3"));
  expect(said(await read()).at(-1)).toBe("a3");
});

test("in a large log the last entries, and those since a time, are found without reading it all", async () => {
  const many = 60_000;
  let text = "";
  for (let i = 0; i < many; i++) text += line(i / 50, `entry ${i} ${"x".repeat(60)}`);
  log(0, text);
  expect((await read({ tail: 3 })).map((entry) => entry.said.split(" ")[1])).toEqual(["59997", "59998", "59999"]);
  const since = await read({ since: START + 1_000_000 });
  expect(since).toHaveLength(many - 50_000);
  expect(since[0]?.said).toStartWith("entry 50000 ");
  const rare = await read({ tail: 2, grep: /entry (7|19|23) / });
  expect(rare.map((entry) => entry.said.split(" ")[1])).toEqual(["19", "23"]);
});

test("hostile files are no hindrance: links that lead nowhere, directories, binary", async () => {
  const logs = join(network.nodes[0] as string, "logs");
  mkdirSync(join(logs, "directory.log"));
  symlinkSync(join(logs, "nowhere"), join(logs, "link.log"));
  writeFileSync(join(logs, "binary.log"), Buffer.from(Array.from({ length: 5_000 }, (_, i) => (i * 7_919) % 256)));
  log(0, line(1, "a"));
  const entries = await read();
  expect(said(entries)).toContain("a");
  expect(new Set(entries.map((entry) => entry.log))).toEqual(new Set(["binary.log", "main.log"]));
});

test("a directory that is no network is refused", async () => {
  mkdirSync(directory.join("empty"));
  const failure = await networkLogs(directory.join("empty"))
    .next()
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(TmpnetError);
});

/** Follows in the background until it is disposed of. */
function follow(options: LogsOptions = {}) {
  const controller = new AbortController();
  const entries: LogEntry[] = [];
  const ended = (async () => {
    for await (const batch of networkLogs(network.dir, { ...options, follow: true, signal: controller.signal })) {
      entries.push(...batch);
    }
  })();
  return {
    entries,
    async [Symbol.asyncDispose]() {
      controller.abort();
      await ended;
    },
  };
}

test("following goes on through rotation, compression, truncation, and nodes that are added", async () => {
  const path = log(0, line(1, "before"));
  await using followed = follow();
  const has = (text: string) => eventually(text, () => said(followed.entries).some((entry) => entry.startsWith(text)));
  await has("before");
  log(0, line(2, "appended"));
  await has("appended");

  // Put aside twice between two looks, the first one compressed already.
  const aside = (seconds: number) =>
    join(path, "..", `main-${new Date(START + seconds * 1000).toISOString().slice(0, -1).replaceAll(":", "-")}.log`);
  log(0, line(3, "last of the first file"));
  renameSync(path, aside(3));
  writeFileSync(`${aside(3)}.gz`, gzipSync("as it was"));
  unlinkSync(aside(3));
  writeFileSync(aside(4), line(4, "a file between"));
  log(0, line(5, "first of the new file"));
  await has("last of the first file");
  await has("a file between");
  await has("first of the new file");

  truncateSync(path, 0);
  await Bun.sleep(500);
  log(0, line(6, "after it was emptied"));
  await has("after it was emptied");

  const added = madeNode(network.dir, "C");
  appendFileSync(join(added, "logs", "main.log"), line(7, "a new node"));
  await has("a new node");
  rmSync(network.dir, { recursive: true });
  await Bun.sleep(300);
  expect(new Set(said(followed.entries)).size).toBe(followed.entries.length);
});

test("an entry that grows is given whole, once", async () => {
  log(0, "");
  await using followed = follow();
  log(0, line(1, "it broke", "ERROR"));
  await Bun.sleep(20);
  log(0, "goroutine 1\n\tmain.go:1\n");
  await eventually("the entry", () => followed.entries.length > 0);
  await Bun.sleep(500);
  expect(said(followed.entries).join("\n")).toBe("it broke\ngoroutine 1\n\tmain.go:1");
});

test("following begins with as much of the past as is asked for", async () => {
  log(0, line(1, "a") + line(2, "b"));
  await using followed = follow({ tail: 1 });
  await eventually("the past", () => followed.entries.length > 0);
  log(0, line(3, "c"));
  await eventually("more", () => followed.entries.length > 1);
  expect(said(followed.entries)).toEqual(["b", "c"]);
});
