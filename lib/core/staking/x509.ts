/**
 * What Go's `crypto/x509` takes for a certificate: the reference's TLS stack refuses every other before its own rules
 * are asked.
 *
 * The walk follows Go's parser field by field, extensions included. It runs once for a connection.
 *
 * @module
 */

import { bytesEqual } from "../bytes.ts";
import { type Curve, isPointOn, P224, P256, P384, P521 } from "./curve.ts";
import { constructedContextTag, contextTag, DERReader, integerValue, isNegativeInteger, Tag } from "./der.ts";
import { StakingError } from "./errors.ts";
import { OID_EC, OID_P256, OID_RSA, type RSANumbers, readRSANumbers } from "./public_key.ts";
import { checkExtensions } from "./x509_extensions.ts";
import { checkName, checkTime } from "./x509_fields.ts";

/** The key of a certificate, as far as its kind matters. */
export type X509Key =
  | { readonly kind: "ecdsa"; readonly curve: Curve["name"] }
  | { readonly kind: "rsa"; readonly numbers: RSANumbers }
  | { readonly kind: "other" };

/** Contents of object identifiers (RFC 5480, RFC 8410, RFC 3279). */
const OID_ED25519 = Uint8Array.of(0x2b, 0x65, 0x70);
const OID_X25519 = Uint8Array.of(0x2b, 0x65, 0x6e);
const OID_DSA = Uint8Array.of(0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01);

const RFC_8410_KEY_LENGTH = 32;

const CURVES = [
  { curve: P224, oid: Uint8Array.of(0x2b, 0x81, 0x04, 0x00, 0x21) },
  { curve: P256, oid: OID_P256 },
  { curve: P384, oid: Uint8Array.of(0x2b, 0x81, 0x04, 0x00, 0x22) },
  { curve: P521, oid: Uint8Array.of(0x2b, 0x81, 0x04, 0x00, 0x23) },
] as const;

const NULL_PARAMETERS = Uint8Array.of(0x05, 0x00);
/** X.509 counts versions from zero: the third is the last. */
const VERSION_3 = 2n;

/**
 * Reads a certificate to its end and gives its key.
 *
 * @throws {StakingError} `malformed-certificate`
 */
export function readX509PublicKey(der: Uint8Array): X509Key {
  const outer = new DERReader(der);
  const certificate = outer.read(Tag.Sequence) ?? malformed("certificate");
  const tbs = certificate.read(Tag.Sequence) ?? malformed("tbs certificate");
  const version = readVersion(tbs);
  const serial = tbs.readInteger() ?? malformed("serial number");
  if (isNegativeInteger(serial)) malformed("serial number", "x509: negative serial number");

  const innerAlgorithm = (tbs.read(Tag.Sequence) ?? malformed("signature algorithm identifier")).rest;
  const outerAlgorithm = (certificate.read(Tag.Sequence) ?? malformed("algorithm identifier")).rest;
  if (!bytesEqual(innerAlgorithm, outerAlgorithm)) {
    malformed("algorithm identifier", "x509: inner and outer signature algorithm identifiers don't match");
  }
  readAlgorithm(new DERReader(innerAlgorithm));

  checkName(tbs.read(Tag.Sequence) ?? malformed("issuer")) || malformed("issuer", "x509: invalid RDNSequence");
  const validity = tbs.read(Tag.Sequence) ?? malformed("validity");
  (checkTime(validity) && checkTime(validity)) || malformed("validity");
  checkName(tbs.read(Tag.Sequence) ?? malformed("subject")) || malformed("subject", "x509: invalid RDNSequence");

  const key = readKey(tbs.read(Tag.Sequence) ?? malformed("spki"));
  if (version > 0n) {
    tbs.skipOptional(contextTag(1)) || malformed("issuerUniqueID");
    tbs.skipOptional(contextTag(2)) || malformed("subjectUniqueID");
  }
  if (version === VERSION_3 && tbs.peek(constructedContextTag(3))) {
    const fault = checkExtensions(tbs.read(constructedContextTag(3)));
    if (fault !== undefined) malformed("extensions", `x509: ${fault}`);
  }
  if (certificate.readBitString() === undefined) malformed("signature");
  if (!outer.isEmpty) malformed("certificate", "x509: trailing data");
  return key;
}

