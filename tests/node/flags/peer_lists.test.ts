import { expect, test } from "bun:test";
import { newTLSCert } from "../../../lib/core/staking/tls_cert.ts";
import { Op } from "../../../lib/p2p/message/ops.ts";
import { countOf, World } from "./world.ts";

test("a peer list names no more than network-peer-list-num-validator-ips validators", async () => {
  for (const [limit, expected] of [
    ["2", 2],
    ["15", 5],
  ] as const) {
    await using world = new World();
    const certs = Array.from({ length: 5 }, () => newTLSCert());
    const validators = new Map(certs.map((cert) => [cert, 100n]));
    const node = await world.node({ "network-peer-list-num-validator-ips": limit }, { validators });
    for (const [i, tlsCert] of certs.entries()) {
      await world.peer(node, { tlsCert, publicAddress: { ip: "127.0.0.1", port: 1_000 + i } });
    }
    const asking = await world.peer(node);
    expect(asking.peerList.length).toBe(expected);
  }
});

test("a peer is asked for its peer list every network-peer-list-pull-gossip-frequency", async () => {
  for (const [frequency, expected] of [
    ["500ms", 20],
    ["5s", 2],
  ] as const) {
    await using world = new World();
    const cert = newTLSCert();
    const node = await world.node(
      { "network-peer-list-pull-gossip-frequency": frequency },
      { validators: new Map([[cert, 1n]]) },
    );
    const peer = await world.peer(node, { tlsCert: cert });
    const asked = countOf(peer, Op.GetPeerList);
    await world.clock.runFor(10_000);
    expect(Math.abs(asked.count - expected)).toBeLessThanOrEqual(1);
  }
});

test("the filter of known addresses is remade every network-peer-list-bloom-reset-frequency", async () => {
  for (const [frequency, most, least] of [
    ["1s", 30, 8],
    ["1h", 1, 1],
  ] as const) {
    await using world = new World();
    const cert = newTLSCert();
    const node = await world.node(
      { "network-peer-list-bloom-reset-frequency": frequency, "network-peer-list-pull-gossip-frequency": "500ms" },
      { validators: new Map([[cert, 1n]]) },
    );
    const peer = await world.peer(node, { tlsCert: cert });
    const salts = new Set<string>();
    for (let i = 0; i < 20; i++) {
      const asked = peer.next(Op.GetPeerList);
      await world.clock.runFor(500);
      const { message } = await world.during(asked);
      salts.add(Buffer.from(message.knownPeers?.salt ?? []).toString("hex"));
    }
    expect(salts.size).toBeLessThanOrEqual(most);
    expect(salts.size).toBeGreaterThanOrEqual(least);
  }
});
