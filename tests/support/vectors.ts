/**
 * The door to the golden vectors: facts recorded from avalanchego.
 *
 * `AVX_VECTORS` names another directory with files of the same form; it is `tests/vectors` where it is not set.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const DEFAULT_DIRECTORY = resolve(import.meta.dirname, "..", "vectors");

/** The directory that vectors are read from. */
export const VECTORS_DIRECTORY = resolve(process.env["AVX_VECTORS"] || DEFAULT_DIRECTORY);

/** Reads `<name>.json` of the vectors. */
export function loadVectors<T>(name: string): T {
  return JSON.parse(readFileSync(join(VECTORS_DIRECTORY, `${name}.json`), "utf8")) as T;
}

/** Reads a file that lies beside the vectors, such as `genesisHexFile`. */
export function readVectorFile(name: string): string {
  return readFileSync(join(VECTORS_DIRECTORY, name), "utf8").trim();
}

/** How a vector describes bytes: see the README of the vectors. */
export type PayloadRecipe =
  | { readonly kind: "hex"; readonly hex?: string }
  | { readonly kind: "repeat"; readonly patternHex: string; readonly length: number }
  | { readonly kind: "lcg"; readonly seed: number; readonly length: number };

/** The bytes that a recipe stands for. */
export function payload(recipe: PayloadRecipe): Uint8Array {
  switch (recipe.kind) {
    case "hex":
      return new Uint8Array(Buffer.from(recipe.hex ?? "", "hex"));
    case "repeat": {
      const pattern = Buffer.from(recipe.patternHex, "hex");
      return Uint8Array.from({ length: recipe.length }, (_, i) => pattern[i % pattern.length] as number);
    }
    case "lcg": {
      let x = recipe.seed >>> 0;
      return Uint8Array.from({ length: recipe.length }, () => {
        x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
        return x >>> 24;
      });
    }
  }
}
