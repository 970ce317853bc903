/** Subnets: who tracks what, who is told of whom, who may have which messages. */

import { describe, expect, test } from "bun:test";
import { type ID, idFromBytes, PRIMARY_NETWORK_ID } from "../../../lib/core/ids/id.ts";
import type { NodeID } from "../../../lib/core/ids/node_id.ts";
import { newTLSCert, type TLSCert } from "../../../lib/core/staking/tls_cert.ts";
import type { NetworkOptions } from "../../../lib/p2p/network/options.ts";
import { allowAll } from "../../../lib/p2p/network/peer_set.ts";
import { subnetAllower } from "../../../lib/p2p/network/subnet_allower.ts";
import { MemoryNetwork, type MemoryNode } from "../../support/memory_network.ts";

const A = idFromBytes(new Uint8Array(32).fill(100));
const B = idFromBytes(new Uint8Array(32).fill(101));
const CHAIN_ID = new Uint8Array(32).fill(1);

/** A hub that all others connect to, and others that track subnets. */
async function hubAndSpokes(
  world: MemoryNetwork,
  hubOptions: Partial<NetworkOptions>,
  ...spokes: readonly Partial<NetworkOptions>[]
): Promise<[MemoryNode, ...MemoryNode[]]> {
  const hub = await world.addNode(hubOptions);
  const others: MemoryNode[] = [];
  for (const options of spokes) others.push(await world.addNode(options));
  return [hub, ...others];
}

const tracking = (...subnetIDs: ID[]): Partial<NetworkOptions> => ({ trackedSubnets: new Set(subnetIDs) });
const idOf = ({ network }: MemoryNode): NodeID => network.myNodeID;

/** Connects all to the first, and lets them tell each other of themselves. */
async function meet(world: MemoryNetwork, [hub, ...others]: readonly MemoryNode[]): Promise<void> {
  for (const { network } of others) network.manuallyTrack(idOf(hub!), hub!.address);
  await world.run(60_000);
}

/** The others, but for the hub, that a node is connected to. */
const met = (node: MemoryNode, hub: MemoryNode): NodeID[] => node.connectedTo().filter((id) => id !== idOf(hub));

