/**
 * Makes subnets on a network that runs, and has the nodes that are to run their chains restarted: those, and no others.
 *
 * @module
 */

import { systemClock, unixSeconds } from "../../core/clock.ts";
import { EMPTY_ID, PRIMARY_NETWORK_ID } from "../../core/ids/id.ts";
import { type NodeID, parseNodeID } from "../../core/ids/node_id.ts";
import { formatPrivateKey, parsePrivateKey } from "../../core/secp256k1/private_key.ts";
import { sleep } from "../../core/sleep.ts";
import { getBlockchainID } from "../../platform/rpc/info_client.ts";
import { getFeeState, getValidators } from "../../platform/rpc/platform_wallet_client.ts";
import { PChainWallet } from "../../platform/wallet/wallet.ts";
import { DEFAULT_NETWORK_TIMEOUT_MS } from "../defaults.ts";
import { readSubnets, type SubnetRecord, writeSubnet } from "../disk/subnets.ts";
import { inTurn } from "../network_lock.ts";
import { readNetwork } from "../read.ts";
import { type ChainNode, requireNodes, runsChains, type SubnetControl, type SubnetHost } from "./host.ts";
import { issuePlanned, takeKey, waitForPlanned } from "./new_network.ts";
import { type PlannedSubnet, planSubnet } from "./plan.ts";
import { checkVMs } from "./plugins.ts";
import { nodesOf, type ResolvedSubnet, resolveSubnets, type SubnetSpec, vmIDsOf } from "./spec.ts";
import { restartForChains, restartTracking } from "./tracking.ts";
import {
  type Begun,
  type BegunSubnet,
  findBegun,
  goesOn,
  isUnfinished,
  isWhole,
  noteFinished,
  noteUnfinished,
} from "./unfinished.ts";

/** How exactly a node tells when it began to be where it is, in milliseconds. */
const SIGNED_IP_STEP_MS = 1_000;

/** A subnet that was made. */
export interface CreatedSubnet extends Omit<PlannedSubnet, "first" | "second" | "last" | "record"> {
  /** As it is on disk. */
  readonly record: SubnetRecord;
}

/**
 * Makes subnets.
 *
 * Each is owned by a key of its own, so that all are made at one time: in two blocks, however many they are.
 *
 * One whose making was begun and not finished may be asked for again. It goes on with what is on the P-Chain where that
 * is part of what is asked for, and else begins anew: its validators leave what there was.
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
    const begun = await findUnfinished(host, new Set(specs.map(({ name }) => name)), nodes, control);
    const unfinished = new Set(begun.map(({ record }) => record.name));
    const resolved = resolveSubnets(specs, {
      nodes: readNetwork(host.dir).nodes,
      subnets: readSubnets(host.dir).filter(({ name }) => !unfinished.has(name)),
      cChainID: await getBlockchainID(uri, "C", { signal }),
      runsChains: runsChains(host.dir),
    });
    for (const subnet of resolved) await checkVMs(vmIDsOf(subnet), nodesOf(subnet), env);
    const issuing = { clock, signal, timeoutMs, onProgress };
    const { planned, keysLeft } = await plan(host, uri, resolved, begun, control);
    const subnets = planned.map(({ subnet }) => subnet);
    const before = begun.flatMap(({ record }) => record.validatorIDs as readonly NodeID[]);
    await wake(host, before, { ...control, timeoutMs: deadline - clock.monotonic() });
    await issuePlanned(subnets, nodes, issuing, async () => {
      // What exists is written down, whatever comes next.
      for (const { subnet, there, left } of planned) {
        const txIDs = [...subnet.second, ...subnet.last].map(({ txID }) => txID);
        noteUnfinished(host.dir, subnet.record.name, { chainIDs: subnet.chainIDs, txIDs, left });
        writeSubnet(host.dir, withChainsOf(subnet.record, there));
      }
      await host.updateConfig((config) => ({ ...config, preFundedKeys: keysLeft }));
    });
    const records = subnets.map(({ record }) => record);
    for (const record of records) writeSubnet(host.dir, record);
    const concerned = [...subnets.flatMap(({ nodeIDs }) => nodeIDs), ...before];
    const left = planned.flatMap((one) => one.left);
    await restartTracking(host, records, concerned, { ...control, timeoutMs: deadline - clock.monotonic() }, left);
    await waitForPlanned(subnets, requireNodes(host), deadline, issuing);
    noteFinished(
      host.dir,
      records.map(({ name }) => name),
    );
    return subnets.map(({ first: _, second: __, last: ___, ...created }) => created);
  });
}

/** Subnets of these names whose making has not come to its end; one that has after all is said to. */
async function findUnfinished(
  host: SubnetHost,
  names: ReadonlySet<string>,
  nodes: readonly [ChainNode, ...ChainNode[]],
  { clock, signal, timeoutMs }: SubnetControl,
): Promise<Begun[]> {
  const candidates = readSubnets(host.dir).filter((record) => names.has(record.name) && isUnfinished(host.dir, record));
  const found = await Promise.all(
    candidates.map(async (record) => {
      const begun = await findBegun(host.dir, record, nodes[0].uri, { clock, signal, timeoutMs });
      return { begun, isDone: await isWhole(begun, host, { signal }) };
    }),
  );
  const done = found.filter(({ isDone }) => isDone).map(({ begun: { record } }) => record.name);
  if (done.length > 0) noteFinished(host.dir, done);
  return found.filter(({ isDone }) => !isDone).map(({ begun }) => begun);
}

