/**
 * Derives the addon for proofs of possession from blst's: `bun scripts/derive_blst.ts`. Called by compile.sh once
 * dependencies are installed, and by the build for other targets.
 *
 * What is derived is a changed copy of the file `*.node` of `@chainsafe/blst-<platform>`, which holds blst by Supranational
 * and its binding by ChainSafe (https://github.com/ChainSafe/blst-ts), both under the Apache License 2.0; the licence is
 * in `node_modules/@chainsafe/blst/LICENSE`. The change: the one domain separation tag in it, that of plain signatures,
 * gives way to that of proofs of possession, which is as long; on Apple silicon the signature's page hashes follow.
 * The package's own file is only read: its integrity was checked against bun.lock when it was installed.
 *
 * @module
 */

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CIPHERSUITES } from "../lib/core/staking/bls_backend.ts";
import { hasMachOSignature, isMachOSigned, renewMachOHashes } from "./macho_signature.ts";

const ROOT = resolve(import.meta.dir, "..");

/** Where this machine's are, for `lib/core/staking/bls_addon.ts`. Git ignores it. */
export const NATIVE_DIRECTORY = join(ROOT, "lib/core/staking/native");

const SCOPE = "node_modules/@chainsafe";
const PACKAGE_PREFIX = "blst-";

/**
 * Derives an addon from each platform's package that is installed; where none is, nothing is done.
 *
 * @param packages The directory whose node_modules are meant.
 * @param directory Where to write `blst-<platform>.pop.node`. A file that is right already is left alone; others are
 * replaced in one step, so that whoever loads one never sees half of it.
 * @returns The files' absolute paths.
 * @throws {Error} when a package is not of the form that is known here.
 */
export function deriveProofAddons(packages: string, directory: string): string[] {
  return installedPlatforms(packages).map((platform) => {
    const home = join(packages, SCOPE, PACKAGE_PREFIX + platform);
    const { main } = JSON.parse(readFileSync(join(home, "package.json"), "utf8")) as { main: string };
    const path = join(directory, proofAddonName(platform));
    writeOnce(path, deriveProofAddon(readFileSync(join(home, main)), platform));
    return path;
  });
}

/** What `bls_addon.ts` calls a platform's file. */
function proofAddonName(platform: string): string {
  return `${PACKAGE_PREFIX}${platform}.pop.node`;
}

/**
 * Changes the tag of an addon.
 *
 * @param original Is left as it is.
 * @param platform As in the package's name: `linux-x64-gnu`.
 * @throws {Error} unless the tag occurs exactly once, and a signature for macOS fits.
 */
export function deriveProofAddon(original: Uint8Array, platform: string): Uint8Array {
  const tag = Buffer.from(CIPHERSUITES.signature);
  const replacement = Buffer.from(CIPHERSUITES["proof-of-possession"]);
  const derived = Buffer.from(original);
  const at = derived.indexOf(tag);
  if (
    tag.length !== replacement.length ||
    at === -1 ||
    derived.includes(tag, at + 1) ||
    derived.includes(replacement)
  ) {
    throw new Error(`the addon for ${platform} does not hold the tag ${tag} exactly once`);
  }
  const isSigned = platform.startsWith("darwin-") && hasMachOSignature(derived);
  if (isSigned && !isMachOSigned(derived)) {
    throw new Error(`the addon for ${platform} has a signature of an unknown form`);
  }
  derived.set(replacement, at);
  if (isSigned) renewMachOHashes(derived);
  return derived;
}

function installedPlatforms(packages: string): string[] {
  let names: string[];
  try {
    names = readdirSync(join(packages, SCOPE));
  } catch {
    return [];
  }
  return names
    .filter((name) => name.startsWith(PACKAGE_PREFIX))
    .map((name) => name.slice(PACKAGE_PREFIX.length))
    .sort();
}

function writeOnce(path: string, bytes: Uint8Array): void {
  try {
    if (readFileSync(path).equals(bytes)) return;
  } catch {
    // There is none yet.
  }
  mkdirSync(resolve(path, ".."), { recursive: true });
  const partial = `${path}.${process.pid}`;
  try {
    writeFileSync(partial, bytes);
    renameSync(partial, path);
  } finally {
    rmSync(partial, { force: true });
  }
}

if (import.meta.main) deriveProofAddons(ROOT, NATIVE_DIRECTORY);
