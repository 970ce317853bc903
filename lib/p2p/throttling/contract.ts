/**
 * What the peers need of the throttlers: numbers and node IDs go in, permission comes out.
 *
 * A grant is synchronous wherever there is room: the way in makes no promise per message. What was taken is given
 * back exactly once, by {@link Acquisition.release}, whatever happens to the message.
 *
 * @module
 */

import type { NodeID } from "../../core/ids/node_id.ts";

/** Room for one message that was asked for. */
export interface Acquisition {
  /** Whether the room is there. While it is not, the caller reads nothing more from the peer. */
  readonly granted: boolean;
  /** When it was asked for, monotonic milliseconds, where the throttler looked: the clock is not asked twice then. */
  readonly askedAtMs?: number;
  /**
   * Notes that the message, once granted and read, takes more room than was asked for: it was compressed.
   *
   * @param bytes By how much, above 0.
   */
  decompressed(bytes: number): void;
  /** Gives back what was taken, also of a wait that is not over. Calling it twice is harmless. */
  release(): void;
}

/** Decides when a message of a peer may be read. */
export interface InboundMsgThrottler {
  /** A peer begins to be read from. */
  addNode(nodeID: NodeID): void;
  /** A peer is no longer read from. */
  removeNode(nodeID: NodeID): void;
  /**
   * Asks for room for a message of which only the length is known.
   *
   * At most one acquisition of a node waits at a time: the peer asks for the next when it has read the last.
   *
   * @param size The length of the message's body on the wire, bytes.
   * @param onGranted Called once when a wait ends with a grant; not called when the grant is given at once.
   */
  acquire(size: number, nodeID: NodeID, onGranted: () => void): Acquisition;
}

/** Decides whether a message to a peer may be queued. */
export interface OutboundMsgThrottler {
  /**
   * Takes room for a message, or refuses it at once: a sender never waits.
   *
   * @param size The length of the message's body on the wire, bytes.
   * @param bypassThrottling The message is sent whatever is queued; nothing is taken.
   */
  acquire(size: number, nodeID: NodeID, bypassThrottling: boolean): boolean;
  /** Gives back what one successful `acquire` of the same arguments took. */
  release(size: number, nodeID: NodeID, bypassThrottling: boolean): void;
}

/**
 * Is told when work for a peer begins and ends, so that the peer is charged for it.
 *
 * Times are milliseconds of `Clock.monotonic`, with their fraction: handling a message takes microseconds, and wall time
 * that jumps would charge a peer for nothing.
 */
export interface ResourceTracker {
  startProcessing(nodeID: NodeID, atMs: number): void;
  stopProcessing(nodeID: NodeID, atMs: number): void;
}

/** Decides whether an accepted connection may go on to its TLS handshake. */
export interface InboundConnUpgradeThrottler {
  /** @param ip The canonical text of the remote IP. */
  shouldUpgrade(ip: string): boolean;
}
