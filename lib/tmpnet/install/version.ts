/**
 * Versions as releases are tagged: `v1.14.2`, `v1.14.2-fuji`.
 *
 * @module
 */

import { quote } from "../../core/quote.ts";
import { InstallError } from "./errors.ts";

/** A release's tag. It is a part of paths and addresses: nothing but what {@link parseVersion} lets through. */
export type Version = string & { readonly __brand: "Version" };

const PATTERN = /^v?(\d{1,6}\.\d{1,6}\.\d{1,6}(?:-[0-9A-Za-z][0-9A-Za-z.-]{0,40})?)$/;

/**
 * Reads a version, with or without the `v`.
 *
 * @throws {InstallError} `option`.
 *
 * @example
 * ```ts
 * parseVersion("1.14.2"); // "v1.14.2"
 * ```
 */
export function parseVersion(text: string): Version {
  const version = versionOf(text);
  if (version !== undefined) return version;
  throw new InstallError({ code: "option", option: "version" }, `${quote(text)} is no version`, {
    hint: "Write it as v1.14.2, or latest",
  });
}

/** A version, or `undefined` for anything else. */
export function versionOf(text: string): Version | undefined {
  const [, number] = PATTERN.exec(text) ?? [];
  return number === undefined ? undefined : (`v${number}` as Version);
}

/** The numbers alone, as a program tells them: `1.14.2` of `v1.14.2-fuji`. */
export function numbersOf(version: Version): string {
  return version.slice(1).replace(/-.*$/, "");
}

/** Sorts newest first; of equal numbers, the one with nothing behind them. */
export function compareVersions(a: Version, b: Version): number {
  const [left, right] = [a, b].map((version) => numbersOf(version).split(".").map(Number)) as [number[], number[]];
  for (let i = 0; i < 3; i++) {
    const difference = (right[i] as number) - (left[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length || (a < b ? -1 : 1);
}

/** How many versions are named to somebody who asked for one that there is not. */
const NEAR_COUNT = 5;

/** The versions that stand nearest to one that there is not, newest first. */
export function nearVersions(wanted: Version, all: readonly Version[]): Version[] {
  const sorted = [...new Set(all)].sort(compareVersions);
  const place = sorted.findIndex((version) => compareVersions(wanted, version) < 0);
  const middle = place === -1 ? sorted.length : place;
  const start = Math.max(0, Math.min(middle - Math.floor(NEAR_COUNT / 2), sorted.length - NEAR_COUNT));
  return sorted.slice(start, start + NEAR_COUNT);
}
