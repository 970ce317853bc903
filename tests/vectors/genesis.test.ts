/**
 * Genesis, wallet keys and addresses against what avalanchego made of the same input (`genesis.json`).
 */

import { describe, expect, test } from "bun:test";
import { fromHex, toHex } from "../../lib/core/bytes.ts";
import { sha256 } from "../../lib/core/hashing.ts";
import { formatAddress, formatBech32, parseAddress } from "../../lib/core/ids/bech32.ts";
import { IdsError } from "../../lib/core/ids/errors.ts";
import { EMPTY_ID, idToBytes, PLATFORM_CHAIN_ID, PRIMARY_NETWORK_ID } from "../../lib/core/ids/id.ts";
import { shortIDFromBytes } from "../../lib/core/ids/short_id.ts";
import { Secp256k1Error } from "../../lib/core/secp256k1/errors.ts";
import { formatPrivateKey, parsePrivateKey, Secp256k1PrivateKey } from "../../lib/core/secp256k1/private_key.ts";
import { formatEthAddress } from "../../lib/core/secp256k1/public_key.ts";
import { recover, verifySignature } from "../../lib/core/secp256k1/signature.ts";
import { blsSignerFromBytes } from "../../lib/core/staking/bls.ts";
import { newProofOfPossession } from "../../lib/core/staking/proof_of_possession.ts";
import { genesisFromFlag } from "../../lib/platform/genesis/custom.ts";
import { GenesisError } from "../../lib/platform/genesis/errors.ts";
import { type GenesisInfo, genesisInfo, genesisUTXOID } from "../../lib/platform/genesis/info.ts";
import { standardGenesis } from "../../lib/platform/genesis/standard.ts";
import { formatGenesis, parseGenesis } from "../../lib/platform/genesis/text.ts";
import { networkHRP, networkID, networkName } from "../../lib/platform/networks.ts";
import {
  AVM_ID,
  EVM_ID,
  NFT_FX_ID,
  PLATFORM_VM_ID,
  PROPERTY_FX_ID,
  SECP256K1_FX_ID,
  SUBNET_EVM_ID,
  XSVM_ID,
} from "../../lib/platform/vm_ids.ts";
import { loadVectors, readVectorFile } from "../support/vectors.ts";

interface GenesisResult {
  readonly ok: boolean;
  readonly avaxAssetID: string;
  readonly avaxAssetIDHex: string;
  readonly cChainID: string;
  readonly cChainIDHex: string;
  readonly genesisHexFile?: string;
  readonly genesisLength: number;
  readonly genesisSha256: string;
  readonly genesisSha256AsID: string;
  readonly hrp: string;
  readonly initialSupply: string;
  readonly message: string;
  readonly networkID: number;
  readonly networkName: string;
  readonly pChainID: string;
  readonly timestamp: string;
  readonly utxoCount: number;
  readonly utxos?: readonly UTXO[];
  readonly validatorCount: number;
  readonly validators?: readonly ValidatorEntry[];
  readonly xChainGenesisData?: string;
  readonly xChainGenesisDataLength: number;
  readonly xChainGenesisDataSha256: string;
  readonly xChainID: string;
  readonly xChainIDHex: string;
}

interface UTXO {
  readonly address: string;
  readonly amount: string;
  readonly lockedUntil: string;
  readonly message: string;
  readonly outputIndex: number;
  readonly utxoID: string;
}

interface ValidatorEntry {
  readonly blsPublicKey?: string | null;
  readonly delegationShares: number;
  readonly end: string;
  readonly nodeID: string;
  readonly stakeOuts: number;
  readonly start: string;
  readonly txID: string;
  readonly type: string;
  readonly weight: string;
}

interface Outcome {
  readonly ok: boolean;
  readonly error: string | null;
}

