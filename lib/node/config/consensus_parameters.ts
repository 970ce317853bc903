/**
 * Parameters of consensus, as a subnet's configuration gives them.
 *
 * A light node runs no consensus. It reads them to refuse what the reference refuses, so that one configuration is good
 * or bad for both.
 *
 * @module
 */

import { base64Decode } from "../../core/base64.ts";
import { unmarshalNodeID } from "../../core/ids/json.ts";
import { EMPTY_NODE_ID, type NodeID } from "../../core/ids/node_id.ts";
import {
  decodeArray,
  decodeInteger,
  decodeObject,
  decodeString,
  type GoPlace,
  wrongType,
} from "../../platform/go_json/decode.ts";
import type { JSONNode } from "../../platform/go_json/parse.ts";
import type { Settings } from "./settings.ts";

/** Of Snowball (upstream `snow/consensus/snowball/parameters.go`); 0 stands for what was not given. */
export interface SnowParameters {
  k: bigint;
  /** An older name of both quorums. */
  alpha: bigint | undefined;
  alphaPreference: bigint;
  alphaConfidence: bigint;
  beta: bigint;
  concurrentRepolls: bigint;
  optimalProcessing: bigint;
  maxOutstandingItems: bigint;
  /** Nanoseconds. */
  maxItemProcessingTime: bigint;
}

/** Of Simplex (upstream `snow/consensus/simplex/parameters.go`); 0 stands for what was not given. */
export interface SimplexParameters {
  /** Nanoseconds. */
  maxNetworkDelay: bigint;
  /** Nanoseconds. */
  maxRebroadcastWait: bigint;
  initialValidators: NodeID[];
}

/** Reads Snowball's parameters into those that are there already: a name may be repeated. */
export function decodeSnow(node: JSONNode, place: GoPlace, current?: SnowParameters): SnowParameters | undefined {
  if (node.kind === "null") return undefined;
  const parameters = current ?? {
    k: 0n,
    alpha: undefined,
    alphaPreference: 0n,
    alphaConfidence: 0n,
    beta: 0n,
    concurrentRepolls: 0n,
    optimalProcessing: 0n,
    maxOutstandingItems: 0n,
    maxItemProcessingTime: 0n,
  };
  const int = (name: Exclude<keyof SnowParameters, "alpha">) => (value: JSONNode, at: GoPlace) => {
    parameters[name] = decodeInteger(value, at, "int64", parameters[name], "int");
  };
  decodeObject(node, place, "snowball.Parameters", {
    k: int("k"),
    alpha: (value, at) => {
      parameters.alpha =
        value.kind === "null" ? undefined : decodeInteger(value, at, "int64", parameters.alpha ?? 0n, "int");
    },
    alphaPreference: int("alphaPreference"),
    alphaConfidence: int("alphaConfidence"),
    beta: int("beta"),
    concurrentRepolls: int("concurrentRepolls"),
    optimalProcessing: int("optimalProcessing"),
    maxOutstandingItems: int("maxOutstandingItems"),
    maxItemProcessingTime: duration(parameters, "maxItemProcessingTime"),
  });
  return parameters;
}

/** Reads Simplex' parameters, as {@link decodeSnow}. */
export function decodeSimplex(
  node: JSONNode,
  place: GoPlace,
  current?: SimplexParameters,
): SimplexParameters | undefined {
  if (node.kind === "null") return undefined;
  const parameters = current ?? { maxNetworkDelay: 0n, maxRebroadcastWait: 0n, initialValidators: [] };
  decodeObject(node, place, "simplex.Parameters", {
    maxNetworkDelay: duration(parameters, "maxNetworkDelay"),
    maxRebroadcastWait: duration(parameters, "maxRebroadcastWait"),
    initialValidators: (value, at) => {
      parameters.initialValidators = decodeArray(value, at, "[]simplex.ValidatorInfo").map((item) => {
        let nodeID = EMPTY_NODE_ID;
        decodeObject(item, at, "simplex.ValidatorInfo", {
          nodeID: (text) => {
            nodeID = unmarshalNodeID(text.raw, nodeID);
          },
          publicKey: checkBytes,
        });
        return nodeID;
      });
    },
  });
  return parameters;
}

