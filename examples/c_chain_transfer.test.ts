/**
 * A transfer on the C-Chain with viem, on real nodes of avalanchego.
 *
 *     AVALANCHEGO_PATH=~/bin/avalanchego bun test examples/c_chain_transfer.test.ts
 *
 * In a project of one's own it is `from "avx"`.
 */

import { afterAll, expect, test } from "bun:test";
import { createPublicClient, createWalletClient, http, parseEther } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { endSharedNetworks, sharedNetwork, waitUntil, withNetworkReport } from "../mod.ts";

const avalanchegoPath = process.env["AVALANCHEGO_PATH"] || Bun.which("avalanchego") || undefined;
const needed = avalanchegoPath ? "" : " (skipped: no avalanchego by AVALANCHEGO_PATH or on PATH)";
const TIMEOUT_MS = 120_000;

afterAll(() => endSharedNetworks());

test.skipIf(!avalanchegoPath)(
  `a transfer arrives on every node's C-Chain${needed}`,
  async () => {
    const network = await sharedNetwork({ nodeCount: 2, avalanchegoPath });
    await withNetworkReport(network, async () => {
      const transport = http(network.chainRpcUrl("C"));
      const account = privateKeyToAccount(network.preFundedKeys[0]!.privateKeyHex);
      const { address: to } = privateKeyToAccount(generatePrivateKey());
      const value = parseEther("1");

      const hash = await createWalletClient({ transport }).sendTransaction({ account, to, value, chain: null });
      const receipt = await createPublicClient({ transport }).waitForTransactionReceipt({ hash, pollingInterval: 50 });
      expect(receipt.status).toBe("success");

      for (const { nodeID, url } of network.chainUrls("C")) {
        const client = createPublicClient({ transport: http(`${url}/rpc`) });
        await waitUntil(`${nodeID} has the block`, async () => (await client.getBalance({ address: to })) === value);
      }
    });
  },
  TIMEOUT_MS,
);
