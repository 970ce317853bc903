/**
 * The configuration of one subnet (upstream `subnets/config.go`).
 *
 * @module
 */

import { errorMessage } from "../../core/errors.ts";
import { unmarshalNodeID } from "../../core/ids/json.ts";
import { EMPTY_NODE_ID, type NodeID } from "../../core/ids/node_id.ts";
import { decodeArray, decodeBool, decodeInteger, decodeObject, unmarshal } from "../../platform/go_json/decode.ts";
import { parseGoJSON } from "../../platform/go_json/parse.ts";
import { requiredConnectedStake } from "../health/checks.ts";
import {
  checkSimplex,
  checkSnow,
  decodeSimplex,
  decodeSnow,
  type SimplexParameters,
  type SnowParameters,
} from "./consensus_parameters.ts";
import type { Settings } from "./settings.ts";

/** What a light node heeds of a subnet's configuration. */
export interface SubnetConfig {
  /** Whether the subnet's messages go to and come from its validators only. */
  readonly validatorOnly: boolean;
  /** Who may have them besides. */
  readonly allowedNodes: ReadonlySet<NodeID>;
  /** The share of the stake that must be connected, 0 to 1; the Primary Network's where nothing is said. */
  readonly requiredConnectedStake?: number | undefined;
}

/** A subnet's configuration where nobody has given one. */
export const DEFAULT_SUBNET_CONFIG: SubnetConfig = { validatorOnly: false, allowedNodes: new Set() };

/**
 * Reads and checks a configuration as the reference does. What only consensus needs is checked and dropped.
 *
 * @param json One JSON object.
 * @param settings What parameters of consensus are unless they are given.
 * @throws {Error} When the reference would not start with it.
 */
export function parseSubnetConfig(json: string, settings: Settings): SubnetConfig {
  const node = parseGoJSON(json);
  let validatorOnly = false;
  let allowedNodes: ReadonlySet<NodeID> = new Set();
  let deprecated: SnowParameters | undefined;
  let snow: SnowParameters | undefined;
  let simplex: SimplexParameters | undefined;
  unmarshal((place) =>
    decodeObject(node, place, "subnets.Config", {
      validatorOnly: (value, at) => {
        validatorOnly = decodeBool(value, at, validatorOnly);
      },
      allowedNodes: (value) => {
        if (value.kind === "null") return;
        const items = unmarshal((at) => decodeArray(value, at, "[]ids.NodeID"));
        allowedNodes = new Set(items.map(({ raw }) => allowedNode(raw)));
      },
      consensusParameters: (value, at) => {
        deprecated = decodeSnow(value, at, deprecated);
      },
      snowParameters: (value, at) => {
        snow = decodeSnow(value, at, snow);
      },
      simplexParameters: (value, at) => {
        simplex = decodeSimplex(value, at, simplex);
      },
      proposerNumHistoricalBlocks: (value, at) => void decodeInteger(value, at, "uint64", 0n),
    }),
  );

  if ([deprecated, snow, simplex].filter((parameters) => parameters !== undefined).length > 1) {
    throw new Error("only one of consensusParameters, snowParameters and simplexParameters can be given");
  }
  if (!validatorOnly && allowedNodes.size > 0) {
    throw new Error("allowedNodes can only be given where validatorOnly is true");
  }
  const parameters = snow ?? deprecated;
  let stake: number | undefined;
  if (parameters !== undefined) {
    const { k, alphaConfidence } = checkSnow(parameters, settings);
    stake = requiredConnectedStake(alphaConfidence, k);
  }
  if (simplex !== undefined) {
    checkSimplex(simplex, settings);
    // The reference asks for none there (`snow/networking/handler/health.go`).
    stake = 0;
  }
  return { validatorOnly, allowedNodes, requiredConnectedStake: stake };
}

function allowedNode(json: string): NodeID {
  try {
    return unmarshalNodeID(json, EMPTY_NODE_ID);
  } catch (error) {
    throw new Error(`allowedNodes has ${json}, which is no node ID: ${errorMessage(error)}`);
  }
}
