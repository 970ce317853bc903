/**
 * How much work a transaction makes, in four dimensions, and what it costs.
 *
 * Source: upstream `vms/platformvm/txs/fee/complexity.go` and `vms/components/gas` (ACP-103).
 *
 * @module
 */

import { checkUint64, WalletError } from "./errors.ts";
import type {
  Authorization,
  BaseFields,
  Input,
  L1Validator,
  Output,
  Owner,
  Signer,
  TxBodies,
  TxType,
  UnsignedTx,
} from "./transaction.ts";
import { countSigners, parseSignedWarpMessage } from "./warp_message.ts";

/** An amount in each dimension; as weights, the gas that one unit of each comes to. */
export interface Dimensions {
  /** Bytes. */
  readonly bandwidth: bigint;
  readonly dbRead: bigint;
  readonly dbWrite: bigint;
  /** Microseconds. */
  readonly compute: bigint;
}

/** Bytes of what complexities are made of. */
const SHORT = 2;
const INT = 4;
const LONG = 8;
const ID = 32;
const ADDRESS = 20;
const NODE_ID = 20;
const SIGNATURE = 65;
const BLS_KEY = 48;
const BLS_SIGNATURE = 96;

/** Microseconds that signatures take to check. */
const SIGNATURE_COMPUTE = 200;
const BLS_AGGREGATE_COMPUTE = 5;
const BLS_VERIFY_COMPUTE = 1_000;
const BLS_PROOF_COMPUTE = 50 + BLS_VERIFY_COMPUTE;

/** The chain's subnet, weights and keys, and twenty differences of them. */
const WARP_DB_READS = 3 + 20;

/** Codec version, type, network, chain, and the lengths of outputs, inputs, memo and credentials. */
const BASE = SHORT + INT + INT + ID + 4 * INT;
const VALIDATOR = NODE_ID + 3 * LONG;
const OWNERS = LONG + INT + INT;
const OUTPUT = ID + INT + LONG + OWNERS;
const INPUT = ID + INT + ID + INT + INT + LONG + INT + INT;
/** Locktime and type of what is stakeable. */
const LOCK = LONG + INT;
/** Types of an authorization and of its credential. */
const AUTHORIZATION = INT + INT;

/** Plain numbers while they are small; a transaction has at most some hundred kilobytes. */
interface Work {
  bandwidth?: number;
  dbRead?: number;
  dbWrite?: number;
  compute?: number;
}

/** What one transaction of a kind takes, whatever is in it. */
const INTRINSIC: { readonly [T in TxType]: Work | undefined } = {
  BaseTx: { bandwidth: BASE },
  AddValidatorTx: undefined,
  AddDelegatorTx: undefined,
  TransformSubnetTx: undefined,
  AddSubnetValidatorTx: { bandwidth: BASE + VALIDATOR + ID + AUTHORIZATION, dbRead: 3, dbWrite: 3 },
  CreateChainTx: { bandwidth: BASE + ID + SHORT + ID + INT + INT + AUTHORIZATION, dbRead: 3, dbWrite: 1 },
  CreateSubnetTx: { bandwidth: BASE + INT, dbWrite: 1 },
  ImportTx: { bandwidth: BASE + ID + INT },
  ExportTx: { bandwidth: BASE + ID + INT },
  RemoveSubnetValidatorTx: { bandwidth: BASE + NODE_ID + ID + AUTHORIZATION, dbRead: 1, dbWrite: 3 },
  AddPermissionlessValidatorTx: { bandwidth: BASE + VALIDATOR + ID + 5 * INT, dbRead: 1, dbWrite: 3 },
  AddPermissionlessDelegatorTx: { bandwidth: BASE + VALIDATOR + ID + 2 * INT, dbRead: 1, dbWrite: 2 },
  TransferSubnetOwnershipTx: { bandwidth: BASE + ID + INT + AUTHORIZATION, dbRead: 1, dbWrite: 1 },
  ConvertSubnetToL1Tx: { bandwidth: BASE + ID + ID + INT + INT + AUTHORIZATION, dbRead: 3, dbWrite: 2 },
  RegisterL1ValidatorTx: {
    bandwidth: BASE + LONG + BLS_SIGNATURE + INT,
    dbRead: 5,
    dbWrite: 6,
    compute: BLS_PROOF_COMPUTE,
  },
  SetL1ValidatorWeightTx: { bandwidth: BASE + INT, dbRead: 3, dbWrite: 5 },
  IncreaseL1ValidatorBalanceTx: { bandwidth: BASE + ID + LONG, dbRead: 1, dbWrite: 5 },
  DisableL1ValidatorTx: { bandwidth: BASE + ID + AUTHORIZATION, dbRead: 1, dbWrite: 6 },
  AddAutoRenewedValidatorTx: { bandwidth: BASE + INT + NODE_ID + 7 * INT + LONG, dbWrite: 3 },
  SetAutoRenewedValidatorConfigTx: { bandwidth: BASE + ID + AUTHORIZATION + INT + LONG, dbRead: 1, dbWrite: 1 },
};

