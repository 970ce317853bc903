/** The asker of signatures, and what the C-Chain of avalanchego says to a node without stake. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import signatures from "../../examples/signatures.ts";
import { EMPTY_FILTER_BYTES } from "../../lib/core/bloom/filter.ts";
import { marshalPullRequest } from "../../lib/p2p/app/gossip/messages.ts";
import { callRPC } from "../../lib/platform/rpc/json_rpc.ts";
import { type App, AppError, HandlerID, Network, Node, networkReport } from "../../mod.ts";
import { LOOPBACK, nodeConfig } from "../node/support.ts";
import { appHealth } from "../support/app_nodes.ts";
import { AVALANCHEGO, needsAvalanchego } from "../support/avalanchego.ts";
import { avxEnvironment } from "../support/cli.ts";
import { eventually } from "../support/eventually.ts";
import { temporaryDirectory } from "../support/temporary.ts";

setDefaultTimeout(120_000);

const WITHOUT = AVALANCHEGO === undefined;

/** A network of avalanchego, and how a node of avx without stake joins it. */
async function realNetwork(nodeCount: number) {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(temporaryDirectory());
  const env = avxEnvironment({ HOME: directory.path, TMPNET_ROOT_NETWORK_DIR: directory.join("networks") });
  const network = stack.use(await Network.start({ nodeCount, avalanchegoPath: AVALANCHEGO }, {}, { env }));
  const { nodes } = await networkReport(network);
  const { uri } = nodes[0] as (typeof nodes)[0];
  const joinWith = (app: App): Promise<Node> =>
    Node.start(
      nodeConfig({
        ...LOOPBACK,
        "data-dir": directory.join("avx"),
        "network-id": String(network.networkID),
        "genesis-file": join(network.dir, "genesis.json"),
        "bootstrap-ips": nodes.map(({ stakingAddress }) => stakingAddress).join(","),
        "bootstrap-ids": nodes.map(({ nodeID }) => nodeID).join(","),
      }),
      { apps: [app] },
    );
  const owned = stack.move();
  return { nodes, uri, join: joinWith, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Runs the example with a block to ask about, and gives what each validator has said. */
async function ask(net: Awaited<ReturnType<typeof realNetwork>>, blockHash: string): Promise<Record<string, string>> {
  process.env["BLOCK_HASH"] = blockHash;
  try {
    await using node = await net.join(signatures);
    const outcomes = () => appHealth(node, "signatures")["outcomes"] as Record<string, string>;
    await eventually("every validator has answered", () => Object.keys(outcomes()).length === net.nodes.length);
    return outcomes();
  } finally {
    delete process.env["BLOCK_HASH"];
  }
}

test.skipIf(WITHOUT)(
  needsAvalanchego(
    "validators sign for a block that is accepted, refuse one that is not, and refuse gossip to strangers",
  ),
  async () => {
    await using net = await realNetwork(3);
    const block = await callRPC<{ hash: string }>(net.uri, "/ext/bc/C/rpc", "eth_getBlockByNumber", ["latest", false]);
    const signed = await ask(net, block.hash);
    const byNode = Object.values(signed);
    // What is shown as signed has been verified with the validator's key: see SignatureClient.
    expect(byNode).toEqual(net.nodes.map(() => expect.stringMatching(/^signed: 0x[0-9a-f]{192}$/)));
    expect(new Set(byNode).size).toBe(net.nodes.length);

    const refused = await ask(net, `0x${"ab".repeat(32)}`);
    expect(Object.values(refused)).toEqual(
      net.nodes.map(() => expect.stringContaining("refused: failed to get block")),
    );

    // One that only listens asks for the transactions that it does not know.
    await using node = await net.join({ name: "listener", chain: "C", start() {} });
    const protocols = node.apps.get("listener")?.context.protocols;
    const gossip = protocols?.newClient(HandlerID.TxGossip);
    const { nodeID } = net.nodes[0] as (typeof net.nodes)[0];
    await eventually("they are connected", () => protocols?.peers.has(nodeID) === true);
    const request = marshalPullRequest(EMPTY_FILTER_BYTES, new Uint8Array(32));
    const error = await gossip?.request(nodeID, request).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: -3, message: "not a validator" });
  },
);
