/**
 * The name that was meant.
 *
 * @module
 */

/** Wider typing errors than this are no typing errors. */
const MAX_DISTANCE = 4;

/**
 * The candidate nearest to a name that does not exist.
 *
 * @returns `undefined` where none is near: then a suggestion would only mislead.
 *
 * @example
 * ```ts
 * nearestName("http-prot", ["http-port", "http-host"]); // "http-port"
 * ```
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase().replaceAll("_", "-");
  const limit = Math.min(MAX_DISTANCE, Math.max(1, Math.floor(wanted.length / 3)));
  let nearest: string | undefined;
  let shortest = limit + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate, shortest);
    if (distance < shortest) {
      nearest = candidate;
      shortest = distance;
    }
  }
  return nearest ?? sameWords(wanted, candidates);
}

/** A candidate that holds every word of the name: `tls-key-file` for `staking-tls-key-file`. */
function sameWords(name: string, candidates: Iterable<string>): string | undefined {
  const words = name.split("-").filter((word) => word !== "");
  if (words.length < 2) return undefined;
  let best: string | undefined;
  for (const candidate of candidates) {
    const has = new Set(candidate.split("-"));
    if (words.every((word) => has.has(word)) && (best === undefined || candidate.length < best.length)) {
      best = candidate;
    }
  }
  return best;
}

/**
 * How many letters must be put in, taken out, exchanged or swapped with their neighbour.
 *
 * @param limit Distances from here on need not be exact.
 */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, at(beforeLast, j - 2) + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] as number;
}
