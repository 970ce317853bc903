/**
 * Identities against facts recorded from avalanchego: certificates, BLS keys, signed IPs.
 *
 * What BLS does is run on each backend. Every list may hold other entries than the public set does.
 */

import { describe, expect, test } from "bun:test";
import { createPrivateKey } from "node:crypto";
import { toHex } from "../../lib/core/bytes.ts";
import { ManualClock } from "../../lib/core/clock.ts";
import { nodeIDToBytes } from "../../lib/core/ids/node_id.ts";
import type { AddrPort } from "../../lib/core/ip.ts";
import {
  blsSignerFromBytes,
  blsVerify,
  blsVerifyProofOfPossession,
  parseBLSPublicKey,
  parseBLSSignature,
  uncompressBLSPublicKey,
} from "../../lib/core/staking/bls.ts";
import { CIPHERSUITES } from "../../lib/core/staking/bls_backend.ts";
import {
  MAX_CERTIFICATE_LENGTH,
  parseCertificate,
  validateCertificate,
  verifyCertificateSignature,
} from "../../lib/core/staking/certificate.ts";
import { IPSigner } from "../../lib/core/staking/ip_signer.ts";
import { parsePEM } from "../../lib/core/staking/pem.ts";
import {
  newProofOfPossession,
  proofOfPossessionToJSON,
  verifyProofOfPossession,
} from "../../lib/core/staking/proof_of_possession.ts";
import { signIP, unsignedIPBytes, verifySignedIP } from "../../lib/core/staking/signed_ip.ts";
import { parseTLSCert } from "../../lib/core/staking/tls_cert.ts";
import { blsBackends } from "../support/bls_backends.ts";
import { loadVectors } from "../support/vectors.ts";
import { bytesOf, outcome, type Verdict } from "../support/verdict.ts";

interface SignedIPVector {
  readonly ip: string;
  readonly port: number;
  readonly timestamp: string;
  readonly signedBytes: string;
  readonly tlsSignature: string;
  readonly blsSignature: string;
}

interface VerifyVector extends Verdict {
  readonly kind: string;
  readonly certDER: string;
  readonly ip: string;
  readonly port: number;
  readonly timestamp: string;
  readonly tlsSignature: string;
  readonly maxTimestamp: string;
}

interface NodeVector {
  readonly name: string;
  readonly nodeID: string;
  readonly nodeIDHex: string;
  readonly certPEM: string;
  readonly certDER: string;
  readonly certDERLength: number;
  readonly keyPEM: string;
  readonly keyDER: string;
  readonly keyType: string;
  readonly publicKeyX?: string;
  readonly publicKeyY?: string;
  readonly modulus?: string;
  readonly exponent?: number | string;
  readonly blsSecretKey: string;
  readonly blsPublicKey: string;
  readonly blsPublicKeyUncompressed: string;
  readonly proofOfPossession: string;
  readonly proofOfPossessionJSON: string;
  readonly ipSignatures: readonly (SignedIPVector & { ipBytes: string; verify: readonly VerifyVector[] })[];
  /** Names hold the time and the address: `firstAt…`, `sameIPAt…_isSameObject`, `afterIPChangeTo…_at…`. */
  readonly ipSigner: Readonly<Record<string, SignedIPVector | boolean>>;
}

interface CertificateVector extends Verdict {
  readonly kind: string;
  readonly der: string;
  readonly length: number;
  readonly nodeID?: string;
  readonly keyType?: string;
  readonly goX509ParseOK: boolean;
  readonly validateCertificateOK?: boolean;
  readonly validateCertificateError?: string | null;
}

interface StakingVectors {
  readonly constants: {
    readonly maxCertificateLen: number;
    readonly ciphersuiteSignature: string;
    readonly ciphersuiteProofOfPossession: string;
  };
  readonly nodes: readonly NodeVector[];
  readonly certificates: readonly CertificateVector[];
  readonly bls: readonly {
    readonly secretKey: string;
    readonly publicKey: string;
    readonly publicKeyUncompressed: string;
    readonly message: string;
    readonly signature: string;
    readonly signatureProofOfPossession: string;
    readonly proofOfPossession: string;
  }[];
  readonly proofsOfPossession: readonly (Verdict & { kind: string; publicKey: string; proofOfPossession: string })[];
  readonly blsSecretKeys: readonly (Verdict & { kind: string; bytes: string; publicKey?: string })[];
}

const vectors = loadVectors<StakingVectors>("staking");

const named = <T>(entries: readonly T[], name: (entry: T) => string) =>
  entries.map((entry, i) => [`${i}: ${name(entry)}`, entry] as const);

test("constants", () => {
  expect({
    maxCertificateLen: MAX_CERTIFICATE_LENGTH,
    ciphersuiteSignature: CIPHERSUITES.signature,
    ciphersuiteProofOfPossession: CIPHERSUITES["proof-of-possession"],
  }).toEqual(vectors.constants);
});