interface GenesisVectors {
  readonly geneses: readonly {
    readonly name: string;
    readonly genesisJSON: string;
    readonly fundedKeys: readonly string[];
    readonly nodes: readonly {
      readonly nodeID: string;
      readonly blsSecretKey: string;
      readonly blsPublicKey: string;
      readonly proofOfPossession: string;
    }[];
    readonly result: GenesisResult;
  }[];
  readonly validation: readonly (Outcome & {
    readonly kind: string;
    readonly genesisJSON: string;
    readonly networkID: number;
    readonly maxStakeDurationSeconds: string;
  })[];
  readonly standardNetworks: Readonly<Record<string, GenesisResult>>;
  readonly keys: readonly {
    readonly privateKey: string;
    readonly privateKeyHex: string;
    readonly publicKeyHex: string;
    readonly shortID: string;
    readonly shortIDHex: string;
    readonly ethAddress: string;
    readonly ethAddressHex: string;
    readonly addresses: Readonly<Record<string, Readonly<Record<string, string>>>>;
  }[];
  readonly privateKeyParse: readonly (Outcome & {
    readonly input: string;
    readonly kind: string;
    readonly privateKeyHex?: string;
  })[];
  readonly addressParse: readonly (Outcome & {
    readonly input: string;
    readonly kind: string;
    readonly chain?: string;
    readonly hrp?: string;
    readonly bytes?: string;
  })[];
  readonly secp256k1Signatures: readonly {
    readonly message: string;
    readonly privateKeyHex: string;
    readonly publicKeyHex: string;
    readonly signature: string;
  }[];
  readonly wellKnownIDs: Readonly<Record<string, string>>;
}

const vectors = loadVectors<GenesisVectors>("genesis");

const hex = (digits: string): Uint8Array => fromHex(digits) as Uint8Array;

/** The message of the error that `run` throws, or null; errors of other classes than `expected` pass through. */
function refusal(expected: readonly (new (...args: never[]) => Error)[], run: () => unknown): string | null {
  try {
    run();
    return null;
  } catch (error) {
    if (expected.some((type) => error instanceof type)) return (error as Error).message;
    throw error;
  }
}

/** Lists are compared where the vectors hold as many as they count: of large networks they hold only the count. */
function expectInfo(info: GenesisInfo, result: GenesisResult): void {
  expect(info.networkID).toBe(result.networkID);
  expect(networkName(info.networkID)).toBe(result.networkName);
  expect(networkHRP(info.networkID)).toBe(result.hrp);
  expect(PLATFORM_CHAIN_ID as string).toBe(result.pChainID);

  expect(info.xChainGenesis.length).toBe(result.xChainGenesisDataLength);
  if (result.xChainGenesisData !== undefined) expect(toHex(info.xChainGenesis)).toBe(result.xChainGenesisData);
  expect(toHex(sha256(info.xChainGenesis))).toBe(result.xChainGenesisDataSha256);
  expect(info.avaxAssetID as string).toBe(result.avaxAssetID);
  expect(toHex(idToBytes(info.avaxAssetID))).toBe(result.avaxAssetIDHex);

  expect(info.initialSupply.toString()).toBe(result.initialSupply);
  expect(info.timestamp.toString()).toBe(result.timestamp);
  expect(info.message).toBe(result.message);
  expect(info.validators.length).toBe(result.validatorCount);
  if (result.validators?.length === result.validatorCount) {
    expect(info.validators.map(validatorEntry)).toEqual(
      result.validators.map(({ blsPublicKey, ...entry }) => ({
        ...entry,
        blsPublicKey: blsPublicKey || null,
      })),
    );
  }
  expect(info.utxos.length).toBe(result.utxoCount);
  if (result.utxos?.length === result.utxoCount) {
    expect(info.utxos.map((utxo) => utxoEntry(utxo, info.timestamp))).toEqual([...result.utxos]);
  }

  if (result.genesisHexFile !== undefined) expect(toHex(info.bytes)).toBe(readVectorFile(result.genesisHexFile));
  expect(info.bytes.length).toBe(result.genesisLength);
  expect(toHex(sha256(info.bytes))).toBe(result.genesisSha256);
  expect(info.hash as string).toBe(result.genesisSha256AsID);
  expect(info.xChainID as string).toBe(result.xChainID);
  expect(toHex(idToBytes(info.xChainID))).toBe(result.xChainIDHex);
  expect(info.cChainID as string).toBe(result.cChainID);
  expect(toHex(idToBytes(info.cChainID))).toBe(result.cChainIDHex);
}

