/** A port that was free a moment ago: nodes of one network take ports from each other. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { createServer, type Server } from "node:net";
import { systemClock } from "../../lib/core/clock.ts";
import { Network } from "../../lib/tmpnet/network.ts";
import { ProcessRuntime } from "../../lib/tmpnet/runtime/process_runtime.ts";
import { networkStatus } from "../../lib/tmpnet/status.ts";
import { AVALANCHEGO, needsAvalanchego } from "../support/avalanchego.ts";
import { homeForEachTest } from "./home.ts";
import { nodeProcessesIn, readJSON } from "./support.ts";

setDefaultTimeout(90_000);

const home = homeForEachTest();

/** Starts nodes, each after somebody else has taken the API port that it asks for. */
class TakingRuntime extends ProcessRuntime {
  readonly servers: Server[] = [];

  override async start(...[node, flags, control]: Parameters<ProcessRuntime["start"]>) {
    const port = Number(flags["http-port"]);
    if (port !== 0) await this.#take(port);
    return await super.start(node, flags, control);
  }

  async #take(port: number): Promise<void> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen({ port, host: "127.0.0.1" }, resolve));
    this.servers.push(server);
  }

  [Symbol.dispose](): void {
    for (const server of this.servers) server.close();
  }
}

async function restart(network: Network): Promise<string[]> {
  const warnings: string[] = [];
  await network.restart({ onProgress: (each) => each.kind === "warning" && warnings.push(each.message) });
  return warnings;
}

test.each([
  ["processes of their own", false],
  ["a shared process", true],
])("nodes in %s that lose the port they had take another, and say so", async (_, sharedProcesses) => {
  using runtime = new TakingRuntime({ clock: systemClock }, { env: home.env });
  await using network = await Network.start({ nodeCount: 2, sharedProcesses }, {}, { env: home.env, runtime });
  expect(runtime.servers).toEqual([]);
  const warnings = await restart(network);
  expect(runtime.servers).toHaveLength(2);
  expect(warnings.sort()).toEqual(
    network.nodes.map(({ nodeID }) => `${nodeID} has another API port now: another process took its own`).sort(),
  );
  for (const { dataDir } of network.nodes) expect(readJSON(`${dataDir}/flags.json`)["http-port"]).toBe("0");
  expect((await networkStatus(network)).healthy).toBe(true);
});

test("a port that the user has chosen is not given up", async () => {
  using runtime = new TakingRuntime({ clock: systemClock }, { env: home.env });
  const flags = { "http-port": "0" };
  const network = await Network.start(
    { nodes: [{ flags }], nodeCount: 1, reuseDynamicPorts: false },
    {},
    {
      env: home.env,
      runtime,
    },
  );
  await network.updateNode(network.nodes[0]?.nodeID as string, (node) => ({
    ...node,
    flags: { ...node.flags, "http-port": new URL(readJSON(`${node.dataDir}/process.json`).uri).port },
  }));
  const error = await network.restart().catch((e: Error) => e);
  expect((error as Error).message).toContain("the port is in use");
  expect(nodeProcessesIn(home.root)).toEqual([]);
});

test.skipIf(AVALANCHEGO === undefined)(needsAvalanchego("so does avalanchego"), async () => {
  using runtime = new TakingRuntime({ clock: systemClock }, { env: home.env });
  const options = { nodeCount: 1, avalanchegoPath: AVALANCHEGO };
  await using network = await Network.start(options, {}, { env: home.env, runtime });
  expect(await restart(network)).toHaveLength(1);
  expect(runtime.servers).toHaveLength(1);
  expect((await networkStatus(network)).healthy).toBe(true);
});
