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

let isCommand = false;

/** Told by avx's own command: what runs this is avx, and no other program that uses its library. */
export function declareAvx(): void {
  isCommand = true;
}

/** Whether this is the executable avx. */
export function isAvx(): boolean {
  return isCommand && isCompiled();
}

/** A word as a shell takes it, whatever is in it. */
export function quoted(word: string): string {
  return /^[A-Za-z0-9_/.,:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
