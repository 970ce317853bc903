/**
 * What a validator manager tells the P-Chain about its L1's validators: the payloads of ACP-77.
 *
 * Source: upstream `vms/platformvm/warp/message`.
 *
 * @module
 */

import { sha256 } from "../../core/hashing.ts";
import { type ID, idFromBytes, idToBytes } from "../../core/ids/id.ts";
import { type NodeID, nodeIDToBytes } from "../../core/ids/node_id.ts";
import { CODEC_VERSION, CodecWriter } from "../codec/writer.ts";
import type { PChainOwner } from "./transaction.ts";

/** The numbers that messages are known by. */
const REGISTER_L1_VALIDATOR = 1;
const L1_VALIDATOR_WEIGHT = 3;

/** A validator that is to be. */
export interface L1Registration {
  readonly subnetID: ID;
  readonly nodeID: NodeID;
  /** BLS, 48 bytes. */
  readonly publicKey: Uint8Array;
  /** Unix seconds: until when the P-Chain takes the message; at most a day ahead of its own time. */
  readonly expiry: bigint;
  readonly remainingBalanceOwner: PChainOwner;
  readonly disableOwner: PChainOwner;
  /** Above 0. */
  readonly weight: bigint;
}

/** Another weight for a validator. */
export interface L1Weight {
  readonly validationID: ID;
  /** At least what the P-Chain wants next of the validator: an older message is refused. */
  readonly nonce: bigint;
  /** 0 removes the validator. */
  readonly weight: bigint;
}

/** The bytes of `RegisterL1ValidatorMessage`. */
export function registerL1ValidatorMessage(registration: L1Registration): Uint8Array {
  const { subnetID, nodeID, publicKey, expiry, remainingBalanceOwner, disableOwner, weight } = registration;
  const w = message(REGISTER_L1_VALIDATOR).fixed(idToBytes(subnetID)).variable(nodeIDToBytes(nodeID));
  w.fixed(publicKey).uint64(expiry);
  for (const { threshold, addresses } of [remainingBalanceOwner, disableOwner]) {
    w.uint32(threshold).slice(addresses, (address) => w.fixed(address));
  }
  return w.uint64(weight).bytes();
}

/** What a validation is known by that such a message begins: the hash of its bytes. */
export function registeredValidationID(message: Uint8Array): ID {
  return idFromBytes(sha256(message));
}

/** The bytes of `L1ValidatorWeightMessage`. */
export function l1ValidatorWeightMessage({ validationID, nonce, weight }: L1Weight): Uint8Array {
  return message(L1_VALIDATOR_WEIGHT).fixed(idToBytes(validationID)).uint64(nonce).uint64(weight).bytes();
}

function message(typeID: number): CodecWriter {
  return new CodecWriter().uint16(CODEC_VERSION).uint32(typeID);
}
