import { expect, test } from "bun:test";
import { ManualClock } from "../../../lib/core/clock.ts";
import type { NodeID } from "../../../lib/core/ids/node_id.ts";
import { newTLSCert } from "../../../lib/core/staking/tls_cert.ts";
import { Op } from "../../../lib/p2p/message/ops.ts";
import type { TestPeer } from "../../../lib/p2p/peer/connect_peer.ts";
import { NO_USAGE } from "../../../lib/p2p/throttling/tracker/resource_user.ts";
import { eventually } from "../../support/eventually.ts";
import { startTLSNode } from "../../support/tls_node.ts";

const CHAIN_ID = new Uint8Array(32).fill(1);
const SECOND = 1_000;

/** A node that uses half a core at first, and takes 200 ms for each message of its dear peer. */
async function nodeWithDearPeer() {
  const clock = new ManualClock(Date.now());
  const tlsCert = newTLSCert();
  const dearID = tlsCert.certificate.nodeID;
  const handled: NodeID[] = [];
  const use = { cpu: 0.5 };
  const node = await startTLSNode({
    clock,
    pongTimeoutMs: 600 * SECOND,
    resources: { ...NO_USAGE, cpuUsage: () => use.cpu },
    handle: ({ nodeID, onFinishedHandling }) => {
      handled.push(nodeID);
      if (nodeID === dearID) clock.advance(200);
      onFinishedHandling();
    },
  });
  const handledOf = (peer: TestPeer): number => handled.filter((nodeID) => nodeID === peer.myNodeID).length;
  return { clock, node, tlsCert, use, handledOf };
}

function gossip(peer: TestPeer, messages: number): void {
  for (let i = 0; i < messages; i++) peer.send(peer.build.appGossip(CHAIN_ID, new Uint8Array(1)));
}

test("a peer whose messages cost much is read from more slowly, and one whose messages cost little is not", async () => {
  const { clock, handledOf, node, tlsCert, use } = await nodeWithDearPeer();
  await using _ = node;
  await using dear = await node.connect({ tlsCert });
  await using cheap = await node.connect();

  gossip(dear, 10);
  await eventually("the dear peer's first is handled", () => handledOf(dear) === 1);
  gossip(cheap, 10);
  cheap.send(cheap.build.ping(100));
  await cheap.next(Op.Pong);
  expect([handledOf(dear), handledOf(cheap)]).toEqual([1, 10]);

  // An eighth of a core is what one peer may use, and it has caused nearly all of the half that is used.
  clock.advance(60 * SECOND);
  expect(handledOf(dear)).toBe(1);
  // With one peer held back the node uses less, and that is looked at again after five seconds at the latest.
  use.cpu = 0.1;
  clock.advance(5 * SECOND);
  await eventually("all are handled, each in a turn of its own", () => {
    clock.advance(SECOND);
    return handledOf(dear) === 10;
  });
  expect(dear.isClosed).toBe(false);
});

test("a peer that cost much is not served sooner for connecting anew", async () => {
  const { clock, handledOf, node, tlsCert, use } = await nodeWithDearPeer();
  await using _ = node;
  const dear = await node.connect({ tlsCert });
  gossip(dear, 1);
  await eventually("it is handled", () => handledOf(dear) === 1);
  await dear.close();
  await eventually("the connection is forgotten", () => node.network.ingressConnections === 0);

  const coming = node.connect({ tlsCert, timeoutMs: 60 * SECOND });
  await eventually("it waits", () => node.throttled().buffer.nodeToNumProcessingMsgs[dear.myNodeID] === 1);
  expect(node.network.peerInfo()).toEqual([]);
  await using cheap = await node.connect();
  gossip(cheap, 1);
  await eventually("another is served", () => handledOf(cheap) === 1);
  expect(node.network.peerInfo([dear.myNodeID])).toEqual([]);
  use.cpu = 0.1;
  clock.advance(5 * SECOND);
  await using back = await coming;
  expect(node.network.peerInfo([dear.myNodeID])).toHaveLength(1);
  expect(back.isClosed).toBe(false);
});
