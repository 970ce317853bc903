/**
 * Stops all that runs of the networks of a root, and what has run away from them.
 *
 * @module
 */

import type { Clock } from "../core/clock.ts";
import { systemClock } from "../core/clock.ts";
import type { Env } from "./disk/layout.ts";
import { listNetworks } from "./listing.ts";
import { Network, type NodeStop, type StopControl } from "./network.ts";
import { type EndedOrphan, endOrphans, findOrphans, type Orphan } from "./orphans.ts";
import { forgetOrphan } from "./stop_orphans.ts";

/** What became of one network. */
export interface StoppedNetwork {
  readonly dir: string;
  readonly stops: readonly NodeStop[];
  /** Why not all of it could be stopped. */
  readonly error?: unknown;
}

/** What became of all. */
export interface StoppedAll {
  readonly networks: readonly StoppedNetwork[];
  readonly orphans: readonly EndedOrphan[];
  /** Processes that look like orphans, and were left alone as they cannot be proven to be ours. */
  readonly unproven: readonly Orphan[];
}

/**
 * Stops the networks of a root that run, one after another, and ends orphans.
 *
 * @param rootDir As given by the user; see `rootNetworkDir`.
 *
 * @example
 * ```ts
 * await Network.start({ nodeCount: 2 });
 * const { networks } = await stopAllNetworks(undefined);
 * console.log(networks.length);
 * ```
 */
export async function stopAllNetworks(
  rootDir: string | undefined,
  control: StopControl = {},
  modules: { readonly clock?: Clock | undefined; readonly env?: Env | undefined } = {},
): Promise<StoppedAll> {
  const { clock = systemClock, env = process.env } = modules;
  const running = listNetworks(rootDir, env).filter(({ runningCount }) => runningCount > 0);
  // Side by side: a node that hangs keeps its own network, and no other.
  const networks = await Promise.all(
    running.map(async ({ dir }): Promise<StoppedNetwork> => {
      try {
        return { dir, stops: await Network.stop(dir, control, { clock, env }) };
      } catch (error) {
        return { dir, stops: [], error };
      }
    }),
  );
  const found = findOrphans(rootDir, env);
  const orphans = await endOrphans(found, { clock });
  for (const { orphan } of orphans) forgetOrphan(orphan, env);
  return { networks, orphans, unproven: found.filter(({ proven }) => !proven) };
}
