/**
 * The numbers that the linear codec knows types by: the order in which upstream registers them.
 *
 * Those of outputs, inputs and owners are the same on both chains, because UTXOs cross between them.
 *
 * @module
 */

/** P-Chain (upstream `vms/platformvm/txs/codec.go` and `vms/platformvm/block/codec.go`). */
export const PChainType = {
  TransferOutput: 7,
  Input: 10,
  OutputOwners: 11,
  AddValidatorTx: 12,
  CreateChainTx: 15,
  LockOut: 22,
  AddPermissionlessValidatorTx: 25,
  ProofOfPossession: 28,
} as const;

/** X-Chain (upstream `vms/avm/txs/parser.go` and `vms/secp256k1fx`). */
export const XChainType = {
  CreateAssetTx: 1,
  TransferOutput: 7,
} as const;
