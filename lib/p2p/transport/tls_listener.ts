/**
 * The listening side of TLS: connections are taken up in their turn, and each has a bounded time to prove who it is.
 *
 * The TLS server does not listen. A plain one does, whose sockets are not read before their turn, so that TCP itself
 * holds the other side back; what the TLS server is handed may have a PROXY header taken from its front.
 *
 * @module
 */

import { createServer } from "node:net";
import { createServer as createTLSServer } from "node:tls";
import type { AddrPort } from "../../core/ip.ts";
import type { TLSCert } from "../../core/staking/tls_cert.ts";
import type { Listener, ListenHandler } from "./contract.ts";
import { TransportError } from "./errors.ts";
import { TLS_PROTOCOL } from "./tls_socket.ts";
import { TLSUpgrades, type TLSUpgradesOptions } from "./tls_upgrades.ts";

/** What a listener needs. */
export interface ListenTLSOptions extends TLSUpgradesOptions {
  readonly tlsCert: TLSCert;
  /** Takes the connections' secrets. */
  readonly keyLog?: ((line: Uint8Array) => void) | undefined;
}

/** @throws {TransportError} `listen-failed`. */
export function listenTLS(address: AddrPort, handler: ListenHandler, options: ListenTLSOptions): Promise<Listener> {
  const tlsServer = createTLSServer({
    key: options.tlsCert.keyPEM,
    cert: options.tlsCert.certPEM,
    ...TLS_PROTOCOL,
    requestCert: true,
    rejectUnauthorized: false,
    // A second line only: our own limit counts on the injected clock.
    handshakeTimeout: 2 * options.handshakeTimeoutMs,
  });
  const upgrades = new TLSUpgrades(handler, options, (socket) => tlsServer.emit("connection", socket));
  tlsServer.on("secureConnection", (socket) => upgrades.finish(socket));
  tlsServer.on("tlsClientError", (error, socket) => upgrades.fail(error, socket));
  const { keyLog } = options;
  if (keyLog !== undefined) tlsServer.on("keylog", (line) => keyLog(line));
  const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => void upgrades.begin(socket));

  const { promise, resolve, reject } = Promise.withResolvers<Listener>();
  const onListenError = (error: Error): void => reject(new TransportError({ code: "listen-failed", address }, error));
  server.once("error", onListenError);
  server.listen({ host: address.ip, port: address.port }, () => {
    server.off("error", onListenError);
    server.on("error", (error: Error) => handler.onAcceptFailed(error));
    const bound = server.address();
    const port = typeof bound === "object" && bound !== null ? bound.port : address.port;
    resolve({
      address: { ip: address.ip, port },
      close: async () => {
        // The callback of `close` would wait for the connections, which are the network's.
        server.close();
        upgrades.abandon();
      },
    });
  });
  return promise;
}
