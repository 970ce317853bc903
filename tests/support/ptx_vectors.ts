/**
 * The vectors of P-Chain transactions (`ptx.json`): what upstream's wallet built, and the same built here.
 *
 * @module
 */

import { fromHex, toHex } from "../../lib/core/bytes.ts";
import { errorMessage } from "../../lib/core/errors.ts";
import { sha256 } from "../../lib/core/hashing.ts";
import { type ID, idFromBytes, idToBytes, PLATFORM_CHAIN_ID, parseID } from "../../lib/core/ids/id.ts";
import { type NodeID, nodeIDFromBytes, parseNodeID } from "../../lib/core/ids/node_id.ts";
import { Secp256k1PrivateKey } from "../../lib/core/secp256k1/private_key.ts";
import type { ProofOfPossession } from "../../lib/core/staking/proof_of_possession.ts";
import { type BuildOptions, PChainBuilder } from "../../lib/platform/wallet/builder.ts";
import { type Dimensions, feeOf, NO_COMPLEXITY, txComplexity } from "../../lib/platform/wallet/complexity.ts";
import { marshalUnsignedTx, type SignedTx, txToJSON } from "../../lib/platform/wallet/marshal.ts";
import { signTx } from "../../lib/platform/wallet/sign.ts";
import type { Output, Owner, UnsignedTx } from "../../lib/platform/wallet/transaction.ts";
import { parseUTXO } from "../../lib/platform/wallet/utxo.ts";
import { verifyTx } from "../../lib/platform/wallet/verify.ts";

interface OwnerVector {
  readonly addresses: readonly string[] | null;
  readonly locktime?: string;
  readonly threshold: number;
}

interface OutputVector {
  readonly amount: string;
  readonly assetID: string;
  readonly owner: OwnerVector;
}

type Numbers = Readonly<Record<keyof Dimensions, string | number>>;

/** One call of the builder. */
export interface PTxVector {
  readonly type: string;
  readonly name: string;
  readonly args: any;
  readonly networkID: number;
  readonly avaxAssetID: string;
  readonly gasPrice: string;
  readonly complexityWeights: Numbers;
  readonly minIssuanceTime: string;
  readonly memo: string;
  readonly changeOwner?: OwnerVector | null;
  readonly utxos: readonly { readonly bytes: string; readonly utxoID: string }[];
  readonly keys: readonly { readonly privateKeyHex: string; readonly address: string }[];
  readonly owners: Readonly<Record<string, OwnerVector>>;
  readonly ok: boolean;
  readonly error?: string | null;
  readonly unsignedBytes?: string;
  readonly signingHash?: string;
  readonly signedBytes?: string;
  readonly txID?: string;
  readonly txIDHex?: string;
  readonly credentials?: readonly (readonly string[])[];
  readonly complexity?: Numbers;
  readonly requiredFee?: string;
  readonly txJSON?: string;
  readonly syntacticVerifyError?: string;
}

/** What a vector says of its result, as it comes out here. */
export function resultOf(vector: PTxVector) {
  const { tx, weights, gasPrice, chain } = buildVector(vector);
  const unsignedBytes = marshalUnsignedTx(tx.unsigned);
  const complexity = isPriced(vector.type) ? txComplexity(tx.unsigned) : NO_COMPLEXITY;
  return {
    unsignedBytes: toHex(unsignedBytes),
    signingHash: toHex(sha256(unsignedBytes)),
    signedBytes: toHex(tx.bytes),
    txID: tx.txID as string,
    txIDHex: toHex(idToBytes(tx.txID)),
    credentials: tx.credentials.map((signatures) => signatures.map(toHex)),
    complexity: {
      bandwidth: String(complexity.bandwidth),
      compute: String(complexity.compute),
      dbRead: String(complexity.dbRead),
      dbWrite: String(complexity.dbWrite),
    },
    requiredFee: String(feeOf(complexity, weights, gasPrice)),
    txJSON: txToJSON(tx),
    syntacticVerifyError: verdict(tx.unsigned, chain),
  };
}

/** Kinds from before the Etna upgrade have no complexity. */
function isPriced(type: string): boolean {
  return !["AddValidatorTx", "AddDelegatorTx", "TransformSubnetTx"].includes(type);
}

