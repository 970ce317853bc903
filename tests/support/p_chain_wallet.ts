/**
 * Changes who validates on a real P-Chain: just enough of its transactions for that, paid from one genesis UTXO.
 *
 * Formats: upstream `vms/platformvm/txs`, type numbers from its `codec.go`.
 *
 * @module
 */

import { bytesEqual, toHex } from "../../lib/core/bytes.ts";
import { sha256 } from "../../lib/core/hashing.ts";
import { appendID, EMPTY_ID, type ID, idFromBytes, idToBytes, PRIMARY_NETWORK_ID } from "../../lib/core/ids/id.ts";
import { compareNodeIDs, type NodeID, nodeIDToBytes } from "../../lib/core/ids/node_id.ts";
import type { Secp256k1PrivateKey } from "../../lib/core/secp256k1/private_key.ts";
import { type BLSSigner, newBLSSigner } from "../../lib/core/staking/bls.ts";
import { newProofOfPossession, type ProofOfPossession } from "../../lib/core/staking/proof_of_possession.ts";
import { CODEC_VERSION, CodecWriter } from "../../lib/platform/codec/writer.ts";
import type { GenesisConfig } from "../../lib/platform/genesis/config.ts";
import { genesisInfo } from "../../lib/platform/genesis/info.ts";
import { callRPC } from "../../lib/platform/rpc/json_rpc.ts";
import { eventually } from "./eventually.ts";

const TRANSFER_INPUT = 5;
const TRANSFER_OUTPUT = 7;
const CREDENTIAL = 9;
const INPUT = 10;
const OUTPUT_OWNERS = 11;
const ADD_SUBNET_VALIDATOR_TX = 13;
const CREATE_SUBNET_TX = 16;
const ADD_PERMISSIONLESS_VALIDATOR_TX = 25;
const ADD_PERMISSIONLESS_DELEGATOR_TX = 26;
const PROOF_OF_POSSESSION = 28;
const CONVERT_SUBNET_TO_L1_TX = 35;
const DISABLE_L1_VALIDATOR_TX = 39;

const AVAX = 1_000_000_000n;
/** More than any of these transactions costs on a chain without load; what is over is burnt. */
const FEE = AVAX / 10n;
/** What a validator keeps of its delegators' rewards, in millionths: the least that is allowed. */
const DELEGATION_FEE = 20_000;
/** What each validator of an L1 has for its fees. */
const BALANCE = AVAX;
/**
 * Gas grows with the whole seconds since the genesis; a transaction that comes before there is enough is refused, and
 * so is the same one later.
 */
const GAS_AFTER_SECONDS = 2;

/** A validator of an L1 that is made. */
export interface NewL1Validator {
  readonly nodeID: NodeID;
  readonly weight: bigint;
  readonly signer: BLSSigner;
}

export class PChainWallet {
  readonly #uri: string;
  readonly #key: Secp256k1PrivateKey;
  readonly #networkID: number;
  readonly #assetID: Uint8Array;
  /** What is spent next. */
  #coin: { readonly txID: ID; readonly outputIndex: number; readonly amount: bigint };

  readonly #gasFromMs: number;

  /** @param uri A node of the network whose genesis funds the key. */
  constructor(uri: string, genesis: GenesisConfig, key: Secp256k1PrivateKey) {
    const { avaxAssetID, networkID, utxos } = genesisInfo(genesis);
    const coin = utxos.find(({ address, locktime }) => locktime === 0n && bytesEqual(address, key.address));
    if (coin === undefined) throw new Error("the genesis does not fund the key");
    this.#uri = uri;
    this.#key = key;
    this.#networkID = networkID;
    this.#gasFromMs = (Number(genesis.startTime) + GAS_AFTER_SECONDS) * 1_000;
    this.#assetID = idToBytes(avaxAssetID);
    this.#coin = { txID: EMPTY_ID, outputIndex: coin.outputIndex, amount: coin.amount };
  }

