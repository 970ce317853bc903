/**
 * Limits what messages hold beyond their length on the wire.
 *
 * A message is charged for its compressed bytes, as the reference has it, so that a thousand messages of a hundred bytes
 * may wait for a handler as a thousand times 2 MiB. How long a message is can be known only when it was decompressed:
 * what it takes more is noted then, and the node's next message waits while the node holds too much. A node that holds
 * nothing never waits, so what is held at one time is at most the limit and one message of each node.
 *
 * The reference has no such throttler.
 *
 * @module
 */

import type { NodeID } from "../../core/ids/node_id.ts";
import type { MetricsNamespace } from "../../core/metrics.ts";
import type { InboundRequest, InboundStage } from "./stage.ts";

/** Bytes: 32 MiB, as much as the validators may take on the wire. */
export const DEFAULT_MAX_DECOMPRESSED_BYTES = 32 * 1024 * 1024;
/** Bytes: two of the largest messages. */
export const DEFAULT_NODE_MAX_DECOMPRESSED_BYTES = 4 * 1024 * 1024;

export interface DecompressedByteThrottlerOptions {
  /** @default {33554432} Who holds anything waits while all together hold this much. */
  readonly maxBytes?: number;
  /** @default {4194304} A node waits while it holds this much. */
  readonly nodeMaxBytes?: number;
}

export interface DecompressedByteThrottlerState {
  readonly heldBytes: number;
  readonly nodeToHeldBytes: Readonly<Record<string, number>>;
  readonly waitingNodes: readonly NodeID[];
}

export class DecompressedByteThrottler implements InboundStage {
  readonly #maxBytes: number;
  readonly #nodeMaxBytes: number;
  readonly #held = new Map<NodeID, number>();
  #heldBytes = 0;
  /** In the order of asking. */
  readonly #waiting = new Set<InboundRequest>();
  #waking = false;
  #totalWaits = 0;

  constructor(
    modules: { readonly metrics?: MetricsNamespace | undefined },
    options: DecompressedByteThrottlerOptions = {},
  ) {
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_DECOMPRESSED_BYTES;
    this.#nodeMaxBytes = options.nodeMaxBytes ?? DEFAULT_NODE_MAX_DECOMPRESSED_BYTES;
    const { metrics } = modules;
    metrics?.gaugedBy(
      {
        name: "decompressed_throttler_held_bytes",
        help: "Bytes of messages beyond their length on the wire (avx only)",
      },
      () => this.#heldBytes,
    );
    metrics?.gaugedBy(
      {
        name: "decompressed_throttler_awaiting_acquire",
        help: "Messages that wait for decompressed ones of their node to be handled (avx only)",
      },
      () => this.#waiting.size,
    );
    metrics?.countedBy(
      {
        name: "decompressed_throttler_total_waits",
        help: "Messages that waited for decompressed ones of their node to be handled (avx only)",
      },
      () => this.#totalWaits,
    );
  }

  acquire(request: InboundRequest): boolean {
    if (this.#hasRoom(request.nodeID)) return true;
    this.#totalWaits++;
    this.#waiting.add(request);
    return false;
  }

  cancel(request: InboundRequest): void {
    this.#waiting.delete(request);
  }

  /** Notes that a granted message takes so many bytes more than its length. */
  add(request: InboundRequest, bytes: number): void {
    request.decompressedBytes += bytes;
    this.#heldBytes += bytes;
    this.#held.set(request.nodeID, (this.#held.get(request.nodeID) ?? 0) + bytes);
  }

  release(request: InboundRequest): void {
    const { decompressedBytes, nodeID } = request;
    if (decompressedBytes === 0) return;
    request.decompressedBytes = 0;
    this.#heldBytes -= decompressedBytes;
    const left = (this.#held.get(nodeID) ?? 0) - decompressedBytes;
    if (left > 0) this.#held.set(nodeID, left);
    else this.#held.delete(nodeID);
    this.#wake();
  }

  state(): DecompressedByteThrottlerState {
    return {
      heldBytes: this.#heldBytes,
      nodeToHeldBytes: Object.fromEntries(this.#held),
      waitingNodes: [...this.#waiting].map(({ nodeID }) => nodeID),
    };
  }

  #hasRoom(nodeID: NodeID): boolean {
    if (this.#heldBytes === 0) return true;
    const held = this.#held.get(nodeID);
    return held === undefined || (held < this.#nodeMaxBytes && this.#heldBytes < this.#maxBytes);
  }

  /** Who is let go on may release more: that is seen to in the same round. */
  #wake(): void {
    if (this.#waking) return;
    this.#waking = true;
    try {
      for (const request of this.#waiting) {
        if (!this.#hasRoom(request.nodeID)) continue;
        this.#waiting.delete(request);
        request.onRoom();
      }
    } finally {
      this.#waking = false;
    }
  }
}
