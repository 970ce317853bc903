/**
 * One network for a whole test suite, whatever runs it.
 *
 * 1. Whoever asks for a network first in a process has it started; whoever asks for the same again has that one.
 * 2. It ends with the process, however that ends; where nothing was left to end it, the next process that asks for a
 *    network does.
 * 3. With `AVX_REUSE_NETWORK=1` it is kept, and the next run goes on with it.
 *
 * @module
 */

import { toHex } from "../../core/bytes.ts";
import { sha256 } from "../../core/hashing.ts";
import { type Env, rootNetworkDir } from "../disk/layout.ts";
import { listNetworks } from "../listing.ts";
import { Network, type NetworkControl, type NetworkModules } from "../network.ts";
import type { NetworkOptions } from "../network_options.ts";
import { removeNetwork } from "../remove.ts";
import { guardNetwork } from "./guardian.ts";
import { isAbandoned, readTestRecord, writeTestRecord } from "./test_record.ts";

/** Says whether networks of tests are kept for the next run: `1` or `true`. */
export const REUSE_NETWORK_ENV = "AVX_REUSE_NETWORK";

/** Whose networks of tests are, unless a test says otherwise. */
export const TEST_OWNER = "avx-test";

/** A network that this process has. */
interface Shared {
  readonly network: Promise<Network>;
  /** Of one that ends with the process. */
  guard?: Disposable;
}

const sharedHere = new Map<string, Shared>();

/**
 * A network that all tests of a process share: started by the first that asks, ended with the process.
 *
 * Tests that change it, by stopping nodes for example, are better off with one of their own: `Network.start`, or
 * {@link NetworkPool}.
 *
 * @param options What it is to be. Who asks for the same has the same.
 * @throws {TmpnetError} As {@link Network.start}.
 *
 * @example
 * ```ts
 * const network = await sharedNetwork({ nodeCount: 2 });
 * const same = await sharedNetwork({ nodeCount: 2 });
 * network === same; // true
 * ```
 */
export async function sharedNetwork(
  options: NetworkOptions = {},
  control: NetworkControl = {},
  modules: NetworkModules = {},
): Promise<Network> {
  const key = keyOf(options);
  const known = sharedHere.get(key);
  if (known !== undefined) return await known.network;

  const shared: Shared = { network: provide(key, options, control, modules, () => shared) };
  sharedHere.set(key, shared);
  try {
    return await shared.network;
  } catch (error) {
    sharedHere.delete(key);
    throw error;
  }
}

/**
 * Ends the networks that this process shares, and removes them; those that are kept for the next run stay. A process
 * that ends does so by itself: call it to wait for that, or to begin anew.
 *
 * @example
 * ```ts
 * const network = await sharedNetwork({ nodeCount: 2 });
 * console.log(network.nodeUris());
 * await endSharedNetworks();
 * ```
 */
export async function endSharedNetworks(modules: Pick<NetworkModules, "env"> = {}): Promise<void> {
  const all = [...sharedHere.values()];
  sharedHere.clear();
  await Promise.all(
    all.map(async (shared) => {
      const network = await shared.network.catch(() => undefined);
      if (network === undefined || readTestRecord(network.dir)?.kept) return;
      shared.guard?.[Symbol.dispose]();
      await removeNetwork(network.dir, { stop: true }, modules);
    }),
  );
}

/**
 * Ends and removes networks of test processes that are no more; {@link sharedNetwork} and {@link NetworkPool} do so
 * before they start one.
 *
 * @param rootDir Where networks lie. @default What the environment says, else `~/.tmpnet/networks`.
 * @returns Their directories.
 *
 * @example
 * ```ts
 * for (const dir of await endAbandonedNetworks()) console.log(`ended ${dir}`);
 * ```
 */
export async function endAbandonedNetworks(rootDir?: string, env: Env = process.env): Promise<readonly string[]> {
  const ended: string[] = [];
  for (const { dir } of listNetworks(rootDir, env)) {
    const record = readTestRecord(dir);
    if (record === undefined || record.kept || !isAbandoned(record)) continue;
    try {
      await removeNetwork(dir, { stop: true }, { env });
      ended.push(dir);
    } catch {
      // Another process does the same; or it cannot be, and is in nobody's way.
    }
  }
  return ended;
}

async function provide(
  key: string,
  options: NetworkOptions,
  control: NetworkControl,
  modules: NetworkModules,
  self: () => Shared,
): Promise<Network> {
  const { env = process.env } = modules;
  await endAbandonedNetworks(options.rootNetworkDir, env);
  const isKept = isTrue(env[REUSE_NETWORK_ENV]);
  const reused = isKept ? await reuse(key, options, control, modules) : undefined;
  if (reused !== undefined) return reused;
  return await startTestNetwork(key, isKept, options, control, modules, (guard) => {
    self().guard = guard;
  });
}

/**
 * Starts a network that is this process's from its first moment on.
 *
 * @param onGuard Is given what ends it with the process, where it is not kept.
 */
export async function startTestNetwork(
  key: string,
  kept: boolean,
  options: NetworkOptions,
  control: NetworkControl,
  modules: NetworkModules,
  onGuard: (guard: Disposable) => void,
): Promise<Network> {
  let guard: Disposable | undefined;
  try {
    return await Network.start(
      { owner: TEST_OWNER, ...options },
      {
        ...control,
        onProgress: (progress) => {
          if (progress.kind === "created") {
            writeTestRecord(progress.network.dir, { key, kept });
            if (!kept) {
              guard = guardNetwork(progress.network.dir);
              onGuard(guard);
            }
          }
          control.onProgress?.(progress);
        },
      },
      modules,
    );
  } catch (error) {
    guard?.[Symbol.dispose]();
    throw error;
  }
}

/** One that an earlier run has kept; it is started again where it does not run. */
async function reuse(
  key: string,
  options: NetworkOptions,
  control: NetworkControl,
  modules: NetworkModules,
): Promise<Network | undefined> {
  const { env = process.env } = modules;
  const root = rootNetworkDir(options.rootNetworkDir, env);
  for (const { dir, state } of listNetworks(root, env).toReversed()) {
    const record = readTestRecord(dir);
    if (record === undefined || !record.kept || record.key !== key) continue;
    try {
      const network = Network.read(dir, modules);
      if (state !== "running") await network.restart(control);
      return network;
    } catch {
      // One that does not start again is of no use to anybody: a new one takes its place.
      await removeNetwork(dir, { stop: true }, { env }).catch(() => {});
    }
  }
  return undefined;
}

function keyOf(options: NetworkOptions): string {
  const plain = (_: string, value: unknown) => {
    if (typeof value === "bigint") return `${value}n`;
    return value instanceof Uint8Array ? toHex(value) : value;
  };
  return toHex(sha256(new TextEncoder().encode(JSON.stringify(options, plain))));
}

function isTrue(text: string | undefined): boolean {
  return text === "1" || text?.toLowerCase() === "true";
}
