/**
 * What can go wrong between two nodes before a message is understood.
 *
 * @module
 */

import { AvxError, errorMessage } from "../../core/errors.ts";
import { type AddrPort, formatAddrPort } from "../../core/ip.ts";

export type TransportErrorType =
  /** The address cannot be listened on. */
  | { readonly code: "listen-failed"; readonly address: AddrPort }
  /** Nobody answered, or the connection broke before both sides were known. */
  | { readonly code: "connect-failed"; readonly address: AddrPort }
  /** Somebody dialled, and broke off or did not keep to TLS 1.3 before it was known who. */
  | { readonly code: "handshake-failed"; readonly address: AddrPort }
  /** TCP or TLS took longer than allowed. */
  | { readonly code: "handshake-timeout"; readonly address: AddrPort; readonly timeoutMs: number }
  /** The other side did not show a certificate. */
  | { readonly code: "no-certificate"; readonly address: AddrPort }
  /** The other side's certificate is none that a node may have. */
  | { readonly code: "invalid-certificate"; readonly address: AddrPort }
  /** The listener wants a PROXY header, and what arrived does not begin with one to accept. */
  | { readonly code: "invalid-proxy-header"; readonly address: AddrPort }
  /** The listener wants a PROXY header, and none arrived in time. */
  | { readonly code: "proxy-header-timeout"; readonly address: AddrPort; readonly timeoutMs: number }
  /** It was the oldest of the handshakes under way, and gave way to a newer one. */
  | { readonly code: "too-many-upgrades"; readonly address: AddrPort; readonly limit: number }
  /** The dial was given up by its signal. */
  | { readonly code: "aborted"; readonly address: AddrPort };

/** A connection that did not come about. */
export class TransportError extends AvxError<TransportErrorType> {
  /** @param cause The error underneath, from the socket or from the certificate's checks. */
  constructor(type: TransportErrorType, cause?: unknown) {
    super(type, describe(type, cause), {
      ...(cause === undefined ? {} : { cause }),
      ...(type.code === "listen-failed" ? { hint: "Choose another port, or 0 for any free one" } : {}),
    });
  }
}

function describe(type: TransportErrorType, cause: unknown): string {
  const address = formatAddrPort(type.address);
  const because = cause === undefined ? "" : `: ${errorMessage(cause)}`;
  switch (type.code) {
    case "listen-failed":
      return `Cannot listen on ${address}${because}`;
    case "connect-failed":
      return `Cannot connect to ${address}${because}`;
    case "handshake-failed":
      return `No TLS handshake with ${address}${because}`;
    case "handshake-timeout":
      return `Cannot connect to ${address}: no TLS handshake within ${type.timeoutMs} ms`;
    case "no-certificate":
      return `Cannot accept ${address} as a peer: it shows no certificate`;
    case "invalid-certificate":
      return `Cannot accept ${address} as a peer: its certificate is not allowed${because}`;
    case "invalid-proxy-header":
      return `Cannot accept the connection from ${address}${because}`;
    case "proxy-header-timeout":
      return `Cannot accept the connection from ${address}: no PROXY header within ${type.timeoutMs} ms`;
    case "too-many-upgrades":
      return `Cannot go on with ${address}: ${type.limit} newer connections have no handshake yet`;
    case "aborted":
      return `Gave up connecting to ${address}`;
  }
}
