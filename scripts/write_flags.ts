/**
 * Writes docs/flags.md from the table of flags: `bun scripts/write_flags.ts`.
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { FlagSpec } from "../lib/node/config/flag.ts";
import { showDefault } from "../lib/node/config/help.ts";
import { FLAG_NAMES, flagSpec } from "../lib/node/config/table.ts";

/** Where the page lies, from the root. */
export const FLAGS_PAGE = "docs/flags.md";

const USAGE = `Usage: bun scripts/write_flags.ts [--help]

Writes ${FLAGS_PAGE} from the table of flags in lib/node/config/.
`;

const HEAD = `# The flags of \`avx node run\`

They are avalanchego 1.14.2's, under their own names, and some that only avx has. A flag is set on the command line
(\`--http-port=9650\`), in the environment (\`AVAGO_HTTP_PORT=9650\`), or in a JSON file that \`--config-file\` names
(\`{"http-port": 9650}\`); the first of these goes before the second, and that before the third.

This page is made from the table in \`lib/node/config/\` by \`bun scripts/write_flags.ts\`. Of a flag that works it names
the test in which the flag changes what a node does; of any other it says why it does nothing here.
`;

/** The page, made from the table. */
export function flagsPage(): string {
  const groups = Map.groupBy(FLAG_NAMES.map(flagSpec), ({ group }) => group);
  const sections = [...groups].map(([heading, specs]) => `## ${heading}\n\n${table(specs)}`);
  return [HEAD, summary(), ...sections].join("\n");
}

function summary(): string {
  const rows = [
    ["avalanchego's", FLAG_NAMES.map(flagSpec).filter(({ own, replacedBy }) => !own && replacedBy === undefined)],
    ["replaced in avalanchego too", FLAG_NAMES.map(flagSpec).filter(({ replacedBy }) => replacedBy !== undefined)],
    ["avx's own", FLAG_NAMES.map(flagSpec).filter(({ own }) => own)],
  ] as const;
  const lines = rows.map(([whose, specs]) => {
    const refused = specs.filter((spec) => spec.refused !== undefined).length;
    const inert = specs.filter((spec) => spec.inert !== undefined).length;
    return `| ${whose} | ${specs.length} | ${specs.length - inert - refused} | ${inert} | ${refused} |`;
  });
  return `| flags | in all | work | without effect | refused |\n| --- | --- | --- | --- | --- |\n${lines.join("\n")}\n`;
}

function table(specs: readonly FlagSpec[]): string {
  const rows = specs.map((spec) => {
    const cells = [`\`${spec.name}\``, spec.type, defaultText(spec), helpText(spec), status(spec)];
    return `| ${cells.map((cell) => cell.replace(/[|<]/g, "\\$&")).join(" | ")} |`;
  });
  return `| flag | type | default | what it is for | here |\n| --- | --- | --- | --- | --- |\n${rows.join("\n")}\n`;
}

function defaultText(spec: FlagSpec): string {
  const text = showDefault(spec);
  return text === undefined || text === "" ? "" : `\`${text}\``;
}

function helpText({ help, unit }: FlagSpec): string {
  return unit === undefined ? help : `${help} (${unit})`;
}

function status({ test, inert, refused }: FlagSpec): string {
  if (refused !== undefined) return `refused: ${refused}`;
  if (inert !== undefined) return `without effect: ${inert}`;
  if (test === undefined) return "works";
  const [file, title] = test;
  return `works: [${title}](../${file})`;
}

function main(): void {
  const { values } = parseArgs({ options: { help: { type: "boolean", short: "h", default: false } } });
  if (values.help) console.log(USAGE);
  else writeFileSync(join(resolve(import.meta.dirname, ".."), FLAGS_PAGE), flagsPage());
}

if (import.meta.main) main();
