/**
 * What happened in a simulation, one line each, and the digest of it: two runs are the same when the digests are.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Clock } from "../../lib/core/clock.ts";
import { createLogger, isLoggedAt, type LogFields, type Logger } from "../../lib/core/log.ts";

/** Bytes, about, that are gathered before they are hashed and written. */
const FLUSH_LENGTH = 64 * 1024;

/** So many alarms tell enough. */
const MAX_ALARMS = 20;

export interface EventLogModules {
  readonly clock: Clock;
  /** Takes the text as it grows; where it is missing only the digest is kept. */
  readonly write?: ((text: string) => void) | undefined;
}

export class EventLog {
  readonly #clock: Clock;
  readonly #write: ((text: string) => void) | undefined;
  readonly #hash = createHash("sha256");
  readonly #names = new Map<string, string>();
  readonly #alarms: string[] = [];
  readonly #counts = new Map<string, number>();
  #buffered = "";
  #lines = 0;

  constructor({ clock, write }: EventLogModules) {
    this.#clock = clock;
    this.#write = write;
  }

  /** How many lines there are. */
  get lines(): number {
    return this.#lines;
  }

  /** How often each event was said, the most frequent first. Events that name a reason count by it. */
  get counts(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
  }

  /** A node ID is written as a name from now on. */
  name(nodeID: string, name: string): void {
    this.#names.set(nodeID, name);
  }

  /** Writes `<virtual milliseconds> <who> <event> <fields>`. */
  say(who: string, event: string, fields: LogFields = {}): void {
    let line = `${this.#clock.monotonic().toFixed(3)} ${who} ${event}`;
    for (const key in fields) line += ` ${key}=${this.#text(fields[key])}`;
    this.#buffered += `${line}\n`;
    this.#lines++;
    const kind = fields.reason === undefined ? event : `${event}: ${fields.reason}`;
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    if (this.#buffered.length >= FLUSH_LENGTH) this.#flush();
  }

  /** The first lines that a node wrote as a warning or louder: among honest nodes there is no reason for any. */
  get alarms(): readonly string[] {
    return this.#alarms;
  }

  /** A logger that says all that a node says, down to the lowest level. */
  logger(who: string): Logger {
    return createLogger((level, message, fields) => {
      this.say(who, message, fields);
      if (isLoggedAt(level, "warn") && this.#alarms.length < MAX_ALARMS) {
        this.#alarms.push(`${who} ${message} ${JSON.stringify(fields)}`);
      }
    });
  }

  /** The digest of all lines so far, in hexadecimal. */
  digest(): string {
    this.#flush();
    return this.#hash.copy().digest("hex");
  }

  #flush(): void {
    this.#hash.update(this.#buffered);
    this.#write?.(this.#buffered);
    this.#buffered = "";
  }

  #text(value: unknown): string {
    if (typeof value === "string") return this.#names.get(value) ?? value;
    if (typeof value === "number") return String(value);
    return JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? String(inner) : inner)) ?? "undefined";
  }
}
