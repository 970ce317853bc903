/**
 * Adds chains to a subnet that is there.
 *
 * The subnet's validators track it, and begin with a new chain as soon as the P-Chain has it. They are restarted only for
 * what nodes read at their start alone: the chain's configuration, and which plugins there are.
 *
 * @module
 */

import { systemClock } from "../../core/clock.ts";
import { EMPTY_ID, type ID } from "../../core/ids/id.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import { getVMs } from "../../platform/rpc/info_client.ts";
import { getSubnet } from "../../platform/rpc/platform_wallet_client.ts";
import type { MakeTx } from "../../platform/wallet/wallet_state.ts";
import { DEFAULT_NETWORK_TIMEOUT_MS } from "../defaults.ts";
import { type SubnetRecord, writeSubnet } from "../disk/subnets.ts";
import { inTurn } from "../network_lock.ts";
import { SubnetError } from "./errors.ts";
import { chainNodes, findSubnet, type SubnetControl, type SubnetHost } from "./host.ts";
import { waitForSubnet } from "./joining.ts";
import { issuing, openOwner } from "./owner.ts";
import { chainRecord } from "./plan.ts";
import { checkVMs } from "./plugins.ts";
import { type ChainSpec, type ResolvedChain, resolveChain } from "./spec.ts";
import { restartTracking, withTracked } from "./tracking.ts";
import { noteUnfinished } from "./unfinished.ts";

/** Chains that were added. */
export interface AddedChains {
  /** In the order in which they were asked for. */
  readonly chainIDs: readonly ID[];
  /** The subnet as it is on disk. */
  readonly record: SubnetRecord;
}

/**
 * Adds chains to a subnet. One that is an L1 takes none any more.
 *
 * @param subnet By name or ID.
 * @returns Once the chains are up on all of the subnet's validators that run.
 * @throws {SubnetError} What cannot be, before anything is done: `no-subnet`, `conversion` for an L1, `spec`, `plugin`,
 * `nodes`; `chain` for one that does not come up: it is on the P-Chain and in the subnet's file all the same, and
 * {@link Network.addSubnets} may put another subnet in this one's place. {@link WalletError} for a transaction.
 *
 * @example
 * ```ts
 * async function addSecond(network: Network, genesis: Uint8Array): Promise<string> {
 *   await addChains(network, "a", [{ vmName: "xsvm", genesis }]);
 *   return network.chainUrls("a/1")[0].url;
 * }
 * ```
 */
export async function addChains(
  host: SubnetHost,
  subnet: string,
  specs: readonly ChainSpec[],
  control: SubnetControl = {},
): Promise<AddedChains> {
  return await inTurn(host.dir, "adding a chain", control, async () => {
    const { clock = systemClock, timeoutMs = DEFAULT_NETWORK_TIMEOUT_MS, env = process.env, onProgress } = control;
    const deadline = clock.monotonic() + timeoutMs;
    const left = () => ({ ...control, timeoutMs: deadline - clock.monotonic() });
    const before = findSubnet(host.dir, subnet);
    const { name, validatorIDs } = before;
    const chains = specs.map((spec, i) => resolveChain(spec, `chains[${i}]`));
    const validators = host.nodes.filter(({ nodeID }) => validatorIDs.includes(nodeID));
    const { wallet, subnetID, uri } = await openOwner(host, before, control);
    if ((await getSubnet(uri, subnetID, { signal: control.signal })).conversionID !== EMPTY_ID) {
      const message = `Subnet "${name}" is an L1: the P-Chain gives it no more chains`;
      throw new SubnetError({ code: "conversion", subnet: name }, message, {
        hint: "Make another subnet for the chain",
      });
    }
    await checkVMs(
      chains.map(({ vmID }) => vmID),
      validators,
      env,
    );

    const makes = chains.map(
      ({ vmID, genesis }): MakeTx =>
        (builder, options) =>
          builder.newCreateChainTx({ subnetID, vmID, genesis }, options),
    );
    const chainIDs = (await wallet.issueEach(makes, issuing(left()))).map(({ txID }) => txID);
    const added = chains.map((chain, i) => chainRecord(chain, chainIDs[i] as ID));
    const record = { ...before, chains: [...before.chains, ...added] };
    writeSubnet(host.dir, record);
    onProgress?.({ kind: "subnet", subnet: name, phase: "decided", chainIDs });

    await restartTracking(host, [record], await toRestart(host, record, chains, control), left());
    await waitForSubnet(host, record, validatorIDs, left()).catch((error: unknown) => {
      throw spoilt(host.dir, record, error);
    });
    return { chainIDs, record };
  });
}

/** A chain that is not up spoils its subnet: the P-Chain keeps it, and nodes that track the subnet are not healthy. */
function spoilt(networkDir: string, { name, chains }: SubnetRecord, error: unknown): unknown {
  if (!(error instanceof SubnetError) || error.type.code !== "chain") return error;
  noteUnfinished(networkDir, name, { chainIDs: chains.map(({ chainID }) => chainID), txIDs: [], left: [] });
  const hint = `${error.hint ?? ""}. The P-Chain keeps it: another subnet takes this one's place with avx net subnet create --name ${name}`;
  return new SubnetError(error.type, error.message, { cause: error, hint });
}

/** Validators that run and do not begin with the chains by themselves. */
async function toRestart(
  host: SubnetHost,
  record: SubnetRecord,
  chains: readonly ResolvedChain[],
  { signal }: SubnetControl,
): Promise<NodeID[]> {
  const running = chainNodes(host).filter(({ nodeID }) => record.validatorIDs.includes(nodeID));
  const areConfigured = chains.some(({ config }) => config !== "");
  const found = await Promise.all(
    running.map(async ({ nodeID, uri }) => {
      const flags = host.nodes.find((node) => node.nodeID === nodeID)?.flags ?? {};
      const tracks = withTracked(flags, nodeID, [record]) === flags;
      const vms = await getVMs(uri, { signal });
      return areConfigured || !tracks || chains.some(({ vmID }) => !vms.includes(vmID)) ? [nodeID] : [];
    }),
  );
  return found.flat();
}
