/**
 * P-Chain transactions as values: what upstream's `vms/platformvm/txs` declares, field by field.
 *
 * Names of fields are those of upstream's JSON. Amounts are nAVAX, times Unix seconds, rates millionths.
 *
 * @module
 */

import type { ID } from "../../core/ids/id.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import type { ProofOfPossession } from "../../core/staking/proof_of_possession.ts";

/** Who may spend or act: any `threshold` of the addresses, from `locktime` on. */
export interface Owner {
  readonly locktime: bigint;
  readonly threshold: number;
  /** 20 bytes each. */
  readonly addresses: readonly Uint8Array[];
}

/** Value that is given to somebody. */
export interface Output {
  readonly assetID: ID;
  readonly amount: bigint;
  readonly owner: Owner;
  /** Until when it can be staked and not spent; absent where it is free. */
  readonly stakeableLocktime?: bigint;
}

/** Value that is there to be spent. */
export interface UTXO extends Output {
  readonly txID: ID;
  readonly outputIndex: number;
}

/** Value that is spent. */
export interface Input {
  readonly txID: ID;
  readonly outputIndex: number;
  readonly assetID: ID;
  readonly amount: bigint;
  /** Which of the owner's addresses sign. */
  readonly sigIndices: readonly number[];
  readonly stakeableLocktime?: bigint;
}

/** A node's time of validating. */
export interface Validator {
  readonly nodeID: NodeID;
  /** Passed over since the Durango upgrade. */
  readonly start: bigint;
  readonly end: bigint;
  readonly weight: bigint;
}

/** A validator of a subnet, or of the Primary Network. */
export interface SubnetValidator extends Validator {
  readonly subnetID: ID;
}

/** An owner without locktime, as L1 validators have them. */
export type PChainOwner = Omit<Owner, "locktime">;

/** A validator that an L1 begins with. */
export interface L1Validator {
  /** 20 bytes. */
  readonly nodeID: Uint8Array;
  readonly weight: bigint;
  /** What it has for its continuous fee; with 0 it begins inactive. */
  readonly balance: bigint;
  readonly signer: ProofOfPossession;
  /** Who gets what is left of the balance. */
  readonly remainingBalanceOwner: PChainOwner;
  /** Who may deactivate it. */
  readonly deactivationOwner: PChainOwner;
}

/** Which of an owner's addresses sign for an action. */
export interface Authorization {
  readonly signatureIndices: readonly number[];
}

/** `undefined`: no BLS key, as subnets' permissionless validators have none. */
export type Signer = ProofOfPossession | undefined;

/** What each kind of transaction has beside {@link BaseFields}, in the order of its bytes. */
export interface TxBodies {
  BaseTx: Record<never, never>;
  AddValidatorTx: { validator: Validator; stake: readonly Output[]; rewardsOwner: Owner; shares: number };
  AddSubnetValidatorTx: { validator: SubnetValidator; subnetAuthorization: Authorization };
  AddDelegatorTx: { validator: Validator; stake: readonly Output[]; rewardsOwner: Owner };
  CreateChainTx: {
    subnetID: ID;
    chainName: string;
    vmID: ID;
    fxIDs: readonly ID[];
    genesisData: Uint8Array;
    subnetAuthorization: Authorization;
  };
  CreateSubnetTx: { owner: Owner };
  ImportTx: { sourceChain: ID; importedInputs: readonly Input[] };
  ExportTx: { destinationChain: ID; exportedOutputs: readonly Output[] };
  RemoveSubnetValidatorTx: { nodeID: NodeID; subnetID: ID; subnetAuthorization: Authorization };
  TransformSubnetTx: {
    subnetID: ID;
    assetID: ID;
    initialSupply: bigint;
    maximumSupply: bigint;
    minConsumptionRate: bigint;
    maxConsumptionRate: bigint;
    minValidatorStake: bigint;
    maxValidatorStake: bigint;
    minStakeDuration: number;
    maxStakeDuration: number;
    minDelegationFee: number;
    minDelegatorStake: bigint;
    maxValidatorWeightFactor: number;
    uptimeRequirement: number;
    subnetAuthorization: Authorization;
  };
  AddPermissionlessValidatorTx: {
    validator: Validator;
    subnetID: ID;
    signer: Signer;
    stake: readonly Output[];
    validationRewardsOwner: Owner;
    delegationRewardsOwner: Owner;
    shares: number;
  };
  AddPermissionlessDelegatorTx: {
    validator: Validator;
    subnetID: ID;
    stake: readonly Output[];
    rewardsOwner: Owner;
  };
  TransferSubnetOwnershipTx: { subnetID: ID; subnetAuthorization: Authorization; newOwner: Owner };
  ConvertSubnetToL1Tx: {
    subnetID: ID;
    chainID: ID;
    address: Uint8Array;
    validators: readonly L1Validator[];
    subnetAuthorization: Authorization;
  };
  RegisterL1ValidatorTx: { balance: bigint; proofOfPossession: Uint8Array; message: Uint8Array };
  SetL1ValidatorWeightTx: { message: Uint8Array };
  IncreaseL1ValidatorBalanceTx: { validationID: ID; balance: bigint };
  DisableL1ValidatorTx: { validationID: ID; disableAuthorization: Authorization };
  AddAutoRenewedValidatorTx: {
    /** 20 bytes. */
    nodeID: Uint8Array;
    signer: Signer;
    stake: readonly Output[];
    validationRewardsOwner: Owner;
    delegationRewardsOwner: Owner;
    validatorAuthority: Owner;
    delegationShares: number;
    autoCompoundRewardShares: number;
    period: bigint;
  };
  SetAutoRenewedValidatorConfigTx: {
    txID: ID;
    auth: Authorization;
    autoCompoundRewardShares: number;
    period: bigint;
  };
}

export type TxType = keyof TxBodies;

/** What every transaction has. */
export interface BaseFields {
  readonly networkID: number;
  readonly blockchainID: ID;
  readonly outputs: readonly Output[];
  readonly inputs: readonly Input[];
  readonly memo: Uint8Array;
}

/** A transaction of one kind, not signed. */
export type UnsignedTxOf<T extends TxType> = { readonly type: T } & BaseFields & Readonly<TxBodies[T]>;

/** A transaction that is not signed. */
export type UnsignedTx = { [T in TxType]: UnsignedTxOf<T> }[TxType];