/**
 * Starts nodes that do not run: a try that was cut off may have stopped them, and without them no block is made.
 *
 * They are restarted soon after. A node tells where it is with the second in which it started, and others believe the
 * later of two: within one second they would go on looking for it at its first port.
 */
async function wake(host: SubnetHost, nodeIDs: readonly NodeID[], control: SubnetControl): Promise<void> {
  const stopped = host.nodes.filter((node) => nodeIDs.includes(node.nodeID) && host.inspect(node).status === "stopped");
  if (stopped.length === 0) return;
  await restartForChains(
    host,
    stopped.map(({ nodeID }) => nodeID),
    control,
  );
  await sleep(control.clock ?? systemClock, SIGNED_IP_STEP_MS, control.signal);
}

/** A plan, and what it stands on. */
interface Planned {
  readonly subnet: PlannedSubnet;
  /** What of the subnet was on the P-Chain before. */
  readonly there: BegunSubnet | undefined;
  /** Earlier subnets of its name, whose place it takes. */
  readonly left: readonly string[];
}

async function plan(
  host: SubnetHost,
  uri: string,
  resolved: readonly ResolvedSubnet[],
  begun: readonly Begun[],
  { signal, clock = systemClock, onProgress }: SubnetControl,
): Promise<{ readonly planned: Planned[]; readonly keysLeft: readonly string[] }> {
  const keys = readNetwork(host.dir).config.preFundedKeys.map(parsePrivateKey);
  const owned = resolved.map((subnet) => {
    const earlier = begun.find(({ record }) => record.name === subnet.name);
    const owningKey = earlier?.record.owningKey;
    const known = subnet.owningKey ?? (owningKey === undefined ? undefined : parsePrivateKey(owningKey));
    return { subnet, earlier, key: known ?? takeKey(keys, subnet.name) };
  });
  const [validators, { price }, ...wallets] = await Promise.all([
    getValidators(uri, PRIMARY_NETWORK_ID, { signal }),
    getFeeState(uri, { signal }),
    ...owned.map(({ key }) => PChainWallet.open(uri, [key], { clock, signal })),
  ]);
  const endTimes = new Map(validators.map(({ nodeID, endTime = 0n }) => [parseNodeID(nodeID), endTime]));
  // What is issued before may raise the price.
  const facts = { endTimes, now: unixSeconds(clock), gasPrice: price * 2n };
  const planned = owned.map(async ({ subnet, earlier, key }, i): Promise<Planned> => {
    const wallet = wallets[i] as PChainWallet;
    const there = earlier !== undefined && goesOn(earlier, subnet, formatPrivateKey(key)) ? earlier.there : undefined;
    if (there !== undefined) await wallet.learnSubnetOwner(there.subnetID, { signal });
    if (earlier !== undefined) onProgress?.({ kind: "warning", message: aboutEarlier(subnet.name, there) });
    const left = (earlier?.left ?? []).filter((subnetID) => subnetID !== there?.subnetID);
    return { subnet: planSubnet(subnet, { ...facts, wallet: wallet.state }, there), there, left };
  });
  return { planned: await Promise.all(planned), keysLeft: keys.map(formatPrivateKey) };
}

function aboutEarlier(name: string, there: BegunSubnet | undefined): string {
  return there === undefined
    ? `Subnet "${name}" was begun before, and was another or is not on the P-Chain: this one takes its place`
    : `Subnet "${name}" was begun before: it goes on with what is on the P-Chain`;
}

/** With the IDs of those chains alone that are there. */
function withChainsOf(record: SubnetRecord, there: BegunSubnet | undefined): SubnetRecord {
  const chains = record.chains.map((chain, i) => ({ ...chain, chainID: there?.chainIDs[i] ?? EMPTY_ID }));
  return { ...record, chains };
}
