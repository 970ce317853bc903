/**
 * Nodes in this process that run an app, connected with each other.
 *
 * @module
 */

import { parseNodeID } from "../../lib/core/ids/node_id.ts";
import { Node } from "../../lib/node/node.ts";
import type { App } from "../../lib/p2p/app/loading/app.ts";
import { nodeConfig, type Staker, testNetwork } from "../node/support.ts";
import { eventually } from "./eventually.ts";
import { temporaryDirectory } from "./temporary.ts";

/** Nodes that know each other. */
export interface AppNodes extends AsyncDisposable {
  readonly nodes: readonly Node[];
}

/**
 * Starts nodes with an app, and waits until each is connected with all others.
 *
 * @param flags Of all nodes.
 * @param appsOf What the node of an index, a staker, runs.
 */
export async function startAppNodes(
  count: number,
  appsOf: (index: number, staker: Staker) => readonly App[],
  flags: Readonly<Record<string, string>> = {},
): Promise<AppNodes> {
  await using stack = new AsyncDisposableStack();
  const network = testNetwork(count);
  const nodes: Node[] = [];
  for (const [index, staker] of network.stakers.entries()) {
    const directory = stack.use(temporaryDirectory());
    const [first] = nodes;
    const config = nodeConfig({
      ...network.flags,
      ...staker.flags,
      ...flags,
      "data-dir": directory.path,
      ...(first === undefined
        ? { "bootstrap-ips": "", "bootstrap-ids": "" }
        : {
            "bootstrap-ips": `127.0.0.1:${first.stakingAddress.port}`,
            "bootstrap-ids": parseNodeID(first.nodeID),
          }),
    });
    nodes.push(stack.use(await Node.start(config, { apps: appsOf(index, staker) })));
  }
  await eventually("each node is connected with all others", () =>
    nodes.every((node) => node.network.peerInfo().length === count - 1),
  );
  const owned = stack.move();
  return { nodes, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** What an app of a node says of itself. */
export function appHealth(node: Node, name: string): Readonly<Record<string, unknown>> {
  return node.apps.healthCheck().details[name] as Readonly<Record<string, unknown>>;
}