describe("tracked subnets", () => {
  test("are told in the handshake, and the handler hears of those that both sides track", async () => {
    await using world = new MemoryNetwork();
    const [one, two] = (await hubAndSpokes(world, tracking(A), tracking(A, B))) as [MemoryNode, MemoryNode];
    await meet(world, [one, two]);
    const [seen] = one.network.peerInfo();
    expect(new Set(seen?.trackedSubnets)).toEqual(new Set([PRIMARY_NETWORK_ID, A, B]));
    expect(one.events).toEqual([`+${PRIMARY_NETWORK_ID}/${idOf(two)}`, `+${A}/${idOf(two)}`]);
    expect(two.events).toEqual([`+${PRIMARY_NETWORK_ID}/${idOf(one)}`, `+${A}/${idOf(one)}`]);
  });

  test("decide whom a node looks for: their validators, and no other subnet's", async () => {
    await using world = new MemoryNetwork();
    const nodes = await hubAndSpokes(world, {}, tracking(A), tracking(A), tracking(B), tracking(B), tracking());
    const [hub, a1, a2, b1, b2, none] = nodes as [
      MemoryNode,
      MemoryNode,
      MemoryNode,
      MemoryNode,
      MemoryNode,
      MemoryNode,
    ];
    world.makeValidator(idOf(hub));
    for (const node of [a1, a2]) world.makeValidator(idOf(node), 1n, A);
    for (const node of [b1, b2]) world.makeValidator(idOf(node), 1n, B);
    await meet(world, nodes);
    expect(met(a1, hub)).toEqual([idOf(a2)]);
    expect(met(b1, hub)).toEqual([idOf(b2)]);
    expect(met(none, hub)).toEqual([]);
  });

  test("are passed over by a node that looks for all validators", async () => {
    await using world = new MemoryNetwork();
    const all = { connectToAllValidators: true };
    const nodes = await hubAndSpokes(world, {}, tracking(A), tracking(B), all);
    const [hub, a, b, seeker] = nodes as [MemoryNode, MemoryNode, MemoryNode, MemoryNode];
    world.makeValidator(idOf(hub));
    world.makeValidator(idOf(a), 1n, A);
    world.makeValidator(idOf(b), 1n, B);
    await meet(world, nodes);
    expect(met(seeker, hub)).toEqual([idOf(a), idOf(b)].sort());
    expect(met(a, hub)).toEqual([idOf(seeker)]);
  });

  test("are what a node that validates nothing tells of, whatever it is asked for", async () => {
    await using world = new MemoryNetwork();
    const all = { connectToAllValidators: true };
    const nodes = await hubAndSpokes(world, tracking(A), tracking(A), tracking(B), { ...all, ...tracking(A, B) });
    const [hub, a, b, seeker] = nodes as [MemoryNode, MemoryNode, MemoryNode, MemoryNode];
    world.makeValidator(idOf(a), 1n, A);
    world.makeValidator(idOf(b), 1n, B);
    // The seeker takes the hub for a validator and asks it; the hub knows better.
    seeker.validators.addStaker(PRIMARY_NETWORK_ID, {
      nodeID: idOf(hub),
      publicKey: undefined,
      txID: PRIMARY_NETWORK_ID,
      weight: 1n,
    });
    await meet(world, nodes);
    expect(met(seeker, hub)).toEqual([idOf(a)]);
  });

  test("lose a validator at once, and gain it at once", async () => {
    await using world = new MemoryNetwork();
    const nodes = await hubAndSpokes(world, {}, tracking(A), tracking(A));
    const [hub, a1, a2] = nodes as [MemoryNode, MemoryNode, MemoryNode];
    world.makeValidator(idOf(hub));
    await meet(world, nodes);
    expect(met(a1, hub)).toEqual([]);
    for (const node of [a1, a2]) world.makeValidator(idOf(node), 1n, A);
    expect(a2.network.ipTracker.wantsConnection(idOf(a1))).toBe(true);
    expect(hub.network.ipTracker.wantsConnection(idOf(a1))).toBe(false);
    await world.run(60_000);
    expect(met(a1, hub)).toEqual([idOf(a2)]);
    a1.validators.removeWeight(A, idOf(a2), 1n);
    expect(a1.network.ipTracker.wantsConnection(idOf(a2))).toBe(false);
  });
});

describe("the rules of a subnet", () => {
  const stranger = newTLSCert().certificate.nodeID;
  const me = newTLSCert().certificate.nodeID;

  test("let everyone in unless it is for validators only", () => {
    expect(subnetAllower(me, { validatorOnly: false, allowedNodes: new Set() })).toBe(allowAll);
    const closed = subnetAllower(me, { validatorOnly: true, allowedNodes: new Set() });
    expect([closed(stranger, false), closed(stranger, true), closed(me, false)]).toEqual([false, true, true]);
    const invited = subnetAllower(me, { validatorOnly: true, allowedNodes: new Set([stranger]) });
    expect(invited(stranger, false)).toBe(true);
  });

  test("decide who gets its messages, named or drawn, and nobody else's", async () => {
    await using world = new MemoryNetwork();
    const identities: TLSCert[] = Array.from({ length: 4 }, () => newTLSCert());
    const [, validator, invited, other] = identities.map(({ certificate }) => certificate.nodeID);
    const subnetRules = new Map([[A, { validatorOnly: true, allowedNodes: new Set([invited!]) }]]);
    const nodes: MemoryNode[] = [];
    for (const [i, identity] of identities.entries()) {
      nodes.push(await world.addNode({ ...tracking(A, B), ...(i === 0 ? { subnetRules } : {}) }, identity));
    }
    world.makeValidator(validator!, 1n, A);
    await meet(world, nodes);
    const [hub] = nodes as [MemoryNode];
    const message = hub.messageBuilder.appGossip(CHAIN_ID, new Uint8Array([1]));
    const everyone = { nodeIDs: new Set([validator!, invited!, other!]) };
    const send = (config: Parameters<typeof hub.network.send>[1], subnetID: ID) =>
      [...hub.network.send(message, config, subnetID)].sort();
    expect(send(everyone, A)).toEqual([validator!, invited!].sort());
    expect(send({ peers: 9 }, A)).toEqual([validator!, invited!].sort());
    expect(send({ validators: 9 }, A)).toEqual([validator!]);
    expect(send({ nonValidators: 9 }, A)).toEqual([invited!]);
    expect(send(everyone, B)).toHaveLength(3);
    expect(send({ nonValidators: 9 }, PRIMARY_NETWORK_ID)).toHaveLength(3);

    // Weights count at the moment of sending.
    hub.validators.removeWeight(A, validator!, 1n);
    hub.validators.addStaker(A, { nodeID: other!, publicKey: undefined, txID: A, weight: 1n });
    expect(send(everyone, A)).toEqual([invited!, other!].sort());
    expect(hub.network.allower(A)(validator!, false)).toBe(false);
    expect(hub.network.allower(B)).toBe(allowAll);
  });

  test("sampling takes those only that track the subnet", async () => {
    await using world = new MemoryNetwork();
    const nodes = await hubAndSpokes(world, tracking(A, B), tracking(A), tracking(B));
    const [hub, a, b] = nodes as [MemoryNode, MemoryNode, MemoryNode];
    for (const node of [a, b]) world.makeValidator(idOf(node), 1n, A);
    await meet(world, nodes);
    const message = hub.messageBuilder.appGossip(CHAIN_ID, new Uint8Array([1]));
    expect([...hub.network.send(message, { validators: 9, peers: 9 }, A)]).toEqual([idOf(a)]);
    expect([...hub.network.send(message, { validators: 9, peers: 9 }, B)]).toEqual([idOf(b)]);
  });
});

