/**
 * What is logged, where and how.
 *
 * @module
 */

import { LOG_LEVELS, type LogLevel } from "../../../core/log.ts";
import type { LineFormat } from "../../logging/format.ts";
import type { RotationOptions } from "../../logging/rotating_file.ts";
import { refuseWords, showValue } from "../rules.ts";
import type { Settings } from "../settings.ts";

/** The logs of a node. */
export interface LoggingConfig {
  readonly directory: string;
  readonly logLevel: LogLevel;
  readonly displayLevel: LogLevel;
  /** `auto` is colours on a terminal that shows them, else plain. */
  readonly format: LineFormat | "auto";
  readonly rotation: RotationOptions;
}

const FORMATS: readonly (LineFormat | "auto")[] = ["auto", "plain", "colors", "json"];
const MEBIBYTE = 2 ** 20;

/** @throws {ConfigError} `invalid-value` for a level or format that there is not. */
export function loggingConfig(settings: Settings): LoggingConfig {
  const logLevel = level(settings, "log-level");
  const displayLevel = settings.get("log-display-level") === "" ? logLevel : level(settings, "log-display-level");
  const format = FORMATS.find((name) => name === settings.get("log-format").toLowerCase());
  if (format === undefined) {
    const message = `unknown format mode: ${settings.get("log-format")}`;
    throw refuseWords(settings, "log-format", message, `log-format is one of ${FORMATS.join(", ")}`);
  }
  return {
    directory: settings.path("log-dir"),
    logLevel,
    displayLevel,
    format,
    rotation: {
      maxBytes: settings.get("log-rotater-max-size") * MEBIBYTE,
      maxFiles: settings.get("log-rotater-max-files"),
      maxAgeDays: settings.get("log-rotater-max-age"),
      compress: settings.get("log-rotater-compress-enabled"),
    },
  };
}

function level(settings: Settings, flag: "log-level" | "log-display-level"): LogLevel {
  const found = LOG_LEVELS.find((name) => name === settings.get(flag).toLowerCase());
  if (found !== undefined) return found;
  const message = `unknown log level: ${showValue(settings, flag)}`;
  throw refuseWords(settings, flag, message, `${flag} is one of ${LOG_LEVELS.join(", ")}`);
}