function verdict(tx: UnsignedTx, chain: { networkID: number; avaxAssetID: ID }): string {
  try {
    verifyTx(tx, chain);
    return "";
  } catch (error) {
    return errorMessage(error);
  }
}

/** Builds and signs what a vector asks for. */
export function buildVector(vector: PTxVector) {
  const keys = vector.keys.map(({ privateKeyHex }) => new Secp256k1PrivateKey(bytes(privateKeyHex)));
  const utxos = vector.utxos.map((utxo) => parseUTXO(bytes(utxo.bytes)));
  const owners = new Map(Object.entries(vector.owners).map(([key, value]) => [id(key), owner(value)]));
  const state = {
    utxos: (chainID: ID) => (chainID === PLATFORM_CHAIN_ID || "sourceChain" in vector.args ? utxos : []),
    owner: (key: ID) => owners.get(key),
  };
  const { networkID } = vector;
  const avaxAssetID = id(vector.avaxAssetID);
  const weights = dimensions(vector.complexityWeights);
  const gasPrice = BigInt(vector.gasPrice);
  const context = { networkID, avaxAssetID, complexityWeights: weights, gasPrice };
  const addresses = keys.map(({ address }) => address);
  const unsigned = build(new PChainBuilder(addresses, context, state), vector);
  const tx: SignedTx = signTx(unsigned, keys, state);
  return { tx, weights, gasPrice, chain: { networkID, avaxAssetID } };
}

function build(builder: PChainBuilder, { type, args, ...vector }: PTxVector): UnsignedTx {
  const options: BuildOptions = {
    minIssuanceTime: BigInt(vector.minIssuanceTime),
    memo: bytes(vector.memo),
    changeOwner: vector.changeOwner ? owner(vector.changeOwner) : undefined,
  };
  switch (type) {
    case "BaseTx":
      return builder.newBaseTx(args.outputs.map(output), options);
    case "AddSubnetValidatorTx":
      return builder.newAddSubnetValidatorTx({ ...validator(args), subnetID: id(args.subnetID) }, options);
    case "RemoveSubnetValidatorTx":
      return builder.newRemoveSubnetValidatorTx(nodeID(args.nodeID), id(args.subnetID), options);
    case "CreateChainTx":
      return builder.newCreateChainTx(
        {
          subnetID: id(args.subnetID),
          genesis: bytes(args.genesis),
          vmID: id(args.vmID),
          fxIDs: (args.fxIDs ?? []).map(id),
          chainName: args.chainName,
        },
        options,
      );
    case "CreateSubnetTx":
      return builder.newCreateSubnetTx(owner(args.owner), options);
    case "TransferSubnetOwnershipTx":
      return builder.newTransferSubnetOwnershipTx(id(args.subnetID), owner(args.owner), options);
    case "ConvertSubnetToL1Tx":
      return builder.newConvertSubnetToL1Tx(
        {
          subnetID: id(args.subnetID),
          chainID: id(args.chainID),
          address: bytes(args.address),
          validators: args.validators.map(l1Validator),
        },
        options,
      );
    case "ImportTx":
      return builder.newImportTx(id(args.sourceChain), owner(args.to), options);
    case "ExportTx":
      return builder.newExportTx(id(args.destinationChain), args.outputs.map(output), options);
    case "AddPermissionlessValidatorTx":
      return builder.newAddPermissionlessValidatorTx(
        { ...validator(args), subnetID: id(args.subnetID) },
        args.signer ? proof(args.signer) : undefined,
        id(args.assetID),
        {
          validationRewards: owner(args.validationRewardsOwner),
          delegationRewards: owner(args.delegationRewardsOwner),
        },
        args.shares,
        options,
      );
    case "AddPermissionlessDelegatorTx":
      return builder.newAddPermissionlessDelegatorTx(
        { ...validator(args), subnetID: id(args.subnetID) },
        id(args.assetID),
        owner(args.rewardsOwner),
        options,
      );
    case "RegisterL1ValidatorTx":
      return builder.newRegisterL1ValidatorTx(
        BigInt(args.balance),
        bytes(args.proofOfPossession),
        bytes(args.message),
        options,
      );
    case "SetL1ValidatorWeightTx":
      return builder.newSetL1ValidatorWeightTx(bytes(args.message), options);
    case "IncreaseL1ValidatorBalanceTx":
      return builder.newIncreaseL1ValidatorBalanceTx(id(args.validationID), BigInt(args.balance), options);
    case "DisableL1ValidatorTx":
      return builder.newDisableL1ValidatorTx(id(args.validationID), options);
    case "AddAutoRenewedValidatorTx":
      return builder.newAddAutoRenewedValidatorTx(
        {
          nodeID: nodeID(args.nodeID),
          weight: BigInt(args.weight),
          signer: proof(args.signer),
          delegationShares: args.delegationShares,
          autoCompoundRewardShares: args.autoCompoundRewardShares,
          period: BigInt(args.period),
        },
        {
          validationRewards: owner(args.validationRewardsOwner),
          delegationRewards: owner(args.delegationRewardsOwner),
          authority: owner(args.validatorAuthority),
        },
        options,
      );
    case "AddValidatorTx":
      return builder.newAddValidatorTx(validator(args), owner(args.rewardsOwner), args.shares, options);
    case "AddDelegatorTx":
      return builder.newAddDelegatorTx(validator(args), owner(args.rewardsOwner), options);
    case "TransformSubnetTx":
      return builder.newTransformSubnetTx(
        {
          subnetID: id(args.subnetID),
          assetID: id(args.assetID),
          initialSupply: BigInt(args.initialSupply),
          maximumSupply: BigInt(args.maximumSupply),
          minConsumptionRate: BigInt(args.minConsumptionRate),
          maxConsumptionRate: BigInt(args.maxConsumptionRate),
          minValidatorStake: BigInt(args.minValidatorStake),
          maxValidatorStake: BigInt(args.maxValidatorStake),
          minStakeDuration: args.minStakeDuration,
          maxStakeDuration: args.maxStakeDuration,
          minDelegationFee: args.minDelegationFee,
          minDelegatorStake: BigInt(args.minDelegatorStake),
          maxValidatorWeightFactor: args.maxValidatorWeightFactor,
          uptimeRequirement: args.uptimeRequirement,
        },
        options,
      );
    case "SetAutoRenewedValidatorConfigTx":
      return builder.newSetAutoRenewedValidatorConfigTx(
        id(args.txID),
        args.autoCompoundRewardShares,
        BigInt(args.period),
        options,
      );
    default:
      throw new Error(`no vector of the type ${type} was seen before`);
  }
}