const owner = ({ addresses }: Owner): Work => ({ bandwidth: OWNERS + addresses.length * ADDRESS });

const signatures = (count: number): Work => ({
  bandwidth: count * (INT + SIGNATURE),
  compute: count * SIGNATURE_COMPUTE,
});

const authorization = ({ signatureIndices }: Authorization): Work =>
  add({ bandwidth: INT + INT }, signatures(signatureIndices.length));

const signer = (value: Signer): Work =>
  value === undefined ? {} : { bandwidth: BLS_KEY + BLS_SIGNATURE, compute: BLS_PROOF_COMPUTE };

/** What an output adds to a transaction. */
export function outputWork({ owner, stakeableLocktime }: Output): Work {
  const lock = stakeableLocktime === undefined ? 0 : LOCK;
  return { bandwidth: OUTPUT + lock + owner.addresses.length * ADDRESS, dbWrite: 1 };
}

/** What an input adds, with its credential. */
export function inputWork({ sigIndices, stakeableLocktime }: Input): Work {
  const lock = stakeableLocktime === undefined ? 0 : LOCK;
  return add({ bandwidth: INPUT + lock, dbRead: 1, dbWrite: 1 }, signatures(sigIndices.length));
}

function l1Validator({ nodeID, signer: key, remainingBalanceOwner, deactivationOwner }: L1Validator): Work {
  const addresses = remainingBalanceOwner.addresses.length + deactivationOwner.addresses.length;
  const bandwidth = INT + LONG + LONG + 4 * INT + nodeID.length + addresses * ADDRESS;
  return add({ bandwidth, dbWrite: 4 }, signer(key));
}

function warp(bytes: Uint8Array): Work {
  const compute = BLS_VERIFY_COMPUTE + BLS_AGGREGATE_COMPUTE * countSigners(parseSignedWarpMessage(bytes));
  return { bandwidth: bytes.length, dbRead: WARP_DB_READS, compute };
}

