import { expect, test } from "bun:test";
import { newTLSCert } from "../../../lib/core/staking/tls_cert.ts";
import { HeldConnection } from "../../../lib/p2p/network/held_connection.ts";
import { FakeConnection } from "../../support/fake_connection.ts";

const { certificate } = newTLSCert();

function hold() {
  const connection = new FakeConnection(certificate);
  const held = new HeldConnection(connection);
  const told: string[] = [];
  held.watch({ onSpoken: () => told.push("spoken"), onClosed: () => told.push("closed") });
  const open = (): void =>
    held.open({
      onData: (chunk) => told.push(`data ${[...chunk]}`),
      onDrain: () => told.push("drain"),
      onClose: () => told.push("close"),
    });
  return { connection, held, told, open };
}

test("what came while a connection was held comes first when it is opened", () => {
  const { connection, open, told } = hold();
  connection.receive(Uint8Array.of(1, 2));
  connection.receive(Uint8Array.of(3));
  expect(told).toEqual(["spoken"]);
  open();
  connection.receive(Uint8Array.of(4));
  connection.drain();
  expect(told).toEqual(["spoken", "data 1,2,3", "data 4", "drain"]);
});

test("a held connection that ends is told of once, to whoever has it then", async () => {
  const early = hold();
  early.connection.close();
  await early.connection.flushed();
  expect(early.told).toEqual(["closed"]);
  early.open();
  expect(early.told).toEqual(["closed", "close"]);

  const late = hold();
  late.open();
  late.held.close();
  await late.connection.flushed();
  expect(late.told).toEqual(["close"]);
});

test("whoever says more than a handshake on a held connection is cut off", () => {
  const { connection, told } = hold();
  connection.receive(new Uint8Array(64 * 1024));
  expect(connection.closed).toBe(false);
  connection.receive(Uint8Array.of(1));
  expect(connection.closed).toBe(true);
  expect(told).toEqual(["spoken"]);
});
