/**
 * A TLS 1.3 server that lies on wish, as `raw_tls_client.ts` does on the other side.
 *
 * @module
 */

import { type AddressInfo, createServer, type Socket } from "node:net";
import type { HandshakeSigner } from "./raw_tls_client.ts";
import { RawTLSEndpoint } from "./tls13/endpoint.ts";
import { finishedMAC, KeySchedule } from "./tls13/key_schedule.ts";
import { KeyShare } from "./tls13/key_share.ts";
import {
  certificateMessage,
  certificateRequest,
  certificateVerify,
  HandshakeType,
  handshakeMessage,
  readCertificate,
  readClientHello,
  serverHello,
  toBeSigned,
} from "./tls13/messages.ts";
import { vector } from "./tls13/wire.ts";

/** What the server says. */
export interface RawTLSServerOptions {
  /** Certificates to show, DER, the server's own first. */
  readonly chain: readonly Uint8Array[];
  readonly sign: HandshakeSigner;
  /** Changes the MAC of the server's Finished. */
  readonly finish?: (mac: Uint8Array) => Uint8Array;
  /** Whether the server reads the ClientHello and then says nothing. */
  readonly silent?: boolean;
}

/** A client that was served to the end of the handshake. */
export interface ServedClient {
  readonly endpoint: RawTLSEndpoint;
  /** The certificate that the client showed, DER. */
  readonly certificate: Uint8Array | undefined;
}

/** See {@link startRawTLSServer}. */
export interface RawTLSServer extends AsyncDisposable {
  readonly port: number;
  /** How each connection went: fulfilled with the client, or rejected with what the client did instead. */
  readonly handshakes: readonly Promise<ServedClient>[];
}

/** Listens on 127.0.0.1. */
export async function startRawTLSServer(options: RawTLSServerOptions): Promise<RawTLSServer> {
  const handshakes: Promise<ServedClient>[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    const handshake = serve(new RawTLSEndpoint(socket), options);
    handshake.catch(() => {});
    handshakes.push(handshake);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    handshakes,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function serve(endpoint: RawTLSEndpoint, options: RawTLSServerOptions): Promise<ServedClient> {
  const { chain, finish = (mac) => mac, sign, silent } = options;

  // 1. The two key shares.
  const hello = readClientHello((await endpoint.nextHandshake(HandshakeType.ClientHello)).body);
  if (silent) throw new Error("TLS: silent by wish");
  const share = new KeyShare();
  const keys = new KeySchedule(share.sharedSecret(hello.keyShare));
  endpoint.sendHandshake(serverHello(hello.sessionID, share.publicBytes));
  const handshake = keys.handshakeTraffic(endpoint.transcript.hash());
  endpoint.receiveWith(handshake.client);
  endpoint.sendWith(handshake.server);

  // 2. The server's flight.
  const encryptedExtensions = handshakeMessage(HandshakeType.EncryptedExtensions, vector(2));
  endpoint.sendHandshake(encryptedExtensions, certificateRequest(), certificateMessage(chain));
  endpoint.sendHandshake(certificateVerify(sign(toBeSigned("server", endpoint.transcript.hash()))));
  const mac = finishedMAC(handshake.server, endpoint.transcript.hash());
  endpoint.sendHandshake(handshakeMessage(HandshakeType.Finished, finish(mac)));
  const application = keys.applicationTraffic(endpoint.transcript.hash());
  endpoint.sendWith(application.server);

  // 3. The client's flight. Its proofs are not checked: the client is the one under test.
  const certificate = readCertificate((await endpoint.nextHandshake(HandshakeType.Certificate)).body);
  while ((await endpoint.nextHandshake()).type !== HandshakeType.Finished);
  endpoint.receiveWith(application.client);
  return { endpoint, certificate };
}
