import { expect, test } from "bun:test";
import { newTLSCert } from "../../../lib/core/staking/tls_cert.ts";
import { World } from "./world.ts";

const NOWHERE = { ip: "127.0.0.1", port: 9 };

/** When a node dials one that is not there, milliseconds. */
async function dialTimes(flags: Record<string, string>, forMs: number): Promise<number[]> {
  await using world = new World();
  const node = await world.node(flags);
  node.network.manuallyTrack(newTLSCert().certificate.nodeID, NOWHERE);
  await world.clock.runFor(forMs);
  return node.dials.map(({ atMs }) => atMs);
}

test("a lost peer is dialled again after network-initial-reconnect-delay, ever later up to network-max-reconnect-delay", async () => {
  const soon = await dialTimes(
    { "network-initial-reconnect-delay": "10ms", "network-max-reconnect-delay": "20ms" },
    1_000,
  );
  const late = await dialTimes(
    { "network-initial-reconnect-delay": "400ms", "network-max-reconnect-delay": "1m" },
    1_000,
  );
  const capped = await dialTimes(
    { "network-initial-reconnect-delay": "10ms", "network-max-reconnect-delay": "1m" },
    1_000,
  );
  expect(soon.length).toBeGreaterThan(40);
  expect(late.length).toBeLessThanOrEqual(3);
  expect(late[1]).toBeGreaterThanOrEqual(400);
  expect(capped.length).toBeGreaterThan(late.length);
  expect(capped.length).toBeLessThan(soon.length / 2);
});

test("no more than network-outbound-connection-throttling-rps nodes are dialled a second", async () => {
  for (const [rps, expected] of [
    ["2", 2],
    ["0", 10],
  ] as const) {
    await using world = new World();
    const node = await world.node({ "network-outbound-connection-throttling-rps": rps });
    for (let i = 0; i < 10; i++)
      node.network.manuallyTrack(newTLSCert().certificate.nodeID, { ...NOWHERE, port: 10 + i });
    await world.clock.runFor(1);
    expect(node.dials.length).toBe(expected);
    await world.clock.runFor(500);
    expect(node.dials.length).toBeGreaterThan(2);
  }
});

test("a private address is dialled where network-allow-private-ips says so", async () => {
  const dialled = async (flags: Record<string, string>): Promise<number> => {
    await using world = new World();
    const [there, told] = [newTLSCert(), newTLSCert()];
    const validators = new Map([[told, 1_000n]]);
    const node = await world.node(flags, { validators, ip: "8.8.8.8" });
    const other = await world.node({}, { validators, tlsCert: there, ip: "8.8.4.4" });
    const hidden = await world.node({}, { validators, tlsCert: told, ip: "10.0.0.1" });
    other.network.manuallyTrack(hidden.network.myNodeID, hidden.address);
    await world.clock.runFor(500);
    node.network.manuallyTrack(other.network.myNodeID, other.address);
    await world.clock.runFor(10_000);
    return node.dials.filter(({ to }) => to.ip === "10.0.0.1").length;
  };
  expect(await dialled({ "network-allow-private-ips": "false" })).toBe(0);
  expect(await dialled({ "network-allow-private-ips": "true" })).toBeGreaterThan(0);
});

test("with network-require-validator-to-connect a stranger without stake is sent away", async () => {
  const isKept = async (flags: Record<string, string>, isValidator: boolean): Promise<boolean> => {
    await using world = new World();
    const [peerCert, other] = [newTLSCert(), newTLSCert()];
    const node = await world.node(flags, { validators: new Map([[isValidator ? peerCert : other, 1n]]) });
    try {
      const peer = await world.peer(node, { tlsCert: peerCert, timeoutMs: 200 });
      return !peer.isClosed;
    } catch {
      return false;
    }
  };
  const flag = { "network-require-validator-to-connect": "true" };
  expect([await isKept({}, false), await isKept(flag, false), await isKept(flag, true)]).toEqual([true, false, true]);
});
