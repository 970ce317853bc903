/**
 * Identities that a node would not make for itself.
 *
 * @module
 */

import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { constructedContextTag, Tag } from "../../lib/core/staking/der.ts";
import { derBitString, derElement, derUnsignedInteger } from "../../lib/core/staking/der_writer.ts";

export type CertificateKind = "P-256" | "P-384" | "Ed25519" | "RSA-2048" | "RSA-3072";

/** A certificate and the key that it is for. */
export interface SelfSigned {
  /** DER. */
  readonly certificate: Uint8Array;
  readonly privateKey: KeyObject;
}

/** Contents of object identifiers (RFC 5758, RFC 8410, RFC 8017). */
const ALGORITHMS = {
  ECDSA_SHA256: derElement(Tag.Sequence, oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02)),
  ECDSA_SHA384: derElement(Tag.Sequence, oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03)),
  ED25519: derElement(Tag.Sequence, oid(0x2b, 0x65, 0x70)),
  RSA_SHA256: derElement(
    Tag.Sequence,
    oid(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b),
    Uint8Array.of(0x05, 0x00),
  ),
};

/** An extension that nobody knows, and that is not critical. */
const PADDING_OID = oid(0x2a, 0x03, 0x04);

/**
 * Makes a key and a certificate that it signed itself.
 *
 * @param padding Bytes of an extension that nobody knows.
 */
export function selfSigned(kind: CertificateKind, { padding = 0 }: { readonly padding?: number } = {}): SelfSigned {
  const { privateKey, publicKey } = makeKeys(kind);
  const [algorithm, hash] = signatureOf(kind);
  const noName = derElement(Tag.Sequence);
  const tbs = derElement(
    Tag.Sequence,
    derElement(constructedContextTag(0), derUnsignedInteger(Uint8Array.of(2))),
    derUnsignedInteger(Uint8Array.of(1)),
    algorithm,
    noName,
    derElement(Tag.Sequence, time("20000101000000Z"), time("21000101000000Z")),
    noName,
    new Uint8Array(publicKey.export({ type: "spki", format: "der" })),
    ...(padding === 0 ? [] : [paddingExtension(padding)]),
  );
  const certificate = derElement(
    Tag.Sequence,
    tbs,
    algorithm,
    derBitString(new Uint8Array(sign(hash, tbs, privateKey))),
  );
  return { certificate, privateKey };
}

function makeKeys(kind: CertificateKind): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  switch (kind) {
    case "P-256":
    case "P-384":
      return generateKeyPairSync("ec", { namedCurve: kind });
    case "Ed25519":
      return generateKeyPairSync("ed25519");
    case "RSA-2048":
    case "RSA-3072":
      return generateKeyPairSync("rsa", { modulusLength: kind === "RSA-2048" ? 2048 : 3072 });
  }
}

function signatureOf(kind: CertificateKind): readonly [algorithm: Uint8Array, hash: string | null] {
  switch (kind) {
    case "P-256":
      return [ALGORITHMS.ECDSA_SHA256, "sha256"];
    case "P-384":
      return [ALGORITHMS.ECDSA_SHA384, "sha384"];
    case "Ed25519":
      return [ALGORITHMS.ED25519, null];
    case "RSA-2048":
    case "RSA-3072":
      return [ALGORITHMS.RSA_SHA256, "sha256"];
  }
}

function paddingExtension(length: number): Uint8Array {
  const extension = derElement(Tag.Sequence, PADDING_OID, derElement(Tag.OctetString, new Uint8Array(length)));
  return derElement(constructedContextTag(3), derElement(Tag.Sequence, extension));
}

function oid(...content: readonly number[]): Uint8Array {
  return derElement(Tag.ObjectIdentifier, Uint8Array.from(content));
}

function time(text: string): Uint8Array {
  return derElement(Tag.GeneralizedTime, new TextEncoder().encode(text));
}
