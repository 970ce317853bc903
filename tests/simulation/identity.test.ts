import { expect, test } from "bun:test";
import { bytesEqual } from "../../lib/core/bytes.ts";
import { ManualClock } from "../../lib/core/clock.ts";
import { parseBLSSignature } from "../../lib/core/staking/bls.ts";
import { parseCertificate, validateCertificate } from "../../lib/core/staking/certificate.ts";
import { signIP, unsignedIPBytes, verifySignedIP } from "../../lib/core/staking/signed_ip.ts";
import { rememberingVerifier, seededBLSSigner, seededTLSSigner, unregisteredBLSSigner } from "./identity.ts";

const CLOCK = new ManualClock(1_763_700_000_000);
const CLAIM = { addrPort: { ip: "10.0.0.1", port: 9651 }, timestamp: 1_763_700_000n };

test("a seed gives the same certificate and the same signatures, and both are sound", () => {
  const [one, two] = [seededTLSSigner(7, "a", CLOCK), seededTLSSigner(7, "a", CLOCK)];
  expect(bytesEqual(one.certificate.raw, two.certificate.raw)).toBe(true);
  expect(seededTLSSigner(8, "a", CLOCK).certificate.nodeID).not.toBe(one.certificate.nodeID);
  expect(seededTLSSigner(7, "b", CLOCK).certificate.nodeID).not.toBe(one.certificate.nodeID);
  validateCertificate(one.certificate.raw);

  const bls = seededBLSSigner(7, "a");
  const signed = signIP(CLAIM, one, bls);
  const again = signIP(CLAIM, two, seededBLSSigner(7, "a"));
  expect(bytesEqual(signed.tlsSignature, again.tlsSignature)).toBe(true);
  expect(bytesEqual(signed.blsSignature, again.blsSignature)).toBe(true);
  verifySignedIP(signed, parseCertificate(one.certificate.raw), CLAIM.timestamp);

  const verify = rememberingVerifier();
  const message = unsignedIPBytes(signed);
  for (let i = 0; i < 2; i++) {
    expect(verify(bls.publicKey, signed.blsSignature, message)).toBe(true);
    expect(verify(seededBLSSigner(7, "b").publicKey, signed.blsSignature, message)).toBe(false);
  }
});

test("the BLS signature of those that are registered nowhere is a point, and nobody's", () => {
  const signer = unregisteredBLSSigner();
  const signed = signIP(CLAIM, seededTLSSigner(7, "a", CLOCK), signer);
  parseBLSSignature(signed.blsSignature);
  expect(rememberingVerifier()(signer.publicKey, signed.blsSignature, unsignedIPBytes(signed))).toBe(false);
});
