/**
 * Waiting for what another part of the process does in its own time.
 *
 * @module
 */

const POLL_MS = 5;
/** Far more than anything takes on a busy machine: it is only waited for in full when a test fails. */
const GIVE_UP_MS = 30_000;

/**
 * Resolves as soon as something is so.
 *
 * @param what Names it in the error.
 * @throws {Error} When it is not so for half a minute.
 *
 * @example
 * ```ts
 * await eventually("the listener has the connection", () => connections.length === 1);
 * ```
 */
export async function eventually(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + GIVE_UP_MS;
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) throw new Error(`waited ${GIVE_UP_MS} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
