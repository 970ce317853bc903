/**
 * What a wallet may spend and act for, and what becomes of that with each transaction that it makes.
 *
 * No node is asked here: transactions can be made before anything runs, and their IDs, which are those of subnets and
 * chains, are known then.
 *
 * @module
 */

import { bytesEqual, toHex } from "../../core/bytes.ts";
import { EMPTY_ID, type ID, PLATFORM_CHAIN_ID } from "../../core/ids/id.ts";
import type { Secp256k1PrivateKey } from "../../core/secp256k1/private_key.ts";
import type { GenesisInfo } from "../genesis/info.ts";
import { type BuilderState, type BuildOptions, PChainBuilder } from "./builder.ts";
import { type Dimensions, gasOf, txComplexity } from "./complexity.ts";
import type { SignedTx } from "./marshal.ts";
import { signTx } from "./sign.ts";
import type { BuilderContext } from "./spend.ts";
import type { Owner, UnsignedTx, UTXO } from "./transaction.ts";
import { utxoID } from "./utxo.ts";
import { verifyTx } from "./verify.ts";

/** How gas is weighed on all networks since the Etna upgrade: upstream `genesis`. */
export const COMPLEXITY_WEIGHTS: Dimensions = { bandwidth: 1n, dbRead: 1_000n, dbWrite: 1_000n, compute: 4n };

/** The chains that funds may come from. */
export type SourceChain = "X" | "C";

/** Makes a transaction with a builder. */
export type MakeTx = (builder: PChainBuilder, options: BuildOptions) => UnsignedTx;

/** How one transaction is made. */
export interface MakeOptions extends Omit<BuildOptions, "minIssuanceTime"> {
  /** Unix seconds. */
  readonly minIssuanceTime: bigint;
  /** nAVAX for a unit of gas; blocks take transactions that pay more first. @default What the context says. */
  readonly gasPrice?: bigint | undefined;
}

export class WalletState implements BuilderState {
  readonly keys: readonly Secp256k1PrivateKey[];
  readonly #context: BuilderContext;
  readonly #utxos = new Map<ID, Map<ID, UTXO>>();
  readonly #owners = new Map<ID, Owner>();
  readonly #addresses: ReadonlySet<string>;

  /** @param utxos The P-Chain's. */
  constructor(keys: readonly Secp256k1PrivateKey[], context: BuilderContext, utxos: readonly UTXO[]) {
    this.keys = keys;
    this.#context = context;
    this.#addresses = new Set(keys.map(({ address }) => toHex(address)));
    this.setUTXOs(PLATFORM_CHAIN_ID, utxos);
  }

  /**
   * The state in which a network begins: what its genesis gives to the keys.
   *
   * @param gasPrice What transactions are to pay: the least is 1.
   */
  static ofGenesis(genesis: GenesisInfo, keys: readonly Secp256k1PrivateKey[], gasPrice: bigint): WalletState {
    const { networkID, avaxAssetID, utxos } = genesis;
    const context = { networkID, avaxAssetID, complexityWeights: COMPLEXITY_WEIGHTS, gasPrice };
    const own = utxos
      .filter(({ address }) => keys.some((key) => bytesEqual(key.address, address)))
      .map(({ outputIndex, amount, address, locktime }): UTXO => {
        const owner = { locktime: 0n, threshold: 1, addresses: [address] };
        const lock = locktime === 0n ? {} : { stakeableLocktime: locktime };
        return { txID: EMPTY_ID, outputIndex, assetID: avaxAssetID, amount, owner, ...lock };
      });
    return new WalletState(keys, context, own);
  }

  get avaxAssetID(): ID {
    return this.#context.avaxAssetID;
  }

  get networkID(): number {
    return this.#context.networkID;
  }

  /** Who gets what is given to this wallet: its first key. */
  get ownOwner(): Owner {
    return ownerOf(this.keys.slice(0, 1).map(({ address }) => address));
  }

  utxos(chainID: ID): readonly UTXO[] {
    return [...(this.#utxos.get(chainID)?.values() ?? [])];
  }

  setUTXOs(chainID: ID, utxos: readonly UTXO[]): void {
    this.#utxos.set(chainID, new Map(utxos.map((utxo) => [utxoID(utxo), utxo])));
  }

  /** Who owns a subnet or may deactivate a validator, as far as this wallet has been told. */
  owner(id: ID): Owner | undefined {
    return this.#owners.get(id);
  }

  setOwner(id: ID, owner: Owner): void {
    this.#owners.set(id, owner);
  }

  /** The AVAX that can be spent now, in nAVAX. */
  balance(minIssuanceTime: bigint): bigint {
    return this.#builder(this.#context.gasPrice).balances({ minIssuanceTime }).get(this.avaxAssetID) ?? 0n;
  }

  /**
   * Makes and signs a transaction. What it spends is no more there for the next one.
   *
   * @throws {WalletError} As the builder; `invalid` for what no chain accepts. Nothing is spent then.
   */
  make(make: MakeTx, { gasPrice = this.#context.gasPrice, ...options }: MakeOptions): SignedTx {
    const unsigned = make(this.#builder(gasPrice), options);
    verifyTx(unsigned, this.#context);
    const tx = signTx(unsigned, this.keys, this);
    for (const input of tx.unsigned.inputs) this.#utxos.get(PLATFORM_CHAIN_ID)?.delete(utxoID(input));
    if (tx.unsigned.type === "ImportTx") {
      for (const input of tx.unsigned.importedInputs) this.#utxos.get(tx.unsigned.sourceChain)?.delete(utxoID(input));
    }
    return tx;
  }

  /** What follows once a transaction is accepted: what it gives to these keys, whom it makes an owner. */
  accept({ txID, unsigned }: SignedTx): void {
    const utxos = this.#utxos.get(PLATFORM_CHAIN_ID) as Map<ID, UTXO>;
    unsigned.outputs.forEach((output, outputIndex) => {
      if (!output.owner.addresses.some((address) => this.#addresses.has(toHex(address)))) return;
      const utxo = { txID, outputIndex, ...output };
      utxos.set(utxoID(utxo), utxo);
    });
    if (unsigned.type === "CreateSubnetTx") this.setOwner(txID, unsigned.owner);
    if (unsigned.type === "TransferSubnetOwnershipTx") this.setOwner(unsigned.subnetID, unsigned.newOwner);
  }

  #builder(gasPrice: bigint): PChainBuilder {
    const addresses = this.keys.map(({ address }) => address);
    return new PChainBuilder(addresses, { ...this.#context, gasPrice }, this);
  }
}

/** An owner that any one of these addresses can act for. */
export function ownerOf(addresses: readonly Uint8Array[]): Owner {
  return { locktime: 0n, threshold: 1, addresses };
}

/** The gas that a transaction takes. */
export function txGas({ unsigned }: SignedTx, weights: Dimensions = COMPLEXITY_WEIGHTS): bigint {
  return gasOf(txComplexity(unsigned), weights);
}
