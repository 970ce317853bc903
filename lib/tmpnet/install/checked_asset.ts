/**
 * A release's file for a machine, and the checksum that tells that it is that file.
 *
 * @module
 */

import { assetName, type Machine } from "./asset.ts";
import { type DownloadOptions, download, forgetPart, sha256OfFile } from "./download.ts";
import { InstallError } from "./errors.ts";
import { interrupted } from "./http.ts";
import { checksumFromFiles, type Release, type ReleaseAsset, type ReleasesOptions } from "./releases.ts";

/**
 * The checksum that was asked for, in lower case.
 *
 * @throws {InstallError} `option`.
 */
export function checkedSHA256(sha256: string | undefined): string | undefined {
  if (sha256 === undefined) return undefined;
  const [, hex] = /^(?:sha256:)?([0-9a-fA-F]{64})$/.exec(sha256.trim()) ?? [];
  if (hex !== undefined) return hex.toLowerCase();
  throw new InstallError({ code: "option", option: "sha256" }, `"${sha256}" is no SHA-256: 64 hexadecimal digits`);
}

/**
 * The file for this machine, with the checksum that it must have; without one where that was allowed.
 *
 * @param sha256 What was asked for.
 * @throws {InstallError} `no-asset`, `checksum`, `no-checksum`.
 */
export async function findAsset(
  release: Release,
  machine: Machine,
  sha256: string | undefined,
  { allowUnchecked = false }: { readonly allowUnchecked?: boolean | undefined },
  options: ReleasesOptions,
): Promise<ReleaseAsset> {
  const { version, assets } = release;
  const name = assetName(version, machine);
  const asset = assets.find((each) => each.name === name);
  if (asset === undefined) {
    const names = assets.map((each) => each.name).filter((each) => !each.endsWith(".sig"));
    const facts = names.length === 0 ? "no files" : names.join(", ");
    throw new InstallError(
      { code: "no-asset", version, asset: name },
      `Release ${version} has no ${name}: it has ${facts}`,
    );
  }
  const published =
    asset.sha256 ?? (sha256 === undefined ? await checksumFromFiles(release, asset, options) : undefined);
  if (sha256 !== undefined && published !== undefined && sha256 !== published) {
    throw wrongChecksum(`The release says another checksum of ${name} than was asked for`, sha256, published);
  }
  const expected = sha256 ?? published;
  if (expected === undefined && !allowUnchecked) {
    throw new InstallError(
      { code: "no-checksum", asset: name },
      `Release ${version} does not say the checksum of ${name}`,
      {
        hint: "Give it with --sha256, or take the file as it comes with --allow-unchecked",
      },
    );
  }
  return { ...asset, sha256: expected };
}

/** What happens while a file is got. */
export type DownloadProgress =
  /** `total` is `undefined` where nobody says. */
  | {
      readonly phase: "downloading";
      readonly asset: string;
      readonly received: number;
      readonly total: number | undefined;
    }
  | { readonly phase: "checking" };

/**
 * Gets a file and checks it. What has arrived before and does not fit is got again.
 *
 * @returns The checksum of what was downloaded.
 * @throws {InstallError} `checksum`, `interrupted`; as a download.
 */
export async function downloadChecked(
  asset: ReleaseAsset,
  path: string,
  releases: DownloadOptions,
  {
    signal,
    onProgress,
  }: {
    readonly signal?: AbortSignal | undefined;
    readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  },
): Promise<string> {
  for (;;) {
    const resumedFrom = await download(asset, path, {
      ...releases,
      onBytes: (received, total) => onProgress?.({ phase: "downloading", asset: asset.name, received, total }),
    });
    onProgress?.({ phase: "checking" });
    const actual = await sha256OfFile(path, signal).catch((error) => {
      throw signal?.aborted ? interrupted(error) : error;
    });
    if (asset.sha256 === undefined || asset.sha256 === actual) return actual;
    forgetPart(path);
    // What was there before may have been something else.
    if (resumedFrom > 0) continue;
    throw wrongChecksum(`The checksum of ${asset.name} is wrong; what was downloaded is removed`, asset.sha256, actual);
  }
}

function wrongChecksum(sentence: string, expected: string, actual: string): InstallError {
  const message = `${sentence}\n  expected: ${expected}\n  found:    ${actual}`;
  return new InstallError({ code: "checksum", expected, actual }, message);
}
