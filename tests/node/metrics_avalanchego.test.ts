/** What avx and avalanchego count of the one connection between them. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { formatAddrPort } from "../../lib/core/ip.ts";
import { Node } from "../../lib/node/node.ts";
import { type Family, parseMetrics } from "../../scripts/side_by_side/parse_metrics.ts";
import { AVALANCHEGO, needsAvalanchego } from "../support/avalanchego.ts";
import { startAvalanchego } from "../support/avalanchego_node.ts";
import { eventually } from "../support/eventually.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import { LOOPBACK, nodeConfig } from "./support.ts";

setDefaultTimeout(90_000);

/** Flags that both programs are given. */
const BOTH = {
  ...LOOPBACK,
  "network-id": "local",
  "sybil-protection-enabled": "false",
  "health-check-frequency": "100ms",
  "network-ping-frequency": "200ms",
  "network-peer-list-pull-gossip-frequency": "200ms",
  // Most systems allow fewer than the default.
  "fd-limit": "1024",
};

/** The families of a node at one moment. */
type Scrape = ReadonlyMap<string, Family>;

async function scrape(uri: string): Promise<Scrape> {
  return parseMetrics(await (await fetch(`${uri}/ext/metrics`)).text());
}

/** The series of one direction, by their other labels. */
function traffic(families: Scrape, name: string, io: "sent" | "received"): Record<string, number> {
  const series = families.get(`avalanche_network_${name}`)?.series ?? [];
  const rows = series
    .filter(({ labels }) => labels["io"] === io)
    .map(({ labels, value }): [string, number] => [`${labels["op"]} ${labels["compressed"] ?? ""}`, value]);
  return Object.fromEntries(rows.sort(([a], [b]) => a.localeCompare(b)));
}

test.skipIf(AVALANCHEGO === undefined)(
  needsAvalanchego("what avalanchego counts as sent avx counts as received, and the other way round"),
  async () => {
    using directory = temporaryDirectory();
    await using real = await startAvalanchego(directory.join("avalanchego"), BOTH);
    await using node = await Node.start(
      nodeConfig({
        ...BOTH,
        "data-dir": directory.join("avx"),
        "bootstrap-ips": real.stakingAddress,
        "bootstrap-ids": real.nodeID,
      }),
    );
    expect(formatAddrPort(node.stakingAddress)).not.toBe(real.stakingAddress);
    const both = async () => ({ theirs: await scrape(real.uri), ours: await scrape(node.uri) });
    await eventually("pings, peer lists and queries have passed between them", async () => {
      const { theirs, ours } = await both();
      const [fromUs, fromThem] = [traffic(theirs, "msgs", "received"), traffic(ours, "msgs", "received")];
      const isEnough = (seen: Record<string, number>) =>
        (seen["ping false"] ?? 0) > 3 && (seen["get_peerlist true"] ?? 0) > 3;
      return isEnough(fromUs) && isEnough(fromThem) && (fromThem["pull_query false"] ?? 0) > 3;
    });

    // Both go on meanwhile: at some moment nothing is under way.
    for (const name of ["msgs", "msgs_bytes"]) {
      const compared = { theirs: {}, ours: {} };
      await eventually(`the two agree on ${name} that avx sent`, async () => {
        const { theirs, ours } = await both();
        compared.theirs = traffic(theirs, name, "received");
        compared.ours = traffic(ours, name, "sent");
        return Bun.deepEquals(compared.theirs, compared.ours);
      });
      await eventually(`the two agree on ${name} that avalanchego sent`, async () => {
        const { theirs, ours } = await both();
        compared.theirs = traffic(theirs, name, "sent");
        compared.ours = traffic(ours, name, "received");
        return Bun.deepEquals(compared.theirs, compared.ours);
      });
      expect(Object.keys(compared.ours)).toContain(name === "msgs" ? "handshake false" : "handshake ");
    }

    // What stands still shows the same on both, once no message is under way.
    const still = [
      "network_peers",
      "network_tracked_peers",
      "network_tracked_subnets",
      "network_gossipable_ips",
      "network_ip_bloom_count",
      "network_ip_bloom_hashes",
      "network_ip_bloom_entries",
      "network_ip_bloom_max_count",
      "network_times_connected",
      "network_times_disconnected",
      "network_clock_skew_count",
      "network_msgs_failed_to_parse",
      "network_byte_throttler_inbound_remaining_validator_bytes",
      "network_byte_throttler_inbound_remaining_at_large_bytes",
      "network_throttler_outbound_remaining_validator_bytes",
      "network_throttler_outbound_remaining_at_large_bytes",
      "stake_num_validators",
      "stake_percent_connected",
      "stake_total_weight",
      "upgrade_time_until",
      "benchlist_benched_num",
    ];
    const shown = (families: Scrape) =>
      still.map((name) => [
        name,
        families.get(`avalanche_${name}`)?.series.map(({ labels, value }) => [labels, value]),
      ]);
    let last = await both();
    await eventually("nothing is under way", async () => {
      last = await both();
      return Bun.deepEquals(shown(last.ours), shown(last.theirs));
    }).catch(() => {});
    expect(shown(last.ours)).toEqual(shown(last.theirs));
  },
);
