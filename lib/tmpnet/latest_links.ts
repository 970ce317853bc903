/**
 * The links in a root that lead to its latest network, and to the latest of each owner.
 *
 * @module
 */

import { lstatSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { readableNamesIn } from "./disk/files.ts";
import { type Env, LATEST_LINK, latestLinkOf, pointLink, readLink } from "./disk/layout.ts";
import { isLatestLink } from "./disk/network_dirs.ts";
import { listNetworks } from "./listing.ts";

/**
 * Points the links at a network: it is the latest of its root and of its owner now.
 *
 * @param owner As it stands in file names; empty where nobody is.
 * @returns A function that sets them back to what they were.
 * @throws {TmpnetError} `unwritable`.
 */
export function pointLatestLinks(networkDir: string, owner: string): () => void {
  const names = owner === "" ? [LATEST_LINK] : [LATEST_LINK, latestLinkOf(owner)];
  const restores = names.map((name) => pointLink(networkDir, name));
  return () => {
    for (const restore of restores) restore();
  };
}

/**
 * Points the links `latest` and `latest_<owner>` that lead nowhere to the last network that is there, and removes those
 * for which there is none.
 */
export function repairLatestLinks(root: string, env: Env): void {
  const broken = readableNamesIn(root).filter((name) => isLatestLink(name) && leadsNowhere(join(root, name)));
  if (broken.length === 0) return;
  const there = listNetworks(root, env).filter(({ state }) => state !== "failed" && state !== "half-made");
  for (const name of broken) {
    const owner = name.slice(LATEST_LINK.length + 1);
    const last = there.filter((network) => name === LATEST_LINK || network.owner === owner).at(-1);
    try {
      if (last === undefined) rmSync(join(root, name), { force: true });
      else pointLink(last.dir, name);
    } catch {
      // A link that leads nowhere is said to be so by whoever goes by it.
    }
  }
}

function leadsNowhere(path: string): boolean {
  const target = readLink(path);
  if (target === undefined) return false;
  return lstatSync(resolve(dirname(path), target), { throwIfNoEntry: false }) === undefined;
}
