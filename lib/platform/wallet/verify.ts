/**
 * Finds what is wrong with a transaction by itself, before any chain is asked: upstream's `SyntacticVerify`.
 *
 * Checks and their order are upstream's, and so are the texts (`vms/platformvm/txs`, `vms/secp256k1fx`).
 *
 * @module
 */

import { compareBytes } from "../../core/bytes.ts";
import { compareIDs, EMPTY_ID, PRIMARY_NETWORK_ID } from "../../core/ids/id.ts";
import { EMPTY_NODE_ID } from "../../core/ids/node_id.ts";
import { compareInputs } from "./marshal.ts";
import type { TxType, UnsignedTx, UnsignedTxOf, Validator } from "./transaction.ts";
import {
  type Chain,
  EMPTY_NODE,
  INPUTS_NOT_SORTED,
  isSortedAndUnique,
  refuseIf,
  total,
  verifyAuthorization,
  verifyAVAXStake,
  verifyBase,
  verifyInput,
  verifyL1Validator,
  verifyNodeID,
  verifyOrder,
  verifyOutput,
  verifyOwner,
  verifySigner,
  verifySingleAssetStake,
  verifyValidator,
  within,
} from "./verify_parts.ts";

const MAX_CHAIN_NAME_LENGTH = 128;
const MAX_GENESIS_LENGTH = 1024 * 1024;
const MAX_MANAGER_ADDRESS_LENGTH = 4_096;
/** All of something, in millionths. */
const PERCENT_DENOMINATOR = 1_000_000;

/** @throws {WalletError} `invalid`; the message says what is wrong. */
export function verifyTx(tx: UnsignedTx, chain: Chain): void {
  (CHECKS[tx.type] as (tx: UnsignedTx, chain: Chain) => void)(tx, chain);
}

