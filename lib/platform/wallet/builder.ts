/**
 * Builds P-Chain transactions: the same ones, byte for byte, that upstream's wallet builds from the same UTXOs.
 *
 * Source: upstream `wallet/chain/p/builder`.
 *
 * @module
 */

import { compareBytes, toHex } from "../../core/bytes.ts";
import { compareIDs, type ID, PLATFORM_CHAIN_ID } from "../../core/ids/id.ts";
import { type NodeID, nodeIDToBytes } from "../../core/ids/node_id.ts";
import type { ProofOfPossession } from "../../core/staking/proof_of_possession.ts";
import { NO_COMPLEXITY, txComplexity } from "./complexity.ts";
import { checkUint64, WalletError } from "./errors.ts";
import { compareInputs, sortedOutputs } from "./marshal.ts";
import { type BuilderContext, matchOwners, spend } from "./spend.ts";
import type {
  Authorization,
  Input,
  L1Validator,
  Output,
  Owner,
  Signer,
  SubnetValidator,
  TxBodies,
  TxType,
  UnsignedTx,
  UnsignedTxOf,
  UTXO,
  Validator,
} from "./transaction.ts";

/** What a builder may spend and whom it may act for. */
export interface BuilderState {
  /** UTXOs that came from a chain, in the order in which they are tried; the P-Chain's own for its ID. */
  utxos(chainID: ID): readonly UTXO[];
  /** Who owns a subnet, or may deactivate a validator; `undefined` where nobody knows. */
  owner(id: ID): Owner | undefined;
}

/** What any transaction may be built with. */
export interface BuildOptions {
  /** Unix seconds: what is locked until later is not spent. */
  readonly minIssuanceTime: bigint;
  /** Refused by the chain since the Durango upgrade. @default Empty. */
  readonly memo?: Uint8Array | undefined;
  /** Who gets what is over. @default The first address. */
  readonly changeOwner?: Owner | undefined;
  /**
   * Into how many outputs the AVAX that is over is divided, so that as many transactions can follow at one time.
   *
   * @default {1}
   */
  readonly changeOutputs?: number | undefined;
}

/** What paying for a transaction takes beside its fee. */
interface Payment {
  readonly toBurn?: ReadonlyMap<ID, bigint>;
  readonly toStake?: ReadonlyMap<ID, bigint>;
  readonly excessAVAX?: bigint;
  readonly excessOwner?: Owner;
}

/**
 * Makes transactions of the P-Chain, unsigned, from what can be spent: {@link PChainWallet.issue} hands it out.
 *
 * @example
 * ```ts
 * async function createSubnet(wallet: PChainWallet): Promise<ID> {
 *   const { ownOwner } = wallet.state;
 *   return (await wallet.issue((builder, options) => builder.newCreateSubnetTx(ownOwner, options))).txID;
 * }
 * ```
 */
export class PChainBuilder {
  readonly #addresses: readonly Uint8Array[];
  readonly #known: ReadonlySet<string>;
  readonly #context: BuilderContext;
  readonly #state: BuilderState;

  /** @param addresses Whose keys there are, 20 bytes each; the first one gets the change. */
  constructor(addresses: readonly Uint8Array[], context: BuilderContext, state: BuilderState) {
    this.#addresses = addresses;
    this.#known = new Set(addresses.map(toHex));
    this.#context = context;
    this.#state = state;
  }

  /** A transfer on the P-Chain. */
  newBaseTx(outputs: readonly Output[], options: BuildOptions): UnsignedTxOf<"BaseTx"> {
    return this.#build("BaseTx", {}, { toBurn: sums(outputs) }, options, outputs);
  }

  /** A validator of the Primary Network, as it was before the Durango upgrade. */
  newAddValidatorTx(
    validator: Validator,
    rewardsOwner: Owner,
    shares: number,
    options: BuildOptions,
  ): UnsignedTxOf<"AddValidatorTx"> {
    const body = { validator, stake: [], rewardsOwner: sortedOwner(rewardsOwner), shares };
    return this.#build("AddValidatorTx", body, this.#stake(this.#context.avaxAssetID, validator.weight), options);
  }

