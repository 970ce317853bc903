/**
 * A subnet with a VM of one's own: here xsvm, avalanchego's example.
 *
 *     AVALANCHEGO_PATH=~/bin/avalanchego XSVM_PATH=~/bin/xsvm bun test examples/xsvm_subnet.test.ts
 *
 * In a project of one's own it is `from "avx"`, and `pluginDir` is where the VM is built.
 */

import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  callRPC,
  endSharedNetworks,
  type ID,
  idToBytes,
  parseID,
  parsePrivateKey,
  readGenesisSource,
  sharedNetwork,
  vmIDFromName,
  waitUntil,
  withNetworkReport,
} from "../mod.ts";

const avalanchegoPath = process.env["AVALANCHEGO_PATH"] || Bun.which("avalanchego") || undefined;
const xsvm = process.env["XSVM_PATH"] || Bun.which("xsvm") || "";
const isSkipped = !avalanchegoPath || !xsvm;
const needed = isSkipped ? " (skipped: no avalanchego and xsvm by AVALANCHEGO_PATH, XSVM_PATH or on PATH)" : "";
const TIMEOUT_MS = 120_000;

/** Everybody's key, which xsvm's genesis funds. */
const EWOQ = parsePrivateKey("PrivateKey-ewoqjP7PxY4yr3iLTpLisriqt94hdyDFNgchSxGGztUrTXtNN");
/** The address of 20 zeros. */
const RECEIVER = "111111111111111111116DBWJs";

const pluginDir = mkdtempSync(join(tmpdir(), "plugins-"));
afterAll(async () => {
  await endSharedNetworks();
  rmSync(pluginDir, { recursive: true });
});

test.skipIf(isSkipped)(
  `a transfer arrives on both validators of a subnet, and other nodes know nothing of it${needed}`,
  async () => {
    // A plugin is called by its VM's ID.
    symlinkSync(resolve(xsvm), join(pluginDir, `${vmIDFromName("xsvm")}`));
    const genesis = await readGenesisSource({ kind: "command", command: `"${xsvm}" chain genesis` });
    const network = await sharedNetwork({
      nodeCount: 3,
      avalanchegoPath,
      pluginDir,
      subnets: [{ name: "mine", chains: [{ vmName: "xsvm", genesis }], validators: 2 }],
    });
    await withNetworkReport(network, async () => {
      const endpoints = network.chainUrls("mine");
      const [{ url }] = endpoints;
      expect(endpoints.length).toBe(2);
      const { chainID } = await callRPC<{ chainID: string }>(url, "", "xsvm.network");

      const amount = 7;
      const tx = signedTransfer(parseID(chainID), BigInt(amount)).toString("base64");
      await callRPC(url, "", "xsvm.issueTx", { tx });

      for (const { nodeID, url } of endpoints) {
        await waitUntil(`${nodeID} has accepted the transfer`, async () => {
          const asked = { address: RECEIVER, assetID: chainID };
          return (await callRPC<{ balance: number }>(url, "", "xsvm.balance", asked)).balance === amount;
        });
      }
      const others = network.nodeUris().filter(({ nodeID }) => !endpoints.some((one) => one.nodeID === nodeID));
      expect(others).toHaveLength(1);
      await expect(callRPC(others[0]!.uri, `/ext/bc/${chainID}`, "xsvm.network")).rejects.toThrow("404");
    });
  },
  TIMEOUT_MS,
);

/** In xsvm's form: codec version and type, chain, nonce, highest fee, asset, amount, receiver; then the signature. */
function signedTransfer(chainID: ID, amount: bigint): Buffer {
  const [chain, number] = [idToBytes(chainID), Buffer.alloc(8)];
  number.writeBigUInt64BE(amount);
  const unsigned = Buffer.concat([new Uint8Array(6), chain, new Uint8Array(16), chain, number, new Uint8Array(20)]);
  return Buffer.concat([unsigned, EWOQ.sign(unsigned)]);
}
