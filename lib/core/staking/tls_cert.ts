/**
 * The TLS side of a node's identity: a private key and the certificate for it (upstream `staking/tls.go`).
 *
 * @module
 */

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { bytesEqual } from "../bytes.ts";
import { type Clock, systemClock } from "../clock.ts";
import { errorMessage } from "../errors.ts";
import { type Certificate, parseCertificate, parseShownCertificate } from "./certificate.ts";
import { constructedContextTag, Tag } from "./der.ts";
import { derBitString, derElement, derUnsignedInteger } from "./der_writer.ts";
import { StakingError } from "./errors.ts";
import { formatPEM, parsePEM } from "./pem.ts";
import { signWith } from "./signature.ts";

/** A key, its certificate, and both as the files that hold them. */
export interface TLSCert {
  readonly certPEM: string;
  readonly keyPEM: string;
  readonly certificate: Certificate;
  readonly privateKey: KeyObject;
  /** Signs sha256 of a message: ECDSA as DER (another value each time), RSA by PKCS#1 v1.5. */
  sign(message: Uint8Array): Uint8Array;
}

/** What a node needs of its identity while it runs: who it is, and the word of its key. */
export type TLSSigner = Pick<TLSCert, "certificate" | "sign">;

const CERTIFICATE_BLOCK = "CERTIFICATE";
const KEY_BLOCK = "PRIVATE KEY";

/** ecdsa-with-SHA256, without parameters (RFC 5758). */
const ECDSA_WITH_SHA256 = derElement(
  Tag.Sequence,
  derElement(Tag.ObjectIdentifier, Uint8Array.of(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02)),
);
const VERSION_3 = derElement(constructedContextTag(0), derUnsignedInteger(Uint8Array.of(2)));
const SERIAL_NUMBER = derUnsignedInteger(Uint8Array.of(0));
const NO_NAME = derElement(Tag.Sequence);
/** Upstream asks for the day before 2000-01-01. */
const NOT_BEFORE = derElement(Tag.UTCTime, ascii("991231000000Z"));
const LIFETIME_YEARS = 100;

/** Key usage: digital signature. Basic constraints: no authority. Both critical. */
const EXTENSIONS = derElement(
  constructedContextTag(3),
  derElement(
    Tag.Sequence,
    extension(Uint8Array.of(0x55, 0x1d, 0x0f), derElement(Tag.BitString, Uint8Array.of(7, 0x80))),
    extension(Uint8Array.of(0x55, 0x1d, 0x13), derElement(Tag.Sequence)),
  ),
);

/**
 * Makes a new identity: an ECDSA key on P-256 and a certificate that it signed itself, by upstream's template, good
 * for a hundred years.
 *
 * @example
 * ```ts
 * const { certificate, certPEM, keyPEM } = newTLSCert();
 * console.log(certificate.nodeID);
 * ```
 */
export function newTLSCert({ clock = systemClock }: { readonly clock?: Clock } = {}): TLSCert {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const der = selfSignedCertificate({
    publicKeyDER: exported(publicKey.export({ type: "spki", format: "der" })),
    sign: (message) => signWith(privateKey, message),
    clock,
  });
  return identity(
    formatPEM(CERTIFICATE_BLOCK, der),
    formatPEM(KEY_BLOCK, exported(privateKey.export({ type: "pkcs8", format: "der" }))),
    parseCertificate(der),
    privateKey,
  );
}

/** What a certificate is made of. */
export interface SelfSignedCertificateOptions {
  /** An ECDSA key on P-256, as SubjectPublicKeyInfo. */
  readonly publicKeyDER: Uint8Array;
  /** Signs sha256 of a message with that key, as DER. */
  readonly sign: (message: Uint8Array) => Uint8Array;
  /** The hundred years begin now. */
  readonly clock: Clock;
}

/**
 * The DER of a certificate by upstream's template. The same key and time give the same bytes where the signer, unlike
 * the runtimes' own, signs the same message the same way each time.
 */
export function selfSignedCertificate({ publicKeyDER, sign, clock }: SelfSignedCertificateOptions): Uint8Array {
  const tbs = derElement(
    Tag.Sequence,
    VERSION_3,
    SERIAL_NUMBER,
    ECDSA_WITH_SHA256,
    NO_NAME,
    derElement(Tag.Sequence, NOT_BEFORE, derElement(Tag.GeneralizedTime, ascii(expiry(clock)))),
    NO_NAME,
    publicKeyDER,
    EXTENSIONS,
  );
  return derElement(Tag.Sequence, tbs, ECDSA_WITH_SHA256, derBitString(sign(tbs)));
}

