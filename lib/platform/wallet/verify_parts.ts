/**
 * Finds what is wrong with the parts that transactions have in common: outputs, inputs, owners, stakes, signers.
 *
 * The texts are upstream's, as in `verify.ts`; each check throws a {@link WalletError} `invalid` with one.
 *
 * @module
 */

import { compareBytes } from "../../core/bytes.ts";
import { errorMessage } from "../../core/errors.ts";
import { EMPTY_ID, type ID, PLATFORM_CHAIN_ID } from "../../core/ids/id.ts";
import { EMPTY_NODE_ID, nodeIDFromBytes } from "../../core/ids/node_id.ts";
import { verifyProofOfPossession } from "../../core/staking/proof_of_possession.ts";
import { checkUint64, WalletError } from "./errors.ts";
import { areSortedOutputs, compareInputs } from "./marshal.ts";
import type { BuilderContext } from "./spend.ts";
import type { Authorization, BaseFields, Input, L1Validator, Output, Owner, Signer, Validator } from "./transaction.ts";

const MAX_MEMO_LENGTH = 256;

export const INPUTS_NOT_SORTED = "inputs not sorted and unique";
export const EMPTY_NODE = "validator nodeID cannot be empty";

/** What a transaction must be made for. */
export type Chain = Pick<BuilderContext, "networkID" | "avaxAssetID">;

/** What all transactions begin with. */
export function verifyBase({ networkID, blockchainID, outputs, inputs, memo }: BaseFields, chain: Chain): void {
  within("metadata failed verification", () => {
    refuseIf(networkID !== chain.networkID, "tx has wrong network ID");
    refuseIf(blockchainID !== PLATFORM_CHAIN_ID, "tx has wrong chain ID");
    refuseIf(memo.length > MAX_MEMO_LENGTH, `memo exceeds maximum length: ${memo.length} > ${MAX_MEMO_LENGTH}`);
  });
  within("output failed verification", () => outputs.forEach(verifyOutput));
  within("input failed verification", () => inputs.forEach(verifyInput));
  verifyOrder(outputs);
  refuseIf(!isSortedAndUnique(inputs, compareInputs), INPUTS_NOT_SORTED);
}

export function verifyOutput({ assetID, amount, owner, stakeableLocktime }: Output): void {
  verifyAsset(assetID);
  refuseIf(stakeableLocktime === 0n, "invalid locktime");
  refuseIf(amount === 0n, "output has no value");
  verifyOwner(owner);
}

export function verifyInput({ assetID, amount, sigIndices, stakeableLocktime }: Input): void {
  verifyAsset(assetID);
  refuseIf(stakeableLocktime === 0n, "invalid locktime");
  refuseIf(amount === 0n, "input has no value");
  verifyAuthorization({ signatureIndices: sigIndices });
}

function verifyAsset(assetID: ID): void {
  refuseIf(assetID === EMPTY_ID, "empty asset ID is not valid");
}

/** Owners must be able to spend, and be written in the one way that there is. */
export function verifyOwner({ threshold, addresses }: Pick<Owner, "threshold" | "addresses">): void {
  refuseIf(threshold > addresses.length, "output is unspendable");
  refuseIf(threshold === 0 && addresses.length > 0, "output representation should be optimized");
  refuseIf(!isSortedAndUnique(addresses, compareBytes), "addresses not sorted and unique");
}

export function verifyAuthorization({ signatureIndices }: Authorization): void {
  const isSorted = isSortedAndUnique(signatureIndices, (a, b) => a - b);
  refuseIf(!isSorted, "address indices not sorted and unique");
}

export function verifyValidator({ weight }: Validator): void {
  refuseIf(weight === 0n, "weight of this validator is too low");
}

export function verifySigner(signer: Signer): void {
  if (signer !== undefined) within("", () => verifyProofOfPossession(signer));
}

export function verifyL1Validator(validator: L1Validator): void {
  refuseIf(validator.weight === 0n, "validator weight must be non-zero");
  verifyNodeID(validator.nodeID);
  verifySigner(validator.signer);
  verifyOwner(validator.remainingBalanceOwner);
  verifyOwner(validator.deactivationOwner);
}

export function verifyNodeID(bytes: Uint8Array): void {
  within("", () => refuseIf(nodeIDFromBytes(bytes) === EMPTY_NODE_ID, EMPTY_NODE));
}

/** A stake on the Primary Network is AVAX alone. */
export function verifyAVAXStake(stake: readonly Output[], chain: Chain, where: string): void {
  for (const output of stake) {
    within(where, () => verifyOutput(output));
    refuseIf(output.assetID !== chain.avaxAssetID, `stake must be AVAX but is "${output.assetID}"`);
  }
}

/** @returns What is staked. */
export function verifySingleAssetStake(stake: readonly Output[]): bigint {
  within("failed to verify output", () => stake.forEach(verifyOutput));
  const first = stake[0]?.assetID;
  const other = stake.find(({ assetID }) => assetID !== first);
  if (other !== undefined) refuseIf(true, `multiple staked assets: "${first}" and "${other.assetID}"`);
  const amount = total(stake);
  verifyOrder(stake);
  return amount;
}

/** Outputs must be sorted. */
export function verifyOrder(outputs: readonly Output[]): void {
  refuseIf(!areSortedOutputs(outputs), "outputs not sorted");
}

/** What outputs hold together. More than 64 bits is refused. */
export function total(stake: readonly Output[]): bigint {
  return stake.reduce((sum, { amount }) => checkUint64(sum + amount), 0n);
}

/** Whether each is greater than the one before. */
export function isSortedAndUnique<T>(items: readonly T[], compare: (a: T, b: T) => number): boolean {
  return items.every((item, i) => i === 0 || compare(items[i - 1] as T, item) < 0);
}

/** Refuses with a text, which is made only where it is told. */
export function refuseIf(isWrong: boolean, message: string | (() => string)): void {
  if (isWrong) throw new WalletError({ code: "invalid" }, typeof message === "string" ? message : message());
}

/** Says of what is found wrong where it was. */
export function within(where: string, check: () => void): void {
  try {
    check();
  } catch (cause) {
    const message = where === "" ? errorMessage(cause) : `${where}: ${errorMessage(cause)}`;
    throw new WalletError({ code: "invalid" }, message, { cause });
  }
}
