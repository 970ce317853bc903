/**
 * Which nodes are dialled first, and which subnets are taken part in.
 *
 * @module
 */

import { errorMessage } from "../../../core/errors.ts";
import { type ID, PRIMARY_NETWORK_ID, parseID } from "../../../core/ids/id.ts";
import { type NodeID, parseNodeID } from "../../../core/ids/node_id.ts";
import { type AddrPort, parseAddrPort } from "../../../core/ip.ts";
import type { Random } from "../../../core/random.ts";
import { type Bootstrapper, sampleBootstrappers } from "../../../platform/bootstrappers.ts";
import { ConfigError } from "../errors.ts";
import { refuseTogether } from "../rules.ts";
import type { Settings } from "../settings.ts";
import type { FlagName } from "../table.ts";

/** How many built-in bootstrappers are dialled (upstream `config/config.go`). */
export const SAMPLED_BOOTSTRAPPERS = 5;

/**
 * The nodes that the network is looked for at: those that were given, or some of the built-in ones.
 *
 * @throws {ConfigError} `conflict` where only one of the two lists is given or their lengths differ, `invalid-value`.
 */
export function bootstrapperConfig(settings: Settings, networkID: number, random: Random): Bootstrapper[] {
  const ips = settings.isSet("bootstrap-ips");
  const ids = settings.isSet("bootstrap-ids");
  if (!ips && !ids) return sampleBootstrappers(networkID, SAMPLED_BOOTSTRAPPERS, random);
  if (ips !== ids) {
    const [given, missing] = ips ? ["bootstrap-ips", "bootstrap-ids"] : ["bootstrap-ids", "bootstrap-ips"];
    throw refuseTogether(
      ["bootstrap-ips", "bootstrap-ids"],
      `set "${given}" but didn't set "${missing}"`,
      `Set ${missing} too`,
    );
  }
  return addressedNodes(settings, "bootstrap-ips", "bootstrap-ids");
}

/** @throws {ConfigError} As {@link bootstrapperConfig}. */
export function stateSyncPeers(settings: Settings): Bootstrapper[] {
  return addressedNodes(settings, "state-sync-ips", "state-sync-ids");
}

type ListFlag = "bootstrap-ips" | "bootstrap-ids" | "state-sync-ips" | "state-sync-ids";

function addressedNodes(settings: Settings, ipsFlag: ListFlag, idsFlag: ListFlag): Bootstrapper[] {
  const ips = parseAll(settings, ipsFlag, "an address", (text): AddrPort => parseAddrPort(text));
  const ids = parseAll(settings, idsFlag, "a node ID", (text): NodeID => parseNodeID(text));
  if (ips.length !== ids.length) {
    throw refuseTogether(
      [ipsFlag, idsFlag],
      `${ipsFlag} has ${count(ips.length)} and ${idsFlag} has ${count(ids.length)}`,
      "Give the address and the ID of each node, in the same order",
    );
  }
  return ips.map((ip, i) => ({ ip, id: ids[i] as NodeID }));
}

function count(entries: number): string {
  return entries === 1 ? "1 entry" : `${entries} entries`;
}

/**
 * The subnets that the node tracks beside the Primary Network.
 *
 * @throws {ConfigError} `invalid-value` for what is no ID, and for the Primary Network, which every node tracks.
 */
export function trackedSubnets(settings: Settings): ReadonlySet<ID> {
  const subnets = new Set(parseAll(settings, "track-subnets", "a subnet ID", (text): ID => parseID(text)));
  if (subnets.has(PRIMARY_NETWORK_ID)) {
    throw invalid(settings, "track-subnets", "names the Primary Network, which every node tracks");
  }
  return subnets;
}

function parseAll<T>(
  settings: Settings,
  flag: ListFlag | "track-subnets",
  what: string,
  parse: (text: string) => T,
): T[] {
  const texts = settings.get(flag).split(",");
  return texts
    .map((text) => text.trim())
    .filter((text) => text !== "")
    .map((text) => {
      try {
        return parse(text);
      } catch (error) {
        throw invalid(settings, flag, `has ${JSON.stringify(text)}, which is not ${what}: ${errorMessage(error)}`);
      }
    });
}

function invalid(settings: Settings, flag: FlagName, complaint: string): ConfigError {
  const source = settings.provided.get(flag)?.source ?? "default";
  return new ConfigError({ code: "invalid-value", flag, source }, `${flag} ${complaint}`);
}
