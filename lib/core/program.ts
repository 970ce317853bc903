/**
 * This program as others start it.
 *
 * @module
 */

/** Whether this is an executable of its own, and not a script that a runtime runs. */
export function isCompiled(): boolean {
  const { Bun, Deno } = globalThis as {
    Bun?: { isStandaloneExecutable?: boolean };
    Deno?: { build?: { standalone?: boolean } };
  };
  return Bun?.isStandaloneExecutable === true || Deno?.build?.standalone === true;
}

/** A word as a shell takes it, whatever is in it. */
export function quoted(word: string): string {
  return /^[A-Za-z0-9_/.,:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
