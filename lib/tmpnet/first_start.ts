/**
 * The first start of a network that was just made: it is noted until it has succeeded, the links to the latest network
 * lead to it, and once its nodes are healthy it gets what it begins with.
 *
 * @module
 */

import { issueTxs } from "../platform/wallet/issue.ts";
import type { CreatedNetwork } from "./create.ts";
import { DEFAULT_NETWORK_TIMEOUT_MS } from "./defaults.ts";
import { noteFailedStart, removeStartRecord } from "./disk/start_record.ts";
import type { NetworkRunner } from "./network_runner.ts";
import type { NetworkView } from "./network_view.ts";
import type { NodesProgress, StartNodesControl } from "./node_runner.ts";
import { chainNodes } from "./subnets/host.ts";
import { makePlanned } from "./subnets/new_network.ts";
import type { SubnetProgress } from "./subnets/progress.ts";

/** How a first start behaves. */
export interface FirstStartControl extends Omit<StartNodesControl, "onProgress"> {
  readonly onProgress?: ((progress: NodesProgress | SubnetProgress) => void) | undefined;
  /** Called once a stop finds the network without being told where it is; nothing runs yet. */
  readonly onBegun?: () => void;
}

/**
 * Starts a network for the first time.
 *
 * @param created As it was made.
 * @throws {TmpnetError} What kept it from being healthy; {@link SubnetError}, {@link WalletError}. Nothing is left running
 * then, and the links are as they were.
 */
export async function startFirst(
  network: NetworkView,
  { dir, genesis, nodes, stakes, plan, restoreLinks }: CreatedNetwork,
  runner: NetworkRunner,
  control: FirstStartControl,
): Promise<void> {
  control.onBegun?.();
  const stakers = new Set(genesis?.initialStakers.map(({ nodeID }) => nodeID));
  if (genesis !== undefined && !nodes.some(({ nodeID }) => stakers.has(nodeID))) {
    control.onProgress?.({ kind: "warning", message: "none of the nodes stakes in this genesis" });
  }
  try {
    const goesOn = stakes !== undefined || plan !== undefined;
    await runner.start(network, nodes, goesOn ? { ...control, waitForHealth: true } : control);
    if (goesOn) await complete(network, { stakes, plan }, runner, control);
  } catch (error) {
    restoreLinks();
    noteFailedStart(dir, error);
    throw error;
  }
  removeStartRecord(dir);
}

/** Has nodes stake, and makes the subnets, that a network begins with; where that fails, nothing is left running. */
async function complete(
  network: NetworkView,
  { stakes, plan }: Pick<CreatedNetwork, "stakes" | "plan">,
  runner: NetworkRunner,
  { signal, timeoutMs = DEFAULT_NETWORK_TIMEOUT_MS, onProgress }: FirstStartControl,
): Promise<void> {
  const { clock } = runner;
  try {
    const nodes = chainNodes(network);
    if (stakes !== undefined) {
      const uris = nodes.map(({ uri }) => uri);
      await issueTxs(uris, stakes.txs, { clock, signal, timeoutMs });
    }
    if (plan !== undefined) await makePlanned(network.dir, plan, nodes, { clock, signal, timeoutMs, onProgress });
  } catch (error) {
    await runner.stop(network.nodes).catch(() => {}); // what failed first is what is told
    throw error;
  }
}
