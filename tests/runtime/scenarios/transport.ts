/**
 * What the TLS transport must do on every runtime: runtimes differ most where identities are proven.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connect } from "node:tls";
import { systemClock } from "../../../lib/core/clock.ts";
import { nodeIDFromCertificate } from "../../../lib/core/ids/node_id.ts";
import { newTLSCert } from "../../../lib/core/staking/tls_cert.ts";
import { TransportError } from "../../../lib/p2p/transport/errors.ts";
import { TLSTransport } from "../../../lib/p2p/transport/tls.ts";
import { type SelfSigned, selfSigned } from "../../support/certificates.ts";
import { eventually } from "../../support/eventually.ts";
import { connectRawTLS, type RawTLSClientOptions, signedBy } from "../../support/raw_tls_client.ts";
import { type RawTLSServerOptions, startRawTLSServer } from "../../support/raw_tls_server.ts";
import { dialHonestly, HANDSHAKE_TIMEOUT_MS, listenForTest } from "../../support/tls_listener.ts";
import type { Scenarios } from "./scenarios.ts";

const LOCALHOST = "127.0.0.1";
const own = selfSigned("P-256");
const victim = selfSigned("P-256");

export const transportScenarios: Scenarios = {
  "a node that dials another: each knows who the other is, and bytes pass in order": async () => {
    await using listener = await listenForTest();
    const identity = newTLSCert();
    const transport = new TLSTransport({ clock: systemClock, tlsCert: identity });
    const address = { ip: LOCALHOST, port: listener.port };
    const connection = await transport.dial(address, { signal: AbortSignal.timeout(10_000) });
    assert.equal(connection.certificate.nodeID, listener.identity.certificate.nodeID);

    const sent = new Uint8Array(1 << 20).map((_, i) => i % 251);
    const received = new Uint8Array(sent.length);
    let length = 0;
    await new Promise<void>((resolve, reject) => {
      connection.open({
        onData: (chunk) => {
          received.set(chunk, length);
          length += chunk.length;
          if (length === sent.length) resolve();
        },
        onDrain: () => {},
        onClose: (reason) => reject(reason ?? new Error("closed before all came back")),
      });
      connection.write(sent);
    });
    assert.ok(Buffer.from(received).equals(sent));
    assert.equal(listener.connections[0]?.certificate.nodeID, identity.certificate.nodeID);
    connection.close();
    await eventually("the other side sees the end", () => listener.closed.length === 1);
  },

  "a connection that is paused again and again reads on each time": async () => {
    const identity = newTLSCert();
    const transport = new TLSTransport({ clock: systemClock, tlsCert: identity });
    let received = 0;
    const listener = await transport.listen(
      { ip: LOCALHOST, port: 0 },
      {
        takeTurn: () => undefined,
        shouldUpgrade: () => true,
        onUpgradeFailed: () => {},
        onAcceptFailed: () => {},
        onConnection: (accepted) =>
          accepted.open({
            onData: (chunk) => {
              received += chunk.length;
              accepted.pause();
              setTimeout(() => accepted.resume(), 1);
            },
            onDrain: () => {},
            onClose: () => {},
          }),
      },
    );
    const connection = await transport.dial(listener.address, { signal: AbortSignal.timeout(10_000) });
    connection.open({ onData: () => {}, onDrain: () => {}, onClose: () => {} });
    for (let piece = 1; piece <= 20; piece++) {
      connection.write(new Uint8Array(10_000));
      await eventually("the piece has arrived", () => received === piece * 10_000);
    }
    connection.close();
    await listener.close();
  },

  "a client without a certificate is refused": async () => {
    await using listener = await listenForTest();
    const socket = connect({ host: LOCALHOST, port: listener.port, rejectUnauthorized: false });
    socket.on("error", () => {});
    socket.resume();
    await new Promise((resolve) => socket.once("close", resolve));
    await eventually("the refusal is counted", () => listener.failures.length > 0);
    await dialHonestly(listener.port);
    assert.deepEqual(listener.failures, ["no-certificate"]);
    assert.equal(listener.connections.length, 1);
  },

  "a client that keeps to TLS 1.3 by hand is accepted": () =>
    clientIs("accepted", { chain: [own.certificate], sign: signedBy(own.privateKey) }),
  "a client with a stolen certificate is refused": () =>
    clientIs("handshake-failed", { chain: [victim.certificate], sign: signedBy(own.privateKey) }),
  "a client that does not sign is refused": () => clientIs("handshake-failed", { chain: [victim.certificate] }),
  "a client whose Finished does not fit is refused": () =>
    clientIs("handshake-failed", {
      chain: [own.certificate],
      sign: signedBy(own.privateKey),
      finish: (mac) => mac.toReversed(),
    }),
  "a client with a certificate that no node may have is refused": () => clientIs("invalid-certificate", shows("P-384")),

  "a handshake that is not done is ended by the time-out, once": async () => {
    await using listener = await listenForTest();
    using client = await connectRawTLS({ port: listener.port, ...shows("P-256"), stopAfter: "certificate" });
    await eventually("the listener has it", () => listener.upgrades === 1);
    listener.clock.advance(HANDSHAKE_TIMEOUT_MS);
    await client.endpoint.ended();
    await dialHonestly(listener.port);
    assert.deepEqual(listener.failures, ["handshake-timeout"]);
    assert.equal(listener.clock.pendingTimers, 0);
  },

  "a handshake that is broken off is one failure": async () => {
    await using listener = await listenForTest();
    const client = await connectRawTLS({ port: listener.port, ...shows("P-256"), stopAfter: "server-flight" });
    await eventually("the listener has it", () => listener.upgrades === 1);
    client[Symbol.dispose]();
    await eventually("the failure is counted", () => listener.failures.length > 0);
    await dialHonestly(listener.port);
    assert.deepEqual(listener.failures, ["handshake-failed"]);
    assert.equal(listener.clock.pendingTimers, 0);
  },

  "a server that keeps to TLS 1.3 by hand is accepted": () =>
    serverIs("accepted", { chain: [own.certificate], sign: signedBy(own.privateKey) }),
  "a server with a stolen certificate is refused": () =>
    serverIs("connect-failed", { chain: [victim.certificate], sign: signedBy(own.privateKey) }),
  "a server whose Finished does not fit is refused": () =>
    serverIs("connect-failed", {
      chain: [own.certificate],
      sign: signedBy(own.privateKey),
      finish: (mac) => mac.toReversed(),
    }),
  "a server with a certificate that no node may have is refused": () => serverIs("invalid-certificate", shows("P-384")),
};

function shows(kind: Parameters<typeof selfSigned>[0]): { chain: Uint8Array[]; sign: ReturnType<typeof signedBy> } {
  const { certificate, privateKey }: SelfSigned = selfSigned(kind);
  return { chain: [certificate], sign: signedBy(privateKey) };
}

async function clientIs(verdict: string, saying: Omit<RawTLSClientOptions, "port">): Promise<void> {
  await using listener = await listenForTest();
  using client = await connectRawTLS({ port: listener.port, ...saying });
  const verdicts = (): string[] => [...listener.failures, ...listener.connections.map(() => "accepted")];
  await eventually("the listener judges", () => verdicts().length > 0);
  assert.deepEqual(verdicts(), [verdict]);
  if (verdict === "accepted") {
    assert.equal(listener.connections[0]?.certificate.nodeID, nodeIDFromCertificate(saying.chain[0] as Uint8Array));
    client.endpoint.sendData(Uint8Array.of(7));
    assert.deepEqual([...(await client.endpoint.nextData())], [7]);
    return;
  }
  await client.endpoint.ended();
  await dialHonestly(listener.port);
  assert.deepEqual(verdicts(), [verdict, "accepted"]);
  assert.equal(listener.clock.pendingTimers, 0);
}

async function serverIs(verdict: string, saying: RawTLSServerOptions): Promise<void> {
  await using server = await startRawTLSServer(saying);
  const tlsCert = newTLSCert();
  const transport = new TLSTransport({ clock: systemClock, tlsCert });
  try {
    const signal = AbortSignal.timeout(10_000);
    const connection = await transport.dial({ ip: LOCALHOST, port: server.port }, { signal });
    connection.close();
    assert.equal("accepted", verdict);
    assert.equal(connection.certificate.nodeID, nodeIDFromCertificate(saying.chain[0] as Uint8Array));
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    assert.equal(error.type.code, verdict);
  }
}
