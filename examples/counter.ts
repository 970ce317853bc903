/**
 * A counter that all nodes share: each counts for itself, tells what it knows of all, and all come to the same sum.
 *
 *     avx net start --node-count 5 --app examples/counter.ts
 *
 * The sum is in each node's health, at `/ext/health`, under `apps`.
 */

import type { App } from "../mod.ts";

/** How often a node counts, and how often in all; how often it tells others. Milliseconds. */
const COUNT_EVERY_MS = 50;
const COUNTS = 10;
const TELL_EVERY_MS = 100;

export default {
  name: "counter",

  start({ avx, every, nodeID, protocols }) {
    /** How far each node has counted. */
    const counts = new Map<string, number>();
    const client = protocols.newClient(0);

    protocols.addHandler(0, {
      appGossip(_nodeID, gossip) {
        for (const [node, count] of Object.entries(avx.decodeJSON(gossip))) {
          if (typeof count === "number") counts.set(node, Math.max(count, counts.get(node) ?? 0));
        }
      },
    });

    every(COUNT_EVERY_MS, () => {
      const mine = counts.get(nodeID) ?? 0;
      if (mine < COUNTS) counts.set(nodeID, mine + 1);
    });
    every(TELL_EVERY_MS, () => {
      client.appGossip({ peers: 3 }, avx.encodeJSON(Object.fromEntries(counts)));
    });

    return {
      health: () => ({ sum: [...counts.values()].reduce((sum, count) => sum + count, 0), nodes: counts.size }),
    };
  },
} satisfies App;
