/** `avx node host`: what it makes of the lines that it is sent. */

import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { UsageError } from "../../cmd/errors.ts";
import { runHost } from "../../cmd/node/host.ts";
import { END_OF_REQUESTS, type HostAnswer } from "../../lib/platform/node_host.ts";
import { LOOPBACK } from "../node/support.ts";
import { capturedContext } from "../support/context.ts";
import { eventually } from "../support/eventually.ts";
import { temporaryDirectory } from "../support/temporary.ts";

/** A host that is sent lines, and its end. */
function host() {
  const stdin = new PassThrough();
  const context = capturedContext({ stdin, env: {} });
  const ended = runHost(context).then(
    () => undefined,
    (error: unknown) => error,
  );
  const answers = (): HostAnswer[] =>
    context.stdout.text
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  return { stdin, ended, answers, interrupt: context.interrupt };
}

/** The line for a node with a directory of its own. */
function request(dataDir: string, ...args: readonly string[]): string {
  const flags = Object.entries({ ...LOOPBACK, "network-id": "local" }).map(([name, value]) => `--${name}=${value}`);
  const stdio = `${dataDir}-stdio.log`;
  return `${JSON.stringify({ dataDir, args: ["--data-dir", dataDir, ...flags, ...args], env: {}, stdio, later: 1 })}\n`;
}

function directories(path: string, ...names: readonly string[]): string[] {
  return names.map((name) => {
    mkdirSync(`${path}/${name}`);
    return `${path}/${name}`;
  });
}

const runs = (dataDir: string) => eventually("the node runs", () => existsSync(`${dataDir}/process.json`));

test("a line that asks for no node ends the nodes that run", async () => {
  using directory = temporaryDirectory();
  const [dataDir = ""] = directories(directory.path, "with 'quotes'\nand a line end");
  const { stdin, ended, answers } = host();
  stdin.write(request(dataDir));
  await runs(dataDir);
  stdin.write('{"dataDir":"/n/a"}\n');
  expect(await ended).toBeInstanceOf(UsageError);
  expect(answers()).toEqual([
    { dataDir, pid: expect.any(Number) },
    { dataDir, ended: "ended with exit code 0" },
  ]);
  expect(existsSync(`${dataDir}/process.json`)).toBe(false);
});

test.each(["", "garbage", "{", "[]", "null", '{"dataDir":1}', '{"end":false}'])("%p asks for no node", async (line) => {
  const { stdin, ended } = host();
  stdin.end(`${line}\n`);
  expect(String(await ended)).toContain("A line on stdin asks for no node: ");
});

test("an input that ends in the middle of a line ends the nodes that run", async () => {
  using directory = temporaryDirectory();
  const [dataDir = ""] = directories(directory.path, "a");
  const { stdin, ended } = host();
  stdin.write(request(dataDir));
  await runs(dataDir);
  stdin.end(END_OF_REQUESTS.slice(0, 5));
  expect(await ended).toBeInstanceOf(UsageError);
  expect(existsSync(`${dataDir}/process.json`)).toBe(false);
});

test("nodes that cannot run are told, and the others run until they are asked to end", async () => {
  using directory = temporaryDirectory();
  const [dataDir = "", other = ""] = directories(directory.path, "a", "b");
  const missing = directory.join("missing");
  const { stdin, ended, answers, interrupt } = host();
  const endOf = (dir: string) => answers().flatMap((it) => (it.dataDir === dir && "ended" in it ? [it.ended] : []));
  stdin.write(request(dataDir));
  await runs(dataDir);
  for (const line of [request(dataDir), request(missing), request(other, "--no-such-flag=1")]) stdin.write(line);
  stdin.end(`${END_OF_REQUESTS}\n`);
  await eventually("three have ended", () => answers().filter((it) => "ended" in it).length === 3);
  expect(endOf(dataDir)).toEqual(["ended with exit code 1"]);
  expect(readFileSync(`${dataDir}-stdio.log`, "utf8")).toContain("runs here already");
  expect(endOf(missing)[0]).toContain(missing);
  expect(endOf(other)).toEqual(["ended with exit code 1"]);
  expect(readFileSync(`${other}-stdio.log`, "utf8")).toContain("--no-such-flag");
  expect(existsSync(`${dataDir}/process.json`)).toBe(true);

  interrupt();
  expect(await ended).toBeUndefined();
  expect(endOf(dataDir)).toEqual(["ended with exit code 1", "ended with exit code 0"]);
});