function readVersion(tbs: DERReader): bigint {
  if (!tbs.peek(constructedContextTag(0))) return 0n;
  const holder = tbs.read(constructedContextTag(0)) ?? malformed("version");
  const integer = holder.readInteger();
  if (integer === undefined || !holder.isEmpty || isNegativeInteger(integer)) return malformed("version");
  const version = integerValue(integer);
  return version <= VERSION_3 ? version : malformed("version", "x509: invalid version");
}

/** The algorithm's object identifier, and its parameters with their header; empty where there are none. */
function readAlgorithm(reader: DERReader): { oid: Uint8Array; parameters: Uint8Array } {
  const oid = reader.readObjectIdentifier() ?? malformed("OID");
  if (reader.isEmpty) return { oid, parameters: new Uint8Array(0) };
  return { oid, parameters: (reader.readAny() ?? malformed("parameters")).element };
}

function readKey(spki: DERReader): X509Key {
  const algorithm = spki.read(Tag.Sequence) ?? malformed("public key algorithm identifier");
  const { oid, parameters } = readAlgorithm(algorithm);
  const bits = spki.readBitString() ?? malformed("subjectPublicKey");

  if (bytesEqual(oid, OID_RSA)) return readRSAKey(parameters, bits);
  if (bytesEqual(oid, OID_EC)) return readECKey(parameters, bits);
  if (bytesEqual(oid, OID_ED25519) || bytesEqual(oid, OID_X25519)) {
    if (parameters.length !== 0) malformed("public key", "x509: key encoded with illegal parameters");
    if (bits.length !== RFC_8410_KEY_LENGTH) malformed("public key", "x509: wrong public key size");
  }
  if (bytesEqual(oid, OID_DSA)) checkDSAKey(parameters, bits);
  return { kind: "other" };
}

function readRSAKey(parameters: Uint8Array, bits: Uint8Array): X509Key {
  if (!bytesEqual(parameters, NULL_PARAMETERS)) malformed("public key", "x509: RSA key missing NULL parameters");
  const numbers = readRSANumbers(bits);
  if (typeof numbers === "string") return malformed("public key", `x509: invalid RSA ${numbers}`);
  if (integerValue(numbers.modulus) <= 0n) {
    malformed("public key", "x509: RSA modulus is not a positive number");
  }
  if (integerValue(numbers.exponent) <= 0n) {
    malformed("public key", "x509: RSA public exponent is not a positive number");
  }
  return { kind: "rsa", numbers };
}

function readECKey(parameters: Uint8Array, bits: Uint8Array): X509Key {
  const named = new DERReader(parameters).readObjectIdentifier();
  if (named === undefined) return malformed("public key", "x509: invalid ECDSA parameters");
  const curve = CURVES.find(({ oid }) => bytesEqual(oid, named))?.curve;
  if (curve === undefined) return malformed("public key", "x509: unsupported elliptic curve");
  if (!isPointOn(curve, bits)) return malformed("public key", `x509: ${curve.name} point not on curve`);
  return { kind: "ecdsa", curve: curve.name };
}

function checkDSAKey(parameters: Uint8Array, bits: Uint8Array): void {
  const domain = new DERReader(parameters).read(Tag.Sequence);
  const numbers = [new DERReader(bits), domain, domain, domain].map((reader) => reader?.readInteger());
  if (!numbers.every((number) => number !== undefined && integerValue(number) > 0n)) {
    malformed("public key", "x509: invalid DSA public key");
  }
}

function malformed(part: string, message = `x509: malformed ${part}`): never {
  throw new StakingError({ code: "malformed-certificate", part }, message);
}
