/**
 * Writes the side-by-side page.
 *
 * @module
 */

import { FLAG_NAMES, flagSpec, isFlagName } from "../../lib/node/config/table.ts";
import { type Occasion, OWN_SHOWN_WHEN_HAPPENED, SHOWN_WHEN_HAPPENED } from "./absences.ts";
import type { Comparison, Sides } from "./compare.ts";
import type { NodeFacts } from "./gather.ts";

/** Where the page lies, from the root. */
export const SIDE_BY_SIDE_PAGE = "docs/side_by_side.md";

/** What the page is made of. */
export interface PageFacts {
  readonly upstream: NodeFacts;
  readonly own: NodeFacts;
  readonly comparison: Comparison;
  /** Names of avalanchego's flags. */
  readonly upstreamFlags: readonly string[];
}

/** The page. */
export function sideBySidePage(facts: PageFacts): string {
  return [head(facts), metrics(facts), checks(facts), methods(facts), flagsSection(facts.upstreamFlags)].join("\n");
}

function head({ comparison, own, upstream, upstreamFlags }: PageFacts): string {
  const missing = ({ absent }: Sides) => [...absent.values()].flat().length;
  const line = (what: string, { both, own, ...rest }: Sides) => {
    return `| ${what} | ${both.length + missing({ both, own, ...rest })} | ${both.length} | ${missing({ both, own, ...rest })} | ${own.length} |`;
  };
  const sidesOfFlags = flagSides(upstreamFlags);
  return `# avx beside avalanchego

What ${upstream.version} has, what ${own.version} has, and for each thing that is missing, why it cannot be there. This page is
made by \`./compile.sh side-by-side\`, which starts nodes of both and asks them: families of metrics are those that
\`/ext/metrics\` shows, checks and their keys those of \`/ext/health\`, methods those that are found when they are called.
Reasons are written in \`scripts/side_by_side/absences.ts\`, those of flags in the table of flags.

In the nodes of avx, apps sat where avalanchego has the P-, X- and C-Chain, and gossiped: the metrics of app protocols
are shown where there are apps, under the names of the chain whose seat they have.

| | avalanchego | both | avalanchego alone | avx alone |
| --- | --- | --- | --- | --- |
${line("families of metrics", comparison.metrics)}
${line("health checks and keys", comparison.checks)}
${line("API methods", comparison.methods)}
| flags | ${upstreamFlags.length} | ${upstreamFlags.length - sidesOfFlags.unknown.length} | ${sidesOfFlags.unknown.length} | ${sidesOfFlags.own.length} |
`;
}

function metrics({ comparison, own, upstream }: PageFacts): string {
  const { metrics } = comparison;
  const row = (name: string) => {
    const family = upstream.families.get(name) ?? own.families.get(name);
    const labels = family?.labels.map(code).join(", ") ?? "";
    return `| ${code(name)} | ${family?.type ?? ""} | ${labels} |`;
  };
  const later = new Set(SHOWN_WHEN_HAPPENED.map(({ name }) => name));
  return `## Metrics

### In both

Names, types and labels are the same.

| family | type | labels |
| --- | --- | --- |
${metrics.both
  .filter((name) => !later.has(name))
  .map(row)
  .join("\n")}

These are shown, by both, once what they count has happened:

${occasions(SHOWN_WHEN_HAPPENED)}

### In avalanchego alone

${reasons(metrics)}
### In avx alone

${list(metrics.own.filter((name) => OWN_SHOWN_WHEN_HAPPENED.every((later) => later.name !== name)))}

These are shown once what they count has happened:

${occasions(OWN_SHOWN_WHEN_HAPPENED)}
`;
}

function checks({ comparison: { checks } }: PageFacts): string {
  return `## Health checks and their keys

### In both

${list(checks.both)}

### In avalanchego alone

${reasons(checks)}
### In avx alone

${list(checks.own)}
`;
}

function methods({ comparison: { methods }, own, upstream }: PageFacts): string {
  const refused = [...own.refusals].filter(([name]) => methods.both.includes(name) && !upstream.refusals.has(name));
  return `## API methods

### In both

${list(methods.both)}

These are there in avx, and say why they have no answer:

${refused.map(([name, message]) => `- ${code(name)}: ${message}`).join("\n")}

### In avalanchego alone

${reasons(methods)}`;
}

/** What the page says of flags: it needs no node that runs. */
export function flagsSection(upstreamFlags: readonly string[]): string {
  const { own, unknown, without, works } = flagSides(upstreamFlags);
  const groups = [...without].map(([reason, names]) => `${reason}:\n\n${list(names)}\n`);
  return `## Flags

[flags.md](flags.md) tells of each flag what it does here, and names the test that shows it.

### In both, with effect

${list(works)}

### In both, without effect in avx

avx takes these, so that what starts avalanchego starts avx, and says in its log why they do nothing; or it refuses
them, where passing over them would not be what was asked for.

${groups.join("\n")}
### In avalanchego alone

${unknown.length === 0 ? "None." : list(unknown)}

### In avx alone

${list(own)}
`;
}

/** Flags by what they do here. */
function flagSides(upstreamFlags: readonly string[]) {
  const works: string[] = [];
  const unknown: string[] = [];
  const without = new Map<string, string[]>();
  for (const name of [...upstreamFlags].sort()) {
    if (!isFlagName(name)) {
      unknown.push(name);
      continue;
    }
    const { inert, refused } = flagSpec(name);
    const reason = refused ?? inert;
    if (reason === undefined) works.push(name);
    else without.set(reason, [...(without.get(reason) ?? []), name]);
  }
  const own = FLAG_NAMES.filter((name) => flagSpec(name).own === true).sort();
  return { works, unknown, without, own };
}

function reasons({ absent }: Sides): string {
  return [...absent].map(([reason, names]) => `${sentence(reason)} (${names.length}):\n\n${list(names)}\n`).join("\n");
}

function occasions(all: readonly Occasion[]): string {
  return all.map(({ name, when }) => `- ${code(name)}: ${when}`).join("\n");
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "None." : names.map(code).join(", ");
}

function code(text: string): string {
  return `\`${text}\``;
}

/** With a capital, but for the name of the program. */
function sentence(text: string): string {
  return text.startsWith("avx ") ? text : `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