describe("a network that wants validators only", () => {
  const strict = { requireValidatorToConnect: true };

  test("keeps strangers of a node out that does not validate, and lets a validator take anyone", async () => {
    await using world = new MemoryNetwork();
    const nodes = await hubAndSpokes(world, strict, {}, {});
    const [hub, spoke, validator] = nodes as [MemoryNode, MemoryNode, MemoryNode];
    world.makeValidator(idOf(validator));
    await meet(world, nodes);
    expect(hub.connectedTo()).toEqual([idOf(validator)]);
    world.makeValidator(idOf(hub));
    await world.run(120_000);
    expect(hub.connectedTo()).toEqual([idOf(spoke), idOf(validator)].sort());
  });

  test("takes a node that is tracked by hand, and a validator of a tracked subnet", async () => {
    await using world = new MemoryNetwork();
    const nodes = await hubAndSpokes(world, { ...strict, ...tracking(A) }, {}, tracking(A), tracking(B));
    const [hub, known, a, b] = nodes as [MemoryNode, MemoryNode, MemoryNode, MemoryNode];
    world.makeValidator(idOf(a), 1n, A);
    world.makeValidator(idOf(b), 1n, B);
    hub.network.manuallyTrack(idOf(known), known.address);
    await meet(world, nodes);
    expect(hub.connectedTo()).toEqual([idOf(known), idOf(a)].sort());
  });

  test("parts at the next ping from who validates no more", async () => {
    await using world = new MemoryNetwork();
    const nodes = await hubAndSpokes(world, strict, {});
    const [hub, spoke] = nodes as [MemoryNode, MemoryNode];
    world.makeValidator(idOf(spoke));
    await meet(world, nodes);
    expect(hub.connectedTo()).toEqual([idOf(spoke)]);
    hub.validators.removeWeight(PRIMARY_NETWORK_ID, idOf(spoke), 1n);
    await world.run(30_000);
    expect(hub.connectedTo()).toEqual([]);
  });
});

test("a node that is wanted is connected to once others tell its address", async () => {
  await using world = new MemoryNetwork();
  const identity = newTLSCert();
  const gossiped = { gossipedNodes: [identity.certificate.nodeID] };
  const hub = await world.addNode(gossiped);
  const seeker = await world.addNode({ wantedNodes: [identity.certificate.nodeID] });
  const wanted = await world.addNode({}, identity);
  const bystander = await world.addNode();
  world.makeValidator(idOf(hub));
  await meet(world, [hub, seeker, wanted, bystander]);
  expect(met(seeker, hub)).toEqual([idOf(wanted)]);
  expect(met(bystander, hub)).toEqual([]);
});
