/**
 * One table of what transactions are made of, from which both their bytes and their JSON follow.
 *
 * @module
 */

import { toHex } from "../../core/bytes.ts";
import { formatAddress } from "../../core/ids/bech32.ts";
import { type ID, idToBytes } from "../../core/ids/id.ts";
import { type NodeID, nodeIDToBytes } from "../../core/ids/node_id.ts";
import { shortIDFromBytes } from "../../core/ids/short_id.ts";
import { type ProofOfPossession, proofOfPossessionToJSON } from "../../core/staking/proof_of_possession.ts";
import { PChainType } from "../codec/type_ids.ts";
import type { CodecWriter } from "../codec/writer.ts";
import type { GoJSONValue } from "../go_json/format.ts";
import { SECP256K1_FX_ID } from "../vm_ids.ts";
import type {
  Authorization,
  BaseFields,
  Input,
  L1Validator,
  Output,
  Owner,
  PChainOwner,
  Signer,
  SubnetValidator,
  TxBodies,
  TxType,
  Validator,
} from "./transaction.ts";

/** How a value is written. `hrp` is what its network's addresses begin with. */
interface Kind<T> {
  write(writer: CodecWriter, value: T): void;
  toJSON(value: T, hrp: string): GoJSONValue;
}

/** A field by name, with its kind. */
type Field<B> = { [K in keyof B]-?: readonly [name: K, kind: Kind<B[K]>] }[keyof B];
type Layout<B> = readonly Field<B>[];

const plain = <T extends GoJSONValue>(write: Kind<T>["write"]): Kind<T> => ({ write, toJSON: (value) => value });
const uint8 = plain<number>((w, value) => w.uint8(value));
const uint32 = plain<number>((w, value) => w.uint32(value));
const uint64 = plain<bigint>((w, value) => w.uint64(value));
const text = plain<string>((w, value) => w.string(value));
const id = plain<ID>((w, value) => w.fixed(idToBytes(value)));
const nodeID = plain<NodeID>((w, value) => w.fixed(nodeIDToBytes(value)));

/** Go's nil list, which is what no feature extensions are. */
const ids: Kind<readonly ID[]> = {
  write: (w, value) => w.slice(value, (item) => id.write(w, item)),
  toJSON: (value) => (value.length === 0 ? null : value),
};
const base64Bytes: Kind<Uint8Array> = {
  write: (w, value) => w.variable(value),
  toJSON: (value) => Buffer.from(value).toString("base64"),
};
const hexBytes: Kind<Uint8Array> = {
  write: (w, value) => w.variable(value),
  toJSON: (value) => `0x${toHex(value)}`,
};
const memo: Kind<Uint8Array> = {
  write: hexBytes.write,
  toJSON: (value, hrp) => (value.length === 0 ? null : hexBytes.toJSON(value, hrp)),
};
/** A Go array of bytes: its JSON is a list of numbers. */
const byteArray: Kind<Uint8Array> = {
  write: (w, value) => w.fixed(value),
  toJSON: (value) => Array.from(value),
};

function list<T>(item: Kind<T>): Kind<readonly T[]> {
  return {
    write: (w, value) => w.slice(value, (entry) => item.write(w, entry)),
    toJSON: (value, hrp) => value.map((entry) => item.toJSON(entry, hrp)),
  };
}

/** Several fields after one another. */
function record<B>(layout: Layout<B>): Kind<B> {
  return {
    write: (w, value) => {
      for (const [name, kind] of layout) (kind as Kind<unknown>).write(w, value[name]);
    },
    toJSON: (value, hrp) =>
      Object.fromEntries(layout.map(([name, kind]) => [name, (kind as Kind<unknown>).toJSON(value[name], hrp)])),
  };
}

function writeOwners(w: CodecWriter, { locktime, threshold, addresses }: Owner): void {
  w.uint64(locktime).uint32(threshold);
  w.slice(addresses, (address) => w.fixed(address));
}

function ownersToJSON({ locktime, threshold, addresses }: Owner, hrp: string) {
  return { addresses: addresses.map((address) => formatAddress("P", hrp, address)), locktime, threshold };
}

const owner: Kind<Owner> = {
  write: (w, value) => writeOwners(w.uint32(PChainType.OutputOwners), value),
  toJSON: ownersToJSON,
};

