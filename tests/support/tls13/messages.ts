/**
 * The handshake messages of TLS 1.3 that two nodes exchange (RFC 8446, 4), with one cipher suite and one group.
 *
 * @module
 */

import { constants, type KeyObject, randomBytes, sign } from "node:crypto";
import { concatBytes } from "../../../lib/core/bytes.ts";
import { uint, vector, WireReader } from "./wire.ts";

export const HandshakeType = {
  ClientHello: 1,
  ServerHello: 2,
  EncryptedExtensions: 8,
  Certificate: 11,
  CertificateRequest: 13,
  CertificateVerify: 15,
  Finished: 20,
} as const;

export const SignatureScheme = {
  RSA_PKCS1_SHA256: 0x0401,
  ECDSA_SECP256R1_SHA256: 0x0403,
  ECDSA_SECP384R1_SHA384: 0x0503,
  RSA_PSS_RSAE_SHA256: 0x0804,
  ED25519: 0x0807,
} as const;

/** TLS_AES_128_GCM_SHA256: the one suite that all of TLS 1.3 must know. */
const CIPHER_SUITE = 0x1301;
const X25519 = 0x001d;
const TLS_1_2 = 0x0303;
const TLS_1_3 = 0x0304;
const RANDOM_LENGTH = 32;

const Extension = { SupportedGroups: 10, SignatureAlgorithms: 13, SupportedVersions: 43, KeyShare: 51 } as const;

/** What is signed in a CertificateVerify begins with 64 spaces and the signer's role. */
const SIGNATURE_PADDING = new Uint8Array(64).fill(0x20);

/** A handshake message: its body, and all of it with its header. */
export interface HandshakeMessage {
  readonly type: number;
  readonly body: Uint8Array;
  readonly bytes: Uint8Array;
}

/** A signature and the scheme that it says it is of. */
export interface HandshakeSignature {
  readonly scheme: number;
  readonly signature: Uint8Array;
}

/** A message's header and body. */
export function handshakeMessage(type: number, ...body: readonly Uint8Array[]): Uint8Array {
  return concatBytes(uint(type, 1), vector(3, ...body));
}

/** A ClientHello that offers one suite and one group. @param keyShare 32 bytes of X25519. */
export function clientHello(keyShare: Uint8Array): Uint8Array {
  const extensions = [
    extension(Extension.SupportedVersions, vector(1, uint(TLS_1_3, 2))),
    extension(Extension.SupportedGroups, vector(2, uint(X25519, 2))),
    extension(Extension.SignatureAlgorithms, signatureAlgorithms()),
    extension(Extension.KeyShare, vector(2, uint(X25519, 2), vector(2, keyShare))),
  ];
  return handshakeMessage(
    HandshakeType.ClientHello,
    uint(TLS_1_2, 2),
    randomBytes(RANDOM_LENGTH),
    vector(1),
    vector(2, uint(CIPHER_SUITE, 2)),
    vector(1, uint(0, 1)),
    vector(2, ...extensions),
  );
}

/** The client's session ID, to be echoed, and its key share. */
export function readClientHello(body: Uint8Array): { readonly sessionID: Uint8Array; readonly keyShare: Uint8Array } {
  const reader = new WireReader(body);
  reader.bytes(2 + RANDOM_LENGTH);
  const sessionID = reader.vector(1).rest();
  reader.vector(2);
  reader.vector(1);
  const shares = readExtension(reader.vector(2), Extension.KeyShare).vector(2);
  while (!shares.isEmpty) {
    const group = shares.uint(2);
    const keyShare = shares.vector(2).rest();
    if (group === X25519) return { sessionID, keyShare };
  }
  throw new Error("TLS: the client offers no X25519 key share");
}

/** A ServerHello that picks the one suite and group. */
export function serverHello(sessionID: Uint8Array, keyShare: Uint8Array): Uint8Array {
  return handshakeMessage(
    HandshakeType.ServerHello,
    uint(TLS_1_2, 2),
    randomBytes(RANDOM_LENGTH),
    vector(1, sessionID),
    uint(CIPHER_SUITE, 2),
    uint(0, 1),
    vector(
      2,
      extension(Extension.SupportedVersions, uint(TLS_1_3, 2)),
      extension(Extension.KeyShare, uint(X25519, 2), vector(2, keyShare)),
    ),
  );
}