function validatorEntry(validator: GenesisInfo["validators"][number]): ValidatorEntry {
  const { publicKey } = validator;
  return {
    blsPublicKey: publicKey === undefined ? null : toHex(publicKey),
    delegationShares: validator.delegationShares,
    end: validator.endTime.toString(),
    nodeID: validator.nodeID,
    stakeOuts: validator.stakeOutputs,
    start: validator.startTime.toString(),
    txID: validator.txID,
    type: publicKey === undefined ? "AddValidatorTx" : "AddPermissionlessValidatorTx",
    weight: validator.weight.toString(),
  };
}

function utxoEntry(utxo: GenesisInfo["utxos"][number], timestamp: bigint): UTXO {
  return {
    address: toHex(utxo.address),
    amount: utxo.amount.toString(),
    lockedUntil: (utxo.locktime > timestamp ? utxo.locktime : 0n).toString(),
    message: toHex(utxo.message),
    outputIndex: utxo.outputIndex,
    utxoID: genesisUTXOID(utxo.outputIndex),
  };
}

describe("geneses", () => {
  for (const { name, genesisJSON, fundedKeys, nodes, result } of vectors.geneses) {
    const content = Buffer.from(genesisJSON).toString("base64");

    test(`${name}: bytes, chains, asset, validators and UTXOs`, () => {
      expect(result.ok).toBe(true);
      expectInfo(genesisInfo(genesisFromFlag(result.networkID, content)), result);
    });

    test(`${name}: printed again, the text is the same`, () => {
      expect(formatGenesis(parseGenesis(genesisJSON))).toBe(genesisJSON);
      expect(formatGenesis(parseGenesis(formatGenesis(parseGenesis(genesisJSON), "  ")))).toBe(genesisJSON);
    });

    test(`${name}: stakers are the nodes that it was made from, with their proofs of possession`, () => {
      const config = parseGenesis(genesisJSON);
      const stakers = config.initialStakers.map(({ nodeID, signer }) => [
        nodeID as string,
        signer && toHex(signer.publicKey),
        signer && toHex(signer.proofOfPossession),
      ]);
      expect(stakers).toEqual(nodes.map((node) => [node.nodeID, node.blsPublicKey, node.proofOfPossession]));
      for (const node of nodes) {
        const made = newProofOfPossession(blsSignerFromBytes(hex(node.blsSecretKey)));
        expect(toHex(made.publicKey)).toBe(node.blsPublicKey);
        expect(toHex(made.proofOfPossession)).toBe(node.proofOfPossession);
      }
    });

    test(`${name}: each funded key owns something on both chains`, () => {
      const config = parseGenesis(genesisJSON);
      const { utxos } = genesisInfo(config);
      for (const key of fundedKeys) {
        const address = toHex(parsePrivateKey(key).address);
        expect(config.allocations.some((a) => toHex(a.avaxAddr) === address && a.initialAmount > 0n)).toBe(true);
        expect(utxos.some((utxo) => toHex(utxo.address) === address)).toBe(true);
      }
    });
  }
});

describe("validation", () => {
  vectors.validation.forEach(({ kind, ok, error, genesisJSON, networkID, maxStakeDurationSeconds }, i) => {
    test(`${i} ${kind}`, () => {
      const content = Buffer.from(genesisJSON).toString("base64");
      const options = { maxStakeDurationSeconds: BigInt(maxStakeDurationSeconds) };
      const run = () => genesisInfo(genesisFromFlag(networkID, content, options));
      expect(refusal([GenesisError], run)).toBe(ok ? null : (error as string));
    });
  });
});

