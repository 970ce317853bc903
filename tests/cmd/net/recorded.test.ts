/** `avx net` on directories that tmpnet wrote, recorded from upstream's tools: read and shown, and nothing of them run. */

import { beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { type AvxResult, runAvx } from "../../support/cli.ts";
import { homeForEachTest } from "../../tmpnet/home.ts";

// Each test starts programs: on a busy machine that takes its time.
setDefaultTimeout(60_000);

const FIXTURES = join(import.meta.dirname, "..", "..", "fixtures", "tmpnet");

const home = homeForEachTest();
beforeEach(() => cpSync(FIXTURES, home.root, { recursive: true }));

function net(...args: string[]): Promise<AvxResult> {
  return runAvx(["net", ...args], { env: home.env });
}

const MISSING = "/home/user/bin/avalanchego";

test("recorded networks are listed with what runs them", async () => {
  const networks = JSON.parse((await net("list", "--json")).stdout) as Record<string, unknown>[];
  expect(networks).toContainEqual(
    expect.objectContaining({ name: "network-plain", state: "stopped", nodeCount: 3, program: MISSING }),
  );
  for (const { lastUsedAt } of networks) expect(Number.isInteger(lastUsedAt)).toBe(true);
});

test("nodes whose process.json names a process that is not theirs have died, and are left alone", async () => {
  const dir = join(home.root, "network-plain");
  const status = await net("status", "--network-dir", dir);
  expect(status.code).toBe(1);
  const dead = /^NodeID-\w+ +died( [\d.]+ \w+ ago)? +- +-$/gm;
  expect(status.stdout.match(dead)?.length ?? 0).toBe(processFiles(dir));
  expect((await net("stop", "--network-dir", dir)).stdout).toStartWith("No node was running: ");
});

test("a program that is not here is told with what can be done about it, and nothing is started", async () => {
  const dir = join(home.root, "network-plain");
  const { code, stderr } = await net("restart", "--network-dir", dir);
  expect(code).toBe(1);
  expect(stderr).toContain(`Cannot run ${MISSING}: there is no such file`);
  expect(stderr).toContain("name another as avalancheGoPath in the config.json");
});

test("what a recorded network is can be written as a file, and its subnets be listed", async () => {
  const dir = join(home.root, "network-with-subnets");
  const exported = await net("export", "--network-dir", dir);
  expect(exported).toMatchObject({ code: 0 });
  expect(exported.stdout).toContain(`"avalanchegoPath": "${MISSING}"`);
  const listed = await net("subnet", "list", "--network-dir", dir, "--json");
  expect(listed.code).toBe(0);
  expect(JSON.stringify(JSON.parse(listed.stdout))).toContain("Qn56Wa16iR4PGw9dgn1RQDbmgeW6KVgX8c1CrQ5JSAV37iCTH");
});

function processFiles(dir: string): number {
  return [...new Bun.Glob("NodeID-*/process.json").scanSync(dir)].filter((path) => existsSync(join(dir, path))).length;
}
