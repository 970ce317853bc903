/**
 * The health checks of one node.
 *
 * @module
 */

import type { Clock } from "../core/clock.ts";
import { type ID, PRIMARY_NETWORK_ID } from "../core/ids/id.ts";
import type { Logger } from "../core/log.ts";
import type { BLSSigner } from "../core/staking/bls.ts";
import type { NodeConfig } from "./config/node_config.ts";
import { blsCheck, bootstrappedCheck, connectedStakeCheck, type DiskSpace, diskSpaceCheck } from "./health/checks.ts";
import { futureUpgradeCheck } from "./health/future_upgrade.ts";
import { Health } from "./health/health.ts";
import { APPLICATION_TAG } from "./health/worker.ts";
import type { NodeMetrics } from "./metrics.ts";
import type { NodeNetwork } from "./node_network.ts";
import { countUpgradeVote } from "./upgrade_vote.ts";
import type { ValidatorSource } from "./validators/source.ts";
import { validatorSourceCheck } from "./validators/source_status.ts";

/** What the checks look at. */
export interface NodeHealthModules extends NodeNetwork {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: NodeMetrics;
  readonly blsSigner: BLSSigner;
  /** Where the validators are kept from; `undefined` where they do not change. */
  readonly validatorSource: ValidatorSource | undefined;
}

/**
 * Registers the checks; they do not run yet.
 *
 * @param onDiskFull Called when there is too little disk space to go on.
 */
export function createNodeHealth(
  config: Pick<NodeConfig, "diskSpace" | "staking" | "subnets" | "upgrades" | "validators">,
  modules: NodeHealthModules,
  onDiskFull: (space: DiskSpace) => void,
): Health {
  const { clock, log, metrics, network, routing, validators, events, resources, blsSigner, validatorSource } = modules;
  const health = new Health({ clock, log, metrics: metrics.namespace("health") });
  const application = [APPLICATION_TAG];
  const readSpace = async (): Promise<DiskSpace> => ({
    availableBytes: resources.availableDiskBytes(),
    availablePercentage: resources.availableDiskPercentage(),
  });
  const bootstrapped = bootstrappedCheck(() => events.sufficientlyConnected);
  const vote = () => countUpgradeVote({ validators, upgradeTime: (nodeID) => network.upgradeTime(nodeID) });
  const stakeOf = (subnetID: ID, required = config.staking.requiredConnectedStake) =>
    connectedStakeCheck(() => network.connectedStake(subnetID), required);

  health.readiness.registerMonotonic("bootstrapped", bootstrapped, application);
  health.health.register("bootstrapped", bootstrapped, application);
  health.health.register("network", () => network.healthCheck(), application);
  health.health.register("router", () => routing.router.healthCheck(), application);
  health.health.register("chains", () => routing.healthCheck(), application);
  health.health.register("diskspace", diskSpaceCheck(readSpace, config.diskSpace, onDiskFull), application);
  health.health.register("bls", blsCheck(validators, network.myNodeID, blsSigner.publicKey), application);
  const upgrade = futureUpgradeCheck({ clock, log }, vote, config.upgrades.graniteTime);
  health.health.register("futureupgrade", upgrade, application);
  // Upstream looks at the stake in the check of each chain, under the subnet's tag; here there may be no chain.
  health.health.register("validators", stakeOf(PRIMARY_NETWORK_ID), [PRIMARY_NETWORK_ID]);
  for (const [subnetID, { requiredConnectedStake }] of config.subnets) {
    health.health.register(`validators of ${subnetID}`, stakeOf(subnetID, requiredConnectedStake), [subnetID]);
  }
  if (config.validators !== undefined && validatorSource !== undefined) {
    const source = validatorSourceCheck(config.validators.uri, () => validatorSource.status);
    health.health.register("validatorSource", source, application);
  }
  return health;
}