const pChainOwner: Kind<PChainOwner> = {
  write: (w, { threshold, addresses }) => w.uint32(threshold).slice(addresses, (address) => w.fixed(address)),
  toJSON: ({ threshold, addresses }) => ({
    threshold,
    addresses: addresses.length === 0 ? null : addresses.map(shortIDFromBytes),
  }),
};

const authorization: Kind<Authorization> = {
  write: (w, { signatureIndices }) => w.uint32(PChainType.Input).slice(signatureIndices, (index) => w.uint32(index)),
  toJSON: ({ signatureIndices }) => ({ signatureIndices }),
};

const proofOfPossession: Kind<ProofOfPossession> = {
  write: (w, value) => w.fixed(value.publicKey).fixed(value.proofOfPossession),
  toJSON: (value) => ({ ...proofOfPossessionToJSON(value) }),
};

const signer: Kind<Signer> = {
  write: (w, value) => {
    if (value === undefined) w.uint32(PChainType.EmptySigner);
    else proofOfPossession.write(w.uint32(PChainType.ProofOfPossession), value);
  },
  toJSON: (value, hrp) => (value === undefined ? {} : proofOfPossession.toJSON(value, hrp)),
};

/**
 * What an output is beside its asset: the bytes that outputs are sorted by, too.
 *
 * The type numbers are the same on the X- and the P-Chain.
 */
export function writeOutputValue(w: CodecWriter, { amount, owner, stakeableLocktime }: Output): void {
  if (stakeableLocktime !== undefined) w.uint32(PChainType.LockOut).uint64(stakeableLocktime);
  writeOwners(w.uint32(PChainType.TransferOutput).uint64(amount), owner);
}

/** An output with its asset. */
export function writeOutput(w: CodecWriter, value: Output): void {
  writeOutputValue(w.fixed(idToBytes(value.assetID)), value);
}

/** An input. */
export function writeInput(w: CodecWriter, input: Input): void {
  const { txID, outputIndex, assetID, amount, sigIndices, stakeableLocktime } = input;
  w.fixed(idToBytes(txID)).uint32(outputIndex).fixed(idToBytes(assetID));
  if (stakeableLocktime !== undefined) w.uint32(PChainType.LockIn).uint64(stakeableLocktime);
  w.uint32(PChainType.TransferInput).uint64(amount);
  w.slice(sigIndices, (index) => w.uint32(index));
}

const output: Kind<Output> = {
  write: writeOutput,
  toJSON: ({ assetID, amount, owner, stakeableLocktime }, hrp) => {
    const { addresses, locktime, threshold } = ownersToJSON(owner, hrp);
    const free = { addresses, amount, locktime, threshold };
    const value = stakeableLocktime === undefined ? free : { locktime: stakeableLocktime, output: free };
    return { assetID, fxID: SECP256K1_FX_ID, output: value };
  },
};

const input: Kind<Input> = {
  write: writeInput,
  toJSON: ({ txID, outputIndex, assetID, amount, sigIndices, stakeableLocktime }) => {
    const free = { amount, signatureIndices: sigIndices };
    const value = stakeableLocktime === undefined ? free : { locktime: stakeableLocktime, input: free };
    return { txID, outputIndex, assetID, fxID: SECP256K1_FX_ID, input: value };
  },
};

const outputs = list(output);
const inputs = list(input);

const VALIDATOR: Layout<Validator> = [
  ["nodeID", nodeID],
  ["start", uint64],
  ["end", uint64],
  ["weight", uint64],
];
const validator = record(VALIDATOR);
const subnetValidator = record<SubnetValidator>([...VALIDATOR, ["subnetID", id]]);

const l1Validator = record<L1Validator>([
  ["nodeID", hexBytes],
  ["weight", uint64],
  ["balance", uint64],
  ["signer", proofOfPossession],
  ["remainingBalanceOwner", pChainOwner],
  ["deactivationOwner", pChainOwner],
]);

/** What all transactions begin with. */
export const BASE: Kind<BaseFields> = record<BaseFields>([
  ["networkID", uint32],
  ["blockchainID", id],
  ["outputs", outputs],
  ["inputs", inputs],
  ["memo", memo],
]);

