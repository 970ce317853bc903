import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { ManualClock } from "../../../lib/core/clock.ts";
import { newBLSSigner } from "../../../lib/core/staking/bls.ts";
import { parseCertificate, verifyCertificateSignature } from "../../../lib/core/staking/certificate.ts";
import { newClaimedIPPort } from "../../../lib/core/staking/claimed_ip.ts";
import { isPointOn, P224, P256, P384, P521 } from "../../../lib/core/staking/curve.ts";
import { IPSigner } from "../../../lib/core/staking/ip_signer.ts";
import { unsignedIPBytes, verifySignedIP } from "../../../lib/core/staking/signed_ip.ts";
import { newTLSCert } from "../../../lib/core/staking/tls_cert.ts";

const cert = newTLSCert();
const message = new TextEncoder().encode("garden");

describe("a TLS signature", () => {
  const signature = cert.sign(message);

  test("is of its message alone", () => {
    expect(verifyCertificateSignature(cert.certificate, message, signature)).toBe(true);
    expect(verifyCertificateSignature(cert.certificate, new Uint8Array(0), signature)).toBe(false);
    expect(verifyCertificateSignature(newTLSCert().certificate, message, signature)).toBe(false);
  });

  test("of any bytes is refused, not thrown over", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(verifyCertificateSignature(cert.certificate, message, bytes)).toBe(false);
      }),
    );
  });

  test("that was changed anywhere is refused", () => {
    for (let i = 0; i < signature.length; i++) {
      const changed = signature.map((byte, at) => (at === i ? byte ^ 1 : byte));
      expect(verifyCertificateSignature(cert.certificate, message, changed), `byte ${i}`).toBe(false);
    }
  });
});

describe("a claim that was found right", () => {
  const addrPort = { ip: "10.0.0.1", port: 9651 };
  const signed = (timestamp: bigint) => {
    const claim = { addrPort, timestamp };
    return { ...claim, tlsSignature: cert.sign(unsignedIPBytes(claim)) };
  };

  test("is right again, from whichever message, and no other is with it", () => {
    const claim = signed(7n);
    for (let i = 0; i < 2; i++) verifySignedIP(claim, parseCertificate(cert.certificate.raw), 7n);
    for (const wrong of [
      { ...claim, timestamp: 6n },
      { ...claim, addrPort: { ...addrPort, port: 9652 } },
      { ...claim, addrPort: { ...addrPort, ip: "10.0.0.2" } },
      { ...claim, tlsSignature: claim.tlsSignature.map((byte, at) => (at === 20 ? byte ^ 1 : byte)) },
      { ...claim, tlsSignature: claim.tlsSignature.subarray(1) },
      { ...claim, tlsSignature: new Uint8Array(0) },
    ]) {
      for (let i = 0; i < 2; i++) {
        expect(() => verifySignedIP(wrong, cert.certificate, 7n)).toThrow("ECDSA verification failure");
      }
    }
    verifySignedIP(claim, cert.certificate, 7n);
    expect(() => verifySignedIP(claim, newTLSCert().certificate, 7n)).toThrow("ECDSA verification failure");
  });

  test("is from too far ahead for a clock that is behind", () => {
    const claim = signed(9n);
    verifySignedIP(claim, cert.certificate, 9n);
    expect(() => verifySignedIP(claim, cert.certificate, 8n)).toThrow("timestamp too far in the future");
  });

  test("is remembered as it was, although the memory of its signature changes", () => {
    const claim = signed(11n);
    verifySignedIP(claim, cert.certificate, 11n);
    claim.tlsSignature.fill(0);
    expect(() => verifySignedIP(claim, cert.certificate, 11n)).toThrow("ECDSA verification failure");
  });
});

describe("an own address", () => {
  test("is signed again when it changes, and claims get another name with each time", () => {
    const clock = new ManualClock(5_999);
    let ip = "10.0.0.1";
    const signer = new IPSigner({
      clock,
      tlsCert: cert,
      blsSigner: newBLSSigner(),
      getAddrPort: () => ({ ip, port: 9651 }),
    });
    const first = signer.getSignedIP();
    clock.advance(10_000);
    expect(signer.getSignedIP()).toBe(first);
    ip = "10.0.0.2";
    const second = signer.getSignedIP();
    expect([first.timestamp, second.timestamp]).toEqual([5n, 15n]);
    verifySignedIP(second, cert.certificate, 15n);
    // A claim from the future is refused by all.
    clock.step(12_000);
    const third = signer.getSignedIP();
    expect(third.timestamp).toBe(12n);
    expect(signer.getSignedIP()).toBe(third);
    expect(() => verifySignedIP(second, cert.certificate, 14n)).toThrow("timestamp too far in the future");
    expect(() => verifySignedIP({ ...second, addrPort: first.addrPort }, cert.certificate, 15n)).toThrow(
      "invalid TLS signature: staking: ECDSA verification failure",
    );

    const claims = [first, second].map(({ addrPort, timestamp, tlsSignature }) =>
      newClaimedIPPort(parseCertificate(cert.certificate.raw), addrPort, timestamp, tlsSignature),
    );
    expect(new Set(claims.map(({ nodeID }) => nodeID)).size).toBe(1);
    expect(new Set(claims.map(({ gossipID }) => gossipID)).size).toBe(2);
  });

  test("is 26 bytes, and its last second is the last of a uint64", () => {
    const bytes = unsignedIPBytes({ addrPort: { ip: "::1", port: 65_535 }, timestamp: 2n ** 64n - 1n });
    expect(bytes).toHaveLength(26);
    expect(bytes.subarray(15)).toEqual(Uint8Array.of(1, ...new Array(10).fill(0xff)));
  });
});

describe("curves", () => {
  test.each([P224, P256, P384, P521])("$name has the runtime's points, and not those beside them", (curve) => {
    for (let i = 0; i < 5; i++) {
      const { publicKey } = generateKeyPairSync("ec", { namedCurve: curve.name });
      const spki = publicKey.export({ type: "spki", format: "der" });
      const point = Uint8Array.from(spki.subarray(-1 - 2 * curve.coordinateLength));
      expect(isPointOn(curve, point)).toBe(true);
      point[point.length - 1] = (point.at(-1) as number) ^ 1;
      expect(isPointOn(curve, point)).toBe(false);
    }
    expect(isPointOn(curve, Uint8Array.of(0))).toBe(false);
    expect(isPointOn(curve, Uint8Array.of(4, ...new Array(2 * curve.coordinateLength).fill(0xff)))).toBe(false);
  });
});
