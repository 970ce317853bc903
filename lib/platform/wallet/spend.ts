/**
 * Chooses which UTXOs pay for a transaction and what goes back, exactly as upstream's builder does.
 *
 * UTXOs are taken in the order in which they are given until it is enough; each adds to the fee that it helps to pay.
 * Source: upstream `wallet/chain/p/builder/builder.go` `spend`.
 *
 * @module
 */

import { toHex } from "../../core/bytes.ts";
import type { ID } from "../../core/ids/id.ts";
import { addWork, type Dimensions, feeOf, inputWork, outputWork } from "./complexity.ts";
import { checkUint64, WalletError } from "./errors.ts";
import { compareInputs, sortedOutputs } from "./marshal.ts";
import type { Input, Output, Owner, UTXO } from "./transaction.ts";

/** What builders know of their chain. */
export interface BuilderContext {
  readonly networkID: number;
  readonly avaxAssetID: ID;
  readonly complexityWeights: Dimensions;
  /** nAVAX for a unit of gas. */
  readonly gasPrice: bigint;
}

/** What is to be paid, and with what. */
export interface SpendRequest {
  readonly context: BuilderContext;
  readonly utxos: readonly UTXO[];
  /** In hex: whose signatures can be had. */
  readonly addresses: ReadonlySet<string>;
  /** Unix seconds: what is locked until later is not spent. */
  readonly minIssuanceTime: bigint;
  readonly changeOwner: Owner;
  /** Into how many outputs AVAX that is over is divided. */
  readonly changeOutputs: number;
  /** Who gets AVAX that is over where no UTXO was needed for it. */
  readonly excessOwner: Owner;
  /** AVAX that is there to begin with: what is imported. */
  readonly excessAVAX: bigint;
  /** By asset: what is spent without an output of its own. */
  readonly toBurn: ReadonlyMap<ID, bigint>;
  /** By asset: what is put into stake outputs; what is locked goes there first. */
  readonly toStake: ReadonlyMap<ID, bigint>;
  /** Of the transaction without what is chosen here. */
  readonly complexity: Dimensions;
}

/** What was chosen, each part sorted. */
export interface Spending {
  readonly inputs: Input[];
  readonly change: Output[];
  readonly stake: Output[];
}

/** @throws {WalletError} `insufficient-funds` or `overflow`. */
export function spend(request: SpendRequest): Spending {
  const { context, changeOwner, minIssuanceTime } = request;
  const { avaxAssetID } = context;
  const { locked, unlocked } = splitByLocktime(request.utxos, minIssuanceTime);
  const tally = new Tally(request);

  for (const utxo of locked) {
    if (!tally.needsStake(utxo.assetID)) continue;
    const sigIndices = matchOwners(utxo.owner, request.addresses, minIssuanceTime);
    if (sigIndices === undefined) continue;
    const { assetID, owner, stakeableLocktime } = utxo;
    tally.addInput(utxo, sigIndices, stakeableLocktime);
    const excess = tally.stake(assetID, utxo.amount);
    const lock = stakeableLocktime === undefined ? {} : { stakeableLocktime };
    tally.addStake({ assetID, amount: utxo.amount - excess, owner, ...lock });
    if (excess > 0n) tally.addChange({ assetID, amount: excess, owner, ...lock });
  }
  // What is still to be staked comes from unlocked UTXOs.
  for (const [assetID, amount] of tally.toStake) {
    if (amount > 0n) tally.addStake({ assetID, amount, owner: changeOwner });
  }
  for (const utxo of unlocked.filter(({ assetID }) => assetID !== avaxAssetID)) {
    if (!tally.needs(utxo.assetID)) continue;
    const sigIndices = matchOwners(utxo.owner, request.addresses, minIssuanceTime);
    if (sigIndices === undefined) continue;
    tally.addInput(utxo, sigIndices);
    const excess = tally.consume(utxo.assetID, utxo.amount);
    if (excess > 0n) tally.addChange({ assetID: utxo.assetID, amount: excess, owner: changeOwner });
  }
  return payFee(request, tally, unlocked);
}

/** AVAX comes last: each UTXO that is spent adds to the fee. */
function payFee(request: SpendRequest, tally: Tally, unlocked: readonly UTXO[]): Spending {
  const { avaxAssetID } = request.context;
  let { excessAVAX, excessOwner } = request;
  for (const utxo of unlocked.filter(({ assetID }) => assetID === avaxAssetID)) {
    const fee = tally.fee();
    if (!tally.needs(avaxAssetID) && excessAVAX >= fee) break;
    const sigIndices = matchOwners(utxo.owner, request.addresses, request.minIssuanceTime);
    if (sigIndices === undefined) continue;
    tally.addInput(utxo, sigIndices);
    excessAVAX = checkUint64(excessAVAX + tally.consume(avaxAssetID, utxo.amount));
    excessOwner = request.changeOwner;
  }
  tally.checkConsumed();

  const fee = tally.fee();
  if (excessAVAX < fee) {
    const missing = fee - excessAVAX;
    throw new WalletError(
      { code: "insufficient-funds", assetID: avaxAssetID, missing },
      `insufficient funds: provided UTXOs needed ${missing} more nAVAX ("${avaxAssetID}")`,
    );
  }
  const change = { assetID: avaxAssetID, amount: 0n, owner: excessOwner };
  return {
    inputs: tally.inputs.toSorted(compareInputs),
    change: sortedOutputs([...tally.change, ...excessOutputs(request, tally, change, excessAVAX)]),
    stake: sortedOutputs(tally.stakeOutputs),
  };
}

