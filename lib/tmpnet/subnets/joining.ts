/**
 * Has nodes run a subnet's chains.
 *
 * @module
 */

import { systemClock } from "../../core/clock.ts";
import { parseID } from "../../core/ids/id.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import { DEFAULT_NETWORK_TIMEOUT_MS } from "../defaults.ts";
import { isCreated, type SubnetRecord, writeSubnet } from "../disk/subnets.ts";
import { chainNodes, type SubnetControl, type SubnetHost } from "./host.ts";
import { waitForChains } from "./ready.ts";
import { restartTracking } from "./tracking.ts";

/** Has nodes that are validators now, and were none, run the subnet's chains; returns once the chains are up on them. */
export async function joinNodes(
  host: SubnetHost,
  record: SubnetRecord,
  nodeIDs: readonly NodeID[],
  control: SubnetControl,
): Promise<void> {
  const missing = nodeIDs.filter((nodeID) => !record.validatorIDs.includes(nodeID));
  if (missing.length === 0) return;
  const changed = { ...record, validatorIDs: [...record.validatorIDs, ...missing] };
  writeSubnet(host.dir, changed);
  await restartTracking(host, [changed], missing, control);
  await waitForSubnet(host, changed, missing, control);
}

/** Waits until a subnet's chains are up on those of the nodes that run. */
export async function waitForSubnet(
  host: SubnetHost,
  { name, chains }: SubnetRecord,
  nodeIDs: readonly string[],
  { clock = systemClock, timeoutMs = DEFAULT_NETWORK_TIMEOUT_MS, signal, onProgress }: SubnetControl,
): Promise<void> {
  const created = chains.filter(({ chainID }) => isCreated(chainID));
  const awaited = chainNodes(host)
    .filter(({ nodeID }) => nodeIDs.includes(nodeID))
    .flatMap((node) => created.map(({ chainID }) => ({ ...node, chainID: parseID(chainID) })));
  await waitForChains(awaited, clock, {
    signal,
    deadline: clock.monotonic() + timeoutMs,
    onReady: ({ chainID, nodeID }) => onProgress?.({ kind: "subnet", subnet: name, phase: "ready", chainID, nodeID }),
  });
}