const CHECKS: { readonly [T in TxType]: (tx: UnsignedTxOf<T>, chain: Chain) => void } = {
  BaseTx: verifyBase,
  AddValidatorTx: (tx, chain) => {
    refuseIf(tx.shares > PERCENT_DENOMINATOR, TOO_MANY_SHARES);
    within("failed to verify BaseTx", () => verifyBase(tx, chain));
    within("failed to verify validator or rewards owner", () => {
      verifyValidator(tx.validator);
      verifyOwner(tx.rewardsOwner);
    });
    verifyAVAXStake(tx.stake, chain, "failed to verify output");
    verifyOrder(tx.stake);
    const stake = total(tx.stake);
    refuseIf(stake !== tx.validator.weight, () => weightMismatch(tx.validator, stake));
  },
  AddSubnetValidatorTx: (tx, chain) => {
    refuseIf(
      tx.validator.subnetID === PRIMARY_NETWORK_ID,
      "can't add primary network validator with AddSubnetValidatorTx",
    );
    verifyBase(tx, chain);
    verifyValidator(tx.validator);
    verifyAuthorization(tx.subnetAuthorization);
  },
  AddDelegatorTx: (tx, chain) => {
    verifyBase(tx, chain);
    within("failed to verify validator or rewards owner", () => {
      verifyValidator(tx.validator);
      verifyOwner(tx.rewardsOwner);
    });
    verifyAVAXStake(tx.stake, chain, "output verification failed");
    verifyOrder(tx.stake);
    const stake = total(tx.stake);
    refuseIf(stake !== tx.validator.weight, () => delegatorMismatch(tx.validator, stake));
  },
  CreateChainTx: (tx, chain) => {
    refuseIf(tx.subnetID === PRIMARY_NETWORK_ID, "new blockchain can't be validated by primary network");
    refuseIf(Buffer.byteLength(tx.chainName) > MAX_CHAIN_NAME_LENGTH, "name too long");
    refuseIf(tx.vmID === EMPTY_ID, "invalid VM ID");
    refuseIf(!isSortedAndUnique(tx.fxIDs, compareIDs), "feature extensions IDs must be sorted and unique");
    refuseIf(tx.genesisData.length > MAX_GENESIS_LENGTH, "genesis too long");
    refuseIf(!/^[A-Za-z0-9 ]*$/.test(tx.chainName), "illegal name character");
    verifyBase(tx, chain);
    verifyAuthorization(tx.subnetAuthorization);
  },
  CreateSubnetTx: (tx, chain) => {
    verifyBase(tx, chain);
    verifyOwner(tx.owner);
  },
  ImportTx: (tx, chain) => {
    refuseIf(tx.importedInputs.length === 0, "tx has no imported inputs");
    verifyBase(tx, chain);
    within("input failed verification", () => tx.importedInputs.forEach(verifyInput));
    refuseIf(!isSortedAndUnique(tx.importedInputs, compareInputs), INPUTS_NOT_SORTED);
  },
  ExportTx: (tx, chain) => {
    refuseIf(tx.exportedOutputs.length === 0, "no export outputs");
    verifyBase(tx, chain);
    for (const output of tx.exportedOutputs) {
      within("output failed verification", () => verifyOutput(output));
      refuseIf(output.stakeableLocktime !== undefined, "wrong locktime reported");
    }
    verifyOrder(tx.exportedOutputs);
  },
  RemoveSubnetValidatorTx: (tx, chain) => {
    refuseIf(tx.subnetID === PRIMARY_NETWORK_ID, "can't remove primary network validator with RemoveSubnetValidatorTx");
    verifyBase(tx, chain);
    verifyAuthorization(tx.subnetAuthorization);
  },
  TransformSubnetTx: verifyTransformation,
  AddPermissionlessValidatorTx: (tx, chain) => {
    refuseIf(tx.validator.nodeID === EMPTY_NODE_ID, EMPTY_NODE);
    refuseIf(tx.stake.length === 0, "no stake");
    refuseIf(tx.shares > PERCENT_DENOMINATOR, TOO_MANY_SHARES);
    within("failed to verify BaseTx", () => verifyBase(tx, chain));
    within("failed to verify validator, signer, or rewards owners", () => {
      verifyValidator(tx.validator);
      verifySigner(tx.signer);
      verifyOwner(tx.validationRewardsOwner);
      verifyOwner(tx.delegationRewardsOwner);
    });
    const hasKey = tx.signer !== undefined;
    const isPrimaryNetwork = tx.subnetID === PRIMARY_NETWORK_ID;
    refuseIf(hasKey !== isPrimaryNetwork, `invalid signer: hasKey=${hasKey} != isPrimaryNetwork=${isPrimaryNetwork}`);
    const stake = verifySingleAssetStake(tx.stake);
    refuseIf(stake !== tx.validator.weight, () => weightMismatch(tx.validator, stake));
  },
  AddPermissionlessDelegatorTx: (tx, chain) => {
    refuseIf(tx.stake.length === 0, "no stake");
    within("failed to verify BaseTx", () => verifyBase(tx, chain));
    within("failed to verify validator or rewards owner", () => {
      verifyValidator(tx.validator);
      verifyOwner(tx.rewardsOwner);
    });
    const stake = verifySingleAssetStake(tx.stake);
    refuseIf(stake !== tx.validator.weight, () => delegatorMismatch(tx.validator, stake));
  },
  TransferSubnetOwnershipTx: (tx, chain) => {
    refuseIf(tx.subnetID === PRIMARY_NETWORK_ID, "cannot transfer ownership of a permissionless subnet");
    verifyBase(tx, chain);
    verifyAuthorization(tx.subnetAuthorization);
    verifyOwner(tx.newOwner);
  },
  ConvertSubnetToL1Tx: (tx, chain) => {
    refuseIf(tx.subnetID === PRIMARY_NETWORK_ID, "cannot convert a permissionless subnet");
    refuseIf(tx.address.length > MAX_MANAGER_ADDRESS_LENGTH, "address is too long");
    refuseIf(tx.validators.length === 0, "conversion must include at least one validator");
    refuseIf(
      !isSortedAndUnique(tx.validators, (a, b) => compareBytes(a.nodeID, b.nodeID)),
      "conversion validators must be sorted and unique",
    );
    verifyBase(tx, chain);
    tx.validators.forEach(verifyL1Validator);
    verifyAuthorization(tx.subnetAuthorization);
  },
  RegisterL1ValidatorTx: verifyBase,
  SetL1ValidatorWeightTx: verifyBase,
  IncreaseL1ValidatorBalanceTx: (tx, chain) => {
    refuseIf(tx.balance === 0n, "balance must be greater than 0");
    verifyBase(tx, chain);
  },
  DisableL1ValidatorTx: (tx, chain) => {
    verifyBase(tx, chain);
    verifyAuthorization(tx.disableAuthorization);
  },
  AddAutoRenewedValidatorTx: (tx, chain) => {
    refuseIf(tx.stake.length === 0, "no stake");
    refuseIf(tx.delegationShares > PERCENT_DENOMINATOR, TOO_MANY_SHARES);
    refuseIf(tx.autoCompoundRewardShares > PERCENT_DENOMINATOR, TOO_MANY_RESTAKED_SHARES);
    refuseIf(tx.period === 0n, "missing period");
    verifyNodeID(tx.nodeID);
    within("verifying BaseTx", () => verifyBase(tx, chain));
    within("verifying signer, rewards owners or validator authority", () => {
      verifySigner(tx.signer);
      verifyOwner(tx.validationRewardsOwner);
      verifyOwner(tx.delegationRewardsOwner);
      verifyOwner(tx.validatorAuthority);
    });
    refuseIf(tx.signer === undefined, "missing signer");
    within("verifying output", () => tx.stake.forEach(verifyOutput));
    refuseIf(
      tx.stake.some(({ assetID }) => assetID !== chain.avaxAssetID),
      "invalid staked asset",
    );
    total(tx.stake);
    verifyOrder(tx.stake);
  },
  SetAutoRenewedValidatorConfigTx: (tx, chain) => {
    refuseIf(tx.txID === EMPTY_ID, "missing tx id");
    refuseIf(tx.autoCompoundRewardShares > PERCENT_DENOMINATOR, TOO_MANY_RESTAKED_SHARES);
    verifyBase(tx, chain);
    verifyAuthorization(tx.auth);
  },
};

