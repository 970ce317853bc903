/**
 * Puts a log's bytes together to entries: a line that begins as avalanchego's lines do begins one, and lines that do
 * not belong to the one before.
 *
 * What it holds is bounded: a line of any length, or a trace without an end, comes in pieces.
 *
 * @module
 */

import type { NodeID } from "../../core/ids/node_id.ts";
import { type LineHead, type LogEntry, parseJSONHead, parsePlainHead } from "./entry.ts";
import { LineTimes } from "./line_time.ts";

/** The longest line that is kept whole, in bytes: an avalanchego logs its whole configuration in some 50,000. */
export const MAX_LINE_BYTES = 1024 * 1024;

/** How many characters an entry may have before what follows becomes one of its own. */
const MAX_ENTRY_CHARACTERS = 1024 * 1024;

const LINE_END = 0x0a;

/** Which log it is that is read. */
export interface LogIdentity {
  readonly nodeID: NodeID;
  /** Such as `main.log`. */
  readonly log: string;
  /**
   * Whether lines of avalanchego's form are left out, with their lines: what a node prints stands in its log as well,
   * and what it prints when it dies does not.
   */
  readonly onlyPrinted?: boolean;
}

/** An entry that may still grow. */
interface Open {
  readonly head: LineHead | undefined;
  /** Unknown for what stands before the first line of a log. */
  readonly time: number | undefined;
  said: string;
}

/** Reads one log, from where its caller begins to feed it. */
export class EntryReader {
  readonly #identity: LogIdentity;
  readonly #times: LineTimes;
  #latest: number;
  #lastTime: number | undefined;
  #rest: Buffer[] = [];
  #restBytes = 0;
  #open: Open | undefined;

  /** @param latest See {@link LineTimes}; also the time of what says none itself. */
  constructor(identity: LogIdentity, latest: number) {
    this.#identity = identity;
    this.#latest = latest;
    this.#times = new LineTimes(latest);
  }

  /** When the log was last written to. */
  set latest(ms: number) {
    this.#latest = ms;
    this.#times.latest = ms;
  }

  /** Whether something was read that may still go on. */
  get hasOpen(): boolean {
    return this.#open !== undefined || this.#restBytes > 0;
  }

  /** Takes in what comes next; gives the entries that are whole now. */
  push(bytes: Buffer): LogEntry[] {
    const whole: LogEntry[] = [];
    const end = bytes.lastIndexOf(LINE_END);
    if (end < 0) {
      this.#keep(bytes);
      if (this.#restBytes > MAX_LINE_BYTES) this.#takeText(this.#takeRest(), whole);
      return whole;
    }
    const upToEnd = bytes.subarray(0, end);
    const text = this.#restBytes === 0 ? upToEnd.toString("utf8") : this.#takeRest(upToEnd);
    this.#keep(bytes.subarray(end + 1));
    this.#takeText(text, whole);
    return whole;
  }

  /** Nothing comes for now: gives what is there as it is. */
  flush(): LogEntry[] {
    const whole: LogEntry[] = [];
    if (this.#restBytes > 0) this.#takeText(this.#takeRest(), whole);
    this.#close(whole);
    return whole;
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#rest.push(Buffer.from(bytes)); // the caller reuses its own
    this.#restBytes += bytes.length;
  }

  /** Together with what follows before it is decoded: a character may lie across both. */
  #takeRest(...following: readonly Buffer[]): string {
    const text = Buffer.concat([...this.#rest, ...following]).toString("utf8");
    this.#rest = [];
    this.#restBytes = 0;
    return text;
  }

  #takeText(text: string, whole: LogEntry[]): void {
    for (const line of text.split("\n")) this.#takeLine(line.endsWith("\r") ? line.slice(0, -1) : line, whole);
  }

  #takeLine(line: string, whole: LogEntry[]): void {
    const plain = parsePlainHead(line);
    const head = plain ?? parseJSONHead(line);
    if (head !== undefined) {
      this.#close(whole);
      const time = plain === undefined ? (head as { time?: number }).time : this.#times.read(plain.stamp);
      this.#lastTime = time;
      if (this.#identity.onlyPrinted) return;
      this.#open = { head, time, said: head.said };
      return;
    }
    if (this.#open !== undefined && this.#open.said.length + line.length > MAX_ENTRY_CHARACTERS) this.#close(whole);
    if (this.#open !== undefined) this.#open.said += `\n${line}`;
    else if (line !== "") this.#open = { head: undefined, time: this.#lastTime, said: line };
  }

  #close(whole: LogEntry[]): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    const { nodeID, log } = this.#identity;
    const { head, said, time = this.#latest } = open;
    whole.push({
      time,
      nodeID,
      log,
      ...(head === undefined ? {} : { level: head.level }),
      logger: head?.logger ?? "",
      file: head?.file ?? "",
      said: said.trimEnd(),
    });
  }
}
