import { expect, test } from "bun:test";
import { Node } from "../../lib/node/node.ts";
import { Op } from "../../lib/p2p/message/ops.ts";
import { connectPeer } from "../../lib/p2p/peer/connect_peer.ts";
import { proxyV1, startLoadBalancer } from "../support/proxy_headers.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import { LOOPBACK, nodeConfig } from "./support.ts";

test("a node behind a load balancer knows where its peers are, and takes nobody without a header", async () => {
  using directory = temporaryDirectory();
  await using node = await Node.start(
    nodeConfig({
      ...LOOPBACK,
      "network-id": "local",
      "data-dir": directory.join("node"),
      "network-tcp-proxy-enabled": "true",
      "network-tcp-proxy-read-timeout": "5s",
      "network-inbound-connection-throttling-cooldown": "1h",
    }),
  );
  const { port } = node.stakingAddress;
  await expect(connectPeer(node.stakingAddress)).rejects.toThrow();

  await using balancer = await startLoadBalancer(port, () => proxyV1({ ip: "203.0.113.1", port: 1 }));
  await using peer = await connectPeer({ ip: "127.0.0.1", port: balancer.port });
  peer.send(peer.build.ping(100));
  await peer.next(Op.Pong);
  // The cool-down is that of the IP that the header names.
  await expect(connectPeer({ ip: "127.0.0.1", port: balancer.port })).rejects.toThrow();

  const metrics = await (await fetch(`${node.uri}/ext/metrics`)).text();
  for (const line of [
    "avalanche_network_inbound_conn_throttler_allowed 1",
    "avalanche_network_inbound_conn_throttler_rate_limited 1",
    "avalanche_network_inbound_conn_throttler_waiting 0",
    "avalanche_network_dial_throttler_waiting 0",
    'avalanche_network_connections_failed{direction="inbound",reason="invalid-proxy-header"} 1',
  ]) {
    expect(metrics.split("\n")).toContain(line);
  }
});
