/**
 * Snapshots of networks of nodes that do nothing.
 *
 * @module
 */

import { expect } from "bun:test";
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { AvxError } from "../../../lib/core/errors.ts";
import type { Network } from "../../../lib/tmpnet/network.ts";
import type { NetworkOptions } from "../../../lib/tmpnet/network_options.ts";
import { type LoadOptions, loadSnapshot } from "../../../lib/tmpnet/snapshot/load.ts";
import { type SnapshotControl, saveSnapshot } from "../../../lib/tmpnet/snapshot/save.ts";
import type { NetworkHome } from "../home.ts";
import { errorOf as errorOfKind } from "../support.ts";

/** What tests do with the snapshots of a home. */
export function snapshotsOf(home: NetworkHome) {
  return {
    snapshotsDir: () => home.directory.join(".tmpnet", "snapshots"),
    save: (network: Network, target = "one", options: SnapshotControl = {}) =>
      saveSnapshot(network.dir, target, options, { env: home.env }),
    load: (source = "one", options: LoadOptions = {}) => loadSnapshot(source, options, { env: home.env }),

    /** A network with something that looks like state; stopped. */
    async stoppedNetwork(options: NetworkOptions = {}): Promise<Network> {
      const network = await home.start({ owner: "me", ...options });
      for (const { dataDir } of network.nodes) fillState(dataDir);
      await network.stop({ metricsSnapshot: false });
      return network;
    },

    /** Nothing but the networks that are there, and no half of one. */
    expectNetworks(count: number): void {
      const names = existsSync(home.root) ? readdirSync(home.root) : [];
      expect(names.filter((name) => !name.startsWith("latest"))).toHaveLength(count);
      expect(names.filter((name) => name.startsWith("."))).toEqual([]);
    },
  };
}

/** Puts into a data directory what looks like a node's state. */
export function fillState(dataDir: string): void {
  mkdirSync(join(dataDir, "db", "network-88888"), { recursive: true, mode: 0o755 });
  writeFileSync(join(dataDir, "db", "network-88888", "000001.log"), `state of ${basename(dataDir)}`, { mode: 0o640 });
  writeFileSync(join(dataDir, "db", "network-88888", "CURRENT"), "x".repeat(100_000), { mode: 0o600 });
  symlinkSync("000001.log", join(dataDir, "db", "network-88888", "LATEST"));
  mkdirSync(join(dataDir, "logs"), { recursive: true });
  writeFileSync(join(dataDir, "logs", "C.log"), "much");
}

/** What an attempt fails with: errors of snapshots, of networks, and of archives. */
export function errorOf(attempt: Promise<unknown>): Promise<AvxError> {
  return errorOfKind(attempt, AvxError);
}
