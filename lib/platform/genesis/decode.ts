/**
 * The fields of a genesis from JSON, by Go's rules.
 *
 * @module
 */

import { unmarshalNodeID } from "../../core/ids/json.ts";
import { EMPTY_NODE_ID, type NodeID } from "../../core/ids/node_id.ts";
import { parseBLSPublicKey } from "../../core/staking/bls.ts";
import type { ProofOfPossession } from "../../core/staking/proof_of_possession.ts";
import { decodeArray, decodeInteger, decodeObject, decodeString, type GoPlace, unmarshal } from "../go_json/decode.ts";
import type { JSONNode } from "../go_json/parse.ts";
import type { LockedAmount } from "./config.ts";
import { prefixedHexDecode } from "./hex.ts";
import type { UnparsedAllocation, UnparsedConfig, UnparsedStaker } from "./unparsed.ts";

/** Lengths of a compressed BLS key and of a BLS signature. */
const BLS_PUBLIC_KEY_LENGTH = 48;
const BLS_SIGNATURE_LENGTH = 96;

/**
 * The fields of a genesis from its JSON; a field that is missing is zero or empty.
 *
 * @throws {GoJSONError} A value of the wrong type.
 * @throws {IdsError} A node ID that cannot be read.
 * @throws {StakingError} A BLS key that cannot be read.
 * @throws {HexError} A BLS key or signature that is no hex.
 */
export function decodeConfig(root: JSONNode): UnparsedConfig {
  return unmarshal((place) => decodeRoot(root, place));
}

function decodeRoot(root: JSONNode, top: GoPlace): UnparsedConfig {
  const config = {
    networkID: 0,
    allocations: [] as readonly UnparsedAllocation[],
    startTime: 0n,
    initialStakeDuration: 0n,
    initialStakeDurationOffset: 0n,
    initialStakedFunds: [] as readonly string[],
    initialStakers: [] as readonly UnparsedStaker[],
    cChainGenesis: "",
    message: "",
  };
  const seconds = (name: "startTime" | "initialStakeDuration" | "initialStakeDurationOffset") => {
    return (node: JSONNode, place: GoPlace) => {
      config[name] = decodeInteger(node, place, "uint64", config[name]);
    };
  };
  const text = (name: "cChainGenesis" | "message") => (node: JSONNode, place: GoPlace) => {
    config[name] = decodeString(node, place, config[name]);
  };
  decodeObject(root, top, "genesis.UnparsedConfig", {
    networkID: (node, place) => {
      config.networkID = Number(decodeInteger(node, place, "uint32", BigInt(config.networkID)));
    },
    allocations: (node, place) => {
      const items = decodeArray(node, place, "[]genesis.UnparsedAllocation");
      config.allocations = items.map((item) => decodeAllocation(item, place));
    },
    startTime: seconds("startTime"),
    initialStakeDuration: seconds("initialStakeDuration"),
    initialStakeDurationOffset: seconds("initialStakeDurationOffset"),
    initialStakedFunds: (node, place) => {
      config.initialStakedFunds = decodeArray(node, place, "[]string").map((item) => decodeString(item, place, ""));
    },
    initialStakers: (node, place) => {
      const items = decodeArray(node, place, "[]genesis.UnparsedStaker");
      config.initialStakers = items.map((item) => decodeStaker(item, place));
    },
    cChainGenesis: text("cChainGenesis"),
    message: text("message"),
  });
  return config;
}

function decodeAllocation(node: JSONNode, place: GoPlace): UnparsedAllocation {
  const allocation = { ethAddr: "", avaxAddr: "", initialAmount: 0n, unlockSchedule: [] as readonly LockedAmount[] };
  decodeObject(node, place, "genesis.UnparsedAllocation", {
    ethAddr: (value, at) => {
      allocation.ethAddr = decodeString(value, at, allocation.ethAddr);
    },
    avaxAddr: (value, at) => {
      allocation.avaxAddr = decodeString(value, at, allocation.avaxAddr);
    },
    initialAmount: (value, at) => {
      allocation.initialAmount = decodeInteger(value, at, "uint64", allocation.initialAmount);
    },
    unlockSchedule: (value, at) => {
      const items = decodeArray(value, at, "[]genesis.LockedAmount");
      allocation.unlockSchedule = items.map((item) => decodeLockedAmount(item, at));
    },
  });
  return allocation;
}

function decodeLockedAmount(node: JSONNode, place: GoPlace): LockedAmount {
  const locked = { amount: 0n, locktime: 0n };
  decodeObject(node, place, "genesis.LockedAmount", {
    amount: (value, at) => {
      locked.amount = decodeInteger(value, at, "uint64", locked.amount);
    },
    locktime: (value, at) => {
      locked.locktime = decodeInteger(value, at, "uint64", locked.locktime);
    },
  });
  return locked;
}

function decodeStaker(node: JSONNode, place: GoPlace): UnparsedStaker {
  const staker = {
    nodeID: EMPTY_NODE_ID as NodeID,
    rewardAddress: "",
    delegationFee: 0,
    signer: undefined as ProofOfPossession | undefined,
  };
  decodeObject(node, place, "genesis.UnparsedStaker", {
    nodeID: (value) => {
      staker.nodeID = unmarshalNodeID(value.raw, staker.nodeID);
    },
    rewardAddress: (value, at) => {
      staker.rewardAddress = decodeString(value, at, staker.rewardAddress);
    },
    delegationFee: (value, at) => {
      staker.delegationFee = Number(decodeInteger(value, at, "uint32", BigInt(staker.delegationFee)));
    },
    signer: (value, at) => {
      staker.signer = value.kind === "null" ? undefined : decodeSigner(value, at);
    },
  });
  return staker;
}

/** The key is checked; the signature is not, and one of the wrong length is cut or filled up: so does upstream. */
function decodeSigner(node: JSONNode, place: GoPlace): ProofOfPossession {
  const texts = { publicKey: "", proofOfPossession: "" };
  const text = (name: keyof typeof texts) => (value: JSONNode, at: GoPlace) => {
    texts[name] = decodeString(value, at, texts[name]);
  };
  const fields = { publicKey: text("publicKey"), proofOfPossession: text("proofOfPossession") };
  unmarshal((own) => decodeObject(node, own, "signer.jsonProofOfPossession", fields, true), place);

  const publicKey = prefixedHexDecode(texts.publicKey);
  parseBLSPublicKey(publicKey);
  return {
    publicKey: fitted(publicKey, BLS_PUBLIC_KEY_LENGTH),
    proofOfPossession: fitted(prefixedHexDecode(texts.proofOfPossession), BLS_SIGNATURE_LENGTH),
  };
}

function fitted(bytes: Uint8Array, length: number): Uint8Array {
  const copy = new Uint8Array(length);
  copy.set(bytes.subarray(0, length));
  return copy;
}
