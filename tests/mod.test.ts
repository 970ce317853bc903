import { expect, test } from "bun:test";
import { connectPeer, formatAddrPort, Node, nodeConfig, Op } from "../mod.ts";
import { testNetwork } from "./node/support.ts";
import { temporaryDirectory } from "./support/temporary.ts";

test("a node and a peer of one's own, in one process, by the library's door alone", async () => {
  using directory = temporaryDirectory();
  const { flags } = testNetwork(1);
  await using node = await Node.start(nodeConfig({ ...flags, "data-dir": directory.path }));
  await using peer = await connectPeer(formatAddrPort(node.stakingAddress));
  expect(peer.nodeID).toBe(node.nodeID);
  expect(peer.handshake?.networkId).toBe(Number(flags["network-id"]));
  peer.send(peer.build.ping(50));
  await peer.next(Op.Pong);

  const answer = await fetch(`${node.uri}/ext/info`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "info.peers" }),
  });
  const { result } = (await answer.json()) as { result: { peers: { nodeID: string }[] } };
  expect(result.peers.map(({ nodeID }) => nodeID)).toEqual([peer.myNodeID]);
});

test("a flag that does not exist is named", () => {
  expect(() => nodeConfig({ "htp-port": 0 })).toThrow("htp-port");
});