describe.each(named(vectors.nodes, ({ name }) => name))("nodes: %s", (_, node) => {
  const cert = parseTLSCert(node.keyPEM, node.certPEM);
  const { certificate } = cert;

  test("certificate and key", () => {
    expect(toHex(certificate.raw)).toBe(node.certDER);
    expect(certificate.raw).toHaveLength(node.certDERLength);
    expect(certificate.nodeID as string).toBe(node.nodeID);
    expect(toHex(nodeIDToBytes(certificate.nodeID))).toBe(node.nodeIDHex);
    expect(certificate.keyType as string).toBe(node.keyType);
    expect(toHex(parsePEM(node.keyPEM)[0]?.bytes ?? new Uint8Array())).toBe(node.keyDER);
    expect(outcome(() => validateCertificate(certificate.raw))).toEqual({ ok: true, value: undefined });
    const fromDER = createPrivateKey({ key: Buffer.from(node.keyDER, "hex"), format: "der", type: "pkcs8" });
    const message = new TextEncoder().encode("a message");
    expect(verifyCertificateSignature(certificate, message, cert.sign(message))).toBe(true);
    expect(toHex(fromDER.export({ type: "pkcs8", format: "der" }))).toBe(
      toHex(cert.privateKey.export({ type: "pkcs8", format: "der" })),
    );
  });

  test("public key numbers", () => {
    const jwk = certificate.publicKey.export({ format: "jwk" });
    const hex = (text: string | undefined) => text && Buffer.from(text, "base64url").toString("hex");
    expect(hex(jwk.x)).toBe(node.publicKeyX);
    expect(hex(jwk.y)).toBe(node.publicKeyY);
    expect(hex(jwk.n)).toBe(node.modulus);
    const exponent = hex(jwk.e);
    expect(exponent && Number.parseInt(exponent, 16)).toEqual(
      node.exponent === undefined ? undefined : Number(node.exponent),
    );
  });

  test.each(named(node.ipSignatures, ({ ip, port, timestamp }) => `${ip} ${port} at ${timestamp}`))(
    "signature of %s",
    (_, entry) => {
      const unsigned = { addrPort: { ip: entry.ip, port: entry.port }, timestamp: BigInt(entry.timestamp) };
      const bytes = unsignedIPBytes(unsigned);
      expect(toHex(bytes)).toBe(entry.signedBytes);
      expect(verifyCertificateSignature(certificate, bytes, bytesOf(entry.tlsSignature))).toBe(true);
      const signed = signIP(unsigned, cert, blsSignerFromBytes(bytesOf(node.blsSecretKey)));
      expect(toHex(signed.blsSignature)).toBe(entry.blsSignature);
      expect(verifyCertificateSignature(certificate, bytes, signed.tlsSignature)).toBe(true);
    },
  );

  test.each(
    named(
      node.ipSignatures.flatMap(({ verify }) => verify),
      ({ kind }) => kind,
    ),
  )("verify: %s", (_, entry) => {
    const signed = {
      addrPort: { ip: entry.ip, port: entry.port },
      timestamp: BigInt(entry.timestamp),
      tlsSignature: bytesOf(entry.tlsSignature),
    };
    const signer = parseCertificate(bytesOf(entry.certDER));
    const result = outcome(() => verifySignedIP(signed, signer, BigInt(entry.maxTimestamp)));
    expect(result).toEqual(entry.ok ? { ok: true, value: undefined } : { ok: false, error: entry.error });
  });

  test("ipSigner signs again only when address or port changed", () => {
    const clock = new ManualClock();
    let addrPort: AddrPort = { ip: "0.0.0.0", port: 0 };
    const signer = new IPSigner({
      clock,
      tlsCert: cert,
      blsSigner: blsSignerFromBytes(bytesOf(node.blsSecretKey)),
      getAddrPort: () => ({ ...addrPort }),
    });
    const steps = Object.entries(node.ipSigner)
      .map(([name, result]) => ({
        name,
        result,
        order: ["first", "same", "after"].findIndex((p) => name.startsWith(p)),
      }))
      .toSorted((a, b) => a.order - b.order);
    let previous: unknown;
    for (const { name, result, order } of steps) {
      expect(order, name).not.toBe(-1);
      clock.step(Number(/[aA]t(\d+)(?:_|$)/.exec(name)?.[1]) * 1000 + 999);
      if (typeof result === "object") addrPort = { ip: result.ip, port: result.port };
      const signed = signer.getSignedIP();
      if (typeof result === "boolean") {
        expect(signed === previous, name).toBe(result);
      } else {
        expect(signed.addrPort, name).toEqual(addrPort);
        expect(signed.timestamp, name).toBe(BigInt(result.timestamp));
        expect(toHex(unsignedIPBytes(signed)), name).toBe(result.signedBytes);
        expect(toHex(signed.blsSignature), name).toBe(result.blsSignature);
        const bytes = bytesOf(result.signedBytes);
        expect(verifyCertificateSignature(certificate, bytes, signed.tlsSignature), name).toBe(true);
        expect(verifyCertificateSignature(certificate, bytes, bytesOf(result.tlsSignature)), name).toBe(true);
      }
      previous = signed;
    }
  });
});

