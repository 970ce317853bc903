/**
 * What is counted of all peers together, under upstream's names (`network/peer/metrics.go`).
 *
 * The counts of messages lie in flat arrays while the node runs and become labelled families at a scrape: a message
 * costs three additions.
 *
 * @module
 */

import type { MetricsNamespace } from "../../core/metrics.ts";
import { Op, opName } from "../message/ops.ts";
import type { PeerCloseReason } from "./close_reason.ts";

const OP_COUNT = Object.keys(Op).length;

/** What was sent or received of one operation. */
export interface OpTraffic {
  readonly op: Op;
  readonly messages: number;
  /** Bodies on the wire. */
  readonly bytes: number;
}

/** Counts by operation. */
class Traffic {
  readonly plain = new Float64Array(OP_COUNT);
  readonly compressed = new Float64Array(OP_COUNT);
  readonly bytes = new Float64Array(OP_COUNT);
  readonly bytesSaved = new Float64Array(OP_COUNT);

  add(op: Op, bytes: number, bytesSaved: number): void {
    // As upstream has it: a message that saved nothing counts as not compressed.
    const messages = bytesSaved === 0 ? this.plain : this.compressed;
    messages[op] = (messages[op] as number) + 1;
    this.bytes[op] = (this.bytes[op] as number) + bytes;
    this.bytesSaved[op] = (this.bytesSaved[op] as number) + bytesSaved;
  }

  byOp(): OpTraffic[] {
    return [...this.bytes].flatMap((bytes, index) => {
      const op = index as Op;
      const messages = (this.plain[op] as number) + (this.compressed[op] as number);
      return messages === 0 ? [] : [{ op, messages, bytes }];
    });
  }
}

/** The counters that all peers of a node share. */
export class PeerMetrics {
  readonly #sent = new Traffic();
  readonly #received = new Traffic();
  readonly #sendFailed = new Float64Array(OP_COUNT);
  /** Operations that were sent or failed to be: upstream shows their failures from then on, also where there are none. */
  readonly #sendTried = new Uint8Array(OP_COUNT);
  readonly #closed = new Map<PeerCloseReason, number>();
  #failedToParse = 0;
  #clockSkewCount = 0;
  #clockSkewSum = 0;
  #roundTripCount = 0;
  #roundTripSum = 0;

  /** @param namespace `avalanche_network`; without one nothing is shown, but all is counted. */
  constructor(namespace?: MetricsNamespace) {
    if (namespace !== undefined) this.#declare(namespace);
  }

  /** When a message last went to any peer, milliseconds of `Clock.monotonic`. */
  lastSent: number | undefined;
  /** When a message last came from any peer, likewise. */
  lastReceived: number | undefined;

  /**
   * @param bytes Length of the body on the wire.
   * @param at Milliseconds of `Clock.monotonic`.
   */
  sent(op: Op, bytes: number, bytesSaved: number, at: number): void {
    this.#sent.add(op, bytes, bytesSaved);
    this.lastSent = at;
  }

  /**
   * @param bytes Length of the body on the wire.
   * @param at Milliseconds of `Clock.monotonic`.
   */
  received(op: Op, bytes: number, bytesSaved: number, at: number): void {
    this.#received.add(op, bytes, bytesSaved);
    this.lastReceived = at;
  }

  /** @param count 0 where a message was sent to all that were meant. */
  sendFailed(op: Op, count = 1): void {
    this.#sendTried[op] = 1;
    this.#sendFailed[op] = (this.#sendFailed[op] as number) + count;
  }

  failedToParse(): void {
    this.#failedToParse++;
  }

  /** @param seconds How far the peer's clock is from ours, either way. */
  clockSkew(seconds: number): void {
    this.#clockSkewCount++;
    this.#clockSkewSum += seconds;
  }

  /** @param ms From a ping to its pong. */
  roundTrip(ms: number): void {
    this.#roundTripCount++;
    this.#roundTripSum += ms;
  }

  closed(reason: PeerCloseReason): void {
    this.#closed.set(reason, (this.#closed.get(reason) ?? 0) + 1);
  }

  /** How many messages of the operation were received. */
  receivedCount(op: Op): number {
    return (this.#received.plain[op] as number) + (this.#received.compressed[op] as number);
  }

  /** What was sent, by operation; those of which nothing was are left out. */
  sentByOp(): OpTraffic[] {
    return this.#sent.byOp();
  }

  /** How many messages could not be parsed. */
  get failedToParseCount(): number {
    return this.#failedToParse;
  }

  /** How many peers were closed for the reason. */
  closedCount(reason: PeerCloseReason): number {
    return this.#closed.get(reason) ?? 0;
  }

  #declare(namespace: MetricsNamespace): void {
    const directions = [
      ["sent", this.#sent],
      ["received", this.#received],
    ] as const;

    const messagesHelp = "messages sent and received, by operation and whether compression helped";
    namespace.countersBy({ name: "msgs", help: messagesHelp, labelNames: ["io", "op", "compressed"] }, function* () {
      for (const [io, { compressed, plain }] of directions) {
        for (const [op, count] of seen(plain)) yield [{ io, op: opName(op), compressed: "false" }, count];
        for (const [op, count] of seen(compressed)) yield [{ io, op: opName(op), compressed: "true" }, count];
      }
    });
    const labelNames = ["io", "op"] as const;
    const bytesHelp = "bytes of messages on the wire, by operation";
    namespace.countersBy({ name: "msgs_bytes", help: bytesHelp, labelNames }, function* () {
      for (const [io, { bytes }] of directions) {
        for (const [op, count] of seen(bytes)) yield [{ io, op: opName(op) }, count];
      }
    });
    const savedHelp = "bytes that compression kept off the wire, by operation";
    namespace.gaugesBy({ name: "msgs_bytes_saved", help: savedHelp, labelNames }, function* () {
      for (const [io, { bytes, bytesSaved }] of directions) {
        // Upstream shows 0 too, once a message of the kind was there.
        for (const [op] of seen(bytes)) yield [{ io, op: opName(op) }, bytesSaved[op] as number];
      }
    });
    const failedHelp = "messages that will not be sent, by operation";
    namespace.countersBy({ name: "msgs_failed_to_send", help: failedHelp, labelNames: ["op"] }, () =>
      seen(this.#sendTried).map(([op]) => [{ op: opName(op) }, this.#sendFailed[op] as number]),
    );
    const closedHelp = "peer connections that ended, by reason (avx only)";
    namespace.countersBy({ name: "peers_closed", help: closedHelp, labelNames: ["reason"] }, () =>
      this.#closed.entries().map(([reason, count]) => [{ reason }, count]),
    );
    namespace.countedBy(
      { name: "msgs_failed_to_parse", help: "received messages that could not be parsed" },
      () => this.#failedToParse,
    );
    namespace.countedBy(
      { name: "clock_skew_count", help: "handshakes whose clock was compared with ours (n)" },
      () => this.#clockSkewCount,
    );
    namespace.gaugedBy(
      { name: "clock_skew_sum", help: "sum of the distances between the clocks of peers and ours (s)" },
      () => this.#clockSkewSum,
    );
    namespace.countedBy({ name: "round_trip_count", help: "pings that were answered (n)" }, () => this.#roundTripCount);
    namespace.gaugedBy(
      { name: "round_trip_sum", help: "sum of the times from ping to pong (ms)" },
      () => this.#roundTripSum,
    );
  }
}

/** The operations with a count, and the count. */
function seen(counts: Float64Array | Uint8Array): [op: Op, count: number][] {
  return [...counts].map((count, index): [Op, number] => [index as Op, count]).filter(([, count]) => count > 0);
}