/** The server's key share. */
export function readServerHello(body: Uint8Array): Uint8Array {
  const reader = new WireReader(body);
  reader.bytes(2 + RANDOM_LENGTH);
  reader.vector(1);
  const suite = reader.uint(2);
  if (suite !== CIPHER_SUITE) throw new Error(`TLS: the server picked suite ${suite}, which was not offered`);
  reader.uint(1);
  const share = readExtension(reader.vector(2), Extension.KeyShare);
  const group = share.uint(2);
  if (group !== X25519) throw new Error(`TLS: the server picked group ${group}`);
  return share.vector(2).rest();
}

/** A CertificateRequest with an empty context. */
export function certificateRequest(): Uint8Array {
  return handshakeMessage(
    HandshakeType.CertificateRequest,
    vector(1),
    vector(2, extension(Extension.SignatureAlgorithms, signatureAlgorithms())),
  );
}

/** A Certificate with a chain of DER certificates, the owner's first; with none it says that there is none. */
export function certificateMessage(chain: readonly Uint8Array[]): Uint8Array {
  const entries = chain.map((certificate) => concatBytes(vector(3, certificate), vector(2)));
  return handshakeMessage(HandshakeType.Certificate, vector(1), vector(3, ...entries));
}

/** The first certificate of a Certificate message, or `undefined`. */
export function readCertificate(body: Uint8Array): Uint8Array | undefined {
  const reader = new WireReader(body);
  reader.vector(1);
  const entries = reader.vector(3);
  return entries.isEmpty ? undefined : entries.vector(3).rest();
}

/** What the owner of a certificate signs. @param transcriptHash Up to the Certificate message. */
export function toBeSigned(role: "client" | "server", transcriptHash: Uint8Array): Uint8Array {
  const context = new TextEncoder().encode(`TLS 1.3, ${role} CertificateVerify\0`);
  return concatBytes(SIGNATURE_PADDING, context, transcriptHash);
}

/** A CertificateVerify. */
export function certificateVerify({ scheme, signature }: HandshakeSignature): Uint8Array {
  return handshakeMessage(HandshakeType.CertificateVerify, uint(scheme, 2), vector(2, signature));
}

/** Signs as TLS 1.3 asks of a key of this kind. */
export function signHandshake(key: KeyObject, content: Uint8Array): HandshakeSignature {
  const [scheme, hash] = schemeOf(key);
  const padding = key.asymmetricKeyType === "rsa" ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } : {};
  return { scheme, signature: new Uint8Array(sign(hash, content, { key, ...padding })) };
}

function schemeOf(key: KeyObject): [scheme: number, hash: string | null] {
  if (key.asymmetricKeyType === "rsa") return [SignatureScheme.RSA_PSS_RSAE_SHA256, "sha256"];
  if (key.asymmetricKeyType === "ed25519") return [SignatureScheme.ED25519, null];
  const isP384 = ["secp384r1", "P-384"].includes(key.asymmetricKeyDetails?.namedCurve ?? "");
  return isP384
    ? [SignatureScheme.ECDSA_SECP384R1_SHA384, "sha384"]
    : [SignatureScheme.ECDSA_SECP256R1_SHA256, "sha256"];
}

function signatureAlgorithms(): Uint8Array {
  const { ECDSA_SECP256R1_SHA256, ECDSA_SECP384R1_SHA384, RSA_PSS_RSAE_SHA256, ED25519 } = SignatureScheme;
  const schemes = [ECDSA_SECP256R1_SHA256, ECDSA_SECP384R1_SHA384, RSA_PSS_RSAE_SHA256, ED25519];
  return vector(2, ...schemes.map((scheme) => uint(scheme, 2)));
}

function extension(type: number, ...content: readonly Uint8Array[]): Uint8Array {
  return concatBytes(uint(type, 2), vector(2, ...content));
}

function readExtension(extensions: WireReader, wanted: number): WireReader {
  while (!extensions.isEmpty) {
    const type = extensions.uint(2);
    const content = extensions.vector(2);
    if (type === wanted) return content;
  }
  throw new Error(`TLS: extension ${wanted} is missing`);
}
