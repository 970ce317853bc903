/**
 * Transactions as bytes and as JSON, and the order in which the P-Chain wants their parts.
 *
 * @module
 */

import { compareBytes, toHex } from "../../core/bytes.ts";
import { sha256 } from "../../core/hashing.ts";
import { compareIDs, type ID, idFromBytes } from "../../core/ids/id.ts";
import { PChainType } from "../codec/type_ids.ts";
import { CODEC_VERSION, CodecWriter } from "../codec/writer.ts";
import { formatGoJSON } from "../go_json/format.ts";
import { networkHRP } from "../networks.ts";
import { WalletError } from "./errors.ts";
import { BASE, BODIES, writeOutputValue } from "./layout.ts";
import type { BaseFields, Input, Output, UnsignedTx } from "./transaction.ts";

/** The longest transaction, in bytes: upstream `codec.NewDefaultManager`. */
export const MAX_TX_LENGTH = 256 * 1024;

/** A transaction that can be issued. */
export interface SignedTx {
  readonly unsigned: UnsignedTx;
  /** For each input, then for an authorization: signatures of 65 bytes. */
  readonly credentials: readonly (readonly Uint8Array[])[];
  readonly bytes: Uint8Array;
  readonly txID: ID;
}

/**
 * The bytes that are signed.
 *
 * @throws {WalletError} `too-large`; {@link CodecError} for a text beyond 65,535 bytes.
 */
export function marshalUnsignedTx(tx: UnsignedTx): Uint8Array {
  const writer = new CodecWriter().uint16(CODEC_VERSION).uint32(PChainType[tx.type]);
  BASE.write(writer, tx);
  (BODIES[tx.type] as typeof BASE).write(writer, tx as BaseFields);
  return checkLength(writer.bytes(), "unsigned tx");
}

/**
 * The bytes that are issued.
 *
 * @param unsignedBytes From {@link marshalUnsignedTx}.
 */
export function marshalSignedTx(
  unsigned: UnsignedTx,
  unsignedBytes: Uint8Array,
  credentials: SignedTx["credentials"],
): SignedTx {
  const bytes = checkLength(withCredentials(unsignedBytes, credentials), "tx");
  return { unsigned, credentials, bytes, txID: idFromBytes(sha256(bytes)) };
}

/** Credentials behind a transaction's bytes, as the X-, C- and P-Chain have them. */
export function withCredentials(unsignedBytes: Uint8Array, credentials: SignedTx["credentials"]): Uint8Array {
  const writer = new CodecWriter(unsignedBytes.length + 128 * (credentials.length + 1)).fixed(unsignedBytes);
  return writer
    .slice(credentials, (signatures) => {
      writer.uint32(PChainType.Credential).slice(signatures, (signature) => writer.fixed(signature));
    })
    .bytes();
}

/** The JSON that upstream's API shows of a transaction. */
export function txToJSON({ unsigned, credentials, txID }: SignedTx): string {
  const hrp = networkHRP(unsigned.networkID);
  const base = BASE.toJSON(unsigned, hrp) as object;
  const body = (BODIES[unsigned.type] as typeof BASE).toJSON(unsigned as BaseFields, hrp) as object;
  return formatGoJSON({
    unsignedTx: { ...base, ...body },
    // Go's list that was never made, where nothing is signed.
    credentials:
      credentials.length === 0
        ? null
        : credentials.map((signatures) => ({ signatures: signatures.map((bytes) => `0x${toHex(bytes)}`) })),
    id: txID,
  });
}

/** Outputs by asset, then by their bytes. */
export function sortedOutputs(outputs: readonly Output[]): Output[] {
  return outputs
    .map((output) => ({ output, bytes: valueBytes(output) }))
    .sort((a, b) => compareIDs(a.output.assetID, b.output.assetID) || compareBytes(a.bytes, b.bytes))
    .map(({ output }) => output);
}

/** Whether outputs are in the order of {@link sortedOutputs}. */
export function areSortedOutputs(outputs: readonly Output[]): boolean {
  return sortedOutputs(outputs).every((output, i) => {
    const other = outputs[i] as Output;
    return output === other || compareBytes(valueBytes(output), valueBytes(other)) === 0;
  });
}

/** Orders inputs by transaction and index. */
export function compareInputs(a: Input, b: Input): number {
  return compareIDs(a.txID, b.txID) || a.outputIndex - b.outputIndex;
}

function valueBytes(output: Output): Uint8Array {
  const writer = new CodecWriter(128);
  writeOutputValue(writer, output);
  return writer.bytes();
}

function checkLength(bytes: Uint8Array, what: string): Uint8Array {
  if (bytes.length <= MAX_TX_LENGTH) return bytes;
  throw new WalletError(
    { code: "too-large", length: bytes.length },
    `couldn't marshal ${what}: packer has insufficient length for input`,
    {
      hint: `A transaction may have ${MAX_TX_LENGTH} bytes, a chain's genesis with it, and this one has ${bytes.length}`,
    },
  );
}
