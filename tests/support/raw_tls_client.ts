/**
 * A TLS 1.3 client that lies on wish: no runtime's own client would show a certificate without its key, or stop in
 * the middle of a handshake. Its pieces are in `tls13/`.
 *
 * @module
 */

import type { KeyObject } from "node:crypto";
import { connect } from "node:net";
import { bytesEqual } from "../../lib/core/bytes.ts";
import { RawTLSEndpoint } from "./tls13/endpoint.ts";
import { finishedMAC, KeySchedule } from "./tls13/key_schedule.ts";
import { KeyShare } from "./tls13/key_share.ts";
import {
  certificateMessage,
  certificateVerify,
  clientHello,
  type HandshakeSignature,
  HandshakeType,
  handshakeMessage,
  readCertificate,
  readServerHello,
  signHandshake,
  toBeSigned,
} from "./tls13/messages.ts";

/** What the client has done last when it falls silent; the connection stays open. */
export type HandshakeStep = "connected" | "client-hello" | "server-flight" | "certificate" | "certificate-verify";

/** Makes the signature of a CertificateVerify over `content`, honestly or not. */
export type HandshakeSigner = (content: Uint8Array) => HandshakeSignature;

/** How to connect and what to say. */
export interface RawTLSClientOptions {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Certificates to show, DER, the client's own first; none for an empty Certificate message. */
  readonly chain: readonly Uint8Array[];
  /** Left out, no CertificateVerify is sent, as it must be where `chain` is empty. */
  readonly sign?: HandshakeSigner;
  /** Changes the MAC of the client's Finished. */
  readonly finish?: (mac: Uint8Array) => Uint8Array;
  /** Left out, the handshake is done to its end. */
  readonly stopAfter?: HandshakeStep;
}

/** Signs with a key by the scheme that belongs to it. */
export function signedBy(key: KeyObject): HandshakeSigner {
  return (content) => signHandshake(key, content);
}

/** See {@link connectRawTLS}. */
export interface RawTLSClient extends Disposable {
  readonly endpoint: RawTLSEndpoint;
  /** The certificate that the server showed, DER; `undefined` where the handshake did not come as far. */
  readonly serverCertificate: Uint8Array | undefined;
}

/**
 * Connects and does the handshake, or a part of it. That it resolves says nothing of the server's verdict: in TLS 1.3
 * the client is done before the server has looked at its certificate.
 *
 * @throws {RawTLSEndedError} When the server ends before the client has said all.
 *
 * @example
 * ```ts
 * using thief = await connectRawTLS({ port, chain: [stolen.certificate.raw], sign: signedBy(own.privateKey) });
 * await thief.endpoint.ended(); // { alert: 51 }
 * ```
 */
export async function connectRawTLS(options: RawTLSClientOptions): Promise<RawTLSClient> {
  const { chain, finish = (mac) => mac, port, sign, stopAfter } = options;
  const socket = connect({ host: "127.0.0.1", port });
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  const endpoint = new RawTLSEndpoint(socket);
  const client = (serverCertificate?: Uint8Array): RawTLSClient => ({
    endpoint,
    serverCertificate,
    [Symbol.dispose]: () => socket.destroy(),
  });
  if (stopAfter === "connected") return client();

  // 1. Offer a key share, take the server's: what follows is protected by both.
  const share = new KeyShare();
  endpoint.sendHandshake(clientHello(share.publicBytes));
  if (stopAfter === "client-hello") return client();
  const serverHello = await endpoint.nextHandshake(HandshakeType.ServerHello);
  const keys = new KeySchedule(share.sharedSecret(readServerHello(serverHello.body)));
  const handshake = keys.handshakeTraffic(endpoint.transcript.hash());
  endpoint.receiveWith(handshake.server);
  endpoint.sendWith(handshake.client);

  // 2. The server's flight. Its signature is not checked, but its Finished is: that proves this schedule right.
  await endpoint.nextHandshake(HandshakeType.EncryptedExtensions);
  await endpoint.nextHandshake(HandshakeType.CertificateRequest);
  const serverCertificate = readCertificate((await endpoint.nextHandshake(HandshakeType.Certificate)).body);
  await endpoint.nextHandshake(HandshakeType.CertificateVerify);
  const expected = finishedMAC(handshake.server, endpoint.transcript.hash());
  const { body } = await endpoint.nextHandshake(HandshakeType.Finished);
  if (!bytesEqual(body, expected)) throw new Error("TLS: the server's Finished does not fit");
  const application = keys.applicationTraffic(endpoint.transcript.hash());
  endpoint.receiveWith(application.server);
  if (stopAfter === "server-flight") return client(serverCertificate);

  // 3. The client's flight: who it is, the proof, and the end.
  endpoint.sendHandshake(certificateMessage(chain));
  if (stopAfter === "certificate") return client(serverCertificate);
  if (sign !== undefined) {
    endpoint.sendHandshake(certificateVerify(sign(toBeSigned("client", endpoint.transcript.hash()))));
  }
  if (stopAfter === "certificate-verify") return client(serverCertificate);
  const mac = finishedMAC(handshake.client, endpoint.transcript.hash());
  endpoint.sendHandshake(handshakeMessage(HandshakeType.Finished, finish(mac)));
  endpoint.sendWith(application.client);
  return client(serverCertificate);
}