/** What each kind of transaction goes on with. */
export const BODIES: { readonly [T in TxType]: Kind<TxBodies[T]> } = {
  BaseTx: record<TxBodies["BaseTx"]>([]),
  AddValidatorTx: record<TxBodies["AddValidatorTx"]>([
    ["validator", validator],
    ["stake", outputs],
    ["rewardsOwner", owner],
    ["shares", uint32],
  ]),
  AddSubnetValidatorTx: record<TxBodies["AddSubnetValidatorTx"]>([
    ["validator", subnetValidator],
    ["subnetAuthorization", authorization],
  ]),
  AddDelegatorTx: record<TxBodies["AddDelegatorTx"]>([
    ["validator", validator],
    ["stake", outputs],
    ["rewardsOwner", owner],
  ]),
  CreateChainTx: record<TxBodies["CreateChainTx"]>([
    ["subnetID", id],
    ["chainName", text],
    ["vmID", id],
    ["fxIDs", ids],
    ["genesisData", base64Bytes],
    ["subnetAuthorization", authorization],
  ]),
  CreateSubnetTx: record<TxBodies["CreateSubnetTx"]>([["owner", owner]]),
  ImportTx: record<TxBodies["ImportTx"]>([
    ["sourceChain", id],
    ["importedInputs", inputs],
  ]),
  ExportTx: record<TxBodies["ExportTx"]>([
    ["destinationChain", id],
    ["exportedOutputs", outputs],
  ]),
  RemoveSubnetValidatorTx: record<TxBodies["RemoveSubnetValidatorTx"]>([
    ["nodeID", nodeID],
    ["subnetID", id],
    ["subnetAuthorization", authorization],
  ]),
  TransformSubnetTx: record<TxBodies["TransformSubnetTx"]>([
    ["subnetID", id],
    ["assetID", id],
    ["initialSupply", uint64],
    ["maximumSupply", uint64],
    ["minConsumptionRate", uint64],
    ["maxConsumptionRate", uint64],
    ["minValidatorStake", uint64],
    ["maxValidatorStake", uint64],
    ["minStakeDuration", uint32],
    ["maxStakeDuration", uint32],
    ["minDelegationFee", uint32],
    ["minDelegatorStake", uint64],
    ["maxValidatorWeightFactor", uint8],
    ["uptimeRequirement", uint32],
    ["subnetAuthorization", authorization],
  ]),
  AddPermissionlessValidatorTx: record<TxBodies["AddPermissionlessValidatorTx"]>([
    ["validator", validator],
    ["subnetID", id],
    ["signer", signer],
    ["stake", outputs],
    ["validationRewardsOwner", owner],
    ["delegationRewardsOwner", owner],
    ["shares", uint32],
  ]),
  AddPermissionlessDelegatorTx: record<TxBodies["AddPermissionlessDelegatorTx"]>([
    ["validator", validator],
    ["subnetID", id],
    ["stake", outputs],
    ["rewardsOwner", owner],
  ]),
  TransferSubnetOwnershipTx: record<TxBodies["TransferSubnetOwnershipTx"]>([
    ["subnetID", id],
    ["subnetAuthorization", authorization],
    ["newOwner", owner],
  ]),
  ConvertSubnetToL1Tx: record<TxBodies["ConvertSubnetToL1Tx"]>([
    ["subnetID", id],
    ["chainID", id],
    ["address", hexBytes],
    ["validators", list(l1Validator)],
    ["subnetAuthorization", authorization],
  ]),
  RegisterL1ValidatorTx: record<TxBodies["RegisterL1ValidatorTx"]>([
    ["balance", uint64],
    ["proofOfPossession", byteArray],
    ["message", hexBytes],
  ]),
  SetL1ValidatorWeightTx: record<TxBodies["SetL1ValidatorWeightTx"]>([["message", hexBytes]]),
  IncreaseL1ValidatorBalanceTx: record<TxBodies["IncreaseL1ValidatorBalanceTx"]>([
    ["validationID", id],
    ["balance", uint64],
  ]),
  DisableL1ValidatorTx: record<TxBodies["DisableL1ValidatorTx"]>([
    ["validationID", id],
    ["disableAuthorization", authorization],
  ]),
  AddAutoRenewedValidatorTx: record<TxBodies["AddAutoRenewedValidatorTx"]>([
    ["nodeID", hexBytes],
    ["signer", signer],
    ["stake", outputs],
    ["validationRewardsOwner", owner],
    ["delegationRewardsOwner", owner],
    ["validatorAuthority", owner],
    ["delegationShares", uint32],
    ["autoCompoundRewardShares", uint32],
    ["period", uint64],
  ]),
  SetAutoRenewedValidatorConfigTx: record<TxBodies["SetAutoRenewedValidatorConfigTx"]>([
    ["txID", id],
    ["auth", authorization],
    ["autoCompoundRewardShares", uint32],
    ["period", uint64],
  ]),
};
