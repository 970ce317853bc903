/**
 * Which nodes, logs and entries are meant.
 *
 * @module
 */

import { basename } from "node:path";
import type { NodeID } from "../../core/ids/node_id.ts";
import { isLoggedAt, type LineLevel } from "../../core/log.ts";
import { TmpnetError } from "../errors.ts";
import { entryText, type LogEntry } from "./entry.ts";

/** Which entries of a log are wanted. */
export interface EntryFilter {
  /** No quieter than this. What has no level, such as the last words of a process, is always let through. */
  readonly level?: LineLevel | undefined;
  /** Found in the entry as it is shown: logger, file, message, further lines. */
  readonly grep?: RegExp | undefined;
}

/** Makes one question of a filter. */
export function entryMatcher({ level, grep }: EntryFilter): (entry: LogEntry) => boolean {
  // A pattern with "g" or "y" would go on where it left off.
  const pattern = grep === undefined ? undefined : new RegExp(grep.source, grep.flags.replace(/[gy]/g, ""));
  return (entry) =>
    (level === undefined || entry.level === undefined || isLoggedAt(entry.level, level)) &&
    (pattern === undefined || pattern.test(entryText(entry)));
}

/**
 * Finds the nodes that are meant.
 *
 * @param selectors Each a node ID, the beginning of one (with or without `NodeID-`), or a place in the list, from 1.
 * @returns All of them where no selector is given.
 * @throws {TmpnetError} `option` for a selector that means no node, or several.
 */
export function selectNodes<T extends { readonly nodeID: NodeID; readonly dataDir: string }>(
  nodes: readonly T[],
  selectors: readonly string[],
): readonly T[] {
  if (selectors.length === 0) return nodes;
  const chosen = new Set(selectors.flatMap((selector) => nodesMeant(nodes, selector)));
  return nodes.filter((node) => chosen.has(node));
}

function nodesMeant<T extends { readonly nodeID: NodeID; readonly dataDir: string }>(
  nodes: readonly T[],
  selector: string,
): T[] {
  const place = /^\d{1,6}$/.test(selector) ? nodes[Number(selector) - 1] : undefined;
  if (place !== undefined) return [place];
  const start = selector.startsWith("NodeID-") ? selector : `NodeID-${selector}`;
  const named = nodes.filter(({ nodeID, dataDir }) => nodeID === start || basename(dataDir) === selector);
  const found = named.length > 0 ? named : nodes.filter(({ nodeID }) => selector !== "" && nodeID.startsWith(start));
  // A directory beside another may hold the same keys: both are meant then.
  if (new Set(found.map(({ nodeID }) => nodeID)).size === 1) return found;
  const facts = (found.length === 0 ? nodes : found).map(({ nodeID }) => `\n  ${nodeID}`).join("");
  const message =
    found.length === 0
      ? `No node is meant by "${selector}"; there are${facts || " none"}`
      : `"${selector}" may be any of${facts}`;
  throw new TmpnetError({ code: "option", option: "node" }, message, {
    hint: "Name a node by its ID, the beginning of it, or its place in the list, from 1",
  });
}

/**
 * Whether a log is that of one of these chains.
 *
 * @param log Its file's name, such as `C.log`.
 * @param chains Aliases or blockchain IDs, or the beginning of an ID; `main` is the node's own log.
 */
export function isLogOfChain(log: string, chains: readonly string[]): boolean {
  const name = log.replace(/\.log$/, "");
  const isID = name.length > 40;
  return chains.some((chain) => name.toLowerCase() === chain.toLowerCase() || (isID && name.startsWith(chain)));
}
