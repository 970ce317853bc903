/**
 * Identities that come from a seed: the same keys, certificates and signatures in every run.
 *
 * ECDSA as the runtimes do it gives another signature each time, of another length now and then. Here the nonce comes
 * from the message (RFC 6979); the signatures are as valid as any.
 *
 * @module
 */

import { p256 } from "@noble/curves/nist.js";
import type { Clock } from "../../lib/core/clock.ts";
import { type BLSSigner, blsSignerFromBytes, blsVerifyProofOfPossession } from "../../lib/core/staking/bls.ts";
import { parseCertificate } from "../../lib/core/staking/certificate.ts";
import type { VerifyProofOfPossession } from "../../lib/core/staking/known_proofs.ts";
import { publicKeyDER } from "../../lib/core/staking/public_key.ts";
import { selfSignedCertificate, type TLSSigner } from "../../lib/core/staking/tls_cert.ts";
import { seededBytes } from "./seeds.ts";

/** A node's TLS identity, whatever the machine and the time of day. */
export function seededTLSSigner(seed: number, name: string, clock: Clock): TLSSigner {
  const secretKey = seededSecretKey(seed, name);
  const sign = (message: Uint8Array): Uint8Array => p256.sign(message, secretKey, { format: "der", lowS: false });
  const point = p256.getPublicKey(secretKey, false);
  const der = selfSignedCertificate({ publicKeyDER: publicKeyDER({ keyType: "ecdsa-p256", point }), sign, clock });
  return { certificate: parseCertificate(der), sign };
}

/** A validator's BLS key. Signing with it costs milliseconds. */
export function seededBLSSigner(seed: number, name: string): BLSSigner {
  const bytes = seededBytes(seed, `bls/${name}`);
  // Below the order of the group, and above zero.
  bytes[0] = ((bytes[0] as number) & 0x3f) | 0x01;
  return blsSignerFromBytes(bytes);
}

/**
 * The BLS key of all nodes whose key is registered nowhere: nobody checks whose their signatures are, only that they are
 * points of the group, so one signature does for all.
 */
export function unregisteredBLSSigner(): BLSSigner {
  const signer = seededBLSSigner(0, "unregistered");
  const signature = signer.sign(new Uint8Array());
  return { ...signer, signProofOfPossession: () => signature };
}

/**
 * A check of BLS signatures that remembers: a thousand nodes check the same fifty, and would spend the better part of a
 * run on it.
 */
export function rememberingVerifier(): VerifyProofOfPossession {
  const verdicts = new Map<string, boolean>();
  return (publicKey, signature, message) => {
    const key = [publicKey, signature, message].map((bytes) => Buffer.from(bytes).toString("latin1")).join();
    let verdict = verdicts.get(key);
    if (verdict === undefined) {
      verdict = blsVerifyProofOfPossession(publicKey, signature, message);
      verdicts.set(key, verdict);
    }
    return verdict;
  };
}

function seededSecretKey(seed: number, name: string): Uint8Array {
  for (let attempt = 0; ; attempt++) {
    const bytes = seededBytes(seed, `tls/${name}/${attempt}`);
    if (p256.utils.isValidSecretKey(bytes)) return bytes;
  }
}
