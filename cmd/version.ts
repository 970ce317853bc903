/**
 * Which avx this is.
 *
 * @module
 */

import packageFile from "../package.json" with { type: "json" };

/** Set by the compiler: the commit that was built, with `-dirty` where the tree had changes. */
declare const AVX_COMMIT: string | undefined;

/** The version of avx, from package.json. */
export const VERSION: string = packageFile.version;

/** The commit that this executable was built from; `source` when avx runs from its source files. */
export const COMMIT: string = typeof AVX_COMMIT === "string" ? AVX_COMMIT : "source";

/** One line for `avx --version`: version, commit, runtime and platform. */
export function versionLine(): string {
  return `avx ${VERSION} (${COMMIT}, ${runtimeName()}, ${process.platform}-${process.arch})`;
}

function runtimeName(): string {
  const { bun, deno } = process.versions as Record<string, string | undefined>;
  if (bun !== undefined) return `bun ${bun}`;
  if (deno !== undefined) return `deno ${deno}`;
  return `node ${process.versions.node}`;
}
