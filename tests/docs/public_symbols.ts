/**
 * What `mod.ts` exports, with its documentation: read by Deno's own reader of documentation.
 *
 * @module
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const ROOT = resolve(import.meta.dir, "../..");
export const DENO = join(ROOT, "node_modules/.bin/deno");

/** Deno's cache stays in the checkout, and it looks for no newer self. */
const DENO_ENVIRONMENT = { DENO_DIR: join(ROOT, ".tools/deno"), DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };

/**
 * Runs a program of a runtime at the root.
 *
 * @param networks Where it makes its networks.
 * @returns What it printed to stdout.
 */
export async function run(command: readonly string[], networks = join(ROOT, ".tools")): Promise<string> {
  const child = Bun.spawn([...command], {
    cwd: ROOT,
    env: { ...process.env, ...DENO_ENVIRONMENT, TMPNET_ROOT_NETWORK_DIR: networks, TMPDIR: networks },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (code !== 0) throw new Error(`${command.slice(0, 2).join(" ")} ended with ${code}: ${stdout}${stderr}`);
  return stdout;
}

/** One exported symbol. */
export interface PublicSymbol {
  readonly name: string;
  /** `class`, `function`, `interface`, `typeAlias` or `variable`. */
  readonly kind: string;
  readonly doc: string;
  /** Its own and its members'. */
  readonly examples: readonly Example[];
}

/** One example. */
export interface Example {
  readonly code: string;
  /** Not, where it needs what not every machine has: it is marked `no-run`, and its types are checked all the same. */
  readonly runs: boolean;
}

interface DocNode {
  readonly kind?: string;
  readonly jsDoc?: {
    readonly doc?: string;
    readonly tags?: readonly { readonly kind: string; readonly doc?: string }[];
  };
}

/** All that `mod.ts` exports. */
export async function publicSymbols(): Promise<readonly PublicSymbol[]> {
  const { nodes } = JSON.parse(await run([DENO, "doc", "--json", "mod.ts"])) as {
    nodes: Record<string, { symbols: { name: string; declarations: (DocNode & { kind: string })[] }[] }>;
  };
  return Object.values(nodes).flatMap(({ symbols }) =>
    symbols.flatMap(({ name, declarations }) =>
      declarations.map((declaration) => ({
        name,
        kind: declaration.kind,
        doc: declaration.jsDoc?.doc ?? "",
        examples: [...examplesOf(declaration)],
      })),
    ),
  );
}

function* examplesOf(node: unknown): Generator<Example> {
  if (typeof node !== "object" || node === null) return;
  for (const tag of (node as DocNode).jsDoc?.tags ?? []) {
    if (tag.kind === "example") yield* codeBlocks(tag.doc ?? "");
  }
  for (const [key, value] of Object.entries(node)) {
    if (key !== "jsDoc") yield* examplesOf(value);
  }
}

function* codeBlocks(doc: string): Generator<Example> {
  for (const [, mark, code = ""] of doc.matchAll(/```ts( no-run)?\n(.*?)```/gs))
    yield { code, runs: mark === undefined };
}

/** Examples as modules of their own, gone once disposed of. */
export interface ExampleFiles extends Disposable {
  readonly directory: string;
  /** Of those that run. */
  readonly paths: readonly string[];
}

/**
 * Writes examples as modules. Each may use all that `mod.ts` exports; what it names itself is its own.
 *
 * They lie within the checkout, where the packages and their types are found.
 */
export function writeExamples(symbols: readonly PublicSymbol[]): ExampleFiles {
  const directory = mkdtempSync(join(ROOT, ".tools", "examples-"));
  const values = new Set(symbols.filter(isValue).map(({ name }) => name));
  const types = new Set(symbols.map(({ name }) => name).filter((name) => !values.has(name)));
  const paths = symbols.flatMap(({ name, examples }, at) =>
    examples.flatMap(({ code, runs }, i) => {
      // Numbered, as names may differ in nothing but the size of a letter.
      const path = join(directory, `${at}_${i}_${name}.ts`);
      const imported = code.includes(' from "avx";')
        ? []
        : [importOf(values, code, ""), importOf(types, code, "type ")];
      const text = [...imported, code.replaceAll(' from "avx";', ' from "../../mod.ts";'), "export {};"];
      writeFileSync(path, `${text.filter((part) => part !== "").join("\n")}\n`);
      return runs ? [path] : [];
    }),
  );
  const config = { extends: "../../tsconfig.json", include: ["*.ts"] };
  writeFileSync(join(directory, "tsconfig.json"), JSON.stringify(config));
  return { directory, paths, [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }) };
}

function isValue({ kind }: PublicSymbol): boolean {
  return ["class", "function", "variable"].includes(kind);
}

function importOf(names: ReadonlySet<string>, code: string, prefix: string): string {
  const words = new Set(code.match(/\b[A-Za-z_]\w*/g));
  const used = [...names].filter(
    (name) => words.has(name) && !new RegExp(`(class|function|const) ${name}\\b`).test(code),
  );
  return used.length === 0 ? "" : `import ${prefix}{ ${used.join(", ")} } from "../../mod.ts";`;
}
