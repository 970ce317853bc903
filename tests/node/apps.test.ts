import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Node } from "../../lib/node/node.ts";
import { readProcessContext } from "../../lib/platform/process_context.ts";
import { AVX_SOURCE, avxEnvironment } from "../support/cli.ts";
import { eventually } from "../support/eventually.ts";
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

test("what an app lets go of stops that app, and neither the node nor the other apps", async () => {
  using directory = temporaryDirectory();
  const { flags, stakers } = testNetwork(1);
  const careless = ["promise", "timer", "early"].map((name) => directory.join(`${name}.ts`)) as [
    string,
    string,
    string,
  ];
  const later = (what: string): string => `setTimeout(() => { ${what} }, 50);`;
  const app = (name: string, start: string): string => `export default { name: "${name}", start() { ${start} } };\n`;
  writeFileSync(careless[0], app("promise", later("void (async () => { throw new Error('unheard'); })();")));
  writeFileSync(careless[1], app("timer", later("throw new Error('unheard');")));
  writeFileSync(careless[2], app("early", "void (async () => { throw new Error('unheard'); })();"));
  const file = directory.join("flags.json");
  const apps = [COUNTER, ...careless].join(",");
  writeFileSync(
    file,
    JSON.stringify({
      ...flags,
      ...stakers[0]?.flags,
      "data-dir": directory.join("node"),
      app: apps,
      "bootstrap-ips": "",
      "bootstrap-ids": "",
    }),
  );
  const child = Bun.spawn([...AVX_SOURCE, "--config-file", file], {
    env: avxEnvironment(),
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  try {
    const contextFile = directory.join("node", "process.json");
    await eventually("the node says where it is", () => readProcessContext(contextFile)?.pid === child.pid);
    const uri = readProcessContext(contextFile)?.uri;
    const health = async (): Promise<Health> => (await (await fetch(`${uri}/ext/health`)).json()) as Health;
    await eventually("all three have stopped", async () => {
      return (await health()).checks.apps?.error?.match(/the chain has stopped: unheard/g)?.length === 3;
    });
    expect((await health()).checks.apps?.message).toMatchObject({ counter: { state: "running" } });
    const log = readFileSync(directory.join("node", "logs", "main.log"), "utf8");
    expect(log.match(/ ERROR .*an app let go of an error .*"app": "(promise|timer|early)"/g)).toHaveLength(3);
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
  } finally {
    child.kill("SIGKILL");
    await child.exited;
  }
}, 60_000);

test("an error that is no app's is not taken for one", async () => {
  using directory = temporaryDirectory();
  const { flags } = testNetwork(1);
  await using node = await Node.start(nodeConfig({ ...flags, "data-dir": directory.path, app: COUNTER }));
  expect([new Error("ours"), "text", undefined].map((error) => node.apps.blame(error))).toEqual([false, false, false]);
  expect(node.apps.get("counter")?.chain.handler.state).toBe("running");
});
