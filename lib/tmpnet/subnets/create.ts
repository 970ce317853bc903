/**
 * Makes subnets on a network that runs, and has the nodes that are to run their chains restarted: those, and no others.
 *
 * @module
 */

import { systemClock, unixSeconds } from "../../core/clock.ts";
import { EMPTY_ID, PRIMARY_NETWORK_ID } from "../../core/ids/id.ts";
import { parseNodeID } from "../../core/ids/node_id.ts";
import { formatPrivateKey, parsePrivateKey } from "../../core/secp256k1/private_key.ts";
import { getBlockchainID } from "../../platform/rpc/info_client.ts";
import { getFeeState, getValidators } from "../../platform/rpc/platform_wallet_client.ts";
import { PChainWallet } from "../../platform/wallet/wallet.ts";
import { DEFAULT_NETWORK_TIMEOUT_MS } from "../defaults.ts";
import { readSubnets, type SubnetRecord, writeSubnet } from "../disk/subnets.ts";
import { inTurn } from "../network_lock.ts";
import { readNetwork } from "../read.ts";
import { requireNodes, runsChains, type SubnetControl, type SubnetHost } from "./host.ts";
import { issuePlanned, nodesOf, takeKey, vmIDsOf, waitForPlanned } from "./new_network.ts";
import { type PlannedSubnet, planSubnet } from "./plan.ts";
import { checkVMs } from "./plugins.ts";
import { type ResolvedSubnet, resolveSubnets, type SubnetSpec } from "./spec.ts";
import { restartTracking } from "./tracking.ts";

/** A subnet that was made. */
export interface CreatedSubnet extends Omit<PlannedSubnet, "first" | "second" | "record"> {
  /** As it is on disk. */
  readonly record: SubnetRecord;
}

/**
 * Makes subnets.
 *
 * Each is owned by a key of its own, so that all are made at one time: in two blocks, however many they are.
 *
 * @returns Once the chains are up on all their nodes that run.
 * @throws {SubnetError} What cannot be, before anything is done: `spec`, `exists`, `nodes`, `plugin`, `no-key`; `chain`
 * for one that does not come up. {@link TmpnetError} as a restart; {@link WalletError} for a transaction.
 *
 * @example
 * ```ts
 * const [subnet] = await createSubnets(network, [
 *   { name: "a", chains: [{ vmName: "xsvm", genesis }], validators: 2 },
 * ]);
 * ```
 */
export async function createSubnets(
  host: SubnetHost,
  specs: readonly SubnetSpec[],
  control: SubnetControl = {},
): Promise<CreatedSubnet[]> {
  return await inTurn(host.dir, "creating subnets", control, async () => {
    const {
      clock = systemClock,
      timeoutMs = DEFAULT_NETWORK_TIMEOUT_MS,
      signal,
      onProgress,
      env = process.env,
    } = control;
    const deadline = clock.monotonic() + timeoutMs;
    const nodes = requireNodes(host);
    const [{ uri }] = nodes;
    const resolved = resolveSubnets(specs, {
      nodes: readNetwork(host.dir).nodes,
      subnets: readSubnets(host.dir),
      cChainID: await getBlockchainID(uri, "C", { signal }),
      runsChains: runsChains(host.dir),
    });
    for (const subnet of resolved) await checkVMs(vmIDsOf(subnet), nodesOf(subnet), env);
    const issuing = { clock, signal, timeoutMs, onProgress };
    const { planned, keysLeft } = await plan(host, uri, resolved, control);
    await issuePlanned(planned, nodes, issuing, async () => {
      // What exists is written down, whatever comes next.
      for (const { record } of planned) writeSubnet(host.dir, withoutChains(record));
      await host.updateConfig((config) => ({ ...config, preFundedKeys: keysLeft }));
    });
    for (const { record } of planned) writeSubnet(host.dir, record);
    const records = planned.map(({ record }) => record);
    const concerned = planned.flatMap(({ nodeIDs }) => nodeIDs);
    await restartTracking(host, records, concerned, { ...control, timeoutMs: deadline - clock.monotonic() });
    await waitForPlanned(planned, requireNodes(host), deadline, issuing);
    return planned.map(({ first: _, second: __, ...created }) => created);
  });
}

async function plan(
  host: SubnetHost,
  uri: string,
  resolved: readonly ResolvedSubnet[],
  { signal, clock = systemClock }: SubnetControl,
): Promise<{ readonly planned: PlannedSubnet[]; readonly keysLeft: readonly string[] }> {
  const keys = readNetwork(host.dir).config.preFundedKeys.map(parsePrivateKey);
  const owned = resolved.map((subnet) => ({ subnet, key: subnet.owningKey ?? takeKey(keys, subnet.name) }));
  const [validators, { price }, ...wallets] = await Promise.all([
    getValidators(uri, PRIMARY_NETWORK_ID, { signal }),
    getFeeState(uri, { signal }),
    ...owned.map(({ key }) => PChainWallet.open(uri, [key], { clock, signal })),
  ]);
  const endTimes = new Map(validators.map(({ nodeID, endTime = 0n }) => [parseNodeID(nodeID), endTime]));
  // What is issued before may raise the price.
  const facts = { endTimes, now: unixSeconds(clock), gasPrice: price * 2n };
  const planned = owned.map(({ subnet }, i) =>
    planSubnet(subnet, { ...facts, wallet: (wallets[i] as PChainWallet).state }),
  );
  return { planned, keysLeft: keys.map(formatPrivateKey) };
}

function withoutChains(record: SubnetRecord): SubnetRecord {
  return { ...record, chains: record.chains.map((chain) => ({ ...chain, chainID: EMPTY_ID })) };
}
