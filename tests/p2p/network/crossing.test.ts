import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { NodeID } from "../../../lib/core/ids/node_id.ts";
import { newTLSCert } from "../../../lib/core/staking/tls_cert.ts";
import type { Connection, Transport } from "../../../lib/p2p/transport/contract.ts";
import { MemoryNetwork, type MemoryNode } from "../../support/memory_network.ts";

/** In the order of their IDs. */
const [SMALLER, LARGER] = [newTLSCert(), newTLSCert()].sort((a, b) =>
  a.certificate.nodeID < b.certificate.nodeID ? -1 : 1,
) as [ReturnType<typeof newTLSCert>, ReturnType<typeof newTLSCert>];

/** Keeps the first connection to a node and drops every other, as upstream's nodes do. */
class FirstComeTransport implements Transport {
  readonly #transport: Transport;
  readonly #has = new Set<NodeID>();
  dropped = 0;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async dial(...args: Parameters<Transport["dial"]>): Promise<Connection> {
    const connection = await this.#transport.dial(...args);
    this.#admit(connection);
    return connection;
  }

  listen(...[address, handler]: Parameters<Transport["listen"]>): ReturnType<Transport["listen"]> {
    const onConnection = (connection: Connection): void => {
      if (this.#admit(connection)) handler.onConnection(connection);
    };
    return this.#transport.listen(address, {
      takeTurn: (signal) => handler.takeTurn(signal),
      shouldUpgrade: (remote) => handler.shouldUpgrade(remote),
      onUpgradeFailed: (error, remote) => handler.onUpgradeFailed(error, remote),
      onAcceptFailed: (error) => handler.onAcceptFailed(error),
      onConnection,
    });
  }

  #admit(connection: Connection): boolean {
    const { nodeID } = connection.certificate;
    if (this.#has.has(nodeID)) {
      this.dropped++;
      connection.close();
      return false;
    }
    this.#has.add(nodeID);
    const open = connection.open.bind(connection);
    connection.open = (handler) =>
      open({
        onData: (chunk) => handler.onData(chunk),
        onDrain: () => handler.onDrain(),
        onClose: (reason) => {
          this.#has.delete(nodeID);
          handler.onClose(reason);
        },
      });
    return true;
  }
}

interface Crossing {
  readonly world: MemoryNetwork;
  readonly smaller: MemoryNode;
  readonly larger: MemoryNode;
}

/** Two nodes that dial each other, the larger `offsetMs` after the smaller. */
async function cross(
  offsetMs: number,
  delayMs: () => number | undefined,
  upstream: "none" | "smaller" | "larger" = "none",
): Promise<Crossing> {
  const world = new MemoryNetwork({ delayMs });
  const wrap = (isUpstream: boolean) => (transport: Transport) =>
    isUpstream ? new FirstComeTransport(transport) : transport;
  const smaller = await world.addNode({}, SMALLER, wrap(upstream === "smaller"));
  const larger = await world.addNode({}, LARGER, wrap(upstream === "larger"));
  const dials: [number, () => void][] = [
    [Math.max(0, -offsetMs), () => smaller.network.manuallyTrack(larger.network.myNodeID, larger.address)],
    [Math.max(0, offsetMs), () => larger.network.manuallyTrack(smaller.network.myNodeID, smaller.address)],
  ];
  for (const [at, dial] of dials) world.clock.setTimeout(dial, at);
  return { world, smaller, larger };
}

/** Both sides were told of the other once, and of no end. */
function expectOneMeeting({ smaller, larger }: Crossing): void {
  expect(smaller.events.map((event) => event[0])).toEqual(["+"]);
  expect(larger.events.map((event) => event[0])).toEqual(["+"]);
  expect(smaller.connectedTo()).toEqual([larger.network.myNodeID]);
  expect(larger.connectedTo()).toEqual([smaller.network.myNodeID]);
}

/** One trip takes 50 ms, so that a dial takes 200 ms and is accepted after 250 ms. */
const OFFSETS = Array.from({ length: 25 }, (_, i) => (i - 12) * 25);
/** Dial, handshake, and the notice that the other connection is over. */
const ENOUGH_MS = 1_000;

describe("two nodes that dial each other at the same time", () => {
  test("meet on one of the two connections, whoever was first", async () => {
    for (const offsetMs of OFFSETS) {
      const crossing = await cross(offsetMs, () => 50);
      await crossing.world.run(ENOUGH_MS);
      expectOneMeeting(crossing);
      await crossing.world[Symbol.asyncDispose]();
      expect(crossing.world.clock.pendingTimers).toBe(0);
    }
  });

  test.each(["smaller", "larger"] as const)(
    "meet also where the %s one drops the second connection",
    async (upstream) => {
      for (const offsetMs of OFFSETS) {
        const crossing = await cross(offsetMs, () => 50, upstream);
        await crossing.world.run(ENOUGH_MS);
        expectOneMeeting(crossing);
        await crossing.world[Symbol.asyncDispose]();
        expect(crossing.world.clock.pendingTimers).toBe(0);
      }
    },
  );

  test("meet in time however the packets fare, and stay together", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -300, max: 300 }),
        fc.infiniteStream(fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 300 }) }, fc.constant(undefined))),
        fc.constantFrom("none" as const, "smaller" as const, "larger" as const),
        async (offsetMs, delays, upstream) => {
          const crossing = await cross(offsetMs, () => delays.next().value, upstream);
          await crossing.world.run(20_000);
          expect(crossing.smaller.connectedTo()).toHaveLength(1);
          expect(crossing.larger.connectedTo()).toHaveLength(1);
          await crossing.world.run(120_000);
          expect(crossing.smaller.connectedTo()).toHaveLength(1);
          expect(crossing.larger.connectedTo()).toHaveLength(1);
          await crossing.world[Symbol.asyncDispose]();
        },
      ),
      { numRuns: 40 },
    );
  });
});