function proof(signer: { readonly publicKey: string; readonly proofOfPossession: string }): ProofOfPossession {
  return { publicKey: bytes(signer.publicKey), proofOfPossession: bytes(signer.proofOfPossession) };
}

function output({ amount, assetID, owner: to }: OutputVector): Output {
  return { amount: BigInt(amount), assetID: id(assetID), owner: owner(to) };
}

function validator(args: { nodeID: string; start: string; end: string; weight: string }) {
  const { start, end, weight } = args;
  return { nodeID: nodeID(args.nodeID), start: BigInt(start), end: BigInt(end), weight: BigInt(weight) };
}

function l1Validator(args: any) {
  return {
    nodeID: bytes(args.nodeID),
    weight: BigInt(args.weight),
    balance: BigInt(args.balance),
    signer: { publicKey: bytes(args.blsPublicKey), proofOfPossession: bytes(args.proofOfPossession) },
    remainingBalanceOwner: owner(args.remainingBalanceOwner),
    deactivationOwner: owner(args.deactivationOwner),
  };
}

function owner({ addresses, locktime = "0", threshold }: OwnerVector): Owner {
  return { addresses: (addresses ?? []).map(bytes), locktime: BigInt(locktime), threshold };
}

function dimensions({ bandwidth, dbRead, dbWrite, compute }: Numbers): Dimensions {
  return {
    bandwidth: BigInt(bandwidth),
    dbRead: BigInt(dbRead),
    dbWrite: BigInt(dbWrite),
    compute: BigInt(compute),
  };
}

function nodeID(text: string): NodeID {
  return text.startsWith("NodeID-") ? parseNodeID(text) : nodeIDFromBytes(bytes(text));
}

function id(text: string): ID {
  return /^[0-9a-f]{64}$/.test(text) ? idFromBytes(bytes(text)) : parseID(text);
}

function bytes(text: string): Uint8Array {
  const decoded = fromHex(text);
  if (decoded === undefined) throw new Error(`${text} is no hex`);
  return decoded;
}
