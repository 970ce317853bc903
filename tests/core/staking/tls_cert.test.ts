import { describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { toHex } from "../../../lib/core/bytes.ts";
import { ManualClock } from "../../../lib/core/clock.ts";
import {
  parseCertificate,
  validateCertificate,
  verifyCertificateSignature,
} from "../../../lib/core/staking/certificate.ts";
import { StakingError } from "../../../lib/core/staking/errors.ts";
import { parsePEM } from "../../../lib/core/staking/pem.ts";
import { newTLSCert, parseTLSCert } from "../../../lib/core/staking/tls_cert.ts";

const message = new TextEncoder().encode("garden");

describe("a new identity", () => {
  const cert = newTLSCert({ clock: new ManualClock(Date.UTC(2026, 10, 21, 6, 28, 17)) });

  test("has a certificate that passes both rules", () => {
    validateCertificate(cert.certificate.raw);
    expect(parseCertificate(cert.certificate.raw).nodeID).toBe(cert.certificate.nodeID);
    expect(cert.certificate.keyType).toBe("ecdsa-p256");
  });

  test("has upstream's template, byte for byte, around the key", () => {
    const hex = toHex(cert.certificate.raw);
    expect(hex).toContain(
      "a003020102020100300a06082a8648ce3d04030230003020170d3939313233313030303030305a180f32313236313132313036323831375a3000",
    );
    expect(hex).toContain("a320301e300e0603551d0f0101ff040403020780300c0603551d130101ff04023000");
  });

  test("signed its certificate itself, and another library agrees", () => {
    const x509 = new X509Certificate(cert.certPEM);
    expect(x509.verify(cert.certificate.publicKey)).toBe(true);
    expect(x509.checkPrivateKey(cert.privateKey)).toBe(true);
  });

  test("is written as upstream writes it, and read back", () => {
    expect(cert.certPEM).toMatch(/^-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=]{1,64}\n)+-----END CERTIFICATE-----\n$/);
    expect(cert.keyPEM).toMatch(/^-----BEGIN PRIVATE KEY-----\n([A-Za-z0-9+/=]{1,64}\n)+-----END PRIVATE KEY-----\n$/);
    // Go's PKCS#8 of a P-256 key: 138 bytes with the public key and without the curve inside.
    expect(toHex(parsePEM(cert.keyPEM)[0]?.bytes as Uint8Array)).toMatch(
      /^308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420.{64}a14403420004.{128}$/,
    );
    const read = parseTLSCert(cert.keyPEM, cert.certPEM);
    expect(read.certificate.nodeID).toBe(cert.certificate.nodeID);
    expect(verifyCertificateSignature(cert.certificate, message, read.sign(message))).toBe(true);
  });

  test("a year that has no such day ends a day later, as Go counts", () => {
    const leap = newTLSCert({ clock: new ManualClock(Date.UTC(2000, 1, 29, 1, 2, 3)) });
    expect(Buffer.from(leap.certificate.raw).toString("latin1")).toContain("21000301010203Z");
  });
});

describe("files that are no identity", () => {
  const cert = newTLSCert();
  const other = newTLSCert();

  const typeOf = (read: () => unknown) => {
    try {
      read();
    } catch (error) {
      if (error instanceof StakingError) return error.type;
      throw error;
    }
    return undefined;
  };

  test("another's key is told", () => {
    expect(typeOf(() => parseTLSCert(other.keyPEM, cert.certPEM))).toEqual({ code: "key-pair", part: "match" });
  });

  test("exchanged files are told, with what to do", () => {
    expect(typeOf(() => parseTLSCert(cert.certPEM, cert.keyPEM))).toEqual({ code: "key-pair", part: "certificate" });
    expect(typeOf(() => parseTLSCert(cert.certPEM, cert.certPEM))).toEqual({ code: "key-pair", part: "key" });
  });

  test("texts that are no PEM are told apart", () => {
    expect(typeOf(() => parseTLSCert(cert.keyPEM, "junk"))).toEqual({ code: "key-pair", part: "certificate" });
    expect(typeOf(() => parseTLSCert("junk", cert.certPEM))).toEqual({ code: "key-pair", part: "key" });
  });

  test("a key block that holds no key is told", () => {
    const broken = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    expect(typeOf(() => parseTLSCert(broken, cert.certPEM))).toEqual({ code: "key-pair", part: "key" });
  });
});
