import { describe, expect, test } from "bun:test";
import { connectPeer, newTLSCert, Op, PRIMARY_NETWORK_ID, systemClock, TestPeerError } from "../../../mod.ts";
import { startTLSNode } from "../../support/tls_node.ts";

const CHAIN_ID = new Uint8Array(32).fill(3);

describe("connectPeer", () => {
  test("shakes hands with a node whose network it is not told of", async () => {
    await using node = await startTLSNode({ clock: systemClock, networkID: 12_345 });
    await using peer = await connectPeer(node.address);
    expect(peer.nodeID).toBe(node.network.myNodeID);
    expect(peer.handshake?.networkId).toBe(12_345);
    expect(peer.handshake?.client?.name).toBe("avx");
    expect(node.network.peerInfo([peer.myNodeID])).toMatchObject([{ nodeID: peer.myNodeID, version: "avx/1.14.2" }]);
  });

  test("sends any message, and awaits any with a filter", async () => {
    await using node = await startTLSNode({ clock: systemClock });
    await using peer = await connectPeer(`127.0.0.1:${node.address.port}`, { networkID: 88_888 });
    peer.send(peer.build.ping(37));
    await peer.next(Op.Pong);
    expect(node.network.peerInfo()[0]?.observedUptime).toBe(37);

    const recipients = { nodeIDs: new Set([peer.myNodeID]) };
    for (const value of [1, 2, 3]) {
      const message = node.messageBuilder.appGossip(CHAIN_ID, new Uint8Array([value]));
      node.network.send(message, recipients, PRIMARY_NETWORK_ID);
    }
    const third = await peer.next(Op.AppGossip, { where: ({ message }) => message.appBytes[0] === 3 });
    expect(third.message.chainId).toEqual(CHAIN_ID);
    const first = await peer.next(Op.AppGossip);
    expect([...first.message.appBytes]).toEqual([1]);
  });

  test("keeps the identity that it is given", async () => {
    await using node = await startTLSNode({ clock: systemClock });
    const tlsCert = newTLSCert();
    await using peer = await connectPeer(node.address, { tlsCert });
    expect(peer.myNodeID).toBe(tlsCert.certificate.nodeID);
    expect(node.network.peerInfo().map(({ nodeID }) => nodeID)).toEqual([tlsCert.certificate.nodeID]);
  });

  test("is told of the validators that the node is connected to", async () => {
    await using node = await startTLSNode({ clock: systemClock });
    await using validator = await connectPeer(node.address);
    node.validators.addStaker(PRIMARY_NETWORK_ID, {
      nodeID: validator.myNodeID,
      publicKey: undefined,
      txID: PRIMARY_NETWORK_ID,
      weight: 1n,
    });
    await using peer = await connectPeer(node.address);
    expect(peer.peerList.map(({ nodeID }) => nodeID)).toEqual([validator.myNodeID]);
  });

  test("says what it waited for when it does not come", async () => {
    await using node = await startTLSNode({ clock: systemClock });
    await using peer = await connectPeer(node.address);
    const wait = peer.next(Op.AppResponse, { timeoutMs: 20 });
    const error = await wait.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TestPeerError);
    expect((error as Error).message).toContain("sent no such app_response within 20 ms");
  });

  test("rejects what is awaited when the node closes", async () => {
    const node = await startTLSNode({ clock: systemClock });
    await using peer = await connectPeer(node.address);
    const wait = peer.next(Op.AppResponse);
    await node.network.close();
    await expect(wait).rejects.toThrow("closed the connection before it sent app_response");
    expect(peer.isClosed).toBe(true);
  });

  test("fails when the node does not accept it, and leaves no connection", async () => {
    await using node = await startTLSNode({ clock: systemClock });
    await expect(connectPeer(node.address, { networkID: 1 })).rejects.toThrow("closed the connection");
    expect(node.network.peerInfo()).toEqual([]);
  });

  test("fails when nobody listens", async () => {
    const node = await startTLSNode({ clock: systemClock });
    await node.network.close();
    await expect(connectPeer(node.address)).rejects.toThrow(`Cannot connect to 127.0.0.1:${node.address.port}`);
  });
});
