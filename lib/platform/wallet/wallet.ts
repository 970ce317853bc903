/**
 * A wallet on a network that runs: balances, transfers, and whatever else the P-Chain is told with a key.
 *
 * @module
 */

import { type Clock, systemClock, unixSeconds } from "../../core/clock.ts";
import { formatAddress } from "../../core/ids/bech32.ts";
import type { ID } from "../../core/ids/id.ts";
import { PLATFORM_CHAIN_ID } from "../../core/ids/id.ts";
import type { Secp256k1PrivateKey } from "../../core/secp256k1/private_key.ts";
import { networkHRP } from "../networks.ts";
import { getBlockchainID, getNetworkID } from "../rpc/info_client.ts";
import type { CallOptions } from "../rpc/json_rpc.ts";
import {
  getFeeConfig,
  getFeeState,
  getL1Validator,
  getStakingAssetID,
  getSubnet,
  getUTXOs,
} from "../rpc/platform_wallet_client.ts";
import { type IssueControl, issueTxs } from "./issue.ts";
import type { SignedTx } from "./marshal.ts";
import type { UTXO } from "./transaction.ts";
import { type MakeOptions, type MakeTx, ownerOf, type SourceChain, WalletState } from "./wallet_state.ts";

/** What a wallet's gas price is multiplied by, so that it still pays when others raise the price meanwhile. */
const PRICE_MARGIN = 2n;

/**
 * What keys own on the P-Chain of a network that runs, and what is done with it.
 *
 * One wallet for each key at a time: what it knows of its UTXOs is what it has seen and done itself.
 *
 * @example
 * ```ts
 * async function pay(network: Network, to: Uint8Array): Promise<bigint> {
 *   const wallet = await PChainWallet.open(network.nodeUris()[0]!.uri, network.preFundedKeys.slice(0, 1));
 *   await wallet.transfer(to, 5_000_000_000n);
 *   return wallet.balance;
 * }
 * ```
 */
export class PChainWallet {
  /** The node that is asked. */
  readonly uri: string;
  /** What can be spent; kept with each transaction. */
  readonly state: WalletState;
  readonly #clock: Clock;

  private constructor(uri: string, state: WalletState, clock: Clock) {
    this.uri = uri;
    this.state = state;
    this.#clock = clock;
  }

  /**
   * Asks a node for what keys own.
   *
   * @param keys At least one; the first gets what is over.
   * @throws {RPCError} When the node does not answer.
   *
   * @example
   * ```ts
   * async function balanceOf(network: Network): Promise<bigint> {
   *   return (await PChainWallet.open(network.nodeUris()[0]!.uri, network.preFundedKeys)).balance;
   * }
   * ```
   */
  static async open(
    uri: string,
    keys: readonly Secp256k1PrivateKey[],
    { clock = systemClock, ...options }: CallOptions & { readonly clock?: Clock | undefined } = {},
  ): Promise<PChainWallet> {
    const [networkID, avaxAssetID, { weights }, { price }] = await Promise.all([
      getNetworkID(uri, options),
      getStakingAssetID(uri, options),
      getFeeConfig(uri, options),
      getFeeState(uri, options),
    ]);
    const context = { networkID, avaxAssetID, complexityWeights: weights, gasPrice: price * PRICE_MARGIN };
    const wallet = new PChainWallet(uri, new WalletState(keys, context, []), clock);
    await wallet.refresh(options);
    return wallet;
  }

  /** Its addresses, such as `P-custom1…`. */
  get addresses(): string[] {
    const hrp = networkHRP(this.state.networkID);
    return this.state.keys.map(({ address }) => formatAddress("P", hrp, address));
  }

  /** The AVAX on the P-Chain that can be spent now, in nAVAX. */
  get balance(): bigint {
    return this.state.balance(unixSeconds(this.#clock));
  }

  /** Asks the node again: somebody else may use the keys as well. */
  async refresh(options: CallOptions = {}): Promise<void> {
    this.state.setUTXOs(PLATFORM_CHAIN_ID, await getUTXOs(this.uri, this.addresses, undefined, options));
  }

  /** Learns who owns a subnet, to act for it. */
  async learnSubnetOwner(subnetID: ID, options: CallOptions = {}): Promise<void> {
    this.state.setOwner(subnetID, (await getSubnet(this.uri, subnetID, options)).owner);
  }

  /** Learns who may deactivate a validator of an L1. */
  async learnDeactivationOwner(validationID: ID, options: CallOptions = {}): Promise<void> {
    this.state.setOwner(validationID, (await getL1Validator(this.uri, validationID, options)).deactivationOwner);
  }

  /** Makes a transaction from what is there now; see {@link WalletState.make}. */
  make(make: MakeTx, options: Partial<MakeOptions> = {}): SignedTx {
    return this.state.make(make, { minIssuanceTime: unixSeconds(this.#clock), ...options });
  }

  /**
   * Makes a transaction, issues it and waits until it is accepted.
   *
   * @throws {WalletError} When it cannot be made, or is not accepted.
   */
  async issue(make: MakeTx, control: IssueControl & Partial<MakeOptions> = {}): Promise<SignedTx> {
    const { signal, timeoutMs, clock = this.#clock, ...options } = control;
    const tx = this.make(make, options);
    await this.issueAll([tx], { signal, timeoutMs, clock });
    return tx;
  }

  /** Issues transactions that do not depend on each other: as many at one time as there are UTXOs to pay with. */
  async issueEach(makes: readonly MakeTx[], control: IssueControl = {}): Promise<SignedTx[]> {
    const issued: SignedTx[] = [];
    while (issued.length < makes.length) {
      const payable = Math.max(1, this.state.utxos(PLATFORM_CHAIN_ID).filter(isFree).length);
      const txs = makes.slice(issued.length, issued.length + payable).map((make) => this.make(make));
      await this.issueAll(txs, control);
      issued.push(...txs);
    }
    return issued;
  }

  /** Issues transactions that were made here; what was not accepted may be spent again. */
  async issueAll(txs: readonly SignedTx[], control: IssueControl = {}): Promise<void> {
    try {
      await issueTxs([this.uri], txs, { clock: this.#clock, ...control });
    } catch (error) {
      await this.refresh({ timeoutMs: control.timeoutMs }).catch(() => {});
      throw error;
    }
    for (const tx of txs) this.state.accept(tx);
  }

  /**
   * Gives AVAX to an address.
   *
   * @param to 20 bytes.
   * @param amount nAVAX.
   */
  async transfer(to: Uint8Array, amount: bigint, control: IssueControl = {}): Promise<SignedTx> {
    const output = { assetID: this.state.avaxAssetID, amount, owner: ownerOf([to]) };
    return await this.issue((builder, options) => builder.newBaseTx([output], options), control);
  }

  /** Takes in what was exported from another chain to these keys. */
  async importFrom(chain: SourceChain, control: IssueControl = {}): Promise<SignedTx> {
    const { signal } = control;
    const chainID = await getBlockchainID(this.uri, chain, { signal });
    this.state.setUTXOs(chainID, await getUTXOs(this.uri, this.addresses, chain, { signal }));
    return await this.issue((builder, options) => builder.newImportTx(chainID, this.state.ownOwner, options), control);
  }
}

function isFree({ stakeableLocktime }: UTXO): boolean {
  return stakeableLocktime === undefined;
}
