/**
 * The X-Chain's genesis: one asset, AVAX, and who owns it there.
 *
 * Source: upstream `genesis/genesis.go` and `vms/avm/genesis.go`.
 *
 * @module
 */

import { compareBytes } from "../../core/bytes.ts";
import { sha256 } from "../../core/hashing.ts";
import { EMPTY_ID, type ID, idFromBytes, idToBytes } from "../../core/ids/id.ts";
import { SHORT_ID_LENGTH } from "../../core/ids/short_id.ts";
import { XChainType } from "../codec/type_ids.ts";
import { CODEC_VERSION, CodecWriter } from "../codec/writer.ts";
import type { GenesisAllocation, GenesisConfig } from "./config.ts";

const ALIAS = "AVAX";
const NAME = "Avalanche";
const SYMBOL = "AVAX";
/** Decimal places: 1 AVAX is 10^9 nAVAX. */
const DENOMINATION = 9;

/** The place of secp256k1fx among the chain's feature extensions. */
const SECP256K1_FX_INDEX = 0;

/** The X-Chain's genesis and the ID of the asset that it makes. */
export interface XChainGenesis {
  readonly bytes: Uint8Array;
  readonly avaxAssetID: ID;
}

/** Builds the X-Chain's genesis. */
export function buildXChainGenesis(config: GenesisConfig): XChainGenesis {
  const owners = config.allocations.filter(({ initialAmount }) => initialAmount > 0n).sort(compareAllocations);
  const asset = assetBytes(config.networkID, owners);

  const genesis = new CodecWriter(asset.length + 16).uint16(CODEC_VERSION);
  genesis.uint32(1).string(ALIAS).fixed(asset);

  const noCredentials = 0;
  const tx = new CodecWriter(asset.length + 16).uint16(CODEC_VERSION);
  tx.uint32(XChainType.CreateAssetTx).fixed(asset).uint32(noCredentials);
  return { bytes: genesis.bytes(), avaxAssetID: idFromBytes(sha256(tx.bytes())) };
}

/** The CreateAssetTx without its type; Ethereum addresses stand in its memo, in the owners' order. */
function assetBytes(networkID: number, owners: readonly GenesisAllocation[]): Uint8Array {
  const writer = new CodecWriter();
  const noOutputs = 0;
  const noInputs = 0;
  writer.uint32(networkID).fixed(idToBytes(EMPTY_ID)).uint32(noOutputs).uint32(noInputs);
  writer.uint32(owners.length * SHORT_ID_LENGTH);
  for (const { ethAddr } of owners) writer.fixed(ethAddr);
  writer.string(NAME).string(SYMBOL).uint8(DENOMINATION);

  const states = owners.length === 0 ? [] : [owners];
  writer.slice(states, (outputs) => {
    writer.uint32(SECP256K1_FX_INDEX);
    writer.slice(outputs, ({ initialAmount, avaxAddr }) => {
      writer.uint32(XChainType.TransferOutput).uint64(initialAmount).uint64(0n).uint32(1).uint32(1).fixed(avaxAddr);
    });
  });
  return writer.bytes();
}

/** Also the order of the outputs' bytes, by which upstream sorts them once more. */
function compareAllocations(a: GenesisAllocation, b: GenesisAllocation): number {
  if (a.initialAmount !== b.initialAmount) return a.initialAmount < b.initialAmount ? -1 : 1;
  return compareBytes(a.avaxAddr, b.avaxAddr);
}
