/**
 * Makes a node's loggers: each writes to its own file and to the display, at levels that can change while it runs.
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import { AvxError } from "../../core/errors.ts";
import {
  createLogger,
  isLoggedAt,
  type LineLevel,
  type LogFields,
  type Logger,
  type LogLevel,
} from "../../core/log.ts";
import { callerOf } from "./caller.ts";
import { formatLine, type Line, type LineFormat } from "./format.ts";
import { RotatingFile, type RotationOptions } from "./rotating_file.ts";

/** Where lines are shown. */
export interface Display {
  write(text: string): void;
}

/** What is written, where and how. */
export interface LoggingOptions {
  /** The directory of the files. */
  readonly directory: string;
  /** The level of files. */
  readonly logLevel: LogLevel;
  /** The level of the display. */
  readonly displayLevel: LogLevel;
  /** The form of the display; files are written in it too, but without colours. */
  readonly format: LineFormat;
  readonly rotation: RotationOptions;
}

/** What loggers need. */
export interface LoggingModules {
  readonly clock: Clock;
  /** Nothing is shown without one. */
  readonly display?: Display;
}

export type LoggingErrorType =
  | { readonly code: "duplicate-logger"; readonly name: string }
  | { readonly code: "unknown-logger"; readonly name: string };

/** A logger that cannot be made or found. */
export class LoggingError extends AvxError<LoggingErrorType> {}

interface Made {
  readonly logger: Logger;
  readonly file: RotatingFile;
  logLevel: LogLevel;
  displayLevel: LogLevel;
}

/** The loggers of one node. */
export class LogFactory implements AsyncDisposable {
  readonly #modules: LoggingModules;
  readonly #options: LoggingOptions;
  readonly #loggers = new Map<string, Made>();
  readonly #chains = new Map<string, Logger>();

  constructor(modules: LoggingModules, options: LoggingOptions) {
    this.#modules = modules;
    this.#options = options;
  }

  /**
   * Makes a logger that writes to `<name>.log`.
   *
   * @param prefix Stands in every line, such as `P Chain`.
   * @throws {LoggingError} `duplicate-logger`. System errors where the file cannot be opened.
   */
  make(name: string, prefix = ""): Logger {
    return this.#make(name, prefix, true);
  }

  /**
   * The logger of a chain: it writes to `<alias>.log`, and its lines name the chain, such as `<C Chain>`. A chain that
   * stops and runs anew goes on with its logger.
   *
   * @param alias What the chain is called; of what no file name should hold nothing gets into the name of the file.
   */
  makeChain(alias: string): Logger {
    const made = this.#chains.get(alias);
    if (made !== undefined) return made;
    const wanted = alias.replace(/[^\w.-]/g, "_").replace(/^\.+/, "");
    let name = wanted === "" ? "chain" : wanted;
    while (this.#loggers.has(name)) name += "-chain";
    const logger = this.#make(name, `${alias} Chain`, false);
    this.#chains.set(alias, logger);
    return logger;
  }

  /** The names of all loggers. */
  get names(): readonly string[] {
    return [...this.#loggers.keys()];
  }

  /** @throws {LoggingError} `unknown-logger`. */
  levels(name: string): { readonly logLevel: LogLevel; readonly displayLevel: LogLevel } {
    const { logLevel, displayLevel } = this.#require(name);
    return { logLevel, displayLevel };
  }

  /**
   * Changes the levels of a logger; what is left out stays.
   *
   * @throws {LoggingError} `unknown-logger`.
   */
  setLevels(name: string, levels: { readonly logLevel?: LogLevel; readonly displayLevel?: LogLevel }): void {
    const made = this.#require(name);
    made.logLevel = levels.logLevel ?? made.logLevel;
    made.displayLevel = levels.displayLevel ?? made.displayLevel;
  }

  /** Closes all files. What is said afterwards is only shown. */
  async close(): Promise<void> {
    await Promise.all([...this.#loggers.values()].map(({ file }) => file.close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @param isNeeded Whether a file that cannot be opened is an error; else its lines are counted as lost. */
  #make(name: string, prefix: string, isNeeded: boolean): Logger {
    if (this.#loggers.has(name)) {
      throw new LoggingError({ code: "duplicate-logger", name }, `There is a logger ${name} already`);
    }
    const { directory, logLevel, displayLevel, rotation } = this.#options;
    const file = new RotatingFile(this.#modules, directory, name, rotation);
    if (logLevel !== "off" && isNeeded) file.open();
    const made: Made = {
      file,
      logLevel,
      displayLevel,
      logger: createLogger(
        (level, message, fields) => this.#write(made, prefix, level, message, fields),
        (level) => isLoggedAt(level, made.logLevel) || isLoggedAt(level, made.displayLevel),
      ),
    };
    this.#loggers.set(name, made);
    return made.logger;
  }

  #require(name: string): Made {
    const made = this.#loggers.get(name);
    if (made === undefined) throw new LoggingError({ code: "unknown-logger", name }, `There is no logger ${name}`);
    return made;
  }

  #write(made: Made, logger: string, level: LineLevel, message: string, fields: LogFields): void {
    const line: Line = { level, timeMs: this.#modules.clock.now(), logger, caller: callerOf(), message, fields };
    const { format } = this.#options;
    const fileFormat = format === "colors" ? "plain" : format;
    if (isLoggedAt(level, made.logLevel)) {
      const { dropped } = made.file;
      made.file.write(formatLine(line, fileFormat));
      if (dropped > 0 && made.file.dropped === 0) {
        const lost = {
          ...line,
          level: "warn" as const,
          message: "lines before this were lost",
          fields: { lines: dropped },
        };
        made.file.write(formatLine(lost, fileFormat));
      }
    }
    if (isLoggedAt(level, made.displayLevel)) this.#modules.display?.write(formatLine(line, format));
  }
}
