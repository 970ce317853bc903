/**
 * Writes docs/json.md from the types of what commands print: `bun scripts/write_json_page.ts`.
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Declaration, readDeclarations } from "./json_page/declarations.ts";
import { EXAMPLES, type JSONSection, PLAIN_TYPES, SECTIONS, SOURCES } from "./json_page/sections.ts";

/** Where the page lies, from the root. */
export const JSON_PAGE = "docs/json.md";

const ROOT = resolve(import.meta.dirname, "..");

/** How long lines of text are, as in all pages, in characters. */
const LINE_LENGTH = 120;

const USAGE = `Usage: bun scripts/write_json_page.ts [--help]

Writes ${JSON_PAGE} from the types in cmd/ and lib/, and the examples in scripts/json_page/.
`;

const HEAD = `# What \`--json\` prints

Shapes are in TypeScript's notation. A field with \`?\` is absent where its note says so, and else where there is nothing
to tell; all others are always there. Fields may be added; what is here keeps its name and meaning. Moments are
numbers of milliseconds since 1970-01-01 UTC, and texts where a note names RFC 3339; durations are milliseconds, sizes
bytes. JSON goes to stdout; progress, warnings and errors go to stderr, in words. Exit codes are 0, 1 (failed) and 2
(wrong usage: nothing is printed to stdout). \`avx net schema\` prints JSON without being asked, and
\`avx net export\` JSON with comments: [testing.md](testing.md#a-network-in-a-file) tells of both.

This page is made from the types in \`cmd/\` and \`lib/\` by \`bun scripts/write_json_page.ts\`, and a test holds what
commands print against it. Examples are what commands printed, shortened, with paths and addresses of another machine.
`;

/** The page. */
export function jsonPage(): string {
  const types = readDeclarations(ROOT, SOURCES);
  const shownIn = new Map<string, string>();
  const contents = SECTIONS.map(({ commands }) => `- ${commands.map((command) => code(command)).join(", ")}`);
  return [`${HEAD}\n${contents.join("\n")}\n`, ...SECTIONS.map((each) => sectionText(each, types, shownIn))].join("\n");
}

function sectionText(
  { commands, says, type, example }: JSONSection,
  types: ReadonlyMap<string, Declaration>,
  shownIn: Map<string, string>,
): string {
  const [title = "", ...others] = commands;
  const root = type.replace("[]", "");
  const here: string[] = [];
  const elsewhere: string[] = [];
  for (const name of namesIn(root, types)) {
    const shown = shownIn.get(name);
    if (shown === undefined) here.push(name);
    else elsewhere.push(`\`${name}\` is under [${code(shown)}](#${anchor(shown)})`);
  }
  for (const name of here) shownIn.set(name, title);
  const blocks = here.map((name) => PLAIN_TYPES[name] ?? types.get(name)?.text ?? "");
  const same = others.length === 0 ? "" : ` The same is printed by ${others.map(code).join(", ")}.`;
  return [
    `## ${code(title)}\n`,
    `${wrapped(`${says} Type: \`${type}\`.${same}`)}\n`,
    ...(blocks.length === 0 ? [] : [`\`\`\`ts\n${blocks.join("\n\n")}\n\`\`\`\n`]),
    ...(elsewhere.length === 0 ? [] : [`${wrapped(`${elsewhere.join(", ")}.`)}\n`]),
    `\`\`\`json\n${JSON.stringify(EXAMPLES[example], null, 2)}\n\`\`\`\n`,
  ].join("\n");
}

/** A type and all that it uses, each once, the type itself first. */
function namesIn(root: string, types: ReadonlyMap<string, Declaration>, found = new Set<string>()): Set<string> {
  if (found.has(root)) return found;
  found.add(root);
  if (PLAIN_TYPES[root] !== undefined) return found;
  const declaration = types.get(root);
  if (declaration === undefined) throw new Error(`no file of SOURCES has the type ${root}`);
  for (const name of declaration.uses) namesIn(name, types, found);
  return found;
}

function wrapped(text: string): string {
  const lines = [""];
  for (const word of text.split(/ (?=(?:[^`]*`[^`]*`)*[^`]*$)/)) {
    const line = lines.at(-1) as string;
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length > LINE_LENGTH) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.join("\n");
}

function code(command: string): string {
  return `\`${command}\``;
}

/** As GitHub makes it of a heading. */
function anchor(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\w -]/g, "")
    .replaceAll(" ", "-");
}

function main(): void {
  const { values } = parseArgs({ options: { help: { type: "boolean", short: "h", default: false } } });
  if (values.help) console.log(USAGE);
  else writeFileSync(join(ROOT, JSON_PAGE), jsonPage());
}

if (import.meta.main) main();
