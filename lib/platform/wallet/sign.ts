/**
 * Signs transactions with the keys that there are.
 *
 * Source: upstream `wallet/chain/p/signer`.
 *
 * @module
 */

import { toHex } from "../../core/bytes.ts";
import { sha256 } from "../../core/hashing.ts";
import { type ID, PLATFORM_CHAIN_ID } from "../../core/ids/id.ts";
import type { Secp256k1PrivateKey } from "../../core/secp256k1/private_key.ts";
import { SIGNATURE_LENGTH } from "../../core/secp256k1/signature.ts";
import type { BuilderState } from "./builder.ts";
import { WalletError } from "./errors.ts";
import { marshalSignedTx, marshalUnsignedTx, type SignedTx } from "./marshal.ts";
import type { Authorization, Input, UnsignedTx } from "./transaction.ts";
import { utxoID } from "./utxo.ts";

/**
 * Signs a transaction. Signatures for which there is no key are left zero, so that somebody else can add them.
 *
 * @throws {WalletError} `unknown-owner`, or `too-large`.
 */
export function signTx(unsigned: UnsignedTx, keys: readonly Secp256k1PrivateKey[], state: BuilderState): SignedTx {
  const unsignedBytes = marshalUnsignedTx(unsigned);
  const sign = signatures(unsignedBytes, keys);
  const credentials = inputCredentials(unsigned.inputs, PLATFORM_CHAIN_ID, state, sign);
  if (unsigned.type === "ImportTx") {
    credentials.push(...inputCredentials(unsigned.importedInputs, unsigned.sourceChain, state, sign));
  }
  const authorized = authorizationOf(unsigned);
  if (authorized !== undefined) {
    const owner = state.owner(authorized.id);
    if (owner === undefined) {
      const message = `failed to fetch owner for "${authorized.id}": not found`;
      throw new WalletError({ code: "unknown-owner", id: authorized.id }, message);
    }
    credentials.push(authorized.authorization.signatureIndices.map((index) => sign(owner.addresses[index])));
  }
  return marshalSignedTx(unsigned, unsignedBytes, credentials);
}

type Sign = (address: Uint8Array | undefined) => Uint8Array;

/** One signature for each key, made when it is first asked for. */
function signatures(bytes: Uint8Array, keys: readonly Secp256k1PrivateKey[]): Sign {
  const keyOf = new Map(keys.map((key) => [toHex(key.address), key]));
  const made = new Map<string, Uint8Array>();
  const hash = sha256(bytes);
  return (address) => {
    const name = address === undefined ? "" : toHex(address);
    const signature = made.get(name) ?? keyOf.get(name)?.signHash(hash) ?? new Uint8Array(SIGNATURE_LENGTH);
    made.set(name, signature);
    return signature;
  };
}

function inputCredentials(inputs: readonly Input[], chainID: ID, state: BuilderState, sign: Sign): Uint8Array[][] {
  const utxos = new Map(state.utxos(chainID).map((utxo) => [utxoID(utxo), utxo]));
  return inputs.map((input) => {
    const addresses = utxos.get(utxoID(input))?.owner.addresses ?? [];
    return input.sigIndices.map((index) => sign(addresses[index]));
  });
}

function authorizationOf(tx: UnsignedTx): { readonly id: ID; readonly authorization: Authorization } | undefined {
  switch (tx.type) {
    case "AddSubnetValidatorTx":
      return { id: tx.validator.subnetID, authorization: tx.subnetAuthorization };
    case "RemoveSubnetValidatorTx":
    case "CreateChainTx":
    case "TransferSubnetOwnershipTx":
    case "TransformSubnetTx":
    case "ConvertSubnetToL1Tx":
      return { id: tx.subnetID, authorization: tx.subnetAuthorization };
    case "DisableL1ValidatorTx":
      return { id: tx.validationID, authorization: tx.disableAuthorization };
    case "SetAutoRenewedValidatorConfigTx":
      return { id: tx.txID, authorization: tx.auth };
    default:
      return undefined;
  }
}
