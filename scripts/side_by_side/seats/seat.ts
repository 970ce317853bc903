/**
 * An app that sits in the seat of a chain and gossips as that chain does: what a node of avx shows of app protocols is
 * shown only where there are some.
 *
 * @module
 */

import type { App, Gossip, GossipSet, ID } from "../../../mod.ts";

/** How often things are pushed and pulled, milliseconds. */
const CYCLE_MS = 100;

/** One protocol of gossip, under the names that its metrics have. */
export interface SeatProtocol {
  readonly handlerID: number;
  readonly metricsName: string;
}

/**
 * Makes the app.
 *
 * @param chain Whose seat it takes, such as `X`.
 * @param protocols What that chain gossips by.
 */
export function seat(chain: string, protocols: readonly SeatProtocol[]): App {
  return {
    name: `seat-${chain}`,
    chain,
    start({ avx, clock, every, nodeID, protocols: network, random }) {
      const gossip: Gossip<Uint8Array> = {
        id: (item) => avx.idFromBytes(avx.sha256(item)),
        marshal: (item) => item,
        unmarshal: (bytes) => bytes.slice(),
      };
      for (const { handlerID, metricsName } of protocols) {
        const items = new Map<ID, Uint8Array>();
        const set: GossipSet<Uint8Array> = {
          get size() {
            return items.size;
          },
          has: (id) => items.has(id),
          add: (item) => void items.set(gossip.id(item), item),
          [Symbol.iterator]: () => items.values(),
        };
        const system = avx.gossipSystem(
          { clock, random, protocols: network, gossip, set },
          // What was told while nobody was there is told again.
          { handlerID, metricsName, myNodeID: nodeID, push: { regossipPeriodMs: CYCLE_MS } },
        );
        system.add(avx.nodeIDToBytes(nodeID));
        every(CYCLE_MS, () => system.cycle());
      }
    },
  };
}
