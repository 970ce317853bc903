/**
 * Shows what happens while a snapshot is saved or loaded.
 *
 * @module
 */

import type { NodeID } from "../../lib/core/ids/node_id.ts";
import type { SnapshotProgress } from "../../lib/tmpnet/snapshot/save.ts";
import type { Output } from "../command.ts";
import { TransferBar } from "../transfer_bar.ts";
import { type ProgressView, progressView } from "./progress.ts";
import { counted } from "./text.ts";

/** Shows progress until it is closed. */
export interface SnapshotView extends Disposable {
  show(progress: SnapshotProgress): void;
  /** As {@link ProgressView.healthy}. */
  readonly healthy: ReadonlySet<NodeID>;
}

/** @param output Where it is shown: stderr. */
export function snapshotView(output: Output): SnapshotView {
  const bar = new TransferBar(output);
  let nodes: ProgressView | undefined;
  return {
    get healthy() {
      return nodes?.healthy ?? new Set();
    },
    show(progress) {
      if (progress.kind === "copying") {
        bar.show("Copying", progress.done, progress.total);
        return;
      }
      bar.end();
      if (progress.kind === "stopping") {
        output.write(`Stopping ${counted(progress.nodeCount, "node")} for the moment of copying\n`);
      } else if (progress.kind === "restarting") {
        output.write(`Starting ${counted(progress.nodeCount, "node")} again\n`);
      } else {
        // Made when it is needed: it draws from then on.
        nodes ??= progressView(output);
        nodes.show(progress);
      }
    },
    [Symbol.dispose]() {
      bar.end();
      nodes?.[Symbol.dispose]();
    },
  };
}
