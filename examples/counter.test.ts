/**
 * An app on nodes of avx, with nothing to install: the counter beside this file.
 *
 *     bun test examples/counter.test.ts
 *
 * In a project of one's own it is `from "avx"`.
 */

import { afterAll, test } from "bun:test";
import { join } from "node:path";
import { endSharedNetworks, sharedNetwork, waitUntil, withNetworkReport } from "../mod.ts";

const TIMEOUT_MS = 60_000;

interface Health {
  readonly checks: { readonly apps: { readonly message: { readonly counter: { readonly sum: number } } } };
}

afterAll(() => endSharedNetworks());

test(
  "three nodes come to the same sum",
  async () => {
    const network = await sharedNetwork({ nodeCount: 3, apps: [join(import.meta.dirname, "counter.ts")] });
    await withNetworkReport(network, async () => {
      for (const { nodeID, uri } of network.nodeUris()) {
        await waitUntil(`${nodeID} has heard of all counts`, async () => {
          const { checks } = (await (await fetch(`${uri}/ext/health`)).json()) as Health;
          return checks.apps.message.counter.sum === 30;
        });
      }
    });
  },
  TIMEOUT_MS,
);