/** What is in a transaction of each kind. */
const CONTENT: { readonly [T in TxType]: (body: TxBodies[T]) => Work } = {
  BaseTx: () => ({}),
  AddValidatorTx: () => ({}),
  AddDelegatorTx: () => ({}),
  TransformSubnetTx: () => ({}),
  AddSubnetValidatorTx: (tx) => authorization(tx.subnetAuthorization),
  CreateChainTx: ({ fxIDs, chainName, genesisData, subnetAuthorization }) =>
    add(
      { bandwidth: fxIDs.length * ID + Buffer.byteLength(chainName) + genesisData.length },
      authorization(subnetAuthorization),
    ),
  CreateSubnetTx: (tx) => owner(tx.owner),
  ImportTx: (tx) => add(...tx.importedInputs.map(inputWork)),
  ExportTx: (tx) => add(...tx.exportedOutputs.map(outputWork)),
  RemoveSubnetValidatorTx: (tx) => authorization(tx.subnetAuthorization),
  AddPermissionlessValidatorTx: (tx) =>
    add(
      signer(tx.signer),
      ...tx.stake.map(outputWork),
      owner(tx.validationRewardsOwner),
      owner(tx.delegationRewardsOwner),
    ),
  AddPermissionlessDelegatorTx: (tx) => add(owner(tx.rewardsOwner), ...tx.stake.map(outputWork)),
  TransferSubnetOwnershipTx: (tx) => add(authorization(tx.subnetAuthorization), owner(tx.newOwner)),
  ConvertSubnetToL1Tx: (tx) =>
    add({ bandwidth: tx.address.length }, ...tx.validators.map(l1Validator), authorization(tx.subnetAuthorization)),
  RegisterL1ValidatorTx: (tx) => warp(tx.message),
  SetL1ValidatorWeightTx: (tx) => warp(tx.message),
  IncreaseL1ValidatorBalanceTx: () => ({}),
  DisableL1ValidatorTx: (tx) => authorization(tx.disableAuthorization),
  AddAutoRenewedValidatorTx: (tx) =>
    add(
      signer(tx.signer),
      ...tx.stake.map(outputWork),
      owner(tx.validationRewardsOwner),
      owner(tx.delegationRewardsOwner),
      owner(tx.validatorAuthority),
    ),
  SetAutoRenewedValidatorConfigTx: (tx) => authorization(tx.auth),
};

/** No work at all. */
export const NO_COMPLEXITY: Dimensions = { bandwidth: 0n, dbRead: 0n, dbWrite: 0n, compute: 0n };

/**
 * The complexity of a transaction, signatures included.
 *
 * @throws {WalletError} `unsupported` for kinds from before the Etna upgrade; `warp-message`.
 */
export function txComplexity(tx: UnsignedTx): Dimensions {
  const intrinsic = INTRINSIC[tx.type];
  if (intrinsic === undefined)
    throw new WalletError({ code: "unsupported", type: tx.type }, "unsupported transaction type");
  const content = (CONTENT[tx.type] as (body: BaseFields) => Work)(tx);
  const { inputs, outputs, memo } = tx;
  const base = add({ bandwidth: memo.length }, ...inputs.map(inputWork), ...outputs.map(outputWork));
  return addWork(NO_COMPLEXITY, add(intrinsic, content, base));
}

/** A complexity with more work. */
export function addWork(complexity: Dimensions, work: Work): Dimensions {
  const sum = (dimension: keyof Dimensions) => complexity[dimension] + BigInt(work[dimension] ?? 0);
  return {
    bandwidth: sum("bandwidth"),
    dbRead: sum("dbRead"),
    dbWrite: sum("dbWrite"),
    compute: sum("compute"),
  };
}

/**
 * The gas that a complexity comes to.
 *
 * @throws {WalletError} `overflow`.
 */
export function gasOf(complexity: Dimensions, weights: Dimensions): bigint {
  const dimensions = ["bandwidth", "dbRead", "dbWrite", "compute"] as const;
  return dimensions.reduce(
    (gas, dimension) => checkUint64(gas + checkUint64(complexity[dimension] * weights[dimension])),
    0n,
  );
}

/**
 * The fee of a complexity, in nAVAX.
 *
 * @param gasPrice nAVAX for a unit of gas.
 * @throws {WalletError} `overflow`.
 */
export function feeOf(complexity: Dimensions, weights: Dimensions, gasPrice: bigint): bigint {
  return checkUint64(gasOf(complexity, weights) * gasPrice);
}

function add(...works: readonly Work[]): Work {
  const sum = { bandwidth: 0, dbRead: 0, dbWrite: 0, compute: 0 };
  for (const { bandwidth = 0, dbRead = 0, dbWrite = 0, compute = 0 } of works) {
    sum.bandwidth += bandwidth;
    sum.dbRead += dbRead;
    sum.dbWrite += dbWrite;
    sum.compute += compute;
  }
  return sum;
}
