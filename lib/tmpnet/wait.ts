/**
 * Waits until a network is well, and says of each node what keeps it from it.
 *
 * @module
 */

import { systemClock } from "../core/clock.ts";
import { sleep } from "../core/sleep.ts";
import { DEFAULT_NETWORK_TIMEOUT_MS } from "./defaults.ts";
import { TmpnetError } from "./errors.ts";
import type { NetworkModules } from "./network.ts";
import { type NetworkStatus, networkStatusAt } from "./status.ts";

/** How often a network is looked at, in milliseconds. */
export const WAIT_INTERVAL_MS = 250;

/**
 * How long a node may be down without a command at work on the network before the wait is given up, in milliseconds:
 * it will not come up by itself.
 */
export const DOWN_GRACE_MS = 3_000;

/** Moments in reasons: those of processes are reckoned from the clock anew each time, and come out some milliseconds apart. */
const RFC3339 = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;

/** How a wait behaves. */
export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  /** @default {120000} Milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** Called whenever something else keeps the network from being well, and not when the same is only told with another time. */
  readonly onStatus?: ((status: NetworkStatus) => void) | undefined;
}

/**
 * Waits until all nodes of a network run, answer, are healthy and connected to each other.
 *
 * It is given up before the time is over where a node does not run and nobody is at work on the network.
 *
 * @throws {TmpnetError} `not-healthy` with the reasons of each node, `interrupted`, `no-network`, `bad-file`.
 *
 * @example
 * ```ts
 * await using network = await Network.start({ nodeCount: 2 });
 * await waitForNetwork(network.dir, { timeoutMs: 60_000 });
 * ```
 */
export async function waitForNetwork(
  dir: string,
  options: WaitOptions = {},
  modules: NetworkModules = {},
): Promise<NetworkStatus> {
  const { clock = systemClock } = modules;
  const { signal, timeoutMs = DEFAULT_NETWORK_TIMEOUT_MS, onStatus } = options;
  const until = clock.monotonic() + timeoutMs;
  let told = "";
  let downSince: number | undefined;
  for (;;) {
    const status = await networkStatusAt(dir, signal === undefined ? {} : { signal }, modules);
    if (signal?.aborted) throw new TmpnetError({ code: "interrupted" }, "The wait was interrupted");
    if (status.healthy) return status;

    const now = reasonsOf(status).join("\n").replace(RFC3339, "");
    if (now !== told) onStatus?.(status);
    told = now;
    downSince = isDown(status) ? (downSince ?? clock.monotonic()) : undefined;
    const isHopeless = downSince !== undefined && clock.monotonic() - downSince >= DOWN_GRACE_MS;
    if (isHopeless || clock.monotonic() >= until) throw notHealthy(status, isHopeless);
    await sleep(clock, Math.min(WAIT_INTERVAL_MS, Math.max(0, until - clock.monotonic())), signal);
  }
}

/** What keeps a network from being well, one thing a line, each with the node that it is about. */
export function reasonsOf({ faults, nodes }: NetworkStatus): string[] {
  return [
    ...faults.map(({ what }) => what),
    ...nodes.flatMap(({ nodeID, faults: own }) =>
      own.map(({ part, what, since }) => `${nodeID} ${part}: ${what}${since === undefined ? "" : ` (since ${since})`}`),
    ),
  ];
}

function isDown({ nodes, atWork }: NetworkStatus): boolean {
  return atWork === undefined && (nodes.length === 0 || nodes.some(({ process }) => process.status === "stopped"));
}

function notHealthy(status: NetworkStatus, isHopeless: boolean): TmpnetError {
  const { dir, nodes } = status;
  const sick = nodes.filter(({ faults }) => faults.length > 0);
  const why = isHopeless ? "is not healthy, and nobody starts what is stopped:" : "did not get healthy in time:";
  const facts = reasonsOf(status)
    .map((reason) => `\n  ${reason}`)
    .join("");
  return new TmpnetError(
    { code: "not-healthy", path: dir, nodeIDs: sick.map(({ nodeID }) => nodeID) },
    `${dir} ${why}${facts}`,
    { hint: isHopeless ? "Start it with avx net restart" : "See what its nodes say with avx net logs --level warn" },
  );
}
