/**
 * Staking certificates: the identity that a node shows (upstream `staking/parse.go`, `network/peer/tls_config.go`).
 *
 * A certificate is read by two rules. {@link validateCertificate} is what the TLS stack of the reference asks of the
 * certificate in a handshake; {@link parseCertificate} is what it asks of one in a handshake or in gossip. The second
 * runs for every gossiped IP, so it reads up to the key and no further, and makes keys and IDs when they are asked for.
 *
 * @module
 */

import type { KeyObject } from "node:crypto";
import { BytesCache } from "../bytes_cache.ts";
import { type NodeID, nodeIDFromCertificate } from "../ids/node_id.ts";
import { constructedContextTag, DERReader, Tag } from "./der.ts";
import { StakingError } from "./errors.ts";
import { type KeyType, parsePublicKey, type StakingPublicKey, toKeyObject, wellFormedRSAKey } from "./public_key.ts";
import { verifyWith } from "./signature.ts";
import { readX509PublicKey } from "./x509.ts";

/** The longest certificate in bytes (upstream `MaxCertificateLen`). */
export const MAX_CERTIFICATE_LENGTH = 2_048;

/** An identity: the certificate's bytes and what they say. */
export interface Certificate {
  /** DER, with whatever followed it: the node ID covers all of it. */
  readonly raw: Uint8Array;
  readonly nodeID: NodeID;
  readonly keyType: KeyType;
  /** Made at first use. */
  readonly publicKey: KeyObject;
}

class ParsedCertificate implements Certificate {
  readonly raw: Uint8Array;
  readonly #key: StakingPublicKey;
  #nodeID: NodeID | undefined;
  #publicKey: KeyObject | undefined;

  constructor(raw: Uint8Array, key: StakingPublicKey) {
    this.raw = raw;
    this.#key = key;
  }

  get keyType(): KeyType {
    return this.#key.keyType;
  }

  get nodeID(): NodeID {
    this.#nodeID ??= nodeIDFromCertificate(this.raw);
    return this.#nodeID;
  }

  get publicKey(): KeyObject {
    this.#publicKey ??= toKeyObject(this.#key);
    return this.#publicKey;
  }
}

/** How many certificates are held ready: those of all validators of a large network. One takes 1 to 5 KB, as long as it is. */
const MAX_CERTIFICATES = 2_048;

/**
 * Certificates that were read lately. The same ones come again and again: each peer's with gossip and when it connects,
 * and from each peer that tells of it.
 */
const certificates = new BytesCache<Certificate>(MAX_CERTIFICATES);

/** Those of them that {@link validateCertificate} has let pass. */
const shown = new WeakSet<Certificate>();

/**
 * Reads a staking certificate. Dates, names, extensions and the certificate's own signature are not looked at, nor
 * what follows the key.
 *
 * @param der At most {@link MAX_CERTIFICATE_LENGTH} bytes. They are copied.
 * @returns The same for the same bytes, while it is remembered.
 * @throws {StakingError} `certificate-too-large`, `malformed-certificate` or `unsupported-key`.
 *
 * @example
 * ```ts
 * const der = newTLSCert().certificate.raw;
 * parseCertificate(der).nodeID; // "NodeID-…"
 * ```
 */
export function parseCertificate(der: Uint8Array): Certificate {
  if (der.length > MAX_CERTIFICATE_LENGTH) {
    throw new StakingError(
      { code: "certificate-too-large", length: der.length, maxLength: MAX_CERTIFICATE_LENGTH },
      `staking: certificate length is greater than ${MAX_CERTIFICATE_LENGTH}`,
    );
  }
  return certificates.getOrAdd(der, () => readCertificate(new Uint8Array(der)));
}

function readCertificate(der: Uint8Array): Certificate {
  const certificate = new DERReader(der).read(Tag.Sequence);
  if (certificate === undefined) throw malformed("certificate");
  const tbs = certificate.read(Tag.Sequence);
  if (tbs === undefined) throw malformed("tbs certificate");
  if (!tbs.skipOptional(constructedContextTag(0))) throw malformed("version");
  if (!tbs.skip(Tag.Integer)) throw malformed("serial number");
  if (!tbs.skip(Tag.Sequence)) throw malformed("signature algorithm identifier");
  if (!tbs.skip(Tag.Sequence)) throw malformed("issuer");
  if (!tbs.skip(Tag.Sequence)) throw malformed("validity");
  // The subject; the reference calls it issuer too.
  if (!tbs.skip(Tag.Sequence)) throw malformed("issuer");
  const spki = tbs.read(Tag.Sequence);
  if (spki === undefined) throw malformed("spki");
  const algorithm = spki.read(Tag.Sequence);
  if (algorithm === undefined) throw malformed("public key algorithm identifier");
  const oid = algorithm.readObjectIdentifier();
  if (oid === undefined) throw malformed("oid");
  const bits = spki.readBitString();
  if (bits === undefined) throw malformed("subject public key");
  return new ParsedCertificate(der, parsePublicKey(oid, bits));
}

/**
 * Checks a certificate as the reference's TLS stack does when a peer shows it: it must be sound X.509, and its key
 * ECDSA on P-256 or RSA of 2048 or 4096 bits with exponent 65537.
 *
 * @throws {StakingError} `malformed-certificate` or `unsupported-key`.
 */
export function validateCertificate(der: Uint8Array): void {
  const key = readX509PublicKey(der);
  switch (key.kind) {
    case "ecdsa":
      if (key.curve !== "P-256") {
        throw new StakingError({ code: "unsupported-key" }, "only P256 is allowed for ECDSA");
      }
      return;
    case "rsa":
      wellFormedRSAKey(key.numbers);
      return;
    case "other":
      throw new StakingError({ code: "unsupported-key" }, "key type is not supported");
  }
}

/**
 * Reads the certificate that a peer shows in a TLS handshake, by both rules.
 *
 * @throws {StakingError} As {@link validateCertificate}, and then as {@link parseCertificate}.
 */
export function parseShownCertificate(der: Uint8Array): Certificate {
  const known = certificates.get(der);
  if (known !== undefined && shown.has(known)) return known;
  validateCertificate(der);
  const certificate = parseCertificate(der);
  shown.add(certificate);
  return certificate;
}

/**
 * Whether a signature over sha256 of a message is the certificate's: ECDSA in strict DER, or RSA PKCS#1 v1.5.
 *
 * @param signature A stranger's bytes of any length.
 */
export function verifyCertificateSignature(
  certificate: Certificate,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  return verifyWith(certificate.keyType, certificate.publicKey, message, signature);
}

function malformed(part: string): StakingError {
  return new StakingError({ code: "malformed-certificate", part }, `staking: malformed ${part}`);
}
