/**
 * Which of a release's files is for this machine.
 *
 * Source: upstream `.github/workflows/build-linux-binaries.yml` and `build-macos-release.yml`.
 *
 * @module
 */

import { InstallError } from "./errors.ts";
import type { Version } from "./version.ts";

/** A machine, in Node's words. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
}

/** Linux releases by Node's name of the processor. */
const LINUX_ARCHS: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/**
 * The name of the file that holds avalanchego for a machine.
 *
 * @throws {InstallError} `machine`.
 *
 * @example
 * ```ts
 * assetName(parseVersion("1.14.2"), { platform: "linux", arch: "x64" }); // "avalanchego-linux-amd64-v1.14.2.tar.gz"
 * ```
 */
export function assetName(version: Version, { platform, arch }: Machine): string {
  if (platform === "darwin") return `avalanchego-macos-${version}.zip`;
  const linux = platform === "linux" ? LINUX_ARCHS[arch] : undefined;
  if (linux !== undefined) return `avalanchego-linux-${linux}-${version}.tar.gz`;
  const machine = `${platform} ${arch}`;
  throw new InstallError({ code: "machine", machine }, `There is no release of avalanchego for ${machine}`, {
    hint: "Build it from its source, and name it with --avalanchego-path",
  });
}
