/**
 * What the P-Chain alone decides of L1s: that a subnet becomes one, and what its validators have for their fee.
 *
 * Who else validates an L1, and what its validators weigh, is decided by its validator manager: `l1_messages.ts`.
 *
 * @module
 */

import { EMPTY_ID, type ID, parseID } from "../../core/ids/id.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import { getBlockchainID } from "../../platform/rpc/info_client.ts";
import { getSubnet, getValidators } from "../../platform/rpc/platform_wallet_client.ts";
import type { PChainWallet } from "../../platform/wallet/wallet.ts";
import type { MakeTx } from "../../platform/wallet/wallet_state.ts";
import { inTurn } from "../network_lock.ts";
import { findNode } from "../node_names.ts";
import { SubnetError } from "./errors.ts";
import { findSubnet, runsChains, type SubnetControl, type SubnetHost } from "./host.ts";
import { joinNodes } from "./joining.ts";
import { issuing, openOwner } from "./owner.ts";
import { conversionOf, validationIDsOf } from "./plan.ts";
import { type L1Spec, resolveL1 } from "./spec.ts";

/** What became of a validator. */
export interface L1Change {
  /** The transaction. */
  readonly txID: ID;
  readonly validationID: ID;
}

/** An L1 that a subnet became. */
export interface Conversion {
  readonly txID: ID;
  readonly subnetID: ID;
  readonly managerChainID: ID;
  /** By node: what its validator is known by. */
  readonly validationIDs: ReadonlyMap<NodeID, ID>;
}

/**
 * Makes a subnet an L1. From then on nobody owns it.
 *
 * Permissioned validators end where they are the L1's as well; others go on until their time is over.
 *
 * @param subnet By name or ID.
 * @throws {SubnetError} `no-subnet`, `conversion` for one that is an L1 already, `spec`, `nodes`; {@link WalletError}.
 *
 * @example
 * ```ts
 * async function toL1(network: Network, subnet: string): Promise<readonly string[]> {
 *   const { validationIDs } = await convertSubnet(network, subnet, { balance: 5_000_000_000n });
 *   return [...validationIDs.values()];
 * }
 * ```
 */
export async function convertSubnet(
  host: SubnetHost,
  subnet: string,
  spec: L1Spec = {},
  control: SubnetControl = {},
): Promise<Conversion> {
  return await inTurn(host.dir, "making a subnet an L1", control, async () => {
    const record = findSubnet(host.dir, subnet);
    const { wallet, subnetID, uri } = await openOwner(host, record, control);
    if ((await getSubnet(uri, subnetID, options(control))).conversionID !== EMPTY_ID) {
      throw new SubnetError({ code: "conversion", subnet: record.name }, `Subnet "${record.name}" is an L1 already`);
    }
    const isValidator = (nodeID: string) => record.validatorIDs.includes(nodeID);
    const cChainID = await getBlockchainID(uri, "C", options(control));
    const able = host.nodes.filter(runsChains(host.dir));
    const validators = able.filter(({ nodeID }) => isValidator(nodeID));
    const l1 = resolveL1(spec, "", record.chains.length, validators, { nodes: able, cChainID });
    const chainIDs = record.chains.map(({ chainID }) => parseID(chainID));
    const nodeIDs = l1.validators.map(({ node }) => node.nodeID);
    await endPermissioned(wallet, subnetID, nodeIDs, control);
    const tx = await wallet.issue(conversionOf(subnetID, l1, chainIDs, wallet.state), issuing(control));
    await joinNodes(host, record, nodeIDs, control);
    const managerChainID = typeof l1.managerChain === "number" ? (chainIDs[l1.managerChain] as ID) : l1.managerChain;
    return { txID: tx.txID, subnetID, managerChainID, validationIDs: validationIDsOf(subnetID, nodeIDs) };
  });
}

/** A node cannot validate a subnet by its owner's word and by its own balance at one time. */
async function endPermissioned(
  wallet: PChainWallet,
  subnetID: ID,
  nodeIDs: readonly NodeID[],
  control: SubnetControl,
): Promise<void> {
  const current = await getValidators(wallet.uri, subnetID, options(control));
  const ending = nodeIDs.filter((nodeID) => current.some((validator) => validator.nodeID === nodeID));
  const makes = ending.map(
    (nodeID): MakeTx =>
      (builder, options) =>
        builder.newRemoveSubnetValidatorTx(nodeID, subnetID, options),
  );
  await wallet.issueEach(makes, issuing(control));
}

