/**
 * Reads frames from a connection, each only once its length has been granted, and each within its time.
 *
 * All whole frames of a chunk are handed out before the next chunk is read. While a throttler makes the peer wait the
 * connection is not read from; that is the back-pressure.
 *
 * @module
 */

import type { Clock, Timer } from "../../core/clock.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import { FrameReader, FramingError } from "../message/framing.ts";
import type { Acquisition, InboundMsgThrottler, ResourceTracker } from "../throttling/contract.ts";
import type { Connection } from "../transport/contract.ts";
import type { PeerCloseReason } from "./close_reason.ts";

/** What a reader needs. */
export interface ReaderModules {
  readonly clock: Clock;
  readonly connection: Connection;
  readonly throttler: InboundMsgThrottler;
  readonly resourceTracker: ResourceTracker;
  /**
   * Takes one body, and with it the room that was granted for it.
   *
   * @param at When the chunk that ended the frame came, milliseconds of `Clock.monotonic`.
   */
  readonly onFrame: (body: Uint8Array, room: Acquisition, at: number) => void;
  /** Is told when nothing more can be read. */
  readonly onFailure: (reason: PeerCloseReason, error?: Error) => void;
}

export interface ReaderOptions {
  readonly nodeID: NodeID;
  /** How long a frame may take, and how long the next may keep us waiting, milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Bytes that may arrive while the peer waits for a throttler. A paused connection brings a few chunks at most; a
 * runtime that goes on reading all the same is cut here.
 */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/**
 * How long one peer's frames are handed out before the others get their turn. A few hundred bytes, well compressed,
 * can cost tens of milliseconds to parse, and one chunk may hold hundreds of such frames. A chunk of honest messages
 * takes a few milliseconds; who floods from ten connections has ten turns before it is the next one's.
 */
const MAX_TURN_MS = 5;

export class Reader {
  readonly #modules: ReaderModules;
  readonly #options: ReaderOptions;
  readonly #frames: FrameReader;
  /** Room for the frame that is being read, or waited for. */
  #room: Acquisition | undefined;
  /** When the frame being read must be whole, in monotonic milliseconds. */
  #deadline = 0;
  /** When the chunk being handled came: the clock is asked once a chunk, not once a message. */
  #monotonic = 0;
  #timer: Timer | undefined;
  /** Ends the pause for the others' turn. */
  #nextTurn: Timer | undefined;
  /** What is left to do for the last frame. */
  #work: Iterator<unknown> | undefined;
  #working = false;
  #closed = false;

  constructor(modules: ReaderModules, options: ReaderOptions) {
    this.#modules = modules;
    this.#options = options;
    this.#frames = new FrameReader({
      onLength: (length) => this.#onLength(length),
      onFrame: (body) => this.#onFrame(body),
    });
  }

  /** The first frame is awaited from now on. */
  start(): void {
    const { clock, throttler } = this.#modules;
    const { nodeID, timeoutMs } = this.#options;
    throttler.addNode(nodeID);
    this.#deadline = clock.monotonic() + timeoutMs;
    this.#timer = clock.setTimeout(() => this.#onTimer(), timeoutMs);
  }

  onData(chunk: Uint8Array): void {
    if (this.#closed) return;
    this.#run(() => this.#frames.push(chunk));
    if (this.#frames.waiting && this.#frames.buffered > MAX_WAITING_BYTES) {
      this.#modules.onFailure("read-buffer-overrun");
    }
  }

  /**
   * Does work that a frame asks for, a step at a time, and lets the others have their turns in between. The next frame
   * is handed out when it is done. Where the reader closes before, the work is ended by `return`.
   *
   * @param work What it throws ends it, and comes through.
   */
  inTurns(work: Iterator<unknown>): void {
    this.#work = work;
    this.#workOn();
  }

  /** Reads nothing more, and gives back what the frame being read had taken. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.cancel();
    this.#nextTurn?.cancel();
    this.#frames.close();
    if (!this.#working) this.#endWork();
    this.#room?.release();
    this.#room = undefined;
  }

  /** The peer is gone for good: no message of it is handled any more. */
  end(): void {
    this.#modules.throttler.removeNode(this.#options.nodeID);
  }

  /** Lets frames be handed out, and charges the peer for the time that they take. */
  #run(handOut: () => void): void {
    const { clock, onFailure, resourceTracker } = this.#modules;
    const { nodeID } = this.#options;
    this.#monotonic = clock.monotonic();
    resourceTracker.startProcessing(nodeID, this.#monotonic);
    try {
      handOut();
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      onFailure("frame-too-large", error);
    } finally {
      resourceTracker.stopProcessing(nodeID, clock.monotonic());
    }
  }

  #onLength(length: number): boolean {
    const { clock, connection, throttler } = this.#modules;
    const room = throttler.acquire(length, this.#options.nodeID, this.#onTurn);
    this.#room = room;
    if (room.granted && this.#work === undefined) {
      const now = room.askedAtMs ?? clock.monotonic();
      if (now - this.#monotonic <= MAX_TURN_MS) {
        this.#restartDeadline();
        return true;
      }
      this.#waitForTurn();
    }
    connection.pause();
    return false;
  }

  #waitForTurn(): void {
    this.#nextTurn = this.#modules.clock.setTimeout(this.#onTurn, 0);
  }

  /** The others have had their turn, or there is room for the frame that waited for it. */
  readonly #onTurn = (): void => {
    if (this.#closed) return;
    this.#nextTurn?.cancel();
    this.#run(() => {
      if (this.#work !== undefined) this.#workOn();
      if (this.#work !== undefined || this.#room?.granted !== true) return;
      this.#restartDeadline();
      this.#frames.resume();
    });
    if (!this.#frames.waiting) this.#modules.connection.resume();
  };

  /** Does what there is time for in this turn. */
  #workOn(): void {
    const { clock } = this.#modules;
    const work = this.#work as Iterator<unknown>;
    let isDone = true;
    this.#working = true;
    try {
      do isDone = work.next().done === true;
      while (!isDone && !this.#closed && clock.monotonic() - this.#monotonic <= MAX_TURN_MS);
    } finally {
      this.#working = false;
      if (isDone) this.#work = undefined;
    }
    if (this.#closed) this.#endWork();
    else if (!isDone) this.#waitForTurn();
  }

  #endWork(): void {
    this.#work?.return?.();
    this.#work = undefined;
  }

  #onFrame(body: Uint8Array): void {
    const room = this.#room as Acquisition;
    this.#room = undefined;
    this.#restartDeadline();
    this.#modules.onFrame(body, room, this.#monotonic);
  }

  #restartDeadline(): void {
    this.#deadline = this.#monotonic + this.#options.timeoutMs;
  }

  /** One timer serves all frames: it looks when the deadline is, and sleeps again where it has moved. */
  #onTimer(): void {
    const { clock, onFailure } = this.#modules;
    const now = clock.monotonic();
    // A throttler's wait is not the peer's fault.
    if (this.#frames.waiting) this.#deadline = now + this.#options.timeoutMs;
    if (now >= this.#deadline) onFailure("read-timeout");
    else this.#timer = clock.setTimeout(() => this.#onTimer(), this.#deadline - now);
  }
}
