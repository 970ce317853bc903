/**
 * What the throttlers of the way in have in common: a message goes through them one after the other.
 *
 * One object per message goes through all of them and carries what each has given it, so that the way in makes no
 * other object while every throttler grants at once.
 *
 * @module
 */

import type { NodeID } from "../../core/ids/node_id.ts";

/** A message that asks for room. */
export interface InboundRequest {
  readonly nodeID: NodeID;
  /** Length of the body on the wire, bytes. */
  readonly size: number;
  /** When it asks the stage it is at, in milliseconds of `Clock.monotonic`: read once, for a clock costs time too. */
  readonly askedAtMs: number;
  /** Whether it holds a place in the message buffer. The buffer throttler writes it. */
  buffered: boolean;
  /** How many of its bytes it was not given yet; `size` before it asked. The byte throttler writes it. */
  bytesNeeded: number;
  /** Bytes that it takes beyond its length. The throttler of decompressed bytes writes it. */
  decompressedBytes: number;
  /** Called once when a wait is over. It must not throw. */
  onRoom(): void;
}

/** One throttler of the way in. */
export interface InboundStage {
  /**
   * Asks for room.
   *
   * @returns True when it is there; false when the request waits, and its `onRoom` will be called.
   */
  acquire(request: InboundRequest): boolean;
  /** Ends a wait; what the request was given so far stays with it until its release. Harmless where none waits. */
  cancel(request: InboundRequest): void;
  /** Gives back what a request holds: called once for each that was granted or whose wait was cancelled. */
  release(request: InboundRequest): void;
}
