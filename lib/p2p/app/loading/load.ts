/**
 * Loads a TypeScript or JavaScript module as an app: from source, and from the compiled executable, too, which brings
 * the compiler with it.
 *
 * @module
 */

import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { errorMessage } from "../../../core/errors.ts";
import type { App } from "./app.ts";
import { AppLoadError } from "./errors.ts";

/** Names that can stand in logs, metrics and addresses as they are. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

/**
 * The absolute path of an app that was given as a path or as a `file:` URL.
 *
 * @param cwd What a relative path starts from.
 */
export function appPath(text: string, cwd: string): string {
  return text.startsWith("file:") ? fileURLToPath(text) : resolve(cwd, text);
}

/**
 * Loads an app.
 *
 * @param path Absolute.
 * @throws {AppLoadError} `app-file-missing`, `app-import-failed`, `app-no-default-export`, `app-invalid`.
 *
 *
 * @example
 * ```ts
 * import { writeFile } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 *
 * const path = join(tmpdir(), "silent_app.ts");
 * await writeFile(path, 'export default { name: "silent", start() {} };');
 * const app = await loadApp(path);
 * console.log(app.name);
 * ```
 */
export async function loadApp(path: string): Promise<App> {
  if (!existsSync(path) || !statSync(path).isFile()) {
    throw new AppLoadError({ code: "app-file-missing", path }, `Cannot load the app ${path}: there is no such file`, {
      hint: "Give the path of a TypeScript file whose default export is an app",
    });
  }
  let module: { readonly default?: unknown };
  try {
    module = await import(pathToFileURL(path).href);
  } catch (error) {
    throw new AppLoadError(
      { code: "app-import-failed", path },
      `Cannot load the app ${path}: ${importFailure(error)}`,
      { cause: error, hint: "An app gets what it needs as arguments: from avx it can import types alone" },
    );
  }
  if (module.default === undefined) {
    throw new AppLoadError(
      { code: "app-no-default-export", path },
      `Cannot load the app ${path}: it has no default export`,
      { hint: 'Write "export default { name, start }"' },
    );
  }
  return checkApp(module.default, path);
}

/**
 * Checks that a value is an app.
 *
 * @param path Where it comes from, for the error.
 * @throws {AppLoadError} `app-invalid`.
 */
export function checkApp(value: unknown, path?: string): App {
  const { chain, name, start } = (typeof value === "object" && value !== null ? value : {}) as Partial<App>;
  const refused = (field: string, wanted: string) =>
    new AppLoadError(
      { code: "app-invalid", path, field },
      `Cannot load the app${path === undefined ? "" : ` ${path}`}: its ${field} is not ${wanted}`,
    );
  if (typeof name !== "string" || !NAME.test(name)) {
    throw refused("name", "a text of letters, digits, dots, dashes and underscores, at most 64");
  }
  if (typeof start !== "function") throw refused("start", "a function");
  if (chain !== undefined && typeof chain !== "string") throw refused("chain", "the ID or alias of a chain");
  return value as App;
}

/** Bun gathers what is wrong with a source in one error. */
function importFailure(error: unknown): string {
  if (!(error instanceof AggregateError)) return errorMessage(error);
  return error.errors.map(errorMessage).join("; ");
}