describe("certificates", () => {
  test.each(named(vectors.certificates, ({ kind }) => kind))("%s", (_, entry) => {
    const der = bytesOf(entry.der);
    expect(der).toHaveLength(entry.length);
    const parsed = outcome(() => {
      const { keyType, nodeID, publicKey } = parseCertificate(der);
      expect(publicKey.type).toBe("public");
      return { keyType: keyType as string, nodeID: nodeID as string };
    });
    expect(parsed).toEqual(
      entry.ok
        ? { ok: true, value: { keyType: entry.keyType as string, nodeID: entry.nodeID as string } }
        : { ok: false, error: entry.error },
    );

    const validated = outcome(() => validateCertificate(der));
    if (!entry.goX509ParseOK) {
      // Go's own parser refused it before upstream's rules were asked; what it said was not recorded.
      expect(validated).toEqual({ ok: false, error: expect.stringMatching(/^x509: ./) });
    } else if (entry.validateCertificateOK) {
      expect(validated).toEqual({ ok: true, value: undefined });
    } else {
      expect(validated).toEqual({ ok: false, error: entry.validateCertificateError ?? null });
    }
  });
});

describe.each(blsBackends)("on %s", (_, backend) => {
  test.each(named(vectors.nodes, ({ name }) => name))("nodes: BLS key of %s", (_, node) => {
    const signer = blsSignerFromBytes(bytesOf(node.blsSecretKey), backend);
    expect(toHex(signer.secretKeyBytes())).toBe(node.blsSecretKey);
    expect(toHex(signer.publicKey)).toBe(node.blsPublicKey);
    expect(toHex(uncompressBLSPublicKey(signer.publicKey, backend))).toBe(node.blsPublicKeyUncompressed);
    const pop = newProofOfPossession(signer);
    expect(toHex(pop.proofOfPossession)).toBe(node.proofOfPossession);
    expect(JSON.stringify(proofOfPossessionToJSON(pop))).toBe(node.proofOfPossessionJSON);
    expect(outcome(() => verifyProofOfPossession(pop, backend))).toEqual({ ok: true, value: undefined });
    for (const { signedBytes, blsSignature } of node.ipSignatures) {
      const signature = parseBLSSignature(bytesOf(blsSignature), backend);
      const isOurs = blsVerifyProofOfPossession(signer.publicKey, signature, bytesOf(signedBytes), backend);
      expect(isOurs, signedBytes).toBe(true);
    }
  });

  test.each(named(vectors.bls, ({ message }) => `message ${message}`))("bls: %s", (_, entry) => {
    const signer = blsSignerFromBytes(bytesOf(entry.secretKey), backend);
    const message = bytesOf(entry.message);
    expect(toHex(signer.publicKey)).toBe(entry.publicKey);
    expect(toHex(uncompressBLSPublicKey(signer.publicKey, backend))).toBe(entry.publicKeyUncompressed);
    expect(toHex(signer.sign(message))).toBe(entry.signature);
    expect(toHex(signer.signProofOfPossession(message))).toBe(entry.signatureProofOfPossession);
    expect(toHex(newProofOfPossession(signer).proofOfPossession)).toBe(entry.proofOfPossession);

    const publicKey = parseBLSPublicKey(bytesOf(entry.publicKey), backend);
    const plain = parseBLSSignature(bytesOf(entry.signature), backend);
    const proof = parseBLSSignature(bytesOf(entry.signatureProofOfPossession), backend);
    expect(blsVerify(publicKey, plain, message, backend)).toBe(true);
    expect(blsVerify(publicKey, proof, message, backend)).toBe(false);
    expect(blsVerifyProofOfPossession(publicKey, proof, message, backend)).toBe(true);
    expect(blsVerifyProofOfPossession(publicKey, plain, message, backend)).toBe(false);
  });

  test.each(named(vectors.proofsOfPossession, ({ kind }) => kind))("proofsOfPossession: %s", (_, entry) => {
    const pop = { publicKey: bytesOf(entry.publicKey), proofOfPossession: bytesOf(entry.proofOfPossession) };
    const result = outcome(() => verifyProofOfPossession(pop, backend));
    expect(result).toEqual(entry.ok ? { ok: true, value: undefined } : { ok: false, error: entry.error });
  });

  test.each(named(vectors.blsSecretKeys, ({ kind }) => kind))("blsSecretKeys: %s", (_, entry) => {
    const result = outcome(() => toHex(blsSignerFromBytes(bytesOf(entry.bytes), backend).publicKey));
    expect(result).toEqual(
      entry.ok ? { ok: true, value: entry.publicKey as string } : { ok: false, error: entry.error },
    );
  });
});
