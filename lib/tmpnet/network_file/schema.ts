/**
 * What a network file may say: the schema that editors use, and the faults that it finds, in words for a person.
 *
 * @module
 */

import { type OutputUnit, Validator } from "@cfworker/json-schema";
import { nearestName } from "../../core/nearest_name.ts";
import { type Fault, formatPath, type Path } from "./document.ts";
import schema from "./network.schema.json" with { type: "json" };

/**
 * The text of the schema of network files, for a file of its own: editors read it.
 *
 * @example
 * ```ts
 * const { title } = JSON.parse(networkSchemaText()) as { title: string };
 * ```
 */
export function networkSchemaText(): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}

interface Schema {
  readonly [keyword: string]: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** Keywords that only hold others: what is wrong stands deeper. */
const HOLDERS = new Set(["properties", "items", "$ref", "allOf", "propertyNames"]);

/**
 * Looks at a value.
 *
 * @returns What is wrong with it; nothing for a value that the schema allows.
 */
export function schemaFaults(value: unknown): Fault[] {
  const { errors } = new Validator(schema as object, "7", false).validate(value);
  const faults = new Map<string, Fault>();
  for (const error of errors) {
    for (const fault of faultsOf(error, value)) faults.set(`${formatPath(fault.path)} ${fault.message}`, fault);
  }
  return [...faults.values()];
}

function faultsOf(error: OutputUnit, value: unknown): Fault[] {
  const path = pathOf(error.instanceLocation, value);
  if (error.keyword === "additionalProperties") return unknownFields(error, path, value);
  if (HOLDERS.has(error.keyword) || error.keyword === "false") return [];
  return [{ path, message: messageOf(error, value, path) }];
}

function messageOf({ keyword, keywordLocation, error }: OutputUnit, value: unknown, path: Path): string {
  const parent = schemaAt(parentOf(keywordLocation));
  const limit = parent?.[keyword];
  switch (keyword) {
    case "type":
      return `it is ${kindOf(at(value, path))}, and is to be ${[limit].flat().map(named).join(" or ")}`;
    case "required":
      return `the field ${/"(.*)"/.exec(error)?.[1] ?? ""} is missing`;
    case "minimum":
      return `it is less than ${limit}`;
    case "maximum":
      return `it is more than ${limit}`;
    case "minLength":
    case "minItems":
      return "it is empty";
    case "maxItems":
      return `it has more than ${limit} items`;
    case "minProperties":
    case "maxProperties":
      return `it is to have one field of ${Object.keys(parent?.properties ?? {}).join(", ")}`;
    default:
      return parent?.description === undefined ? "it does not fit" : `it does not fit: ${lowered(parent.description)}`;
  }
}

/** A field that nobody reads is a wish that would be lost. */
function unknownFields({ keywordLocation }: OutputUnit, path: Path, value: unknown): Fault[] {
  const parent = schemaAt(parentOf(keywordLocation));
  if (parent?.["additionalProperties"] !== false) return [];
  const known = Object.keys(parent.properties ?? {});
  const fields = Object.keys(at(value, path) as object).filter((field) => !known.includes(field));
  return fields.map((field) => {
    const meant = nearestName(field, known);
    const hint = meant === undefined ? `there are ${known.join(", ")}` : `"${meant}" is meant, perhaps`;
    return { path: [...path, field], message: `there is no such field; ${hint}` };
  });
}

/** A schema by the way to it, which goes through references. */
function schemaAt(location: string): Schema | undefined {
  let node: unknown = schema;
  for (const part of partsOf(location)) {
    const next = (node as Record<string, unknown> | undefined)?.[part];
    node = part === "$ref" ? schemaAt(next as string) : next;
  }
  return node as Schema | undefined;
}

function parentOf(location: string): string {
  return location.slice(0, location.lastIndexOf("/"));
}

function partsOf(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** A pointer as a path: whether a part is a number, the value tells. */
function pathOf(pointer: string, value: unknown): Path {
  let node = value;
  return partsOf(pointer).map((part) => {
    const key = Array.isArray(node) ? Number(part) : part;
    node = (node as Record<string | number, unknown> | undefined)?.[key];
    return key;
  });
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((node, part) => (node as Record<string | number, unknown> | undefined)?.[part], value);
}

const KINDS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  object: "an object",
  array: "a list",
  null: "null",
};

function named(type: unknown): string {
  return KINDS[String(type)] ?? String(type);
}

function kindOf(value: unknown): string {
  if (typeof value === "boolean") return String(value);
  return named(value === null ? "null" : Array.isArray(value) ? "array" : typeof value);
}

function lowered(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
