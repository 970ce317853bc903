/** Snapshots of real avalanchego nodes: the state of their chains comes with them, and goes its own ways after that. */

import { expect, setDefaultTimeout, test } from "bun:test";
import type { Secp256k1PrivateKey } from "../../../lib/core/secp256k1/private_key.ts";
import { evmPath } from "../../../lib/platform/rpc/evm_client.ts";
import { getPeers } from "../../../lib/platform/rpc/info_client.ts";
import { callRPC } from "../../../lib/platform/rpc/json_rpc.ts";
import type { Network } from "../../../lib/tmpnet/network.ts";
import { loadSnapshot } from "../../../lib/tmpnet/snapshot/load.ts";
import { saveSnapshot } from "../../../lib/tmpnet/snapshot/save.ts";
import { networkStatus } from "../../../lib/tmpnet/status.ts";
import { AVALANCHEGO, needsAvalanchego } from "../../support/avalanchego.ts";
import { signTransfer } from "../../support/c_chain_transfer.ts";
import { eventually } from "../../support/eventually.ts";
import { homeForEachTest } from "../home.ts";
import { nodeProcessesIn } from "../support.ts";

setDefaultTimeout(180_000);

const home = homeForEachTest();

const AVAX = 10n ** 18n;
const RECEIVER = new Uint8Array(20).fill(0x5a);
const RECEIVER_ADDRESS = `0x${"5a".repeat(20)}`;

function ask<T>(network: Network, node: number, method: string, params: unknown[]): Promise<T> {
  return callRPC<T>(network.nodeUris()[node]!.uri, evmPath("C"), method, params);
}

/** What the receiver has on the C-Chain, as a node tells it. */
async function received(network: Network, node: number): Promise<bigint> {
  return BigInt(await ask<string>(network, node, "eth_getBalance", [RECEIVER_ADDRESS, "latest"]));
}

/** Sends AVAX on the C-Chain and waits until all nodes have it. */
async function send(network: Network, amount: bigint): Promise<void> {
  const key = network.preFundedKeys[0] as Secp256k1PrivateKey;
  const before = await received(network, 0);
  const nonce = Number(
    await ask<string>(network, 0, "eth_getTransactionCount", [
      `0x${Buffer.from(key.ethAddress).toString("hex")}`,
      "latest",
    ]),
  );
  const raw = signTransfer(key, { chainID: 88888n, nonce, to: RECEIVER, wei: amount });
  await ask(network, 0, "eth_sendRawTransaction", [`0x${Buffer.from(raw).toString("hex")}`]);
  for (const node of network.nodeUris().keys()) {
    await eventually("all nodes have it", async () => (await received(network, node)) === before + amount);
  }
}

test.skipIf(AVALANCHEGO === undefined)(
  needsAvalanchego("a snapshot of a running network, loaded twice beside it: one past, three futures"),
  async () => {
    await using network = await home.start({ avalanchegoPath: AVALANCHEGO });
    await send(network, 7n * AVAX);
    const height = BigInt(await ask<string>(network, 0, "eth_blockNumber", []));
    const { restarted } = await saveSnapshot(network.dir, "funded", {}, { env: home.env });
    expect(restarted).toBe(2);
    const file = home.directory.join("funded.tar.zst");
    await saveSnapshot(network.dir, file, {}, { env: home.env });

    await using one = await loadSnapshot("funded", {}, { env: home.env });
    await using other = await loadSnapshot(file, { avalanchegoPath: AVALANCHEGO }, { env: home.env });
    const all = [network, one, other];
    for (const each of all) {
      expect((await networkStatus(each)).healthy).toBe(true);
      expect(await received(each, 0)).toBe(7n * AVAX);
      expect(BigInt(await ask<string>(each, 1, "eth_blockNumber", []))).toBe(height);
      // Each knows its own nodes and no others, though all have the same keys.
      for (const { nodeID, uri } of each.nodeUris()) {
        const peers = await getPeers(uri);
        expect(peers.map((peer) => peer.nodeID)).toEqual(
          each.nodes.map((node) => node.nodeID).filter((otherID) => otherID !== nodeID),
        );
      }
    }
    expect(new Set(all.map(({ uuid }) => uuid)).size).toBe(3);

    await send(network, 1n * AVAX);
    await send(one, 2n * AVAX);
    await send(other, 3n * AVAX);
    expect(await Promise.all(all.map((each) => received(each, 1)))).toEqual([8n * AVAX, 9n * AVAX, 10n * AVAX]);

    // And it outlives a restart.
    await one.restart();
    expect(await received(one, 0)).toBe(9n * AVAX);
    for (const each of all) await each.stop();
    expect(nodeProcessesIn(home.directory.path)).toEqual([]);
  },
);
