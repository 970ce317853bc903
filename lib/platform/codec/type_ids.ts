/**
 * The numbers that the linear codec knows types by: the order in which upstream registers them.
 *
 * Those of outputs, inputs and owners are the same on both chains, because UTXOs cross between them.
 *
 * @module
 */

/** P-Chain (upstream `vms/platformvm/txs/codec.go` and `vms/platformvm/block/codec.go`). */
export const PChainType = {
  TransferInput: 5,
  TransferOutput: 7,
  Credential: 9,
  Input: 10,
  OutputOwners: 11,
  AddValidatorTx: 12,
  AddSubnetValidatorTx: 13,
  AddDelegatorTx: 14,
  CreateChainTx: 15,
  CreateSubnetTx: 16,
  ImportTx: 17,
  ExportTx: 18,
  LockIn: 21,
  LockOut: 22,
  RemoveSubnetValidatorTx: 23,
  TransformSubnetTx: 24,
  AddPermissionlessValidatorTx: 25,
  AddPermissionlessDelegatorTx: 26,
  EmptySigner: 27,
  ProofOfPossession: 28,
  TransferSubnetOwnershipTx: 33,
  BaseTx: 34,
  ConvertSubnetToL1Tx: 35,
  RegisterL1ValidatorTx: 36,
  SetL1ValidatorWeightTx: 37,
  IncreaseL1ValidatorBalanceTx: 38,
  DisableL1ValidatorTx: 39,
  AddAutoRenewedValidatorTx: 40,
  SetAutoRenewedValidatorConfigTx: 41,
} as const;

/** X-Chain (upstream `vms/avm/txs/parser.go` and `vms/secp256k1fx`). */
export const XChainType = {
  CreateAssetTx: 1,
  ExportTx: 4,
  TransferInput: 5,
  TransferOutput: 7,
  Credential: 9,
} as const;

/** Atomic transactions of the C-Chain (upstream coreth's `plugin/evm/atomic/codec.go`). */
export const CChainType = {
  ExportTx: 1,
} as const;