  /** Makes a validator of the Primary Network one of a subnet. */
  newAddSubnetValidatorTx(validator: SubnetValidator, options: BuildOptions): UnsignedTxOf<"AddSubnetValidatorTx"> {
    const subnetAuthorization = this.#authorize(validator.subnetID, options);
    return this.#build("AddSubnetValidatorTx", { validator, subnetAuthorization }, {}, options);
  }

  /** Ends a subnet validator's time. */
  newRemoveSubnetValidatorTx(
    nodeID: NodeID,
    subnetID: ID,
    options: BuildOptions,
  ): UnsignedTxOf<"RemoveSubnetValidatorTx"> {
    const subnetAuthorization = this.#authorize(subnetID, options);
    return this.#build("RemoveSubnetValidatorTx", { nodeID, subnetID, subnetAuthorization }, {}, options);
  }

  /** A delegator of the Primary Network, as it was before the Durango upgrade. */
  newAddDelegatorTx(validator: Validator, rewardsOwner: Owner, options: BuildOptions): UnsignedTxOf<"AddDelegatorTx"> {
    const body = { validator, stake: [], rewardsOwner: sortedOwner(rewardsOwner) };
    return this.#build("AddDelegatorTx", body, this.#stake(this.#context.avaxAssetID, validator.weight), options);
  }

  /**
   * A new chain of a subnet.
   *
   * @param chainName Letters, digits and spaces, at most 128.
   */
  newCreateChainTx(
    chain: {
      readonly subnetID: ID;
      readonly genesis: Uint8Array;
      readonly vmID: ID;
      readonly fxIDs?: readonly ID[];
      readonly chainName?: string;
    },
    options: BuildOptions,
  ): UnsignedTxOf<"CreateChainTx"> {
    const { subnetID, genesis, vmID, fxIDs = [], chainName = "" } = chain;
    const subnetAuthorization = this.#authorize(subnetID, options);
    const sorted = fxIDs.toSorted(compareIDs);
    const body = { subnetID, chainName, vmID, fxIDs: sorted, genesisData: genesis, subnetAuthorization };
    return this.#build("CreateChainTx", body, {}, options);
  }

  /** A new subnet; its ID is the transaction's. */
  newCreateSubnetTx(owner: Owner, options: BuildOptions): UnsignedTxOf<"CreateSubnetTx"> {
    return this.#build("CreateSubnetTx", { owner: sortedOwner(owner) }, {}, options);
  }

  /** Gives a subnet to somebody else. */
  newTransferSubnetOwnershipTx(
    subnetID: ID,
    newOwner: Owner,
    options: BuildOptions,
  ): UnsignedTxOf<"TransferSubnetOwnershipTx"> {
    const subnetAuthorization = this.#authorize(subnetID, options);
    const body = { subnetID, subnetAuthorization, newOwner: sortedOwner(newOwner) };
    return this.#build("TransferSubnetOwnershipTx", body, {}, options);
  }

  /**
   * Makes a subnet an L1.
   *
   * @param conversion `chainID` and `address`: where the contract is that manages its validators.
   */
  newConvertSubnetToL1Tx(
    conversion: {
      readonly subnetID: ID;
      readonly chainID: ID;
      readonly address: Uint8Array;
      readonly validators: readonly L1Validator[];
    },
    options: BuildOptions,
  ): UnsignedTxOf<"ConvertSubnetToL1Tx"> {
    const { subnetID, chainID, address } = conversion;
    const balances = conversion.validators.reduce((sum, { balance }) => checkUint64(sum + balance), 0n);
    const subnetAuthorization = this.#authorize(subnetID, options);
    const validators = conversion.validators.toSorted((a, b) => compareBytes(a.nodeID, b.nodeID));
    const body = { subnetID, chainID, address, validators, subnetAuthorization };
    return this.#build("ConvertSubnetToL1Tx", body, this.#burn(balances), options);
  }

