/**
 * Changes who validates an L1, and with what weight: what its validator manager decides.
 *
 * The P-Chain wants a message of that contract, signed by the L1's validators (ACP-77). Such a message can be handed in
 * here. A temporary network needs neither contract nor relayer for it: it has the keys of its validators, and signs the
 * message with them.
 *
 * @module
 */

import { systemClock, unixSeconds } from "../../core/clock.ts";
import { EMPTY_ID, type ID } from "../../core/ids/id.ts";
import { type NodeID, nodeIDFromBytes } from "../../core/ids/node_id.ts";
import { CodecReader } from "../../platform/codec/reader.ts";
import { getL1Validator, getSubnet, getValidators } from "../../platform/rpc/platform_wallet_client.ts";
import { getCurrentEpoch } from "../../platform/rpc/warp_client.ts";
import { WalletError } from "../../platform/wallet/errors.ts";
import {
  l1ValidatorWeightMessage,
  registeredValidationID,
  registerL1ValidatorMessage,
} from "../../platform/wallet/l1_messages.ts";
import type { PChainWallet } from "../../platform/wallet/wallet.ts";
import type { MakeTx } from "../../platform/wallet/wallet_state.ts";
import { parseSignedWarpMessage } from "../../platform/wallet/warp_message.ts";
import type { SubnetRecord } from "../disk/subnets.ts";
import { inTurn } from "../network_lock.ts";
import { findNode } from "../node_names.ts";
import { proofOf } from "./bls_key.ts";
import { SubnetError } from "./errors.ts";
import { findSubnet, runsChains, type SubnetControl, type SubnetHost } from "./host.ts";
import { joinNodes } from "./joining.ts";
import { findValidation, type L1Change } from "./l1.ts";
import { issuing, openOwner, type SubnetOwner } from "./owner.ts";
import { DEFAULT_L1_BALANCE, DEFAULT_VALIDATOR_WEIGHT, type L1ValidatorSpec } from "./spec.ts";
import { signWithOwnKeys, type WarpSource } from "./warp_signing.ts";

/** How long a message that is made here can be handed in, in seconds: the P-Chain takes a day at most. */
const EXPIRY_SECONDS = 3_600n;

/** How often a message is signed anew where an epoch ended before the P-Chain took it. */
const SIGNING_ATTEMPTS = 3;

/** What an L1's validator manager decided about a validator, with its L1's signatures. */
export type L1Message =
  /** A new validator: one of the network's nodes. */
  | { readonly kind: "register"; readonly message: Uint8Array; readonly balance: bigint }
  /** Another weight; 0 removes the validator. */
  | { readonly kind: "weight"; readonly message: Uint8Array };

/**
 * Hands in what an L1's validator manager decided.
 *
 * @returns The transaction.
 * @throws {WalletError} `warp-message` for what is none, `refused` where the P-Chain does not accept the signatures;
 * {@link SubnetError} `no-validator` for a new validator that is none of the network's nodes.
 *
 * @example
 * ```ts
 * async function reweigh(network: Network, l1: string, message: Uint8Array): Promise<void> {
 *   await deliverL1Message(network, l1, { kind: "weight", message });
 * }
 * ```
 */
export async function deliverL1Message(
  host: SubnetHost,
  subnet: string,
  message: L1Message,
  control: SubnetControl = {},
): Promise<ID> {
  return await inTurn(host.dir, "changing an L1's validators", control, async () => {
    const record = findSubnet(host.dir, subnet);
    const { wallet } = await openOwner(host, record, control);
    if (message.kind === "weight") {
      return (await wallet.issue(setWeight(message.message), issuing(control))).txID;
    }
    const nodeID = registeredNode(message.message);
    const node = host.nodes.find((candidate) => candidate.nodeID === nodeID);
    if (node === undefined) {
      const text = `The message registers ${nodeID}, which is none of the network's nodes: its BLS key is not known`;
      throw new SubnetError({ code: "no-validator", validator: nodeID }, text);
    }
    const { proofOfPossession } = proofOf(node);
    const tx = await wallet.issue(
      (builder, options) =>
        builder.newRegisterL1ValidatorTx(message.balance, proofOfPossession, message.message, options),
      issuing(control),
    );
    await joinNodes(host, record, [nodeID], control);
    return tx.txID;
  });
}

/**
 * Makes a node a validator of an L1, in its validator manager's name: the message is signed with the keys of the
 * network's own nodes.
 *
 * A manager that is a contract does not hear of it. Where the L1 is younger than the P-Chain's epoch, up to a minute
 * goes by until the P-Chain looks at its validators.
 *
 * @param validator The node, its weight, and nAVAX for its fee.
 * @returns Once the node runs the L1's chains.
 * @throws {SubnetError} `no-subnet`, `conversion` for what is no L1, `exists` for a validator, `nodes`, `signatures` where
 * the network has not the keys for it; {@link TmpnetError} `no-node`; {@link WalletError}.
 *
 * @example
 * ```ts
 * async function grow(network: Network, l1: string): Promise<string> {
 *   const { validationID } = await registerL1Validator(network, l1, { node: 3, weight: 100n, balance: 5_000_000_000n });
 *   return validationID;
 * }
 * ```
 */
