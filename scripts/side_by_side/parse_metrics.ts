/**
 * Reads Prometheus' text format, as a scrape gives it.
 *
 * @module
 */

/** One series and its value. */
export interface Series {
  /** The family's name, and for histograms and summaries what is behind it. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Series that belong together. */
export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly series: readonly Series[];
}

/**
 * Reads a scrape.
 *
 * @returns The families by name.
 * @throws {Error} Names the line that is none of the format's, or that belongs to no family.
 */
export function parseMetrics(text: string): ReadonlyMap<string, Family> {
  const families = new Map<string, { name: string; type: string; help: string; series: Series[] }>();
  const helps = new Map<string, string>();
  let current: { name: string; series: Series[] } | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const fail = (): never => {
      throw new Error(`Line ${index + 1} of the metrics cannot be read: ${line}`);
    };
    const [, kind, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) ?(.*)$/s.exec(line) ?? [];
    if (line === "") continue;
    if (kind === "HELP") helps.set(name, plain(rest));
    else if (kind === "TYPE") {
      if (families.has(name)) fail();
      const family = { name, type: rest, help: helps.get(name) ?? "", series: [] };
      families.set(name, family);
      current = family;
    } else {
      const series = parseSeries(line) ?? fail();
      if (current === undefined || !belongs(series.name, current.name)) return fail();
      current.series.push(series);
    }
  }
  return families;
}

/** The names of the labels that any series of a family has; without those that a histogram's own series have. */
export function labelNames({ series, type }: Family): readonly string[] {
  const own = type === "histogram" ? "le" : type === "summary" ? "quantile" : undefined;
  const names = new Set(series.flatMap(({ labels }) => Object.keys(labels)));
  return [...names].filter((name) => name !== own).sort();
}

function belongs(series: string, family: string): boolean {
  return series === family || ["_bucket", "_sum", "_count"].some((suffix) => series === family + suffix);
}

const SERIES = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\.)*",?)*)\})? (\S+)$/s;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/gs;

function parseSeries(line: string): Series | undefined {
  const [matched, name, labels = "", value] = SERIES.exec(line) ?? [];
  if (matched === undefined || name === undefined || value === undefined) return undefined;
  const pairs = [...labels.matchAll(LABEL)].map(([, label = "", text = ""]) => [label, plain(text)]);
  return { name, labels: Object.fromEntries(pairs), value: parseValue(value) };
}

function parseValue(text: string): number {
  if (text === "+Inf") return Number.POSITIVE_INFINITY;
  return text === "-Inf" ? Number.NEGATIVE_INFINITY : Number(text);
}

function plain(text: string): string {
  return text.replaceAll(/\\(.)/gs, (_, letter: string) => (letter === "n" ? "\n" : letter));
}
