/**
 * Changes who validates on a real P-Chain: a few things that tests do with the library's wallet.
 *
 * @module
 */

import { appendID, EMPTY_ID, type ID, PRIMARY_NETWORK_ID } from "../../lib/core/ids/id.ts";
import { compareNodeIDs, type NodeID, nodeIDToBytes } from "../../lib/core/ids/node_id.ts";
import type { Secp256k1PrivateKey } from "../../lib/core/secp256k1/private_key.ts";
import { type BLSSigner, newBLSSigner } from "../../lib/core/staking/bls.ts";
import { newProofOfPossession, type ProofOfPossession } from "../../lib/core/staking/proof_of_possession.ts";
import { PChainWallet as Wallet } from "../../lib/platform/wallet/wallet.ts";
import type { MakeTx } from "../../lib/platform/wallet/wallet_state.ts";

const AVAX = 1_000_000_000n;
/** What a validator keeps of its delegators' rewards, in millionths: the least that is allowed. */
const DELEGATION_FEE = 20_000;
const TWO_WEEKS_SECONDS = 14 * 24 * 3_600;

/** A validator of an L1 that is made. */
export interface NewL1Validator {
  readonly nodeID: NodeID;
  readonly weight: bigint;
  readonly signer: BLSSigner;
}

export class PChainWallet {
  readonly #wallet: Wallet;

  private constructor(wallet: Wallet) {
    this.#wallet = wallet;
  }

  static async open(uri: string, key: Secp256k1PrivateKey): Promise<PChainWallet> {
    return new PChainWallet(await Wallet.open(uri, [key]));
  }

  /** Makes a node a validator of the Primary Network. */
  async addValidator(
    { nodeID, signer }: { readonly nodeID: NodeID; readonly signer: ProofOfPossession },
    amount: bigint,
  ): Promise<ID> {
    const { avaxAssetID, ownOwner } = this.#wallet.state;
    const owners = { validationRewards: ownOwner, delegationRewards: ownOwner };
    const validator = validatorOf(nodeID, amount, PRIMARY_NETWORK_ID);
    return await this.#issue((builder, options) =>
      builder.newAddPermissionlessValidatorTx(validator, signer, avaxAssetID, owners, DELEGATION_FEE, options),
    );
  }

  /** Stakes more on a validator of the Primary Network. */
  async delegate(nodeID: NodeID, amount: bigint): Promise<ID> {
    const { avaxAssetID, ownOwner } = this.#wallet.state;
    const validator = validatorOf(nodeID, amount, PRIMARY_NETWORK_ID);
    return await this.#issue((builder, options) =>
      builder.newAddPermissionlessDelegatorTx(validator, avaxAssetID, ownOwner, options),
    );
  }

  /** @returns The subnet. */
  async createSubnet(): Promise<ID> {
    return await this.#issue((builder, options) => builder.newCreateSubnetTx(this.#wallet.state.ownOwner, options));
  }

  /** Makes a validator of the Primary Network one of a subnet. */
  async addSubnetValidator(subnetID: ID, nodeID: NodeID, weight: bigint): Promise<ID> {
    const validator = validatorOf(nodeID, weight, subnetID);
    return await this.#issue((builder, options) => builder.newAddSubnetValidatorTx(validator, options));
  }

  /** @returns The validation IDs, in the order of the validators. */
  async convertToL1(subnetID: ID, validators: readonly NewL1Validator[]): Promise<ID[]> {
    const owner = this.#wallet.state.ownOwner;
    const conversion = {
      subnetID,
      chainID: EMPTY_ID,
      address: new Uint8Array(),
      validators: validators.map(({ nodeID, weight, signer }) => ({
        nodeID: nodeIDToBytes(nodeID),
        weight,
        balance: AVAX,
        signer: newProofOfPossession(signer),
        remainingBalanceOwner: owner,
        deactivationOwner: owner,
      })),
    };
    await this.#issue((builder, options) => builder.newConvertSubnetToL1Tx(conversion, options));
    const sorted = validators.toSorted((a, b) => compareNodeIDs(a.nodeID, b.nodeID));
    return validators.map((validator) => appendID(subnetID, sorted.indexOf(validator)));
  }

  /** Lets a validator of an L1 be inactive. */
  async disableL1Validator(validationID: ID): Promise<ID> {
    await this.#wallet.learnDeactivationOwner(validationID);
    return await this.#issue((builder, options) => builder.newDisableL1ValidatorTx(validationID, options));
  }

  async #issue(make: MakeTx): Promise<ID> {
    return (await this.#wallet.issue(make)).txID;
  }
}

/** Since the Durango upgrade a start that is given is passed over. */
function validatorOf(nodeID: NodeID, weight: bigint, subnetID: ID) {
  const end = BigInt(Math.floor(Date.now() / 1_000) + TWO_WEEKS_SECONDS);
  return { nodeID, start: 0n, end, weight, subnetID };
}

/** A validator of an L1 with a key of its own. */
export function newL1Validator(nodeID: NodeID, weight: bigint): NewL1Validator {
  return { nodeID, weight, signer: newBLSSigner() };
}
