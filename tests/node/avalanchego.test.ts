import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { formatAddrPort } from "../../lib/core/ip.ts";
import { Node } from "../../lib/node/node.ts";
import { AVALANCHEGO, needsAvalanchego } from "../support/avalanchego.ts";
import { startAvalanchego } from "../support/avalanchego_node.ts";
import { eventually } from "../support/eventually.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import { callNode, LOOPBACK, nodeConfig } from "./support.ts";

/** Flags that both programs are given. */
const BOTH = {
  ...LOOPBACK,
  "network-id": "local",
  "sybil-protection-enabled": "false",
  "health-check-frequency": "100ms",
  // Most systems allow fewer than the default.
  "fd-limit": "1024",
};

/** The keys of an answer, with the kinds of their values, as a text that can be compared. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])];
  if (typeof value !== "object" || value === null) return value === null ? null : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]));
}

test.skipIf(AVALANCHEGO === undefined)(
  needsAvalanchego("a node joins avalanchego, stands among its peers, and answers in its shapes"),
  async () => {
    using directory = temporaryDirectory();
    await using real = await startAvalanchego(directory.join("avalanchego"), BOTH);
    await using node = await Node.start(
      nodeConfig({
        ...BOTH,
        "data-dir": directory.join("avx"),
        "log-level": "debug",
        "bootstrap-ips": real.stakingAddress,
        "bootstrap-ids": real.nodeID,
      }),
    );
    await eventually("they are connected", () => node.network.peerInfo().length === 1);

    interface Peers {
      readonly peers: readonly { readonly nodeID: string; readonly version: string; readonly publicIP: string }[];
    }
    await eventually("they list it", async () => (await callNode<Peers>(real.uri, "info.peers")).peers.length === 1);
    const theirs = await callNode<Peers>(real.uri, "info.peers");
    expect(theirs.peers).toMatchObject([
      { nodeID: node.nodeID, version: "avx/1.14.2", publicIP: formatAddrPort(node.stakingAddress) },
    ]);
    const ours = await callNode<Peers>(node.uri, "info.peers");
    expect(ours.peers).toMatchObject([
      { nodeID: real.nodeID, version: "avalanchego/1.14.2", publicIP: real.stakingAddress },
    ]);

    const isReady = async (uri: string) => (await callNode<{ healthy: boolean }>(uri, "health.readiness")).healthy;
    await eventually("both are ready", async () => (await isReady(real.uri)) && (await isReady(node.uri)));

    for (const [method, params] of [
      ["info.peers", undefined],
      ["info.peers", { nodeIDs: [] }],
      ["info.getNodeID", undefined],
      ["info.getNodeIP", undefined],
      ["info.getNetworkID", undefined],
      ["info.getNetworkName", undefined],
      ["info.getBlockchainID", { alias: "X" }],
      ["info.getBlockchainID", { alias: "C" }],
      ["info.upgrades", undefined],
      ["info.acps", undefined],
      ["info.getTxFee", undefined],
      ["health.liveness", undefined],
      ["health.readiness", undefined],
    ] as const) {
      const [theirAnswer, ourAnswer] = await Promise.all([
        callNode(real.uri, method, params),
        callNode(node.uri, method, params),
      ]);
      expect([method, shape(ourAnswer)]).toEqual([method, shape(theirAnswer)]);
    }
    // Both know the same chains: they follow from the same genesis.
    for (const alias of ["P", "X", "C"]) {
      const asked = ["info.getBlockchainID", { alias }] as const;
      expect(await callNode<object>(node.uri, ...asked)).toEqual(await callNode<object>(real.uri, ...asked));
    }
    expect(await callNode<object>(node.uri, "info.upgrades")).toEqual(
      await callNode<object>(real.uri, "info.upgrades"),
    );

    const log = readFileSync(directory.join("avx", "logs", "main.log"), "utf8");
    expect(log).not.toContain("parse");
    expect(log).not.toMatch(/\] (ERROR|FATAL) /);
  },
  120_000,
);