/**
 * Gives a validator of an L1 more for its fee; one that was inactive is active again.
 *
 * @param validator Its validation ID, its node ID, or the beginning of a node's name.
 * @param amount nAVAX, above 0.
 * @throws {SubnetError} `no-subnet`, `no-validator`; {@link WalletError}.
 *
 * @example
 * ```ts
 * async function refill(network: Network, l1: string, nodeID: string): Promise<void> {
 *   await increaseL1Balance(network, l1, nodeID, 5_000_000_000n);
 * }
 * ```
 */
export async function increaseL1Balance(
  host: SubnetHost,
  subnet: string,
  validator: string,
  amount: bigint,
  control: SubnetControl = {},
): Promise<L1Change> {
  return await changeValidator(host, subnet, validator, control, (_, validationID) => {
    if (amount <= 0n) throw new SubnetError({ code: "spec", path: "balance" }, "A balance is increased by more than 0");
    return Promise.resolve((builder, options) =>
      builder.newIncreaseL1ValidatorBalanceTx(validationID, amount, options),
    );
  });
}

/**
 * Makes a validator of an L1 inactive and gives back what is left of its balance. Its weight stays: only the L1's
 * validator manager takes that away.
 *
 * @param validator As {@link increaseL1Balance} takes it.
 * @throws {SubnetError} `no-subnet`, `no-validator`; {@link WalletError}.
 *
 * @example
 * ```ts
 * async function drain(network: Network, l1: string, nodeID: string): Promise<void> {
 *   await disableL1Validator(network, l1, nodeID);
 * }
 * ```
 */
export async function disableL1Validator(
  host: SubnetHost,
  subnet: string,
  validator: string,
  control: SubnetControl = {},
): Promise<L1Change> {
  return await changeValidator(host, subnet, validator, control, async (wallet, validationID) => {
    await wallet.learnDeactivationOwner(validationID, options(control));
    return (builder, options) => builder.newDisableL1ValidatorTx(validationID, options);
  });
}

async function changeValidator(
  host: SubnetHost,
  subnet: string,
  validator: string,
  control: SubnetControl,
  make: (wallet: PChainWallet, validationID: ID) => Promise<MakeTx>,
): Promise<L1Change> {
  return await inTurn(host.dir, "changing an L1's validator", control, async () => {
    const record = findSubnet(host.dir, subnet);
    const { wallet, subnetID, uri } = await openOwner(host, record, control);
    const validationID = await findValidation(host, uri, subnetID, validator, control);
    const tx = await wallet.issue(await make(wallet, validationID), issuing(control));
    return { txID: tx.txID, validationID };
  });
}

/**
 * The validation that a validator of an L1 is known by.
 *
 * @param validator As {@link increaseL1Balance} takes it.
 * @throws {SubnetError} `no-validator`.
 */
export async function findValidation(
  host: SubnetHost,
  uri: string,
  subnetID: ID,
  validator: string,
  control: SubnetControl,
): Promise<ID> {
  const all = (await getValidators(uri, subnetID, options(control))).filter(({ validationID }) => validationID);
  const isNamed = (nodeID: string) => nodeID === validator || nodeID.replace("NodeID-", "").startsWith(validator);
  const exact = all.find(({ validationID }) => validationID === validator);
  const found = exact === undefined ? all.filter(({ nodeID }) => isNamed(nodeID)) : [exact];
  const [first] = found;
  if (found.length === 1 && first?.validationID !== undefined) return first.validationID;
  // A node of the network by a name of its own.
  const nodeID = found.length === 0 ? tryNode(host, validator) : undefined;
  const named = all.find((candidate) => candidate.nodeID === nodeID)?.validationID;
  if (named !== undefined) return named;
  throw new SubnetError(
    { code: "no-validator", validator },
    all.length === 0
      ? `Subnet ${subnetID} has no L1 validators: it is no L1`
      : `"${validator}" is ${found.length > 1 ? "the beginning of several validators" : "no validator"} of the L1`,
    all.length === 0
      ? { hint: "Make it one with avx net subnet convert" }
      : { hint: `Its validators are: ${all.map(({ nodeID }) => nodeID).join(", ")}` },
  );
}

function tryNode(host: SubnetHost, name: string): string | undefined {
  try {
    return findNode(host.nodes, name).nodeID;
  } catch {
    return undefined;
  }
}

function options({ signal }: SubnetControl) {
  return { signal };
}