export async function registerL1Validator(
  host: SubnetHost,
  subnet: string,
  { node: name, weight = DEFAULT_VALIDATOR_WEIGHT, balance = DEFAULT_L1_BALANCE }: L1ValidatorSpec,
  control: SubnetControl = {},
): Promise<L1Change> {
  return await inTurn(host.dir, "changing an L1's validators", control, async () => {
    if (weight <= 0n) throw new SubnetError({ code: "spec", path: "weight" }, "A validator's weight is above 0");
    const record = findSubnet(host.dir, subnet);
    const node = findNode(host.nodes, name);
    const { nodeID } = node;
    if (!runsChains(host.dir)(node)) {
      throw new SubnetError({ code: "nodes" }, `${nodeID} is a light node: it runs no chains`);
    }
    const { publicKey, proofOfPossession } = proofOf(node);
    const owner = await openOwner(host, record, control);
    const { wallet, subnetID, uri } = owner;
    const source = await managerOf(owner, record, control);
    if (
      (await getValidators(uri, subnetID, { signal: control.signal })).some((validator) => validator.nodeID === nodeID)
    ) {
      throw new SubnetError({ code: "exists", subnet: record.name }, `${nodeID} validates "${record.name}" already`, {
        hint: "Change its weight with avx net l1 set-weight",
      });
    }
    const { threshold, addresses } = wallet.state.ownOwner;
    const own = { threshold, addresses };
    const expiry = unixSeconds(control.clock ?? systemClock) + EXPIRY_SECONDS;
    const owners = { remainingBalanceOwner: own, disableOwner: own };
    const registration = { subnetID, nodeID, publicKey, expiry, weight, ...owners };
    const payload = registerL1ValidatorMessage(registration);
    const txID = await issueSigned(
      host,
      wallet,
      source,
      payload,
      control,
      (message) => (builder, options) => builder.newRegisterL1ValidatorTx(balance, proofOfPossession, message, options),
    );
    await joinNodes(host, record, [nodeID], control);
    return { txID, validationID: registeredValidationID(payload) };
  });
}

/**
 * Changes what a validator of an L1 weighs, in its validator manager's name, as {@link registerL1Validator} does.
 *
 * @param validator Its validation ID, its node ID, or the beginning of a node's name.
 * @param weight 0 removes the validator: what is left of its balance goes to its owner, and its node goes on running the
 * L1's chains.
 * @throws {SubnetError} As {@link registerL1Validator}; `no-validator`. {@link WalletError} `refused` for the last one's
 * removal.
 *
 * @example
 * ```ts
 * async function shrink(network: Network, l1: string, nodeID: string): Promise<void> {
 *   await setL1ValidatorWeight(network, l1, nodeID, 0n);
 * }
 * ```
 */
export async function setL1ValidatorWeight(
  host: SubnetHost,
  subnet: string,
  validator: string,
  weight: bigint,
  control: SubnetControl = {},
): Promise<L1Change> {
  return await inTurn(host.dir, "changing an L1's validators", control, async () => {
    if (weight < 0n) throw new SubnetError({ code: "spec", path: "weight" }, "A validator's weight is 0 or more");
    const record = findSubnet(host.dir, subnet);
    const owner = await openOwner(host, record, control);
    const { wallet, subnetID, uri } = owner;
    const source = await managerOf(owner, record, control);
    const validationID = await findValidation(host, uri, subnetID, validator, control);
    const { minNonce: nonce } = await getL1Validator(uri, validationID, { signal: control.signal });
    const payload = l1ValidatorWeightMessage({ validationID, nonce, weight });
    return { txID: await issueSigned(host, wallet, source, payload, control, setWeight), validationID };
  });
}

function setWeight(message: Uint8Array): MakeTx {
  return (builder, options) => builder.newSetL1ValidatorWeightTx(message, options);
}

/** Whom the P-Chain listens to about an L1's validators. */
async function managerOf(
  { uri, subnetID }: SubnetOwner,
  { name }: SubnetRecord,
  { signal }: SubnetControl,
): Promise<WarpSource> {
  const { conversionID, managerChainID, managerAddress } = await getSubnet(uri, subnetID, { signal });
  if (conversionID !== EMPTY_ID) return { chainID: managerChainID, address: managerAddress };
  throw new SubnetError(
    { code: "conversion", subnet: name },
    `Subnet "${name}" is no L1: its owner says who validates`,
    {
      hint: "Make it one with avx net subnet convert",
    },
  );
}

/** Signs and issues; again where meanwhile an epoch has begun whose validators are others. */
async function issueSigned(
  host: SubnetHost,
  wallet: PChainWallet,
  source: WarpSource,
  payload: Uint8Array,
  control: SubnetControl,
  make: (message: Uint8Array) => MakeTx,
): Promise<ID> {
  for (let attempt = 1; ; attempt++) {
    const { message, height } = await signWithOwnKeys(host, wallet, source, payload, control);
    try {
      return (await wallet.issue(make(message), issuing(control))).txID;
    } catch (error) {
      const isAnswer = error instanceof WalletError && ["refused", "dropped"].includes(error.type.code);
      if (!isAnswer || attempt === SIGNING_ATTEMPTS) throw error;
      const { pChainHeight } = await getCurrentEpoch(wallet.uri, { signal: control.signal });
      if (pChainHeight === height) throw error;
    }
  }
}

/** Where an addressed call has its payload, and that the node ID (upstream `warp/payload`, `warp/message`). */
function registeredNode(bytes: Uint8Array): NodeID {
  const call = new CodecReader(parseSignedWarpMessage(bytes).payload).version();
  call.uint32();
  call.variable();
  const payload = new CodecReader(call.variable()).version();
  payload.uint32();
  payload.fixed(32);
  return nodeIDFromBytes(payload.variable());
}
