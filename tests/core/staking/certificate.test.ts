import { describe, expect, test } from "bun:test";
import { parseCertificate, parseShownCertificate, validateCertificate } from "../../../lib/core/staking/certificate.ts";
import { newTLSCert } from "../../../lib/core/staking/tls_cert.ts";

/** The bytes of a certificate that nobody has read yet. */
function der(): Uint8Array {
  const { certPEM } = newTLSCert();
  return new Uint8Array(Buffer.from(certPEM.replace(/-----.*-----|\n/g, ""), "base64"));
}

describe("a certificate that comes again", () => {
  test("is not read again, and does not keep the memory that it came in", () => {
    const chunk = new Uint8Array(70_000);
    const bytes = der();
    chunk.set(bytes, 100);
    const first = parseCertificate(chunk.subarray(100, 100 + bytes.length));
    expect(first.raw).toEqual(bytes);
    expect(first.raw.buffer.byteLength).toBe(bytes.length);
    expect(parseCertificate(bytes)).toBe(first);
    expect(parseShownCertificate(Buffer.from(bytes))).toBe(first);
  });

  test("is what it was, although the memory that it came in changes", () => {
    const bytes = der();
    const original = bytes.slice();
    const { nodeID } = parseCertificate(bytes);
    bytes[20] = (bytes[20] as number) ^ 1;
    expect(parseCertificate(original).nodeID).toBe(nodeID);
    expect(parseCertificate(original).raw).toEqual(original);
    expect(parseCertificate(bytes).nodeID).not.toBe(nodeID);
  });

  test("is held to the rules of TLS when it is shown, although gossip had brought it before", () => {
    const followed = Uint8Array.from([...der(), 0]);
    const told = parseCertificate(followed);
    for (let i = 0; i < 2; i++) expect(() => parseShownCertificate(followed)).toThrow("x509: trailing data");
    expect(parseCertificate(followed)).toBe(told);
    expect(() => validateCertificate(followed)).toThrow("x509: trailing data");
  });

  test("and is none is refused each time", () => {
    const cut = der().subarray(0, 60);
    const long = new Uint8Array(2_049);
    for (let i = 0; i < 2; i++) {
      expect(() => parseCertificate(cut)).toThrow("staking: malformed");
      expect(() => parseCertificate(long)).toThrow("certificate length is greater than 2048");
    }
  });
});

test("certificates without end are read, and the first ones forgotten", () => {
  const bytes = der();
  const first = parseCertificate(bytes);
  for (let i = 0; i < 2_048; i++) {
    parseCertificate(Uint8Array.from([...bytes, i >> 8, i & 0xff]));
  }
  const again = parseCertificate(bytes);
  expect(again).not.toBe(first);
  expect(again.nodeID).toBe(first.nodeID);
});
