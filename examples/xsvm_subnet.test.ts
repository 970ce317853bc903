/**
 * A subnet with a VM of one's own: here xsvm, avalanchego's example.
 *
 *     AVALANCHEGO_PATH=~/bin/avalanchego XSVM_PATH=~/bin/xsvm bun test examples/xsvm_subnet.test.ts
 *
 * With AVX_REUSE_NETWORK=1 the network is kept for the next run. In a project of one's own it is `from "avx"`, and
 * `pluginDir` is where the VM is built.
 */

import { afterAll, expect, test } from "bun:test";
import { mkdirSync, renameSync, symlinkSync } from "node:fs";
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

/** Everybody's key, which xsvm's genesis funds, and its address. */
const EWOQ_ADDRESS = "6Y3kysjF9jnHnYkdS9yGAuoHyae2eNmeV";
const EWOQ = parsePrivateKey("PrivateKey-ewoqjP7PxY4yr3iLTpLisriqt94hdyDFNgchSxGGztUrTXtNN");
/** The address of 20 zeros. */
const RECEIVER = "111111111111111111116DBWJs";

/** The same at each run: a network that is kept is one whose options are the same. */
const pluginDir = join(import.meta.dirname, "..", "node_modules", ".cache", "xsvm-plugins");

afterAll(() => endSharedNetworks());

test.skipIf(isSkipped)(
  `a transfer arrives on both validators of a subnet, and other nodes know nothing of it${needed}`,
  async () => {
    // A plugin is called by its VM's ID.
    const plugin = join(pluginDir, `${vmIDFromName("xsvm")}`);
    mkdirSync(pluginDir, { recursive: true });
    // In one step: another run may use it.
    symlinkSync(resolve(xsvm), `${pluginDir}.${process.pid}`);
    renameSync(`${pluginDir}.${process.pid}`, plugin);
    const genesis = await readGenesisSource({ kind: "command", command: `"${xsvm}" chain genesis --time 0` });
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

      const balanceAt = async (url: string) => {
        const asked = { address: RECEIVER, assetID: chainID };
        return (await callRPC<{ balance: number }>(url, "", "xsvm.balance", asked)).balance;
      };
      // A chain that was kept knows of earlier transfers.
      const before = await balanceAt(url);
      const { nonce } = await callRPC<{ nonce: number }>(url, "", "xsvm.nonce", { address: EWOQ_ADDRESS });

      const amount = 7;
      const tx = signedTransfer(parseID(chainID), nonce, amount).toString("base64");
      await callRPC(url, "", "xsvm.issueTx", { tx });

      for (const { nodeID, url } of endpoints) {
        await waitUntil(`${nodeID} has accepted the transfer`, async () => (await balanceAt(url)) === before + amount);
      }
      const others = network.nodeUris().filter(({ nodeID }) => !endpoints.some((one) => one.nodeID === nodeID));
      expect(others).toHaveLength(1);
      await expect(callRPC(others[0]!.uri, `/ext/bc/${chainID}`, "xsvm.network")).rejects.toThrow("404");
    });
  },
  TIMEOUT_MS,
);

/** In xsvm's form: codec version and type, chain, nonce, highest fee, asset, amount, receiver; then the signature. */
function signedTransfer(chainID: ID, nonce: number, amount: number): Buffer {
  const chain = idToBytes(chainID);
  const numbers = [nonce, 0, amount].map((number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(number));
    return bytes;
  });
  const [nonceBytes, fee, amountBytes] = numbers as [Buffer, Buffer, Buffer];
  const unsigned = Buffer.concat([new Uint8Array(6), chain, nonceBytes, fee, chain, amountBytes, new Uint8Array(20)]);
  return Buffer.concat([unsigned, EWOQ.sign(unsigned)]);
}
