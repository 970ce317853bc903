/**
 * Things that must hold on every runtime, told without the help of any runtime's own test library.
 *
 * @module
 */

/** Sentences that are true, and what proves each: it throws where the sentence is false. They are run in order. */
export type Scenarios = Readonly<Record<string, () => Promise<void>>>;

/** How one went: `error` is null where it held. */
export interface ScenarioResult {
  readonly name: string;
  readonly error: string | null;
}

/** Fails a scenario unless something is so. */
export function claim(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(`not so: ${what}`);
}
