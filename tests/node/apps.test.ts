import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Node } from "../../lib/node/node.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import { nodeConfig, testNetwork } from "./support.ts";

const COUNTER = join(import.meta.dirname, "../../examples/counter.ts");

interface Health {
  readonly checks: { readonly apps?: { readonly message: Record<string, object>; readonly error?: string } };
}

test("apps of the configuration run; those that cannot are named in health and log, and the node lives", async () => {
  using directory = temporaryDirectory();
  const { flags, stakers } = testNetwork(1);
  const [missing, bare] = [directory.join("missing.ts"), directory.join("bare.ts")];
  writeFileSync(bare, "export const name = 'bare';\n");
  const app = [COUNTER, missing, bare].join(",");
  await using node = await Node.start(
    nodeConfig({
      ...flags,
      ...stakers[0]?.flags,
      "data-dir": directory.path,
      app,
      "bootstrap-ips": "",
      "bootstrap-ids": "",
    }),
  );
  expect(node.apps.get("counter")?.chain.handler.state).toBe("running");

  const reasons = [
    `Cannot load the app ${missing}: there is no such file`,
    `Cannot load the app ${bare}: it has no default export`,
  ];
  const { checks } = (await (await fetch(`${node.uri}/ext/health`)).json()) as Health;
  expect(checks.apps?.message).toMatchObject({ counter: { state: "running" }, [missing]: { state: "failed" } });
  const log = readFileSync(directory.join("logs", "main.log"), "utf8");
  for (const reason of reasons) {
    expect(checks.apps?.error).toContain(reason);
    expect(log).toContain(reason);
  }
  expect(readFileSync(directory.join("logs", "counter.log"), "utf8")).toMatch(/ INFO <counter Chain> .* app started /);
});

test("a node without apps has no check of them", async () => {
  using directory = temporaryDirectory();
  const { flags } = testNetwork(1);
  await using node = await Node.start(nodeConfig({ ...flags, "data-dir": directory.path }));
  const { checks } = (await (await fetch(`${node.uri}/ext/health`)).json()) as Health;
  expect([checks.apps, node.apps.isEmpty]).toEqual([undefined, true]);
});
