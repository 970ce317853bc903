/**
 * What both ends of a TLS socket have in common.
 *
 * @module
 */

import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { type AddrPort, parseIP } from "../../core/ip.ts";
import { type Certificate, parseShownCertificate } from "../../core/staking/certificate.ts";
import { TransportError } from "./errors.ts";

/** TLS 1.3 and nothing else (upstream `peer.TLSConfig`; the runtimes know nothing newer). */
export const TLS_PROTOCOL = { minVersion: "TLSv1.3", maxVersion: "TLSv1.3" } as const;

/** Where the other end is, or `undefined` when the socket is gone already. */
export function remoteAddressOf(socket: Socket): AddrPort | undefined {
  const { remoteAddress, remotePort } = socket;
  const ip = remoteAddress === undefined ? undefined : parseIP(remoteAddress);
  return ip === undefined || remotePort === undefined ? undefined : { ip, port: remotePort };
}

/**
 * The certificate that the other end proved to hold.
 *
 * @throws {TransportError} `no-certificate` or `invalid-certificate`.
 */
export function peerCertificate(socket: TLSSocket, address: AddrPort): Certificate {
  const raw = socket.getPeerCertificate()?.raw;
  if (raw === undefined) throw new TransportError({ code: "no-certificate", address });
  try {
    return parseShownCertificate(raw);
  } catch (error) {
    throw new TransportError({ code: "invalid-certificate", address }, error);
  }
}

/** An error after the end is of no interest, and would end the process if nobody listened. */
export function ignoreErrors(socket: Socket): void {
  socket.on("error", () => {});
}