  /**
   * A new validator of an L1.
   *
   * @param message A warp message that the L1's validators signed.
   */
  newRegisterL1ValidatorTx(
    balance: bigint,
    proofOfPossession: Uint8Array,
    message: Uint8Array,
    options: BuildOptions,
  ): UnsignedTxOf<"RegisterL1ValidatorTx"> {
    return this.#build("RegisterL1ValidatorTx", { balance, proofOfPossession, message }, this.#burn(balance), options);
  }

  /**
   * Another weight for an L1's validator; 0 removes it.
   *
   * @param message A warp message that the L1's validators signed.
   */
  newSetL1ValidatorWeightTx(message: Uint8Array, options: BuildOptions): UnsignedTxOf<"SetL1ValidatorWeightTx"> {
    return this.#build("SetL1ValidatorWeightTx", { message }, {}, options);
  }

  /** More for an L1 validator's continuous fee; one that was inactive is active again. */
  newIncreaseL1ValidatorBalanceTx(
    validationID: ID,
    balance: bigint,
    options: BuildOptions,
  ): UnsignedTxOf<"IncreaseL1ValidatorBalanceTx"> {
    return this.#build("IncreaseL1ValidatorBalanceTx", { validationID, balance }, this.#burn(balance), options);
  }

  /** Makes an L1's validator inactive, and gives back what is left of its balance. */
  newDisableL1ValidatorTx(validationID: ID, options: BuildOptions): UnsignedTxOf<"DisableL1ValidatorTx"> {
    const disableAuthorization = this.#authorize(validationID, options);
    return this.#build("DisableL1ValidatorTx", { validationID, disableAuthorization }, {}, options);
  }