const TOO_MANY_SHARES = `a staker can only require at most ${PERCENT_DENOMINATOR} shares from delegators`;
const TOO_MANY_RESTAKED_SHARES = `a staker can only restake at most ${PERCENT_DENOMINATOR} shares from rewards`;

function verifyTransformation(tx: UnsignedTxOf<"TransformSubnetTx">, chain: Chain): void {
  const whole = BigInt(PERCENT_DENOMINATOR);
  refuseIf(tx.subnetID === PRIMARY_NETWORK_ID, "cannot transform primary network");
  refuseIf(tx.assetID === EMPTY_ID, "empty asset ID is not valid");
  refuseIf(tx.assetID === chain.avaxAssetID, "asset ID can't be AVAX");
  refuseIf(tx.initialSupply === 0n, "initial supply must be non-0");
  refuseIf(tx.initialSupply > tx.maximumSupply, "initial supply can't be greater than maximum supply");
  refuseIf(
    tx.minConsumptionRate > tx.maxConsumptionRate,
    "min consumption rate must be less than or equal to max consumption rate",
  );
  refuseIf(tx.maxConsumptionRate > whole, `max consumption rate must be less than or equal to ${whole}`);
  refuseIf(tx.minValidatorStake === 0n, "min validator stake must be non-0");
  refuseIf(tx.minValidatorStake > tx.initialSupply, "min validator stake must be less than or equal to initial supply");
  refuseIf(
    tx.minValidatorStake > tx.maxValidatorStake,
    "min validator stake must be less than or equal to max validator stake",
  );
  refuseIf(tx.maxValidatorStake > tx.maximumSupply, "max validator stake must be less than or equal to max supply");
  refuseIf(tx.minStakeDuration === 0, "min stake duration must be non-0");
  refuseIf(
    tx.minStakeDuration > tx.maxStakeDuration,
    "min stake duration must be less than or equal to max stake duration",
  );
  refuseIf(tx.minDelegationFee > PERCENT_DENOMINATOR, `min delegation fee must be less than or equal to ${whole}`);
  refuseIf(tx.minDelegatorStake === 0n, "min delegator stake must be non-0");
  refuseIf(tx.maxValidatorWeightFactor === 0, "max validator weight factor must be non-0");
  refuseIf(tx.uptimeRequirement > PERCENT_DENOMINATOR, `uptime requirement must be less than or equal to ${whole}`);
  verifyBase(tx, chain);
  verifyAuthorization(tx.subnetAuthorization);
}

function weightMismatch({ weight }: Validator, stake: bigint): string {
  return `validator weight mismatch: weight ${weight} != stake ${stake}`;
}

function delegatorMismatch({ weight }: Validator, stake: bigint): string {
  return `delegator weight is not equal to total stake weight, delegator weight ${weight} total stake weight ${stake}`;
}
