/**
 * The real TLS listener, on time that stands still, with everything that it says written down. It echoes what honest
 * connections send.
 *
 * @module
 */

import { ManualClock, systemClock } from "../../lib/core/clock.ts";
import type { AddrPort } from "../../lib/core/ip.ts";
import { newTLSCert, type TLSCert } from "../../lib/core/staking/tls_cert.ts";
import { ThrottlingError, type ThrottlingErrorType } from "../../lib/p2p/throttling/errors.ts";
import type { CloseReason, Connection, ListenHandler } from "../../lib/p2p/transport/contract.ts";
import { TransportError, type TransportErrorType } from "../../lib/p2p/transport/errors.ts";
import { TLSTransport, type TLSTransportOptions } from "../../lib/p2p/transport/tls.ts";

export const HANDSHAKE_TIMEOUT_MS = 1_000;

/** Why a connection did not come about. */
export type FailureCode = (TransportErrorType | ThrottlingErrorType)["code"];

/** See {@link listenForTest}. */
export interface TestListener extends AsyncDisposable {
  readonly port: number;
  readonly identity: TLSCert;
  /** Handshake time-outs are counted on it. */
  readonly clock: ManualClock;
  readonly connections: Connection[];
  /** Why each connection ended, in the order of their ends. */
  readonly closed: CloseReason[];
  /** Codes of the handshakes that failed. */
  readonly failures: FailureCode[];
  /** Handshakes that were let begin, of which each ends as a connection or as a failure. */
  readonly upgrades: number;
  /** Where connections come from, as it was told when it was asked for an upgrade. */
  readonly asked: AddrPort[];
  close(): Promise<void>;
}

/** How the listener is set, beside what the test needs of it. */
export interface TestListenerOptions extends TLSTransportOptions {
  /** Every connection has its turn at once where it is not given. */
  readonly takeTurn?: ListenHandler["takeTurn"];
}

/** @param shouldUpgrade Asked for each accepted socket; all are let in where it is not given. */
export async function listenForTest(
  shouldUpgrade: () => boolean = () => true,
  { takeTurn = () => undefined, ...options }: TestListenerOptions = {},
): Promise<TestListener> {
  const clock = new ManualClock();
  const identity = newTLSCert();
  const connections: Connection[] = [];
  const closed: CloseReason[] = [];
  const failures: FailureCode[] = [];
  const asked: AddrPort[] = [];
  let upgrades = 0;
  const transport = new TLSTransport(
    { clock, tlsCert: identity },
    { handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS, ...options },
  );
  const listener = await transport.listen(
    { ip: "127.0.0.1", port: 0 },
    {
      takeTurn,
      shouldUpgrade: (remote) => {
        asked.push(remote);
        const wanted = shouldUpgrade();
        if (wanted) upgrades++;
        return wanted;
      },
      onConnection: (connection) => {
        connections.push(connection);
        connection.open({
          onData: (chunk) => connection.write(chunk),
          onDrain: () => {},
          onClose: (reason) => closed.push(reason),
        });
      },
      onUpgradeFailed: (error) => {
        if (!(error instanceof TransportError || error instanceof ThrottlingError)) throw error;
        failures.push(error.type.code);
      },
      onAcceptFailed: (error) => {
        throw error;
      },
    },
  );
  return {
    port: listener.address.port,
    identity,
    clock,
    connections,
    closed,
    failures,
    asked,
    get upgrades() {
      return upgrades;
    },
    close: () => listener.close(),
    [Symbol.asyncDispose]: async () => {
      for (const connection of connections) connection.close();
      await listener.close();
    },
  };
}

/** Dials as an honest node does, and has its word echoed. @returns The identity that was shown. */
export async function dialHonestly(port: number): Promise<TLSCert> {
  const identity = newTLSCert();
  const transport = new TLSTransport({ clock: systemClock, tlsCert: identity });
  const signal = AbortSignal.timeout(10_000);
  const connection = await transport.dial({ ip: "127.0.0.1", port }, { signal });
  try {
    await new Promise<void>((resolve, reject) => {
      connection.open({
        onData: () => resolve(),
        onDrain: () => {},
        onClose: (reason) => reject(reason ?? new Error("closed before the echo")),
      });
      connection.write(Uint8Array.of(1));
    });
  } finally {
    connection.close();
  }
  return identity;
}
