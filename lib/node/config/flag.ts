/**
 * What a flag is: one entry of the one table that the parser, the environment, the configuration file, `--help` and the
 * documentation are made from.
 *
 * @module
 */

/** How a flag's value is written, by the name that the reference's help gives it. */
export type FlagType =
  | "bool"
  | "duration"
  | "float"
  | "int"
  | "ints"
  | "string"
  | "stringToString"
  | "strings"
  | "uint";

/** How the text of a value becomes the value: the type, and finer where one type stands for two. */
export type FlagKind = FlagType | "amount" | "words";

/** A test that shows what a flag does: its file, from the root of the project, and its title. */
export type FlagTest = readonly [file: string, title: string];

/** A flag before it is put under a heading. */
export interface FlagDraft<T> {
  readonly type: FlagType;
  readonly kind: FlagKind;
  /** Durations are milliseconds. */
  readonly default: T;
  /** One line for `--help`, without a final period. */
  readonly help: string;
  /** What a number counts: `bytes`, `nAVAX`, … */
  readonly unit?: string;
  /** Base64 of what a file would hold: never written to a log. */
  readonly content?: boolean;
  /** The test in which the flag changes what a node does. Every flag that works has one. */
  readonly test?: FlagTest;
  /** Why a light node takes the flag without effect. */
  readonly inert?: string;
  /** Why a node does not start with the flag. */
  readonly refused?: string;
  /** The flag to use instead; such a flag is hidden from `--help`. */
  readonly replacedBy?: string;
  /** avalanchego does not have it. */
  readonly own?: boolean;
}

/** A flag of the table. */
export interface FlagSpec<T = unknown> extends FlagDraft<T> {
  readonly name: string;
  readonly group: string;
}

type Extra = Pick<FlagDraft<unknown>, "unit" | "content" | "test" | "inert" | "refused" | "replacedBy" | "own">;

function draft<T>(type: FlagType, kind: FlagKind) {
  return (defaultValue: T, help: string, extra: Extra = {}): FlagDraft<T> => ({
    type,
    kind,
    default: defaultValue,
    help,
    ...extra,
  });
}

/** `--name`, `--name=false`. */
export const bool = draft<boolean>("bool", "bool");
/** Go's durations, held in milliseconds. */
export const duration = draft<number>("duration", "duration");
export const float = draft<number>("float", "float");
export const int = draft<number>("int", "int");
/** Comma separated on the command line; given twice, they add up. */
export const ints = draft<readonly number[]>("ints", "ints");
export const string = draft<string>("string", "string");
/** `key=value`, comma separated. */
export const stringToString = draft<Readonly<Record<string, string>>>("stringToString", "stringToString");
/** Comma separated on the command line; given twice, they add up. */
export const strings = draft<readonly string[]>("strings", "strings");
/** A whole number from 0 that fits a double exactly. */
export const uint = draft<number>("uint", "uint");
/** A `uint64` of any size. */
export const amount = draft<bigint>("uint", "amount");
/** One string on the command line that holds words between blanks. */
export const words = draft<readonly string[]>("string", "words");

/** Puts flags under a heading of `--help`. */
export function group<const D extends Readonly<Record<string, FlagDraft<unknown>>>>(
  heading: string,
  drafts: D,
): { readonly [N in keyof D]: D[N] extends FlagDraft<infer T> ? FlagSpec<T> : never } {
  const entries = Object.entries(drafts).map(([name, flag]) => [name, { ...flag, name, group: heading }]);
  return Object.fromEntries(entries);
}

/** The variable that sets a flag: `http-port` is `AVAGO_HTTP_PORT` (upstream `config/viper.go`). */
export function environmentName(flag: string): string {
  return `AVAGO_${flag.replaceAll("-", "_").toUpperCase()}`;
}
