/**
 * The source of validators of one node.
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import { PRIMARY_NETWORK_ID } from "../../core/ids/id.ts";
import type { Logger } from "../../core/log.ts";
import type { Random } from "../../core/random.ts";
import type { ValidatorManager } from "../../core/validators/manager.ts";
import type { Network } from "../../p2p/network/network.ts";
import type { NodeConfig } from "../config/node_config.ts";
import type { NodeMetrics } from "../metrics.ts";
import { remotePlatformAPI } from "./platform_api.ts";
import { ValidatorSource } from "./source.ts";

/** What the source needs of the node. */
export interface NodeValidatorsModules {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: NodeMetrics;
  readonly validators: ValidatorManager;
  readonly network: Pick<Network, "myNodeID">;
}

/** Makes the source that the configuration asks for; it does not ask anyone yet. */
export function createValidatorSource(
  config: Pick<NodeConfig, "validators" | "networkID" | "trackedSubnets" | "network">,
  { metrics, network, ...modules }: NodeValidatorsModules,
): ValidatorSource | undefined {
  if (config.validators === undefined) return undefined;
  const { uri, frequencyMs } = config.validators;
  const { connectToAllValidators = false } = config.network.network;
  const validates = () => modules.validators.getValidator(PRIMARY_NETWORK_ID, network.myNodeID) !== undefined;
  return new ValidatorSource(
    { ...modules, api: remotePlatformAPI(uri), metrics: metrics.namespace("validator_source") },
    {
      networkID: config.networkID,
      trackedSubnets: config.trackedSubnets,
      followsAllSubnets: () => connectToAllValidators || validates(),
      frequencyMs,
    },
  );
}
