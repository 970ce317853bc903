/**
 * Holds JSON against types: of a page's blocks of TypeScript, read by Deno's own reader of documentation.
 *
 * @module
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DENO, ROOT, run } from "./public_symbols.ts";

/** A type as the reader gives it, as far as pages use them. */
type Shape =
  | { readonly kind: "keyword"; readonly value: string }
  | { readonly kind: "literal"; readonly value: Literal }
  | { readonly kind: "array" | "parenthesized"; readonly value: Shape }
  | { readonly kind: "union" | "intersection"; readonly value: readonly Shape[] }
  | { readonly kind: "typeLiteral"; readonly value: { readonly properties: readonly Field[] } }
  | { readonly kind: "typeRef"; readonly value: { readonly typeName: string; readonly typeParams?: readonly Shape[] } };

interface Literal {
  readonly kind: "string" | "number" | "boolean";
  readonly string?: string;
  readonly number?: number;
  readonly boolean?: boolean;
}

interface Field {
  readonly name: string;
  readonly optional?: boolean;
  readonly tsType: Shape;
}

interface Declared {
  readonly kind: string;
  readonly def: {
    readonly tsType?: Shape;
    readonly extends?: readonly Shape[];
    readonly properties?: readonly Field[];
  };
}

/** Types by name. */
export type Shapes = ReadonlyMap<string, Shape>;

/** Reads the types of a page. */
export async function shapesOfPage(page: string): Promise<Shapes> {
  const blocks = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ""]) => code);
  const source = blocks.join("\n").replace(/^(interface|type) /gm, "export $1 ");
  mkdirSync(join(ROOT, ".tools"), { recursive: true });
  const directory = mkdtempSync(join(ROOT, ".tools", "shapes-"));
  try {
    const path = join(directory, "page.ts");
    writeFileSync(path, source);
    const { nodes } = JSON.parse(await run([DENO, "doc", "--json", path])) as {
      nodes: Record<string, { symbols: readonly { name: string; declarations: readonly Declared[] }[] }>;
    };
    const symbols = Object.values(nodes).flatMap((file) => file.symbols);
    return new Map(symbols.map(({ name, declarations: [declared] }) => [name, shapeOf(declared as Declared)]));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function shapeOf({ kind, def }: Declared): Shape {
  if (kind !== "interface") return def.tsType as Shape;
  const own: Shape = { kind: "typeLiteral", value: { properties: def.properties ?? [] } };
  return { kind: "intersection", value: [...(def.extends ?? []), own] };
}

/**
 * Says what of a value is not as its type has it: what is missing, what is of another kind, and fields that the type
 * does not know.
 *
 * @param type A name, or with `[]` a list.
 * @returns One text for each, with the place; none where all of it fits.
 */
export function misfits(shapes: Shapes, type: string, value: unknown): string[] {
  const named: Shape = { kind: "typeRef", value: { typeName: type.replace("[]", "") } };
  return check(shapes, type.endsWith("[]") ? { kind: "array", value: named } : named, value, type.replace("[]", ""));
}

function check(shapes: Shapes, shape: Shape, value: unknown, place: string): string[] {
  switch (shape.kind) {
    case "keyword":
      return isOfKeyword(shape.value, value) ? [] : [`${place} is no ${shape.value}: ${JSON.stringify(value)}`];
    case "literal": {
      const wanted = shape.value[shape.value.kind];
      return value === wanted ? [] : [`${place} is not ${JSON.stringify(wanted)}: ${JSON.stringify(value)}`];
    }
    case "parenthesized":
      return check(shapes, shape.value, value, place);
    case "array":
      if (!Array.isArray(value)) return [`${place} is no list`];
      return value.flatMap((item, i) => check(shapes, shape.value, item, `${place}[${i}]`));
    case "union": {
      const found = shape.value.map((each) => check(shapes, each, value, place));
      return found.toSorted((a, b) => a.length - b.length)[0] ?? [];
    }
    case "typeRef":
      return checkNamed(shapes, shape.value, value, place);
    default:
      return checkFields(shapes, fieldsOf(shapes, shape), value, place);
  }
}

function checkNamed(
  shapes: Shapes,
  { typeName, typeParams = [] }: { readonly typeName: string; readonly typeParams?: readonly Shape[] },
  value: unknown,
  place: string,
): string[] {
  if (typeName === "Record") {
    const of = typeParams[1] as Shape;
    if (!isObject(value)) return [`${place} is no object`];
    return Object.entries(value).flatMap(([name, item]) => check(shapes, of, item, `${place}.${name}`));
  }
  const shape = shapes.get(typeName);
  if (shape === undefined) throw new Error(`the page has no type ${typeName}`);
  return check(shapes, shape, value, place);
}

function fieldsOf(shapes: Shapes, shape: Shape): Field[] {
  switch (shape.kind) {
    case "parenthesized":
      return fieldsOf(shapes, shape.value);
    case "intersection":
      return shape.value.flatMap((each) => fieldsOf(shapes, each));
    case "typeLiteral":
      return [...shape.value.properties];
    case "typeRef":
      return fieldsOf(shapes, shapes.get(shape.value.typeName) as Shape);
    default:
      throw new Error(`a type that is no object is joined with another: ${shape.kind}`);
  }
}

function checkFields(shapes: Shapes, fields: readonly Field[], value: unknown, place: string): string[] {
  if (!isObject(value)) return [`${place} is no object`];
  const known = new Set(fields.map(({ name }) => name));
  const more = Object.keys(value).filter((name) => !known.has(name));
  return [
    ...more.map((name) => `${place}.${name} is not documented`),
    ...fields.flatMap(({ name, optional, tsType }) => {
      if (name in value) return check(shapes, tsType, value[name], `${place}.${name}`);
      return optional ? [] : [`${place}.${name} is missing`];
    }),
  ];
}

function isOfKeyword(keyword: string, value: unknown): boolean {
  if (keyword === "unknown") return true;
  return keyword === "null" ? value === null : typeof value === keyword;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
