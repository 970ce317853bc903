/**
 * How a stop asks a start that is under way to give up: it does not wait until nodes are healthy to end them.
 *
 * The request is a symbolic link in the network's directory, which names the process that waits. One of a process that
 * is no more asks for nothing; whoever takes the network's lock clears it away.
 *
 * @module
 */

import { readlinkSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { isProcessRunning } from "./leftovers.ts";

/** The request's name in a network's directory. */
export const STOP_REQUEST_FILE = "avx.stop";

/** How often a start looks for a request, in milliseconds. */
const LOOK_INTERVAL_MS = 200;

/** Asks whoever starts nodes of a network to give up. Where that cannot be written, it is waited for. */
export function requestStop(networkDir: string): void {
  const path = join(networkDir, STOP_REQUEST_FILE);
  try {
    rmSync(path, { force: true });
    symlinkSync(String(process.pid), path);
  } catch {
    // A disk that is full, or another that asks at the same time.
  }
}

/** Takes a request back, whoever's it is: it has been heard, or is of no use any more. */
export function clearStopRequest(networkDir: string): void {
  try {
    rmSync(join(networkDir, STOP_REQUEST_FILE), { force: true });
  } catch {
    // It names a process that is about to have what it asks for.
  }
}

/** Looks for requests until it is disposed of; its signal is aborted by one. */
export function watchForStopRequest(networkDir: string, clock: Clock): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const timer = clock.setInterval(() => {
    if (isRequested(networkDir)) controller.abort();
  }, LOOK_INTERVAL_MS);
  return { signal: controller.signal, [Symbol.dispose]: () => timer.cancel() };
}

function isRequested(networkDir: string): boolean {
  try {
    return isProcessRunning(Number(readlinkSync(join(networkDir, STOP_REQUEST_FILE))));
  } catch {
    return false;
  }
}
