import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { newBLSSigner } from "../../lib/core/staking/bls.ts";
import { newTLSCert } from "../../lib/core/staking/tls_cert.ts";
import { NodeError } from "../../lib/node/errors.ts";
import { loadSigner, loadTLSCert, openKeyFiles } from "../../lib/node/identity.ts";
import { temporaryDirectory } from "../support/temporary.ts";

function files(directory: ReturnType<typeof temporaryDirectory>, make = true) {
  return {
    kind: "files" as const,
    keyPath: directory.join("staking", "staker.key"),
    certPath: directory.join("staking", "staker.crt"),
    make,
  };
}

function refusal(load: () => unknown): NodeError {
  try {
    load();
  } catch (error) {
    if (error instanceof NodeError) return error;
    throw error;
  }
  throw new Error("was taken");
}

test("keys are made once, in closed files in a closed directory, and read again", () => {
  using directory = temporaryDirectory();
  const source = files(directory);
  const made = loadTLSCert(source);
  expect(loadTLSCert(source).certificate.nodeID).toBe(made.certificate.nodeID);
  const signerPath = directory.join("staking", "signer.key");
  const signer = loadSigner({ kind: "file", path: signerPath, make: true });
  expect(loadSigner({ kind: "file", path: signerPath, make: true }).publicKey).toEqual(signer.publicKey);
  expect(readFileSync(signerPath)).toHaveLength(32);
  expect(statSync(directory.join("staking")).mode & 0o777).toBe(0o700);
  for (const path of [source.keyPath, source.certPath, signerPath]) expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(source.keyPath, "utf8")).toStartWith("-----BEGIN PRIVATE KEY-----\n");
  expect(readFileSync(source.certPath, "utf8")).toStartWith("-----BEGIN CERTIFICATE-----\n");
});

test("an identity for one run is written nowhere", () => {
  expect(loadTLSCert({ kind: "ephemeral" }).certificate.nodeID).not.toBe(
    loadTLSCert({ kind: "ephemeral" }).certificate.nodeID,
  );
  expect(loadSigner({ kind: "ephemeral" }).publicKey).toHaveLength(48);
});

test("content is read", () => {
  const { keyPEM, certPEM, certificate } = newTLSCert();
  expect(loadTLSCert({ kind: "content", keyPEM, certPEM }).certificate.nodeID).toBe(certificate.nodeID);
  const signer = newBLSSigner();
  expect(loadSigner({ kind: "content", bytes: signer.secretKeyBytes() }).publicKey).toEqual(signer.publicKey);
});

test("a key without its certificate is not replaced", () => {
  using directory = temporaryDirectory();
  const source = files(directory);
  mkdirSync(directory.join("staking"));
  writeFileSync(source.keyPath, newTLSCert().keyPEM);
  const error = refusal(() => loadTLSCert(source));
  expect(error.message).toBe(`${source.keyPath} is there, and ${source.certPath} is not`);
  expect(error.hint).toContain("move both away");
});

test("files that were named must be there", () => {
  using directory = temporaryDirectory();
  const source = files(directory, false);
  expect(refusal(() => loadTLSCert(source)).message).toBe(`Cannot read ${source.keyPath}: there is no such file`);
  const path = directory.join("signer.key");
  expect(refusal(() => loadSigner({ kind: "file", path, make: false })).type).toEqual({ code: "bad-key-file", path });
});

test("a key that is a pipe without a writer is told, and keeps no node waiting", () => {
  using directory = temporaryDirectory();
  const path = directory.join("signer.key");
  expect(spawnSync("mkfifo", [path]).status).toBe(0);
  const error = refusal(() => loadSigner({ kind: "file", path, make: true }));
  expect(error.message).toBe(`Cannot read ${path}: it is a pipe that nobody writes to`);
});

