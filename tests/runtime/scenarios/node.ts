/**
 * Whole nodes, with their HTTP servers and files.
 *
 * @module
 */

import { createServer } from "node:net";
import { formatAddrPort } from "../../../lib/core/ip.ts";
import { NodeError } from "../../../lib/node/errors.ts";
import { Node } from "../../../lib/node/node.ts";
import { readProcessContext } from "../../../lib/platform/process_context.ts";
import { callNode, LOOPBACK, nodeConfig } from "../../node/support.ts";
import { eventually } from "../../support/eventually.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { claim, type Scenarios } from "./scenarios.ts";

/** Two nodes alone are a network: every connected peer validates. */
const FLAGS = { ...LOOPBACK, "network-id": "local", "sybil-protection-enabled": "false" };

export const nodeScenarios: Scenarios = {
  "two nodes find each other and answer over HTTP until they are closed": async () => {
    using directory = temporaryDirectory();
    await using one = await Node.start(nodeConfig({ ...FLAGS, "data-dir": directory.join("one") }));
    const bootstrap = { "bootstrap-ips": formatAddrPort(one.stakingAddress), "bootstrap-ids": one.nodeID };
    const other = await Node.start(nodeConfig({ ...FLAGS, ...bootstrap, "data-dir": directory.join("other") }));
    await eventually("they are connected", () => one.network.peerInfo().length === 1);
    const { peers } = await callNode<{ peers: { nodeID: string }[] }>(one.uri, "info.peers");
    claim(peers[0]?.nodeID === other.nodeID, "info.peers lists the other node");

    const health = await fetch(`${other.uri}/ext/health/liveness`);
    const { healthy } = (await health.json()) as { healthy: boolean };
    claim(healthy, "the other node is alive");
    const metrics = await (await fetch(`${other.uri}/ext/metrics`)).text();
    claim(metrics.includes("# TYPE avalanche_network_peers gauge"), "metrics are served");
    const refused = await fetch(`${other.uri}/ext/info`, { method: "POST", body: "{}" });
    claim(refused.status === 415, "a body that is not JSON is refused");
    await refused.body?.cancel();

    const contextFile = directory.join("other", "process.json");
    claim(readProcessContext(contextFile)?.uri === other.uri, "the process context says where it is");
    await other.close();
    claim(readProcessContext(contextFile) === undefined, "the process context is gone");
    await eventually("it is gone", () => one.network.peerInfo().length === 0);
  },

  "a port in use is told in plain words": async () => {
    using directory = temporaryDirectory();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    try {
      for (const flag of ["http-port", "staking-port"]) {
        const config = nodeConfig({ ...FLAGS, "data-dir": directory.path, [flag]: String(port) });
        const error = await Node.start(config).then(
          async (node) => {
            await node.close();
            return undefined;
          },
          (thrown: unknown) => thrown,
        );
        claim(error instanceof NodeError && error.message.endsWith("the port is in use"), `${flag} is in use`);
      }
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  },
};
