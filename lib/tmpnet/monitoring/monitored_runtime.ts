/**
 * A runtime whose nodes collectors of metrics and logs find: they are told of a node once it runs, and no more when it
 * was stopped.
 *
 * A node that runs unseen is better than none: that collectors cannot be told is said, and fails nothing.
 *
 * @module
 */

import { errorMessage } from "../../core/errors.ts";
import type { Env } from "../disk/layout.ts";
import type { NodeRuntime } from "../runtime/contract.ts";
import type { MonitoredNetwork } from "./labels.ts";
import { removeServiceDiscovery, writeServiceDiscovery } from "./service_discovery.ts";

/** What a monitored runtime needs. */
export interface MonitoredRuntimeModules {
  /** What runs the nodes. */
  readonly runtime: NodeRuntime;
  /** Where home is, and the labels of a run on GitHub. */
  readonly env: Env;
  /** Hears why collectors could not be told. */
  readonly onProblem: (problem: string) => void;
}

/** @param network The network that the nodes belong to. */
export function monitoredRuntime(
  network: MonitoredNetwork,
  { runtime, env, onProblem }: MonitoredRuntimeModules,
): NodeRuntime {
  const attempt = (work: () => void) => {
    try {
      work();
    } catch (error) {
      onProblem(errorMessage(error));
    }
  };
  return {
    async start(node, flags, control) {
      const state = await runtime.start(node, flags, control);
      attempt(() => writeServiceDiscovery(network, node, state.uri, env));
      return state;
    },
    async stop(node) {
      const result = await runtime.stop(node);
      attempt(() => removeServiceDiscovery(network, node, env));
      return result;
    },
    defaultFlags: (node) => runtime.defaultFlags(node),
    together: (nodes, options) => runtime.together(nodes, options),
    inspect: (node) => runtime.inspect(node),
    kill(node) {
      runtime.kill(node);
      attempt(() => removeServiceDiscovery(network, node, env));
    },
    trouble: (node) => runtime.trouble(node),
    lastWords: (node) => runtime.lastWords(node),
  };
}