/** Bytes are written as base64, and read as a list of numbers, too. */
function checkBytes(node: JSONNode, place: GoPlace): void {
  if (node.kind !== "array") {
    base64Decode(decodeString(node, place, ""));
    return;
  }
  for (const item of node.items ?? []) {
    if (decodeInteger(item, place, "uint32", 0n, "uint8") > MAX_BYTE) throw wrongType(item, place, "uint8");
  }
}

const MAX_BYTE = 255n;

function duration<N extends string>(parameters: Record<N, bigint>, name: N) {
  return (node: JSONNode, place: GoPlace): void => {
    parameters[name] = decodeInteger(node, place, "int64", parameters[name], "time.Duration");
  };
}

const NANOSECONDS_PER_MS = 1_000_000;

/**
 * Fills in from the flags what was not given, and checks what comes of it (upstream `config/config.go`,
 * `applySnowballParameterDefaults`, and `Parameters.Verify`).
 *
 * @returns How many are asked in a poll, and how many answers raise confidence.
 * @throws {Error} Names the first rule that is broken.
 */
export function checkSnow(
  given: SnowParameters,
  settings: Settings,
): { readonly k: number; readonly alphaConfidence: number } {
  const int = (value: bigint, name: Parameters<typeof flagInteger>[1]) => value || flagInteger(settings, name);
  const quorum = settings.isSet("snow-quorum-size") ? ("snow-quorum-size" as const) : undefined;
  const k = int(given.k, "snow-sample-size");
  const alphaPreference = given.alpha ?? int(given.alphaPreference, quorum ?? "snow-preference-quorum-size");
  const alphaConfidence = given.alpha ?? int(given.alphaConfidence, quorum ?? "snow-confidence-quorum-size");
  const beta = int(given.beta, "snow-commit-threshold");
  const concurrentRepolls = int(given.concurrentRepolls, "snow-concurrent-repolls");
  const processingTime = given.maxItemProcessingTime || nanoseconds(settings.get("snow-max-time-processing"));

  if (alphaPreference <= k / 2n)
    throw new Error(`alphaPreference, ${alphaPreference}, is not more than half of k, ${k}`);
  if (alphaConfidence < alphaPreference) {
    throw new Error(`alphaConfidence, ${alphaConfidence}, is less than alphaPreference, ${alphaPreference}`);
  }
  if (k < alphaConfidence) throw new Error(`alphaConfidence, ${alphaConfidence}, is more than k, ${k}`);
  requirePositive("concurrentRepolls", concurrentRepolls);
  if (concurrentRepolls > beta) throw new Error(`concurrentRepolls, ${concurrentRepolls}, is more than beta, ${beta}`);
  requirePositive("optimalProcessing", int(given.optimalProcessing, "snow-optimal-processing"));
  requirePositive("maxOutstandingItems", int(given.maxOutstandingItems, "snow-max-processing"));
  requirePositive("maxItemProcessingTime", processingTime);
  return { k: Number(k), alphaConfidence: Number(alphaConfidence) };
}

/** As {@link checkSnow}. */
export function checkSimplex(given: SimplexParameters, settings: Settings): void {
  const delay = given.maxNetworkDelay || nanoseconds(settings.get("simplex-max-network-delay"));
  const wait = given.maxRebroadcastWait || nanoseconds(settings.get("simplex-max-rebroadcast-wait"));
  requirePositive("maxNetworkDelay", delay);
  requirePositive("maxRebroadcastWait", wait);
  if (given.initialValidators.length === 0) throw new Error("initialValidators is empty");
}

function requirePositive(name: string, value: bigint): void {
  if (value <= 0n) throw new Error(`${name} is ${value}, and must be more than 0`);
}

function flagInteger(
  settings: Settings,
  name:
    | "snow-sample-size"
    | "snow-quorum-size"
    | "snow-preference-quorum-size"
    | "snow-confidence-quorum-size"
    | "snow-commit-threshold"
    | "snow-concurrent-repolls"
    | "snow-optimal-processing"
    | "snow-max-processing",
): bigint {
  return BigInt(settings.get(name));
}

function nanoseconds(ms: number): bigint {
  return BigInt(Math.round(ms * NANOSECONDS_PER_MS));
}
