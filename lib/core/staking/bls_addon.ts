/**
 * The two addons of blst: the package's own, and the copy that signs and verifies proofs of possession.
 *
 * The addon of @chainsafe/blst has one domain separation tag built in, that of plain signatures. In the copy the other
 * tag stands in its place and nothing else differs; `scripts/derive_blst.ts` writes it when dependencies are installed.
 *
 * Each addon is named in the source for every platform: `bun build --compile` finds it there and puts it into the
 * executable. A `require` directly inside a `try` is one that may fail, to the bundler too; packages of other platforms
 * are not installed. The package's own index would start `ldd` to look for a C library.
 *
 * @module
 */

import { createRequire } from "node:module";

export type BLSTAddon = typeof import("@chainsafe/blst");

/** The addon as it is published, or `undefined` where there is none for this platform or it does not load. */
export function signatureAddon(): BLSTAddon | undefined {
  return typeof require === "function"
    ? bundledSignatureAddon()
    : installedAddon((platform) => `@chainsafe/blst-${platform}`);
}

/** The addon with the tag of proofs of possession, or `undefined` where it was not derived or does not load. */
export function proofAddon(): BLSTAddon | undefined {
  return typeof require === "function"
    ? bundledProofAddon()
    : installedAddon((platform) => `./native/blst-${platform}.pop.node`);
}

function bundledSignatureAddon(): BLSTAddon | undefined {
  switch (`${process.platform}-${process.arch}`) {
    case "linux-x64":
      try {
        return require("@chainsafe/blst-linux-x64-gnu");
      } catch {}
      try {
        return require("@chainsafe/blst-linux-x64-musl");
      } catch {}
      return undefined;
    case "linux-arm64":
      try {
        return require("@chainsafe/blst-linux-arm64-gnu");
      } catch {}
      try {
        return require("@chainsafe/blst-linux-arm64-musl");
      } catch {}
      return undefined;
    case "darwin-x64":
      try {
        return require("@chainsafe/blst-darwin-x64");
      } catch {}
      return undefined;
    case "darwin-arm64":
      try {
        return require("@chainsafe/blst-darwin-arm64");
      } catch {}
      return undefined;
    case "win32-x64":
      try {
        return require("@chainsafe/blst-win32-x64-msvc");
      } catch {}
      return undefined;
    default:
      return undefined;
  }
}

function bundledProofAddon(): BLSTAddon | undefined {
  switch (`${process.platform}-${process.arch}`) {
    case "linux-x64":
      try {
        return require("./native/blst-linux-x64-gnu.pop.node");
      } catch {}
      try {
        return require("./native/blst-linux-x64-musl.pop.node");
      } catch {}
      return undefined;
    case "linux-arm64":
      try {
        return require("./native/blst-linux-arm64-gnu.pop.node");
      } catch {}
      try {
        return require("./native/blst-linux-arm64-musl.pop.node");
      } catch {}
      return undefined;
    case "darwin-x64":
      try {
        return require("./native/blst-darwin-x64.pop.node");
      } catch {}
      return undefined;
    case "darwin-arm64":
      try {
        return require("./native/blst-darwin-arm64.pop.node");
      } catch {}
      return undefined;
    case "win32-x64":
      try {
        return require("./native/blst-win32-x64-msvc.pop.node");
      } catch {}
      return undefined;
    default:
      return undefined;
  }
}

const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  linux: ["-gnu", "-musl"],
  darwin: [""],
  win32: ["-msvc"],
};

/** The same where modules have no `require`, as in Deno: nothing is bundled there, and the name may be made up. */
function installedAddon(specifier: (platform: string) => string): BLSTAddon | undefined {
  const require = createRequire(import.meta.url);
  for (const suffix of SUFFIXES[process.platform] ?? []) {
    try {
      return require(specifier(`${process.platform}-${process.arch}${suffix}`)) as BLSTAddon;
    } catch {}
  }
  return undefined;
}
