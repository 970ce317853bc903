/** What avalanchego sends a node of avx that has a little stake, on a chain that an app has the seat of. */

import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { EMPTY_FILTER_BYTES } from "../../../lib/core/bloom/filter.ts";
import { toHex } from "../../../lib/core/bytes.ts";
import { systemClock } from "../../../lib/core/clock.ts";
import { PRIMARY_NETWORK_ID } from "../../../lib/core/ids/id.ts";
import type { NodeID } from "../../../lib/core/ids/node_id.ts";
import { newPrivateKey } from "../../../lib/core/secp256k1/private_key.ts";
import { Node } from "../../../lib/node/node.ts";
import { marshalPullRequest, parsePullResponse, parsePushGossip } from "../../../lib/p2p/app/gossip/messages.ts";
import { HandlerID } from "../../../lib/p2p/app/handler_id.ts";
import type { App } from "../../../lib/p2p/app/loading/app.ts";
import { evmPath, getEVMChainID } from "../../../lib/platform/rpc/evm_client.ts";
import { callRPC } from "../../../lib/platform/rpc/json_rpc.ts";
import { Network } from "../../../lib/tmpnet/network.ts";
import { newNodeIdentity } from "../../../lib/tmpnet/node.ts";
import { networkReport } from "../../../lib/tmpnet/report.ts";
import { LOOPBACK, nodeConfig } from "../../node/support.ts";
import { AVALANCHEGO, needsAvalanchego } from "../../support/avalanchego.ts";
import { signTransfer } from "../../support/c_chain_transfer.ts";
import { avxEnvironment } from "../../support/cli.ts";
import { eventually } from "../../support/eventually.ts";
import { PChainWallet } from "../../support/p_chain_wallet.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

/** Hears of transactions, and has none itself. */
function transactionListener() {
  const heard = new Map<string, NodeID>();
  const app: App = {
    name: "listener",
    chain: "C",
    start({ protocols }) {
      protocols.addHandler(HandlerID.TxGossip, {
        appGossip(nodeID, gossip) {
          for (const tx of parsePushGossip(gossip)) heard.set(toHex(tx), nodeID);
        },
      });
    },
  };
  return { app, heard };
}

/** The values of a metric's time series that have some labels. */
async function scrape(uri: string, name: string, ...labels: readonly string[]): Promise<number[]> {
  const lines = (await (await fetch(`${uri}/ext/metrics`)).text()).split("\n");
  return lines
    .filter((line) => /^\w+/.exec(line)?.[0] === name && labels.every((label) => line.includes(label)))
    .map((line) => Number(line.split(" ").at(-1)));
}

/** How many queries of consensus the listener's chain was sent. */
async function queries(node: Node): Promise<number> {
  const counts = ["push_query", "pull_query"].map((op) =>
    scrape(node.uri, "avalanche_handler_messages", 'chain="C"', `op="${op}"`),
  );
  return (await Promise.all(counts)).flat().reduce((sum, count) => sum + count, 0);
}

/** Lines of a node's logs that say that a message of a peer could not be read. */
function complaints(directory: string, nodeID: NodeID): string[] {
  const files = readdirSync(directory).filter((name) => name.endsWith(".log"));
  const lines = files.flatMap((name) => readFileSync(join(directory, name), "utf8").split("\n"));
  return lines.filter((line) => line.includes(nodeID) && /pars|unmarshal|malformed|invalid/i.test(line));
}

test.skipIf(AVALANCHEGO === undefined)(
  needsAvalanchego("a node with one percent of avalanchego's stake is sent queries and transactions, and is answered"),
  async () => {
    using directory = temporaryDirectory();
    const env = avxEnvironment({ HOME: directory.path, TMPNET_ROOT_NETWORK_DIR: directory.join("networks") });
    // Who leaves queries without an answer is benched within the second, and then is a validator to no C-Chain.
    const defaultFlags = { "benchlist-bench-probability": "1" };
    const options = { nodeCount: 5, avalanchegoPath: AVALANCHEGO, defaultFlags };
    await using network = await Network.start(options, {}, { env });
    const key = network.preFundedKeys[0]!;
    const identity = newNodeIdentity(systemClock);
    const stake = 5_000_000_000_000_000n / 99n;
    const wallet = await PChainWallet.open(network.nodeUris()[0]!.uri, key);
    await wallet.addValidator(identity, stake);
    // Their C-Chains look at who validates once a minute, and at their start.
    await network.restart();

    const { nodes } = await networkReport(network);
    const first = nodes[0]!;
    const { uri } = first;
    const { app, heard } = transactionListener();
    await using node = await Node.start(
      nodeConfig({
        ...LOOPBACK,
        ...(identity.flags as Record<string, string>),
        "data-dir": directory.join("avx"),
        "network-id": String(network.networkID),
        "genesis-file": join(network.dir, "genesis.json"),
        "bootstrap-ips": nodes.map(({ stakingAddress }) => stakingAddress).join(","),
        "bootstrap-ids": nodes.map(({ nodeID }) => nodeID).join(","),
        "validators-uri": uri,
        "validators-frequency": "100ms",
      }),
      { apps: [app] },
    );
    const { protocols } = node.apps.get("listener")!.context;
    await eventually("it is connected to all validators", () =>
      nodes.every(({ nodeID }) => protocols.validators.has(nodeID)),
    );
    const total = () => Number(node.validators.totalWeight(PRIMARY_NETWORK_ID));
    const own = () => Number(node.validators.getWeight(PRIMARY_NETWORK_ID, node.nodeID));
    await eventually("it knows of its stake", () => own() > 0);
    expect(own() / total()).toBeCloseTo(0.01, 6);

    const chainID = await getEVMChainID(uri, "C");
    const client = protocols.newClient(HandlerID.TxGossip);
    const sent: string[] = [];
    const pulled: string[] = [];
    const transfer = async () => {
      const tx = signTransfer(key, { chainID, nonce: sent.length, to: newPrivateKey().ethAddress, wei: 1n });
      await callRPC(uri, evmPath("C"), "eth_sendRawTransaction", [`0x${toHex(tx)}`]);
      sent.push(toHex(tx));
    };
    const pull = async () => {
      const request = marshalPullRequest(EMPTY_FILTER_BYTES, new Uint8Array(32));
      return parsePullResponse(await client.request(first.nodeID, request)).map(toHex);
    };
    await eventually("the first node's C-Chain knows of the connection", async () => {
      const refusal = await pull().then(
        () => undefined,
        (error: unknown) => error,
      );
      if (refusal !== undefined) expect(refusal).toMatchObject({ code: -3 });
      return refusal === undefined;
    });
    const queriesBefore = await queries(node);
    await eventually("a transaction that is in no block yet is an answer", async () => {
      await transfer();
      pulled.push(...(await pull()));
      return pulled.length > 0;
    });
    await eventually("transactions are told of, and blocks asked about", async () => {
      await transfer();
      await Bun.sleep(200);
      const height = Number(await callRPC<string>(uri, evmPath("C"), "eth_blockNumber", []));
      return height > 0 && heard.size > 0 && (await queries(node)) > queriesBefore;
    });
    for (const tx of [...heard.keys(), ...pulled]) expect(sent).toContain(tx);

    for (const { dataDir, uri } of nodes) {
      expect(await scrape(uri, "avalanche_network_msgs_failed_to_parse")).toEqual([0]);
      expect(complaints(join(dataDir, "logs"), node.nodeID)).toEqual([]);
    }
    expect(node.apps.healthCheck().error).toBeUndefined();
  },
  120_000,
);
