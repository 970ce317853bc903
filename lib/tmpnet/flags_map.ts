/**
 * Flags of nodes as tmpnet keeps them: names without dashes, values as text, and who wins over whom.
 *
 * @module
 */

import { TmpnetError } from "./errors.ts";

/** Names the files of apps that a node of avx runs. */
export const APP_FLAG = "app";

/** A node's flags: `{"http-port": "0"}`. */
export type FlagsMap = Readonly<Record<string, string>>;

/**
 * Joins flags: what stands earlier wins.
 *
 * @example
 * ```ts
 * withDefaults({ "http-port": "9650" }, { "http-port": "0", "index-enabled": "true" });
 * // { "http-port": "9650", "index-enabled": "true" }
 * ```
 */
export function withDefaults(...layers: readonly FlagsMap[]): FlagsMap {
  return Object.assign({}, ...layers.toReversed());
}

/**
 * Reads one flag as a person writes it: `name=value` or `--name=value`; without a value it is `true`.
 *
 * @throws {TmpnetError} `option` when there is no name.
 */
export function parseFlag(text: string): [name: string, value: string] {
  const [, name, value = "true"] = /^(?:--)?([a-z0-9][a-z0-9-]*)(?:=(.*))?$/s.exec(text) ?? [];
  if (name === undefined) {
    throw new TmpnetError({ code: "option", option: text }, `"${text}" is not a flag of the form name=value`);
  }
  return [name, value];
}

/** Flags that say where a node keeps what its network finds it by. */
const PLACE_FLAGS = ["data-dir", "process-context-file"];

/**
 * Refuses flags for nodes that would take them out of their network's sight: it would wait for them in vain, and
 * they would run on unseen.
 *
 * @throws {TmpnetError} `option`.
 */
export function refusePlaceFlags(flags: FlagsMap): void {
  const name = PLACE_FLAGS.find((each) => flags[each]);
  if (name === undefined) return;
  const message = `${name} is the network's to set: a node that keeps its files elsewhere would not be found again`;
  throw new TmpnetError({ code: "option", option: name }, message, {
    hint: "Say where networks are made with --root-network-dir",
  });
}

/**
 * Takes flags from parsed JSON. Older files hold numbers and booleans; they become text.
 *
 * @returns `undefined` when it is not a map of plain values.
 */
export function flagsFromJSON(value: unknown): FlagsMap | undefined {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) return undefined;
  const flags: Record<string, string> = {};
  for (const [name, flag] of Object.entries(value)) {
    if (flag === null || typeof flag === "object") return undefined;
    flags[name] = String(flag);
  }
  return flags;
}