/**
 * Reads an identity from the texts of its two files.
 *
 * @param keyPEM A private key, PKCS#8, PKCS#1 or SEC 1.
 * @param certPEM A certificate; the first, where there are several.
 * @throws {StakingError} `key-pair` when either is no PEM or they are no pair; `malformed-certificate`,
 * `certificate-too-large` or `unsupported-key` when no node may have such a certificate.
 *
 * @example
 * ```ts
 * const { certPEM, keyPEM } = newTLSCert();
 * const identity = parseTLSCert(keyPEM, certPEM);
 * ```
 */
export function parseTLSCert(keyPEM: string, certPEM: string): TLSCert {
  const certificate = readCertificate(certPEM);
  const privateKey = readPrivateKey(keyPEM);
  const ours = exported(createPublicKey(privateKey).export({ type: "spki", format: "der" }));
  const theirs = exported(certificate.publicKey.export({ type: "spki", format: "der" }));
  if (!bytesEqual(ours, theirs)) {
    throw new StakingError(
      { code: "key-pair", part: "match" },
      "failed creating cert: tls: private key does not match public key",
      { hint: "Give the key file that was made with this certificate" },
    );
  }
  return identity(certPEM, keyPEM, certificate, privateKey);
}

function identity(certPEM: string, keyPEM: string, certificate: Certificate, privateKey: KeyObject): TLSCert {
  return { certPEM, keyPEM, certificate, privateKey, sign: (message) => signWith(privateKey, message) };
}

function readCertificate(pem: string): Certificate {
  const blocks = parsePEM(pem);
  const block = blocks.find(({ type }) => type === CERTIFICATE_BLOCK);
  if (block === undefined) {
    const isKey = blocks.length > 0 && blocks.every(({ type }) => type.endsWith(KEY_BLOCK));
    throw new StakingError(
      { code: "key-pair", part: "certificate" },
      isKey
        ? "failed creating cert: tls: failed to find certificate PEM data in certificate input, but did find a private key"
        : "failed creating cert: tls: failed to find any PEM data in certificate input",
      isKey ? { hint: "Exchange the certificate file and the key file" } : {},
    );
  }
  return parseShownCertificate(block.bytes);
}

function readPrivateKey(pem: string): KeyObject {
  const blocks = parsePEM(pem);
  const block = blocks.find(({ type }) => type === KEY_BLOCK || type.endsWith(` ${KEY_BLOCK}`));
  if (block === undefined) {
    const isCertificate = blocks.some(({ type }) => type === CERTIFICATE_BLOCK);
    throw new StakingError(
      { code: "key-pair", part: "key" },
      isCertificate
        ? "failed creating cert: tls: found a certificate rather than a key in the PEM for the private key"
        : "failed creating cert: tls: failed to find any PEM data in key input",
      isCertificate ? { hint: "Exchange the certificate file and the key file" } : {},
    );
  }
  try {
    return createPrivateKey(block.text);
  } catch (error) {
    throw new StakingError(
      { code: "key-pair", part: "key" },
      `failed creating cert: tls: failed to parse private key: ${errorMessage(error)}`,
      { cause: error },
    );
  }
}

function extension(oid: Uint8Array, value: Uint8Array): Uint8Array {
  return derElement(
    Tag.Sequence,
    derElement(Tag.ObjectIdentifier, oid),
    derElement(Tag.Boolean, Uint8Array.of(0xff)),
    derElement(Tag.OctetString, value),
  );
}

/** `YYYYMMDDHHMMSSZ`, a hundred years from now. */
function expiry(clock: Clock): string {
  const date = new Date(clock.now());
  date.setUTCFullYear(date.getUTCFullYear() + LIFETIME_YEARS);
  return `${date.toISOString().slice(0, 19).replace(/[-:T]/g, "")}Z`;
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** What the runtimes export is a Buffer in some cases and a Uint8Array in others. */
function exported(der: Uint8Array): Uint8Array {
  return new Uint8Array(der);
}
