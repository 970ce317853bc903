/**
 * UTXOs: their bytes as nodes answer them, and their IDs.
 *
 * @module
 */

import { type ID, ID_LENGTH, idFromBytes, prefixID } from "../../core/ids/id.ts";
import { SHORT_ID_LENGTH } from "../../core/ids/short_id.ts";
import { CodecReadError, CodecReader } from "../codec/reader.ts";
import { PChainType } from "../codec/type_ids.ts";
import type { UTXO } from "./transaction.ts";

/**
 * Reads a UTXO.
 *
 * @throws {CodecReadError} Also `unknown-type` for outputs that are no plain transfer, such as NFTs.
 */
export function parseUTXO(bytes: Uint8Array): UTXO {
  const reader = new CodecReader(bytes).version();
  const txID = idFromBytes(reader.fixed(ID_LENGTH));
  const outputIndex = reader.uint32();
  const assetID = idFromBytes(reader.fixed(ID_LENGTH));
  let typeID = reader.uint32();
  let stakeableLocktime: bigint | undefined;
  if (typeID === PChainType.LockOut) {
    stakeableLocktime = reader.uint64();
    typeID = reader.uint32();
  }
  if (typeID !== PChainType.TransferOutput)
    throw new CodecReadError({ code: "unknown-type", typeID }, "unknown output type");

  const amount = reader.uint64();
  const locktime = reader.uint64();
  const threshold = reader.uint32();
  const addresses = reader.slice(SHORT_ID_LENGTH, () => reader.fixed(SHORT_ID_LENGTH));
  reader.end();
  return {
    txID,
    outputIndex,
    assetID,
    amount,
    owner: { locktime, threshold, addresses },
    ...(stakeableLocktime === undefined ? {} : { stakeableLocktime }),
  };
}

/** The ID that a UTXO is kept under. */
export function utxoID({ txID, outputIndex }: Pick<UTXO, "txID" | "outputIndex">): ID {
  return prefixID(txID, BigInt(outputIndex));
}
