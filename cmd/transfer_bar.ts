/**
 * Shows how far a transfer of bytes is: a bar on a terminal, a line now and then in a pipe.
 *
 * @module
 */

import type { Output } from "./command.ts";
import { paint, size } from "./net/text.ts";

/** How often the bar is drawn again at most, and how often a pipe is told, in milliseconds. */
const FRAME_MS = 80;
const LINE_MS = 5_000;

const BAR_WIDTH = 30;

export class TransferBar {
  readonly #output: Output;
  #label: string | undefined;
  #toldAt = 0;
  /** A bar stands in the line that the cursor is in. */
  #isDrawn = false;

  /** @param output Where it is shown: stderr. */
  constructor(output: Output) {
    this.#output = output;
  }

  /**
   * Shows a transfer, if it is time to.
   *
   * @param label What it is, such as `Copying`; another one begins another bar.
   * @param done Bytes.
   * @param total Bytes; `undefined` where nobody knows.
   */
  show(label: string, done: number, total: number | undefined): void {
    const now = performance.now();
    const isNew = label !== this.#label;
    const every = this.#output.isTTY ? FRAME_MS : LINE_MS;
    if (!isNew && done !== total && now - this.#toldAt < every) return;
    if (isNew) this.end();
    this.#label = label;
    this.#toldAt = now;
    if (this.#output.isTTY) {
      this.#isDrawn = true;
      this.#output.write(`\r\u001b[2K${this.#bar(done, total)} ${amounts(done, total)}`);
    } else {
      this.#output.write(`${isNew ? `${label}: ` : ""}${amounts(done, total)}\n`);
    }
  }

  /** Leaves the bar's line. Doing so twice is harmless. */
  end(): void {
    if (this.#isDrawn) this.#output.write("\n");
    this.#isDrawn = false;
    this.#label = undefined;
  }

  #bar(done: number, total: number | undefined): string {
    const share = total ? Math.min(BAR_WIDTH, Math.floor((done / total) * BAR_WIDTH)) : 0;
    return `[${paint(this.#output, "good", "#".repeat(share))}${" ".repeat(BAR_WIDTH - share)}]`;
  }
}

function amounts(done: number, total: number | undefined): string {
  if (!total) return size(done);
  return `${size(done)} of ${size(total)} (${Math.floor((done / total) * 100)} %)`;
}
