/**
 * What can be wrong with a configuration.
 *
 * @module
 */

import { AvxError } from "../../core/errors.ts";

/** Where a value came from. */
export type ValueSource = "flag" | "environment" | "config file" | "default";

export type ConfigErrorType =
  /** No such flag. `from` says who asked for it. */
  | { readonly code: "unknown-flag"; readonly flag: string; readonly suggestion: string | undefined }
  /** An argument that is no flag, or one that is written wrongly. */
  | { readonly code: "bad-syntax"; readonly argument: string }
  /** A flag at the end of the line that needs a value. */
  | { readonly code: "missing-value"; readonly flag: string }
  /** A value that its flag cannot have. */
  | { readonly code: "invalid-value"; readonly flag: string; readonly source: ValueSource }
  /** Flags that cannot be together, or where one needs another. */
  | { readonly code: "conflict"; readonly flags: readonly string[] }
  /** Something that avx does not do and that must not be passed over in silence. */
  | { readonly code: "unsupported"; readonly flag: string }
  /** A file that a flag names cannot be read, or holds something else. */
  | { readonly code: "bad-file"; readonly flag: string; readonly path: string | undefined };

/** A configuration that no node can be started with. */
export class ConfigError extends AvxError<ConfigErrorType> {}

/**
 * Whether the command line itself was wrong, rather than a file or the environment that it points to.
 *
 * @param given The flags that stood on the command line.
 */
export function isWrongUsage({ type }: ConfigError, given: ReadonlySet<string>): boolean {
  switch (type.code) {
    case "bad-syntax":
    case "missing-value":
    case "unknown-flag":
      return true;
    case "conflict":
      return type.flags.some((flag) => given.has(flag));
    case "invalid-value":
      return type.source === "flag";
    case "unsupported":
      return given.has(type.flag);
    case "bad-file":
      return false;
  }
}