describe("standard networks", () => {
  for (const [name, result] of Object.entries(vectors.standardNetworks)) {
    test(name, async () => {
      expect(result.ok).toBe(true);
      expect(networkID(name)).toBe(result.networkID);
      expectInfo(genesisInfo(await standardGenesis(result.networkID)), result);
    });
  }
});

describe("keys", () => {
  for (const entry of vectors.keys) {
    test(entry.privateKey, () => {
      const key = parsePrivateKey(entry.privateKey);
      expect(key.secretHex()).toBe(entry.privateKeyHex);
      expect(formatPrivateKey(new Secp256k1PrivateKey(hex(entry.privateKeyHex)))).toBe(entry.privateKey);
      expect(toHex(key.publicKey)).toBe(entry.publicKeyHex);
      expect(toHex(key.address)).toBe(entry.shortIDHex);
      expect(shortIDFromBytes(key.address) as string).toBe(entry.shortID);
      expect(toHex(key.ethAddress)).toBe(entry.ethAddressHex);
      expect<string>(formatEthAddress(key.ethAddress)).toBe(entry.ethAddress);
      for (const [hrp, addresses] of Object.entries(entry.addresses)) {
        for (const [form, address] of Object.entries(addresses)) {
          const made = form === "bech32" ? formatBech32(hrp, key.address) : formatAddress(form, hrp, key.address);
          expect(made).toBe(address);
          if (form !== "bech32") expect(parseAddress(address)).toEqual({ chain: form, hrp, bytes: key.address });
        }
      }
    });
  }
});

describe("privateKeyParse", () => {
  vectors.privateKeyParse.forEach(({ kind, input, ok, error, privateKeyHex }, i) => {
    test(`${i} ${kind}`, () => {
      expect(refusal([Secp256k1Error, IdsError], () => parsePrivateKey(input))).toBe(ok ? null : (error as string));
      if (ok) expect(parsePrivateKey(input).secretHex()).toBe(privateKeyHex as string);
    });
  });
});

describe("addressParse", () => {
  vectors.addressParse.forEach(({ kind, input, ok, error, chain, hrp, bytes }, i) => {
    test(`${i} ${kind}`, () => {
      expect(refusal([IdsError], () => parseAddress(input))).toBe(ok ? null : (error as string));
      if (!ok) return;
      const address = parseAddress(input);
      expect({ ...address, bytes: toHex(address.bytes) }).toEqual({
        chain: chain as string,
        hrp: hrp as string,
        bytes: bytes as string,
      });
    });
  });
});

describe("secp256k1Signatures", () => {
  vectors.secp256k1Signatures.forEach(({ message, privateKeyHex, publicKeyHex, signature }, i) => {
    test(`${i} ${publicKeyHex}`, () => {
      const key = new Secp256k1PrivateKey(hex(privateKeyHex));
      expect(toHex(key.sign(hex(message)))).toBe(signature);
      expect(toHex(key.publicKey)).toBe(publicKeyHex);
      expect(toHex(recover(hex(message), hex(signature)))).toBe(publicKeyHex);
      expect(verifySignature(hex(publicKeyHex), hex(message), hex(signature))).toBe(true);
    });
  });
});

describe("wellKnownIDs", () => {
  const known: Readonly<Record<string, string>> = {
    primaryNetwork: PRIMARY_NETWORK_ID,
    platformChain: PLATFORM_CHAIN_ID,
    empty: EMPTY_ID,
    platformvm: PLATFORM_VM_ID,
    avm: AVM_ID,
    evm: EVM_ID,
    subnetEVM: SUBNET_EVM_ID,
    xsvm: XSVM_ID,
    secp256k1fx: SECP256K1_FX_ID,
    nftfx: NFT_FX_ID,
    propertyfx: PROPERTY_FX_ID,
  };
  for (const [name, id] of Object.entries(vectors.wellKnownIDs)) {
    test(name, () => {
      expect(known[name]).toBe(id);
    });
  }
});