  /** Makes a node a validator of the Primary Network. */
  addValidator(
    { nodeID, signer }: { readonly nodeID: NodeID; readonly signer: ProofOfPossession },
    amount: bigint,
    durationSeconds = 14 * 24 * 3_600,
  ): Promise<ID> {
    return this.#issue(ADD_PERMISSIONLESS_VALIDATOR_TX, amount, (tx) => {
      this.#validator(tx, nodeID, amount, durationSeconds).fixed(idToBytes(PRIMARY_NETWORK_ID));
      tx.uint32(PROOF_OF_POSSESSION).fixed(signer.publicKey).fixed(signer.proofOfPossession);
      this.#output(tx.uint32(1), amount);
      for (let owner = 0; owner < 2; owner++) this.#owners(tx.uint32(OUTPUT_OWNERS));
      tx.uint32(DELEGATION_FEE);
    });
  }

  /** Stakes more on a validator of the Primary Network. */
  async delegate(nodeID: NodeID, amount: bigint, durationSeconds = 14 * 24 * 3_600): Promise<ID> {
    return this.#issue(ADD_PERMISSIONLESS_DELEGATOR_TX, amount, (tx) => {
      this.#validator(tx, nodeID, amount, durationSeconds).fixed(idToBytes(PRIMARY_NETWORK_ID));
      this.#output(tx.uint32(1), amount);
      this.#owners(tx.uint32(OUTPUT_OWNERS));
    });
  }

  /** @returns The subnet. */
  createSubnet(): Promise<ID> {
    return this.#issue(CREATE_SUBNET_TX, 0n, (tx) => this.#owners(tx.uint32(OUTPUT_OWNERS)));
  }

  /** Makes a validator of the Primary Network one of a subnet. */
  addSubnetValidator(subnetID: ID, nodeID: NodeID, weight: bigint, durationSeconds = 14 * 24 * 3_600): Promise<ID> {
    const body = (tx: CodecWriter) => {
      this.#validator(tx, nodeID, weight, durationSeconds).fixed(idToBytes(subnetID));
      authorize(tx);
    };
    return this.#issue(ADD_SUBNET_VALIDATOR_TX, 0n, body, true);
  }

  /** @returns The validation IDs, in the order of the validators. */
  async convertToL1(subnetID: ID, validators: readonly NewL1Validator[]): Promise<ID[]> {
    const sorted = validators.toSorted((a, b) => compareNodeIDs(a.nodeID, b.nodeID));
    const body = (tx: CodecWriter) => {
      tx.fixed(idToBytes(subnetID)).fixed(idToBytes(EMPTY_ID)).variable(new Uint8Array());
      tx.slice(sorted, ({ nodeID, weight, signer }) => {
        const { publicKey, proofOfPossession } = newProofOfPossession(signer);
        tx.variable(nodeIDToBytes(nodeID)).uint64(weight).uint64(BALANCE).fixed(publicKey).fixed(proofOfPossession);
        for (let owner = 0; owner < 2; owner++) tx.uint32(1).slice([this.#key.address], (address) => tx.fixed(address));
      });
      authorize(tx);
    };
    await this.#issue(CONVERT_SUBNET_TO_L1_TX, BALANCE * BigInt(validators.length), body, true);
    return validators.map((validator) => appendID(subnetID, sorted.indexOf(validator)));
  }

  /** Lets a validator of an L1 be inactive. */
  disableL1Validator(validationID: ID): Promise<ID> {
    return this.#issue(DISABLE_L1_VALIDATOR_TX, 0n, (tx) => authorize(tx.fixed(idToBytes(validationID))), true);
  }

  /**
   * Makes a transaction, hands it in, and waits for its block.
   *
   * @param spent What it takes beside its fee.
   * @param authorized Whether the key signs once more, as the owner of what is changed.
   */
  async #issue(type: number, spent: bigint, body: (tx: CodecWriter) => void, authorized = false): Promise<ID> {
    await eventually("the chain has gas", () => Date.now() >= this.#gasFromMs);
    const { txID, outputIndex, amount } = this.#coin;
    const change = amount - spent - FEE;
    const tx = new CodecWriter().uint16(CODEC_VERSION).uint32(type);
    tx.uint32(this.#networkID).fixed(idToBytes(EMPTY_ID)).uint32(1);
    this.#output(tx, change);
    tx.uint32(1).fixed(idToBytes(txID)).uint32(outputIndex).fixed(this.#assetID);
    tx.uint32(TRANSFER_INPUT).uint64(amount).uint32(1).uint32(0);
    tx.variable(new Uint8Array());
    body(tx);

    const signature = this.#key.sign(tx.bytes());
    const credentials = authorized ? [signature, signature] : [signature];
    tx.slice(credentials, (credential) => tx.uint32(CREDENTIAL).uint32(1).fixed(credential));
    const issued = idFromBytes(sha256(tx.bytes()));
    await this.#call("platform.issueTx", { tx: `0x${toHex(tx.bytes())}`, encoding: "hexnc" });
    await this.#committed(issued);
    this.#coin = { txID: issued, outputIndex: 0, amount: change };
    return issued;
  }

  async #committed(txID: ID): Promise<void> {
    for (let i = 0; i < 600; i++) {
      const { status, reason } = await this.#call<{ status: string; reason?: string }>("platform.getTxStatus", {
        txID,
      });
      if (status === "Committed") return;
      if (status === "Dropped" || status === "Aborted") throw new Error(`${txID} is ${status}: ${reason}`);
      await Bun.sleep(50);
    }
    throw new Error(`${txID} is in no block`);
  }

  #call<T>(method: string, params: object): Promise<T> {
    return callRPC<T>(this.#uri, "/ext/bc/P", method, params);
  }

  /** Since the Durango upgrade a start that is given is passed over. */
  #validator(tx: CodecWriter, nodeID: NodeID, weight: bigint, durationSeconds: number): CodecWriter {
    const end = BigInt(Math.floor(Date.now() / 1_000) + durationSeconds);
    return tx.fixed(nodeIDToBytes(nodeID)).uint64(0n).uint64(end).uint64(weight);
  }

  #output(tx: CodecWriter, amount: bigint): void {
    this.#owners(tx.fixed(this.#assetID).uint32(TRANSFER_OUTPUT).uint64(amount));
  }

  #owners(tx: CodecWriter): void {
    tx.uint64(0n)
      .uint32(1)
      .slice([this.#key.address], (address) => tx.fixed(address));
  }
}

function authorize(tx: CodecWriter): void {
  tx.uint32(INPUT).uint32(1).uint32(0);
}

/** A validator of an L1 with a key of its own. */
export function newL1Validator(nodeID: NodeID, weight: bigint): NewL1Validator {
  return { nodeID, weight, signer: newBLSSigner() };
}