/** Change that is worth less than its output costs is burnt. */
function excessOutputs(request: SpendRequest, tally: Tally, change: Output, excess: bigint): Output[] {
  for (let count = request.changeOutputs; count > 0; count--) {
    const amount = excess - tally.feeWith(Array.from({ length: count }, () => change));
    const share = amount / BigInt(count);
    if (share <= 0n) continue;
    const shares = Array.from({ length: count }, () => ({ ...change, amount: share }));
    return shares.with(0, { ...change, amount: amount - share * BigInt(count - 1) });
  }
  return [];
}

/**
 * Which of an owner's addresses sign.
 *
 * @param addresses In hex: whose signatures can be had.
 * @returns `undefined` when they are too few, or it is too early.
 */
export function matchOwners(
  { locktime, threshold, addresses: owners }: Owner,
  addresses: ReadonlySet<string>,
  minIssuanceTime: bigint,
): number[] | undefined {
  if (locktime > minIssuanceTime) return undefined;
  const indices: number[] = [];
  for (let i = 0; i < owners.length && indices.length < threshold; i++) {
    if (addresses.has(toHex(owners[i] as Uint8Array))) indices.push(i);
  }
  return indices.length === threshold ? indices : undefined;
}

function splitByLocktime(utxos: readonly UTXO[], minIssuanceTime: bigint): { locked: UTXO[]; unlocked: UTXO[] } {
  const isLocked = ({ stakeableLocktime = 0n }: UTXO) => minIssuanceTime < stakeableLocktime;
  return { locked: utxos.filter(isLocked), unlocked: utxos.filter((utxo) => !isLocked(utxo)) };
}

/** What was chosen so far, and what is still needed. */
class Tally {
  readonly inputs: Input[] = [];
  readonly change: Output[] = [];
  readonly stakeOutputs: Output[] = [];
  readonly toStake: Map<ID, bigint>;
  readonly #toBurn: Map<ID, bigint>;
  readonly #context: BuilderContext;
  #complexity: Dimensions;

  constructor({ context, toBurn, toStake, complexity }: SpendRequest) {
    this.#context = context;
    this.#toBurn = new Map(toBurn);
    this.toStake = new Map(toStake);
    this.#complexity = complexity;
  }

  needsStake(assetID: ID): boolean {
    return (this.toStake.get(assetID) ?? 0n) > 0n;
  }

  needs(assetID: ID): boolean {
    return (this.#toBurn.get(assetID) ?? 0n) > 0n || this.needsStake(assetID);
  }

  addInput({ txID, outputIndex, assetID, amount }: UTXO, sigIndices: number[], stakeableLocktime?: bigint): void {
    const lock = stakeableLocktime === undefined ? {} : { stakeableLocktime };
    const input = { txID, outputIndex, assetID, amount, sigIndices, ...lock };
    this.#complexity = addWork(this.#complexity, inputWork(input));
    this.inputs.push(input);
  }

  addChange(output: Output): void {
    this.change.push(output);
    this.#complexity = addWork(this.#complexity, outputWork(output));
  }

  addStake(output: Output): void {
    this.stakeOutputs.push(output);
    this.#complexity = addWork(this.#complexity, outputWork(output));
  }

  /** @returns What is over. */
  stake(assetID: ID, amount: bigint): bigint {
    return take(this.toStake, assetID, amount);
  }

  /** @returns What is over. */
  consume(assetID: ID, amount: bigint): bigint {
    return this.stake(assetID, take(this.#toBurn, assetID, amount));
  }

  fee(): bigint {
    return feeOf(this.#complexity, this.#context.complexityWeights, this.#context.gasPrice);
  }

  feeWith(outputs: readonly Output[]): bigint {
    const complexity = outputs.map(outputWork).reduce(addWork, this.#complexity);
    return feeOf(complexity, this.#context.complexityWeights, this.#context.gasPrice);
  }

  checkConsumed(): void {
    for (const [needed, purpose] of [
      [this.toStake, " to stake"],
      [this.#toBurn, ""],
    ] as const) {
      for (const [assetID, missing] of needed) {
        if (missing === 0n) continue;
        throw new WalletError(
          { code: "insufficient-funds", assetID, missing },
          `insufficient funds: provided UTXOs need ${missing} more units of asset "${assetID}"${purpose}`,
        );
      }
    }
  }
}

function take(needed: Map<ID, bigint>, assetID: ID, amount: bigint): bigint {
  const wanted = needed.get(assetID) ?? 0n;
  const taken = wanted < amount ? wanted : amount;
  if (taken > 0n) needed.set(assetID, wanted - taken);
  return amount - taken;
}
