import { expect, test } from "bun:test";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { newBLSSigner } from "../../../lib/core/staking/bls.ts";
import { newTLSCert } from "../../../lib/core/staking/tls_cert.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { base64, callNode } from "../support.ts";
import { startedNode } from "./started.ts";

interface Identity {
  readonly nodeID: string;
  readonly nodePOP: { readonly publicKey: string };
}

/** Who a node with these flags is, and which of its key files are there. */
async function identity(flags: Record<string, string>): Promise<{ nodeID: string; blsKey: string; files: string[] }> {
  await using started = await startedNode(flags);
  const { nodeID, nodePOP } = await callNode<Identity>(started.node.uri, "info.getNodeID");
  const files = ["staker.key", "staker.crt", "signer.key"].filter((name) => {
    return existsSync(started.directory.join("staking", name));
  });
  return { nodeID, blsKey: nodePOP.publicKey.slice(2), files };
}

const tls = newTLSCert();
const signer = newBLSSigner();
const nodeID: string = tls.certificate.nodeID;
const blsKey = Buffer.from(signer.publicKey).toString("hex");

test("staking-tls-key-file and staking-tls-cert-file are who the node is, and staking-signer-key-file what it signs with", async () => {
  using directory = temporaryDirectory();
  const [key, cert, bls] = ["k.pem", "c.pem", "b"].map((name) => directory.join(name)) as [string, string, string];
  writeFileSync(key, tls.keyPEM);
  writeFileSync(cert, tls.certPEM);
  writeFileSync(bls, signer.secretKeyBytes());
  const tlsFlags = { "staking-tls-key-file": key, "staking-tls-cert-file": cert };
  expect(await identity({ ...tlsFlags, "staking-signer-key-file": bls })).toEqual({ nodeID, blsKey, files: [] });
  expect(await identity(tlsFlags)).toMatchObject({ nodeID, files: ["signer.key"] });
});

test("staking-tls-key-file-content, staking-tls-cert-file-content and staking-signer-key-file-content stand for the files", async () => {
  const found = await identity({
    "staking-tls-key-file-content": base64(tls.keyPEM),
    "staking-tls-cert-file-content": base64(tls.certPEM),
    "staking-signer-key-file-content": Buffer.from(signer.secretKeyBytes()).toString("base64"),
    // Content goes before files, which need not be there.
    "staking-tls-key-file": "/none",
  });
  expect(found).toEqual({ nodeID, blsKey, files: [] });
});

test("with staking-ephemeral-cert-enabled a node is another each time, whatever else is given, and nothing is written", async () => {
  const flags = {
    "staking-ephemeral-cert-enabled": "true",
    "staking-tls-key-file-content": base64(tls.keyPEM),
    "staking-tls-cert-file-content": base64(tls.certPEM),
  };
  const [first, second] = [await identity(flags), await identity(flags)];
  expect(new Set([first.nodeID, second.nodeID, nodeID]).size).toBe(3);
  expect(first.files).toEqual(["signer.key"]);
});

test("with staking-ephemeral-signer-enabled a node signs with another key each time, which is not written", async () => {
  const flags = { "staking-ephemeral-signer-enabled": "true" };
  const [first, second] = [await identity(flags), await identity(flags)];
  expect(first.blsKey).not.toBe(second.blsKey);
  expect(first.files).toEqual(["staker.key", "staker.crt"]);
});

test("a key file that others may read is warned of", async () => {
  using directory = temporaryDirectory();
  const path = directory.join("signer.key");
  writeFileSync(path, signer.secretKeyBytes());
  chmodSync(path, 0o644);
  await using open = await startedNode({ "staking-signer-key-file": path });
  expect(open.log()).toContain(`WARN`);
  expect(open.log()).toContain(`a key file is open to others {"path": "${path}", "hint": "chmod 600 ${path}"}`);
  await using closed = await startedNode();
  expect(closed.log()).not.toContain("a key file is open to others");
});

test.each<[string, Record<string, string>, string]>([
  ["a key without certificate", { "staking-tls-key-file-content": "eA==" }, "cert-file-content not set"],
  ["a remote signer", { "staking-rpc-signer-endpoint": "127.0.0.1:1" }, "speaks to no remote signer"],
  [
    "a remote signer and a key",
    { "staking-rpc-signer-endpoint": "127.0.0.1:1", "staking-signer-key-file-content": "eA==" },
    "only one of the following flags can be set",
  ],
  ["a key file that is not there", { "staking-signer-key-file": "/none" }, "there is no such file"],
  ["a BLS key of one byte", { "staking-signer-key-file-content": "eA==" }, "it has 1 bytes"],
  [
    "a key that is garbage",
    { "staking-tls-key-file-content": "eA==", "staking-tls-cert-file-content": base64(tls.certPEM) },
    "cannot be used",
  ],
])("%s is refused", async (_, flags, message) => {
  expect(startedNode(flags)).rejects.toThrow(message);
});
