/**
 * A node's claim to an address, signed by both of its keys (upstream `network/peer/ip.go`).
 *
 * @module
 */

import { bytesEqual } from "../bytes.ts";
import { type AddrPort, IPV6_LENGTH, ipTo16 } from "../ip.ts";
import type { BLSSigner } from "./bls.ts";
import { type Certificate, verifyCertificateSignature } from "./certificate.ts";
import { StakingError } from "./errors.ts";
import type { TLSCert } from "./tls_cert.ts";

/** Where a node says it is, and when it said so. */
export interface UnsignedIP {
  readonly addrPort: AddrPort;
  /** Unix seconds, a uint64: of two claims the later one counts. */
  readonly timestamp: bigint;
}

/** A claim with its signatures. */
export interface SignedIP extends UnsignedIP {
  /** Over sha256 of {@link unsignedIPBytes}. */
  readonly tlsSignature: Uint8Array;
  /** Over {@link unsignedIPBytes}, as a proof of possession. */
  readonly blsSignature: Uint8Array;
}

const PORT_LENGTH = 2;
const TIMESTAMP_LENGTH = 8;

/** What is signed: 16 bytes of address, then port and timestamp, big-endian. */
export function unsignedIPBytes({ addrPort, timestamp }: UnsignedIP): Uint8Array {
  const bytes = new Uint8Array(IPV6_LENGTH + PORT_LENGTH + TIMESTAMP_LENGTH);
  const view = new DataView(bytes.buffer);
  bytes.set(ipTo16(addrPort.ip));
  view.setUint16(IPV6_LENGTH, addrPort.port);
  view.setBigUint64(IPV6_LENGTH + PORT_LENGTH, timestamp);
  return bytes;
}

/** Signs a claim with both keys. */
export function signIP(unsigned: UnsignedIP, tlsCert: Pick<TLSCert, "sign">, blsSigner: BLSSigner): SignedIP {
  const bytes = unsignedIPBytes(unsigned);
  return {
    addrPort: unsigned.addrPort,
    timestamp: unsigned.timestamp,
    tlsSignature: tlsCert.sign(bytes),
    blsSignature: blsSigner.signProofOfPossession(bytes),
  };
}

/** How a failed check of each kind of key reads in Go. */
const VERIFICATION_FAILURE = {
  "ecdsa-p256": "staking: ECDSA verification failure",
  "rsa-2048": "crypto/rsa: verification error",
  "rsa-4096": "crypto/rsa: verification error",
} as const;

/**
 * Of each certificate the claim that was last found to be signed with its key: a peer shows the same one when it
 * connects as others tell of it.
 */
const lastRight = new WeakMap<Certificate, { readonly claim: Uint8Array; readonly tlsSignature: Uint8Array }>();

/**
 * Checks that a claim is of the certificate's owner and not from too far ahead. The BLS signature is not looked at:
 * only a validator's key says whether it is right.
 *
 * @param maxTimestamp Unix seconds; a claim may bear this time, not a later one.
 * @throws {StakingError} `timestamp` or `tls-signature`.
 */
export function verifySignedIP(
  ip: Omit<SignedIP, "blsSignature">,
  certificate: Certificate,
  maxTimestamp: bigint,
): void {
  const { timestamp, tlsSignature } = ip;
  if (timestamp > maxTimestamp) {
    throw new StakingError(
      { code: "timestamp", timestamp, maxTimestamp },
      `timestamp too far in the future: timestamp ${timestamp} > maxTimestamp ${maxTimestamp}`,
    );
  }
  const claim = unsignedIPBytes(ip);
  const right = lastRight.get(certificate);
  if (right !== undefined && bytesEqual(right.claim, claim) && bytesEqual(right.tlsSignature, tlsSignature)) return;
  if (!verifyCertificateSignature(certificate, claim, tlsSignature)) {
    throw new StakingError(
      { code: "tls-signature" },
      `invalid TLS signature: ${VERIFICATION_FAILURE[certificate.keyType]}`,
    );
  }
  lastRight.set(certificate, { claim, tlsSignature: new Uint8Array(tlsSignature) });
}
