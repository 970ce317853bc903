/**
 * How much stake each chain could ask (upstream `snow/engine/common/tracker/peers.go`, `meteredPeers`).
 *
 * @module
 */

import type { ID } from "../core/ids/id.ts";
import type { MetricsNamespace } from "../core/metrics.ts";
import type { ValidatorManager } from "../core/validators/manager.ts";
import type { ConnectedStake } from "./health/checks.ts";

/** A chain that runs, as its metrics name it. */
export interface LabelledChain {
  readonly alias: string;
  readonly subnetID: ID;
}

/** What the figures are drawn from. */
export interface StakeMetricsModules {
  readonly validators: ValidatorManager;
  readonly chains: () => Iterable<LabelledChain>;
  readonly connectedStake: (subnetID: ID) => ConnectedStake;
}

/**
 * Declares the metrics.
 *
 * @param metrics The namespace `avalanche_stake`.
 */
export function declareStakeMetrics(metrics: MetricsNamespace, modules: StakeMetricsModules): void {
  const { chains, connectedStake, validators } = modules;
  const gauge = (name: string, help: string, read: (subnetID: ID) => number): void => {
    metrics.gaugesBy({ name, help, labelNames: ["chain"] }, function* () {
      // What costs something is found out once for all chains of a subnet.
      const bySubnet = new Map<ID, number>();
      for (const { alias: chain, subnetID } of chains()) {
        const value = bySubnet.get(subnetID) ?? read(subnetID);
        bySubnet.set(subnetID, value);
        yield [{ chain }, value];
      }
    });
  };
  gauge("num_validators", "Validators of the chain", (subnetID) => validators.numValidators(subnetID));
  gauge("total_weight", "Stake of the chain's validators", (subnetID) => Number(validators.totalWeight(subnetID)));
  gauge("percent_connected", "Share of the chain's stake that is connected, 0 to 1", (subnetID) => {
    return share(connectedStake(subnetID));
  });
}

/** As upstream has it, all of nothing is connected. */
function share({ connected, total }: ConnectedStake): number {
  return total === 0n ? 1 : Number(connected) / Number(total);
}
