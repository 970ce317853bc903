/**
 * Shows how far an installation is: a bar on a terminal, a line now and then in a pipe.
 *
 * @module
 */

import type { InstallProgress } from "../lib/tmpnet/install/install.ts";
import type { Output } from "./command.ts";
import { paint, size } from "./net/text.ts";

/** How often the bar is drawn again at most, and how often a pipe is told, in milliseconds. */
const FRAME_MS = 80;
const LINE_MS = 5_000;

const BAR_WIDTH = 30;

/** Shows progress until it is closed. */
export interface InstallView extends Disposable {
  show(progress: InstallProgress): void;
}

/** @param output Where it is shown: stderr. */
export function installView(output: Output): InstallView {
  return new View(output);
}

type Downloading = Extract<InstallProgress, { phase: "downloading" }>;

class View implements InstallView {
  readonly #output: Output;
  #toldAt = Number.NEGATIVE_INFINITY;
  #phase: InstallProgress["phase"] | undefined;
  /** A bar stands in the line that the cursor is in. */
  #isDrawn = false;

  constructor(output: Output) {
    this.#output = output;
  }

  show(progress: InstallProgress): void {
    const isNew = progress.phase !== this.#phase;
    this.#phase = progress.phase;
    if (progress.phase === "downloading") {
      this.#downloading(progress, isNew);
      return;
    }
    this[Symbol.dispose]();
    this.#output.write(`${lineOf(progress)}\n`);
  }

  [Symbol.dispose](): void {
    if (this.#isDrawn) this.#output.write("\n");
    this.#isDrawn = false;
  }

  #downloading(progress: Downloading, isNew: boolean): void {
    const now = performance.now();
    const isLast = progress.received === progress.total;
    const every = this.#output.isTTY ? FRAME_MS : LINE_MS;
    if (!isNew && !isLast && now - this.#toldAt < every) return;
    this.#toldAt = now;
    if (!this.#output.isTTY) {
      this.#output.write(`${isNew ? `Downloading ${progress.asset}: ` : ""}${amounts(progress)}\n`);
      return;
    }
    this.#isDrawn = true;
    this.#output.write(`\r\u001b[2K${bar(this.#output, progress)} ${amounts(progress)}`);
  }
}

function bar(output: Output, { received, total }: Downloading): string {
  const share = total === undefined ? 0 : Math.floor((received / total) * BAR_WIDTH);
  return `[${paint(output, "good", "#".repeat(share))}${" ".repeat(BAR_WIDTH - share)}]`;
}

function amounts({ received, total }: Downloading): string {
  if (total === undefined) return size(received);
  return `${size(received)} of ${size(total)} (${Math.floor((received / total) * 100)} %)`;
}

function lineOf(progress: Exclude<InstallProgress, Downloading>): string {
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
