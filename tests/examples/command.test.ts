import { expect, test } from "bun:test";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AVX_COMPILED, AVX_SOURCE, avxEnvironment, needsCompiled, runAvx } from "../support/cli.ts";
import { eventually } from "../support/eventually.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import { endLeftovers } from "../tmpnet/support.ts";

const COUNTER = join(import.meta.dirname, "../../examples/counter.ts");

interface Started {
  readonly nodes: readonly { readonly uri: string }[];
}

interface AppsHealth {
  readonly checks: {
    readonly apps: { readonly message: Record<string, Record<string, unknown>>; readonly error?: string };
  };
}

async function appsHealth(uri: string): Promise<AppsHealth["checks"]["apps"]> {
  return ((await (await fetch(`${uri}/ext/health`)).json()) as AppsHealth).checks.apps;
}

/** Five nodes with the counter, a copy of it far from the checkout. */
async function countWith(command: readonly string[]): Promise<void> {
  using directory = temporaryDirectory();
  const apps = directory.join("my apps, all");
  mkdirSync(apps);
  copyFileSync(COUNTER, join(apps, "counter.ts"));
  const env = avxEnvironment({ HOME: directory.path, TMPNET_ROOT_NETWORK_DIR: directory.join("networks") });
  const options = { command, env, cwd: directory.path, timeoutMs: 60_000 };
  try {
    const started = await runAvx(
      ["net", "start", "--node-count", "5", "--app", join("my apps, all", "counter.ts"), "--json"],
      options,
    );
    expect([started.code, started.stderr.includes("avx:")]).toEqual([0, false]);
    const { nodes } = JSON.parse(started.stdout) as Started;
    expect(nodes).toHaveLength(5);
    await eventually("all have counted to the end", async () => {
      const all = await Promise.all(nodes.map(({ uri }) => appsHealth(uri)));
      return all.every(({ message }) => message["counter"]?.["sum"] === 50);
    });
    expect((await runAvx(["net", "stop"], options)).code).toBe(0);
  } finally {
    endLeftovers(directory.path);
  }
}

test("avx net start runs an app on five nodes, from source", () => countWith(AVX_SOURCE), 90_000);

test.skipIf(AVX_COMPILED === undefined)(
  needsCompiled("avx net start runs an app on five nodes, from the executable"),
  () => countWith(AVX_COMPILED ?? []),
  90_000,
);

test("an app that there is not, and apps for avalanchego, are refused before anything starts", async () => {
  using directory = temporaryDirectory();
  writeFileSync(directory.join("app.ts"), "");
  const options = { cwd: directory.path, env: avxEnvironment({ HOME: directory.path }) };
  const missing = await runAvx(["net", "start", "--app", "nope.ts"], options);
  expect([missing.code, missing.stderr]).toEqual([2, `avx: There is no app ${directory.join("nope.ts")}\n`]);
  const other = await runAvx(["net", "start", "--app", "app.ts", "--avalanchego-path", "/bin/true"], options);
  expect(other.code).toBe(2);
  expect(other.stderr).toContain("Apps run in avx's own nodes");
});
