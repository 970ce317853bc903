/**
 * Shows how far an installation is.
 *
 * @module
 */

import type { InstallProgress } from "../lib/tmpnet/install/install.ts";
import type { Output } from "./command.ts";
import { TransferBar } from "./transfer_bar.ts";

/** Shows progress until it is closed. */
export interface InstallView extends Disposable {
  show(progress: InstallProgress): void;
}

/** @param output Where it is shown: stderr. */
export function installView(output: Output): InstallView {
  const bar = new TransferBar(output);
  return {
    show(progress) {
      if (progress.phase === "downloading") {
        bar.show(`Downloading ${progress.asset}`, progress.received, progress.total);
        return;
      }
      bar.end();
      output.write(`${lineOf(progress)}\n`);
    },
    [Symbol.dispose]: () => bar.end(),
  };
}

function lineOf(progress: Exclude<InstallProgress, { phase: "downloading" }>): string {
  switch (progress.phase) {
    case "waiting":
      return `Process ${progress.holder.pid} is ${progress.holder.purpose}: waiting for it`;
    case "retrying":
      return `${progress.reason}; trying again in ${progress.delayMs / 1000} s`;
    case "checking":
      return "Checking what was downloaded";
    case "unpacking":
      return "Unpacking";
    case "trying":
      return "Trying whether it runs";
  }
}
