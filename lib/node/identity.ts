/**
 * A node's keys: read from where they are, or made where the node is new.
 *
 * Files have avalanchego's names and forms: PEM for the staking key and certificate, 32 bytes for the BLS key. Both
 * programs can take over each other's.
 *
 * @module
 */

import { existsSync, statSync } from "node:fs";
import { AvxError, errorMessage } from "../core/errors.ts";
import { readNamedFile } from "../core/named_file.ts";
import { type BLSSigner, blsSignerFromBytes, newBLSSigner } from "../core/staking/bls.ts";
import { newTLSCert, parseTLSCert, type TLSCert } from "../core/staking/tls_cert.ts";
import type { SignerSource, TLSSource } from "./config/sections/identity.ts";
import { plainReason } from "./config/settings.ts";
import { NodeError } from "./errors.ts";
import { type FileContent, writePrivateFiles } from "./private_file.ts";

/**
 * The staking key and certificate.
 *
 * @throws {NodeError} `bad-key-file`, `bad-key` or `cannot-write`, with what to do.
 */
export function loadTLSCert(source: TLSSource): TLSCert {
  switch (source.kind) {
    case "ephemeral":
      return newTLSCert();
    case "content":
      return understood(
        () => parseTLSCert(source.keyPEM, source.certPEM),
        (reason, hint) =>
          new NodeError(
            { code: "bad-key", flag: "staking-tls-key-file-content" },
            `The staking key and certificate that were given cannot be used: ${reason}`,
            { hint: hint ?? "Give the PEM texts of a key and of the certificate made with it, each in base64" },
          ),
      );
    case "files":
      return fromFiles(source);
  }
}

/**
 * The BLS key.
 *
 * @throws {NodeError} `bad-key-file`, `bad-key` or `cannot-write`, with what to do.
 */
export function loadSigner(source: SignerSource): BLSSigner {
  switch (source.kind) {
    case "ephemeral":
      return newBLSSigner();
    case "content":
      return understood(
        () => blsSignerFromBytes(source.bytes),
        () =>
          new NodeError(
            { code: "bad-key", flag: "staking-signer-key-file-content" },
            `The BLS key that was given is none: it has ${source.bytes.length} bytes, or lies beyond what a key can be`,
            { hint: "Give the 32 bytes of a BLS secret key in base64" },
          ),
      );
    case "file": {
      const { path } = source;
      if (source.make && !existsSync(path)) return madeSigner(path);
      const bytes = readKeyFile(path, "staking-signer-key-file");
      return understood(
        () => blsSignerFromBytes(bytes),
        () =>
          new NodeError(
            { code: "bad-key-file", path },
            `${path} holds no BLS key: it has ${bytes.length} bytes, or lies beyond what a key can be`,
            { hint: "A BLS key file has 32 bytes; move this one away to have a new key made" },
          ),
      );
    }
  }
}

/** Who beside the owner may read or write a file. */
const OTHERS = 0o077;

/** The files with keys that others than their owner may read or write. Windows does not tell. */
export function openKeyFiles(tls: TLSSource, signer: SignerSource): readonly string[] {
  if (process.platform === "win32") return [];
  const paths = [tls.kind === "files" ? tls.keyPath : undefined, signer.kind === "file" ? signer.path : undefined];
  return paths.filter((path) => path !== undefined && (statSync(path).mode & OTHERS) !== 0) as string[];
}

function madeSigner(path: string): BLSSigner {
  const signer = newBLSSigner();
  write([path, signer.secretKeyBytes()]);
  return signer;
}

function fromFiles({ keyPath, certPath, make }: Extract<TLSSource, { kind: "files" }>): TLSCert {
  const [hasKey, hasCert] = [existsSync(keyPath), existsSync(certPath)];
  if (make && !hasKey && !hasCert) {
    const made = newTLSCert();
    write([certPath, made.certPEM], [keyPath, made.keyPEM]);
    return made;
  }
  if (make && hasKey !== hasCert) {
    const [there, missing] = hasKey ? [keyPath, certPath] : [certPath, keyPath];
    throw new NodeError({ code: "bad-key-file", path: missing }, `${there} is there, and ${missing} is not`, {
      hint: "Bring the missing file back, or move both away to have a new identity made",
    });
  }
  const keyPEM = readKeyFile(keyPath, "staking-tls-key-file").toString("utf8");
  const certPEM = readKeyFile(certPath, "staking-tls-cert-file").toString("utf8");
  return understood(
    () => parseTLSCert(keyPEM, certPEM),
    (reason, hint) =>
      new NodeError(
        { code: "bad-key-file", path: keyPath },
        `The staking key ${keyPath} and certificate ${certPath} cannot be used: ${reason}`,
        { hint: hint ?? "Give a PEM key and the certificate made with it" },
      ),
  );
}

function readKeyFile(path: string, flag: string): Buffer {
  try {
    return readNamedFile(path);
  } catch (error) {
    throw new NodeError({ code: "bad-key-file", path }, `Cannot read ${path}: ${plainReason(error)}`, {
      cause: error,
      hint: `Check the path that ${flag} names`,
    });
  }
}

function write(...files: readonly [FileContent, ...FileContent[]]): void {
  try {
    writePrivateFiles(...files);
  } catch (error) {
    const [[path]] = files;
    throw new NodeError({ code: "cannot-write", path }, `Cannot write ${path}: ${plainReason(error)}`, {
      cause: error,
      hint: "Give a directory that can be written with data-dir",
    });
  }
}

/** What is thrown while reading a key becomes an error that says which key. */
function understood<T>(read: () => T, refusal: (reason: string, hint: string | undefined) => NodeError): T {
  try {
    return read();
  } catch (error) {
    const hint = error instanceof AvxError ? error.hint : undefined;
    const { type, message, hint: advice } = refusal(errorMessage(error), hint);
    throw new NodeError(type, message, { cause: error, ...(advice === undefined ? {} : { hint: advice }) });
  }
}
