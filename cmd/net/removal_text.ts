/**
 * What was removed and stopped, as text and as JSON.
 *
 * @module
 */

import { errorMessage } from "../../lib/core/errors.ts";
import { harmless } from "../../lib/tmpnet/logs/entry.ts";
import { type EndedOrphan, type Orphan, orphanName } from "../../lib/tmpnet/orphans.ts";
import type { Removals } from "../../lib/tmpnet/remove_networks.ts";
import type { CommandContext } from "../command.ts";
import { AlreadyTold, formatError } from "../errors.ts";
import type { RemovalsDocument } from "../json_documents.ts";
import { counted, size } from "./text.ts";

/** Names what was removed and what that freed; fails where something was to be removed and could not. */
export function printRemovals(
  removals: Removals,
  { json = false, dryRun = false }: { readonly json?: boolean | undefined; readonly dryRun?: boolean | undefined },
  { stdout, stderr, calledAs }: CommandContext,
): void {
  const { removed, failed } = removals;
  const bytes = removed.reduce((sum, each) => sum + each.bytes, 0);
  if (json) {
    const document: RemovalsDocument = {
      dryRun,
      removed,
      bytes,
      failed: failed.map(({ dir, error }) => ({ dir, error: errorMessage(error) })),
      kept: removals.kept.map(({ dir, state }) => ({ dir, state })),
    };
    stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  } else {
    for (const { dir, bytes: each, stopped } of removed) {
      const first = stopped === 0 ? "" : `, after stopping ${counted(stopped, "node")}`;
      stdout.write(`${dryRun ? "Would remove" : "Removed"} ${harmless(dir)} (${size(each)})${first}\n`);
    }
    stdout.write(`${total(removed.length, bytes, dryRun)}\n`);
  }
  for (const { error } of failed) stderr.write(formatError(error, { calledAs }));
  if (failed.length > 0) throw new AlreadyTold();
}

function total(count: number, bytes: number, dryRun: boolean): string {
  if (count === 0) return dryRun ? "Nothing would be removed" : "Nothing was there to remove";
  const networks = counted(count, "network");
  return dryRun ? `${networks}; ${size(bytes)} would be freed` : `${networks} removed, ${size(bytes)} freed`;
}

/** A line for each orphan, whatever became of it. */
export function orphanLines(ended: readonly EndedOrphan[], unproven: readonly Orphan[]): string {
  const lines = ended.map(({ orphan, how }) => {
    const what = how === "still-running" ? "Could not end" : how === "killed" ? "Killed" : "Ended";
    return `${what} process ${orphan.process.pid}: ${orphanName(orphan)}\n`;
  });
  const left = unproven.map((orphan) => {
    const { pid } = orphan.process;
    return `Left alone process ${pid}, which cannot be proven to be ours: ${orphanName(orphan)}; if it is, kill ${pid}\n`;
  });
  return [...lines, ...left].join("");
}
