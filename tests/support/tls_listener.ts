/**
 * The real TLS listener, on time that stands still, with everything that it says written down. It echoes what honest
 * connections send.
 *
 * @module
 */

import { ManualClock, systemClock } from "../../lib/core/clock.ts";
import { newTLSCert, type TLSCert } from "../../lib/core/staking/tls_cert.ts";
import type { CloseReason, Connection } from "../../lib/p2p/transport/contract.ts";
import { TransportError, type TransportErrorType } from "../../lib/p2p/transport/errors.ts";
import { TLSTransport } from "../../lib/p2p/transport/tls.ts";

export const HANDSHAKE_TIMEOUT_MS = 1_000;

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
  readonly failures: TransportErrorType["code"][];
  /** Handshakes that were let begin, of which each ends as a connection or as a failure. */
  readonly upgrades: number;
  close(): Promise<void>;
}

/** @param shouldUpgrade Asked for each accepted socket; all are let in where it is not given. */
export async function listenForTest(shouldUpgrade: () => boolean = () => true): Promise<TestListener> {
  const clock = new ManualClock();
  const identity = newTLSCert();
  const connections: Connection[] = [];
  const closed: CloseReason[] = [];
  const failures: TransportErrorType["code"][] = [];
  let upgrades = 0;
  const transport = new TLSTransport({ clock, tlsCert: identity }, { handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS });
  const listener = await transport.listen(
    { ip: "127.0.0.1", port: 0 },
    {
      takeTurn: () => undefined,
      shouldUpgrade: () => {
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
        if (!(error instanceof TransportError)) throw error;
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
