/**
 * What a room says, without knowing where it goes.
 *
 * Levels are avalanchego's. A room is given a {@link Logger}; who writes lines, to which file and in which colour, is
 * decided above. Field values from peers are data: the writer escapes them.
 *
 * @module
 */

/** avalanchego's levels, loudest first (upstream `utils/logging/level.go`). */
export const LOG_LEVELS = ["off", "fatal", "error", "warn", "info", "trace", "debug", "verbo"] as const;

/**
 * How much is logged: lines of this level and of all louder ones.
 *
 * @example
 * ```ts
 * const level: LogLevel = "debug";
 * ```
 */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A level that a line can have: all but `off`. */
export type LineLevel = Exclude<LogLevel, "off">;

/** Facts beside a message. Values are written as JSON; bigints as decimal strings. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Takes one line at a level. */
type Say = (message: string, fields?: LogFields) => void;

/** A place to say things. */
export interface Logger extends Readonly<Record<LineLevel, Say>> {
  /** Whether a line of this level would be written anywhere: asked before a costly field is made. */
  enabled(level: LineLevel): boolean;
}

/** Whether a line of level `line` is loud enough for a writer set to `setting`. */
export function isLoggedAt(line: LineLevel, setting: LogLevel): boolean {
  return LOG_LEVELS.indexOf(line) <= LOG_LEVELS.indexOf(setting);
}

/**
 * Makes a logger from one function that takes lines.
 *
 * @param write Called for each line that `enabled` lets through.
 * @param enabled Asked for each line; all are let through by default.
 *
 * @example
 * ```ts
 * const lines: string[] = [];
 * const log = createLogger((level, message) => lines.push(`${level} ${message}`));
 * log.info("up");
 * ```
 */
export function createLogger(
  write: (level: LineLevel, message: string, fields: LogFields) => void,
  enabled: (level: LineLevel) => boolean = () => true,
): Logger {
  const at =
    (level: LineLevel): Say =>
    (message, fields = {}) => {
      if (enabled(level)) write(level, message, fields);
    };
  return {
    enabled,
    fatal: at("fatal"),
    error: at("error"),
    warn: at("warn"),
    info: at("info"),
    trace: at("trace"),
    debug: at("debug"),
    verbo: at("verbo"),
  };
}

/** Says nothing. */
export const noLog: Logger = createLogger(
  () => {},
  () => false,
);