  /** Takes in all that was exported from another chain to these addresses. */
  newImportTx(sourceChain: ID, to: Owner, options: BuildOptions): UnsignedTxOf<"ImportTx"> {
    const importedInputs: Input[] = [];
    const amounts = new Map<ID, bigint>();
    for (const { txID, outputIndex, assetID, amount, owner, stakeableLocktime } of this.#state.utxos(sourceChain)) {
      if (stakeableLocktime !== undefined) continue;
      const sigIndices = matchOwners(owner, this.#known, options.minIssuanceTime);
      if (sigIndices === undefined) continue;
      importedInputs.push({ txID, outputIndex, assetID, amount, sigIndices });
      amounts.set(assetID, checkUint64((amounts.get(assetID) ?? 0n) + amount));
    }
    if (importedInputs.length === 0) {
      throw new WalletError({ code: "insufficient-funds" }, "insufficient funds: no UTXOs available to import");
    }
    const { avaxAssetID } = this.#context;
    const outputs = [...amounts]
      .filter(([assetID]) => assetID !== avaxAssetID)
      .map(([assetID, amount]) => ({ assetID, amount, owner: to }));
    const body = { sourceChain, importedInputs: importedInputs.sort(compareInputs) };
    const payment = { excessAVAX: amounts.get(avaxAssetID) ?? 0n, excessOwner: to };
    return this.#build("ImportTx", body, payment, options, outputs);
  }

  /** Sends value to another chain, where it is imported. */
  newExportTx(destinationChain: ID, outputs: readonly Output[], options: BuildOptions): UnsignedTxOf<"ExportTx"> {
    const body = { destinationChain, exportedOutputs: sortedOutputs(outputs) };
    return this.#build("ExportTx", body, { toBurn: sums(outputs) }, options);
  }

  /** Makes a subnet permissionless with an asset of its own, as it was before the Etna upgrade. */
  newTransformSubnetTx(
    transformation: Omit<TxBodies["TransformSubnetTx"], "subnetAuthorization">,
    options: BuildOptions,
  ): UnsignedTxOf<"TransformSubnetTx"> {
    const { subnetID, assetID, maximumSupply, initialSupply } = transformation;
    const subnetAuthorization = this.#authorize(subnetID, options);
    // As upstream's uint64: less than nothing is very much.
    const toBurn = new Map([[assetID, BigInt.asUintN(64, maximumSupply - initialSupply)]]);
    return this.#build("TransformSubnetTx", { ...transformation, subnetAuthorization }, { toBurn }, options);
  }

  /**
   * A validator with stake.
   *
   * @param signer The node's BLS key on the Primary Network; none elsewhere.
   * @param assetID What is staked.
   */
  newAddPermissionlessValidatorTx(
    validator: SubnetValidator,
    signer: Signer,
    assetID: ID,
    owners: { readonly validationRewards: Owner; readonly delegationRewards: Owner },
    shares: number,
    options: BuildOptions,
  ): UnsignedTxOf<"AddPermissionlessValidatorTx"> {
    const body = {
      validator,
      subnetID: validator.subnetID,
      signer,
      stake: [],
      validationRewardsOwner: sortedOwner(owners.validationRewards),
      delegationRewardsOwner: sortedOwner(owners.delegationRewards),
      shares,
    };
    return this.#build("AddPermissionlessValidatorTx", body, this.#stake(assetID, validator.weight), options);
  }

  /** Stake for somebody else's validator. */
  newAddPermissionlessDelegatorTx(
    validator: SubnetValidator,
    assetID: ID,
    rewardsOwner: Owner,
    options: BuildOptions,
  ): UnsignedTxOf<"AddPermissionlessDelegatorTx"> {
    const body = { validator, subnetID: validator.subnetID, stake: [], rewardsOwner: sortedOwner(rewardsOwner) };
    return this.#build("AddPermissionlessDelegatorTx", body, this.#stake(assetID, validator.weight), options);
  }

  /** A validator of the Primary Network that goes on until it is told to stop (Helicon upgrade). */
  newAddAutoRenewedValidatorTx(
    validator: {
      readonly nodeID: NodeID;
      readonly weight: bigint;
      readonly signer: ProofOfPossession;
      readonly delegationShares: number;
      readonly autoCompoundRewardShares: number;
      /** Seconds. */
      readonly period: bigint;
    },
    owners: { readonly validationRewards: Owner; readonly delegationRewards: Owner; readonly authority: Owner },
    options: BuildOptions,
  ): UnsignedTxOf<"AddAutoRenewedValidatorTx"> {
    const { nodeID, weight, signer, delegationShares, autoCompoundRewardShares, period } = validator;
    const body = {
      nodeID: nodeIDToBytes(nodeID),
      signer,
      stake: [],
      validationRewardsOwner: sortedOwner(owners.validationRewards),
      delegationRewardsOwner: sortedOwner(owners.delegationRewards),
      validatorAuthority: sortedOwner(owners.authority),
      delegationShares,
      autoCompoundRewardShares,
      period,
    };
    const payment = this.#stake(this.#context.avaxAssetID, weight);
    return this.#build("AddAutoRenewedValidatorTx", body, payment, options);
  }

  /**
   * Tells such a validator how to go on.
   *
   * @param period Seconds; 0 ends it with its cycle.
   */
  newSetAutoRenewedValidatorConfigTx(
    txID: ID,
    autoCompoundRewardShares: number,
    period: bigint,
    options: BuildOptions,
  ): UnsignedTxOf<"SetAutoRenewedValidatorConfigTx"> {
    const auth = within("authorizing SetAutoRenewedValidatorConfigTx", () => this.#authorize(txID, options));
    const body = { txID, auth, autoCompoundRewardShares, period };
    return this.#build("SetAutoRenewedValidatorConfigTx", body, {}, options);
  }

  /** What can be spent, by asset; what is locked is left out. */
  balances(options: Pick<BuildOptions, "minIssuanceTime">, chainID: ID = PLATFORM_CHAIN_ID): Map<ID, bigint> {
    const balances = new Map<ID, bigint>();
    for (const { assetID, amount, owner, stakeableLocktime = 0n } of this.#state.utxos(chainID)) {
      if (stakeableLocktime > options.minIssuanceTime) continue;
      if (matchOwners(owner, this.#known, options.minIssuanceTime) === undefined) continue;
      balances.set(assetID, checkUint64((balances.get(assetID) ?? 0n) + amount));
    }
    return balances;
  }

  /** A transaction without inputs tells the complexity to begin with; what pays for it is filled in then. */
  #build<T extends TxType>(
    type: T,
    body: TxBodies[T],
    payment: Payment,
    { minIssuanceTime, memo = NO_MEMO, changeOwner, changeOutputs = 1 }: BuildOptions,
    outputs: readonly Output[] = [],
  ): UnsignedTxOf<T> {
    const { networkID } = this.#context;
    const draft = { type, networkID, blockchainID: PLATFORM_CHAIN_ID, outputs, inputs: [], memo, ...body };
    const isPriced = !UNPRICED.has(type);
    const complexity = isPriced ? txComplexity(draft as unknown as UnsignedTx) : NO_COMPLEXITY;
    const [first] = this.#addresses;
    if (first === undefined) throw new WalletError({ code: "no-change-address" }, "no possible change address");
    const change = changeOwner ?? { locktime: 0n, threshold: 1, addresses: [first] };
    const spending = within(SPENDING[type], () =>
      spend({
        context: this.#context,
        utxos: this.#state.utxos(PLATFORM_CHAIN_ID),
        addresses: this.#known,
        minIssuanceTime,
        changeOwner: change,
        changeOutputs,
        excessOwner: payment.excessOwner ?? change,
        excessAVAX: payment.excessAVAX ?? 0n,
        toBurn: payment.toBurn ?? new Map(),
        toStake: payment.toStake ?? new Map(),
        complexity,
      }),
    );
    return {
      ...draft,
      outputs: sortedOutputs([...outputs, ...spending.change]),
      inputs: spending.inputs,
      ...("stake" in body ? { stake: spending.stake } : {}),
    } as unknown as UnsignedTxOf<T>;
  }

  #authorize(id: ID, { minIssuanceTime }: BuildOptions): Authorization {
    const owner = this.#state.owner(id);
    if (owner === undefined) {
      throw new WalletError({ code: "unknown-owner", id }, `failed to fetch owner for "${id}": not found`);
    }
    const signatureIndices = matchOwners(owner, this.#known, minIssuanceTime);
    if (signatureIndices === undefined) {
      throw new WalletError({ code: "insufficient-authorization", id }, "insufficient authorization");
    }
    return { signatureIndices };
  }

  #burn(amount: bigint): Payment {
    return { toBurn: new Map([[this.#context.avaxAssetID, amount]]) };
  }

  #stake(assetID: ID, amount: bigint): Payment {
    return { toStake: new Map([[assetID, amount]]) };
  }
}

const NO_MEMO = new Uint8Array();

/** Kinds that no chain takes any more: upstream builds them without a fee. */
const UNPRICED: ReadonlySet<TxType> = new Set(["AddValidatorTx", "AddDelegatorTx", "TransformSubnetTx"]);

/** What upstream puts before the reason where paying for a transaction fails. */
const SPENDING: { readonly [T in TxType]?: string } = {
  ImportTx: "couldn't generate tx inputs/outputs",
  AddAutoRenewedValidatorTx: "spending for AddAutoRenewedValidatorTx",
  SetAutoRenewedValidatorConfigTx: "spending for SetAutoRenewedValidatorConfigTx",
};

function within<T>(what: string | undefined, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (what === undefined || !(error instanceof WalletError)) throw error;
    throw new WalletError(error.type, `${what}: ${error.message}`, { cause: error });
  }
}

function sums(outputs: readonly Output[]): Map<ID, bigint> {
  const amounts = new Map<ID, bigint>();
  for (const { assetID, amount } of outputs) {
    amounts.set(assetID, checkUint64((amounts.get(assetID) ?? 0n) + amount));
  }
  return amounts;
}

function sortedOwner(owner: Owner): Owner {
  return { ...owner, addresses: owner.addresses.toSorted(compareBytes) };
}
