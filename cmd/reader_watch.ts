/**
 * Notices that the reader of a pipe has gone while nothing is written: `avx net logs -f | head -1` ends with `head`.
 *
 * A pipe tells that to whoever waits for it, and the runtimes have no call for it. Bun takes any descriptor for a
 * connection, and tells when one has ended. It is given one of its own: Linux opens the same pipe again by
 * `/proc/self/fd`, so that what is set on that one, and its end, are not the stream's. Where that cannot be had (other
 * systems and runtimes, sockets), a reader that has gone is noticed at the next write.
 *
 * @module
 */

import { closeSync, constants, fstatSync, openSync } from "node:fs";

/** What Bun makes of a descriptor. */
interface Connection {
  terminate(): void;
  unref(): void;
}

interface BunConnect {
  connect(options: {
    readonly fd: number;
    readonly socket: { open(): void; data(): void; close(): void; error(): void };
  }): Promise<Connection>;
}

const bun = (globalThis as unknown as { readonly Bun?: BunConnect }).Bun;

/**
 * Waits for the reader of a pipe to go.
 *
 * @param fd The end that is written to. Anything but a pipe is not watched.
 * @param onGone Called once.
 * @returns Ends the wait.
 */
export function watchReader(fd: number, onGone: () => void): Disposable {
  let connection: Connection | undefined;
  let isWatched = true;
  const own = bun === undefined ? undefined : reopened(fd);
  if (bun !== undefined && own !== undefined) {
    const close = () => {
      if (isWatched) onGone();
      isWatched = false;
    };
    const socket = { open() {}, data() {}, error() {}, close };
    bun.connect({ fd: own, socket }).then(
      (made) => {
        connection = made;
        made.unref();
        if (!isWatched) made.terminate();
      },
      () => closeSync(own),
    );
  }
  return {
    [Symbol.dispose]() {
      isWatched = false;
      connection?.terminate();
    },
  };
}

/** The same pipe by another descriptor; `undefined` where it is none, or may not be opened. */
function reopened(fd: number): number | undefined {
  try {
    if (process.platform !== "linux" || !fstatSync(fd).isFIFO()) return undefined;
    // A pipe that has a name would wait for a reader.
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}