test("a key and a certificate that are no pair are refused, and say how to mend it", () => {
  using directory = temporaryDirectory();
  const source = files(directory);
  const [one, other] = [newTLSCert(), newTLSCert()];
  mkdirSync(directory.join("staking"));
  writeFileSync(source.keyPath, one.keyPEM);
  writeFileSync(source.certPath, other.certPEM);
  const error = refusal(() => loadTLSCert(source));
  expect(error.message).toContain("private key does not match public key");
  expect(error.hint).toBe("Give the key file that was made with this certificate");

  writeFileSync(source.keyPath, one.certPEM);
  writeFileSync(source.certPath, one.keyPEM);
  expect(refusal(() => loadTLSCert(source)).hint).toBe("Exchange the certificate file and the key file");

  writeFileSync(source.keyPath, "junk");
  writeFileSync(source.certPath, one.certPEM);
  expect(refusal(() => loadTLSCert(source)).message).toContain(source.keyPath);
});

test("content that is no key is refused without being repeated", () => {
  const error = refusal(() => loadTLSCert({ kind: "content", keyPEM: "secret", certPEM: "junk" }));
  expect(error.type.code).toBe("bad-key");
  expect(error.message).not.toContain("secret");
  expect(refusal(() => loadSigner({ kind: "content", bytes: new Uint8Array(31) })).message).toContain("31 bytes");
});

test("a file that holds no BLS key is refused", () => {
  using directory = temporaryDirectory();
  const path = directory.join("signer.key");
  for (const bytes of [new Uint8Array(0), new Uint8Array(32), new Uint8Array(32).fill(0xff), Buffer.from("hex")]) {
    writeFileSync(path, bytes);
    const error = refusal(() => loadSigner({ kind: "file", path, make: true }));
    expect(error.message).toContain(`${path} holds no BLS key`);
  }
});

test("a directory that cannot be written is named", () => {
  using directory = temporaryDirectory();
  const blocked = directory.join("blocked");
  writeFileSync(blocked, "");
  const path = `${blocked}/signer.key`;
  expect(refusal(() => loadSigner({ kind: "file", path, make: true }))).toMatchObject({
    type: { code: "cannot-write", path },
    hint: "Give a directory that can be written with data-dir",
  });
  const closed = directory.join("closed");
  mkdirSync(closed);
  chmodSync(closed, 0o500);
  if (process.getuid?.() === 0) return; // Nothing is closed to root.
  expect(
    refusal(() => loadTLSCert(files({ ...directory, join: (...parts) => [closed, ...parts].join("/") }))).type.code,
  ).toBe("cannot-write");
});

test("a key file that others may read is known, and one that they may not is not", () => {
  using directory = temporaryDirectory();
  const tls = files(directory);
  const signer = { kind: "file", path: directory.join("staking", "signer.key"), make: true } as const;
  loadTLSCert(tls);
  loadSigner(signer);
  expect(openKeyFiles(tls, signer)).toEqual([]);
  chmodSync(tls.keyPath, 0o640);
  chmodSync(signer.path, 0o604);
  expect(openKeyFiles(tls, signer)).toEqual([tls.keyPath, signer.path]);
  expect(openKeyFiles({ kind: "ephemeral" }, { kind: "ephemeral" })).toEqual([]);
});

test("keys that cannot be written whole leave nothing, and what a killed node of this process ID left is no hindrance", () => {
  using directory = temporaryDirectory();
  const source = files(directory);
  mkdirSync(`${source.keyPath}.${process.pid}.tmp`, { recursive: true });
  expect(refusal(() => loadTLSCert(source)).type.code).toBe("cannot-write");
  expect(readdirSync(directory.join("staking"))).toEqual([`staker.key.${process.pid}.tmp`]);
  rmdirSync(`${source.keyPath}.${process.pid}.tmp`);
  writeFileSync(`${source.keyPath}.${process.pid}.tmp`, "half");
  loadTLSCert(source);
  expect(readdirSync(directory.join("staking")).sort()).toEqual(["staker.crt", "staker.key"]);
});
