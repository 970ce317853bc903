/**
 * What must not be left behind when this process ends at once, without a chance to wait.
 *
 * @module
 */

const guards = new Set<() => void>();

function runGuards(): void {
  for (const guard of guards) guard();
}

/**
 * Calls a function when this process exits, until the guard is disposed of. A process that is killed calls nothing.
 *
 * @param guard Does its work at once: nothing is waited for.
 */
export function guardAtExit(guard: () => void): Disposable {
  // One listener for all: many networks may start side by side.
  if (guards.size === 0) process.on("exit", runGuards);
  guards.add(guard);
  return {
    [Symbol.dispose]() {
      guards.delete(guard);
      if (guards.size === 0) process.off("exit", runGuards);
    },
  };
}
