/** Kinds of network, with real avalanchego nodes. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { getPeers } from "../../lib/platform/rpc/info_client.ts";
import { callRPC } from "../../lib/platform/rpc/json_rpc.ts";
import { XSVM_ID } from "../../lib/platform/vm_ids.ts";
import type { Network } from "../../lib/tmpnet/network.ts";
import type { NetworkOptions } from "../../lib/tmpnet/network_options.ts";
import { readNodeTemplate } from "../../lib/tmpnet/node_template.ts";
import { pluginVersions, programVersion } from "../../lib/tmpnet/plugins.ts";
import { networkReport } from "../../lib/tmpnet/report.ts";
import { networkStatus } from "../../lib/tmpnet/status.ts";
import { AVALANCHEGO, needsAvalanchego } from "../support/avalanchego.ts";
import { needsTmpnetctl, runTmpnetctl, TMPNETCTL } from "../support/tmpnetctl.ts";
import { needsXSVM, WITHOUT_XSVM, xsvmPlugins } from "../support/xsvm.ts";
import { homeForEachTest } from "./home.ts";
import { nodeProcessesIn, until } from "./support.ts";

setDefaultTimeout(120_000);

const WITHOUT = AVALANCHEGO === undefined;

const home = homeForEachTest();

function start(options: NetworkOptions = {}): Promise<Network> {
  return home.start({ avalanchegoPath: AVALANCHEGO, ...options });
}

test.skipIf(WITHOUT)(
  needsAvalanchego("avalanchego takes a genesis of avx with a network ID, a C-Chain and funds of one's own"),
  async () => {
    const eth = "0x00000000000000000000000000000000000000aa";
    const x = "X-custom18jma8ppw3nhx5r4ap8clazz0dps7rv5u9xde7p";
    await using network = await start({ networkID: 4242, fund: [eth, x] });
    const { nodes, cChain } = await networkReport(network);
    expect(cChain?.chainID).toBe(4242);
    const [node] = nodes;
    const balance = await callRPC<string>(node!.uri, "/ext/bc/C/rpc", "eth_getBalance", [eth, "latest"]);
    expect(BigInt(balance)).toBe(10n ** 30n);
    const params = { address: x, assetID: "AVAX" };
    const onX = await callRPC<{ balance: string }>(node!.uri, "/ext/bc/X", "avm.getBalance", params);
    expect(BigInt(onX.balance)).toBe(30_000_000_000_000_000n);
    await network.stop();

    // The same genesis from a file, and the same keys: it is the same network, byte for byte, and starts again.
    copyFileSync(join(network.dir, "genesis.json"), home.directory.join("genesis.json"));
    await using again = await start({
      genesisFile: home.directory.join("genesis.json"),
      nodes: network.nodes.map(({ dataDir }) => readNodeTemplate(join(dataDir, "config.json"))),
    });
    expect(readFileSync(join(again.dir, "genesis.json"), "utf8")).toBe(
      readFileSync(join(network.dir, "genesis.json"), "utf8"),
    );
    const report = await networkReport(again);
    expect(report.cChain?.blockchainID).toBe(cChain!.blockchainID);
  },
);

test.skipIf(WITHOUT)(
  needsAvalanchego("light nodes stand beside avalanchego's, known to all of them, also after a restart"),
  async () => {
    await using network = await start({ lightNodeCount: 2 });
    for (const round of ["started", "restarted"]) {
      const { nodes } = await networkReport(network);
      const light = nodes.filter(({ isEphemeral }) => isEphemeral).map(({ nodeID }) => nodeID);
      expect([round, light.length]).toEqual([round, 2]);
      for (const { uri } of nodes.filter(({ isEphemeral }) => !isEphemeral)) {
        const peers = (await getPeers(uri)).map(({ nodeID }) => nodeID);
        expect(peers).toEqual(expect.arrayContaining(light));
      }
      expect((await networkStatus(network)).healthy).toBe(true);
      if (round === "started") await network.restart();
    }
  },
);

test.skipIf(WITHOUT || TMPNETCTL === undefined)(
  needsTmpnetctl(needsAvalanchego("tmpnetctl restarts a network with nodes that are not meant to last")),
  async () => {
    await using network = await start({ lightNodeCount: 2 });
    await network.addNode();
    expect(await runTmpnetctl(["restart-network", "--network-dir", network.dir], home.env)).toMatchObject({ code: 0 });
    expect((await networkStatus(home.read(network.dir))).healthy).toBe(true);
  },
);

test.skipIf(WITHOUT)(
  needsAvalanchego("a node is added, killed, started, restarted and removed while the others run on"),
  async () => {
    await using network = await start();
    const others = nodeProcessesIn(network.dir).sort();
    const { nodeID } = await network.addNode();
    const pid = () => (network.inspect(network.node(nodeID)) as { pid: number }).pid;
    const first = pid();
    process.kill(first, "SIGKILL");
    await until(() => network.inspect(network.node(nodeID)).status === "stopped");
    await network.startNodes([nodeID]);
    await network.restartNodes([nodeID], { flags: { "log-level": "debug" } });
    expect(pid()).not.toBe(first);
    expect((await networkStatus(network)).healthy).toBe(true);
    await network.removeNode(nodeID);
    expect(nodeProcessesIn(network.dir).sort()).toEqual(others);
    expect((await networkStatus(network)).healthy).toBe(true);
  },
);

test.skipIf(WITHOUT_XSVM)(needsXSVM("a real plugin speaks avalanchego's version"), async () => {
  const plugins = xsvmPlugins(home.directory.join("plugins"));
  writeFileSync(join(plugins, "README"), "");
  const [plugin, ...rest] = await pluginVersions(plugins);
  expect(rest).toEqual([]);
  expect(plugin).toMatchObject({ vmID: XSVM_ID, rpcChainVM: await programVersion(AVALANCHEGO as string) });
});
