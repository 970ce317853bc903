/**
 * Why nobody stays: what a node can know of the reason while connections end before their handshake is done.
 *
 * Peers do not say why they refuse a node. Two reasons leave traces all the same, and neither mends itself:
 *
 * 1. Clocks differ. Both sides tell their time, and both refuse. Whose clock is wrong is told by the majority: this
 *    node's, once more nodes have refused it than are connected.
 * 2. Peers close connections that this node has dialled without a word. So do those that are connected to another node
 *    with the same identity, of which they keep the first, and those that take no strangers.
 *
 * Only nodes that are wanted count, so that strangers cannot have this node say what is not so, and each thing is said
 * once in {@link SAY_AGAIN_MS}. A handshake that is done wipes the slate.
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import { formatDuration } from "../../core/duration.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import type { Logger } from "../../core/log.ts";
import type { PeerCloseReason } from "../peer/close_reason.ts";

/** How often the same is said, milliseconds: seldom enough for a log, often enough for who has just begun to read it. */
export const SAY_AGAIN_MS = 600_000;

/**
 * Fewer connections end without a word by chance: the other side was about to stop, or had dialled too. In a network
 * that loses one packet in a hundred, three did.
 */
export const MIN_WORDLESS = 5;

/** Milliseconds: nodes that start together dial each other, and drop what they have twice, in a quarter of it. */
export const MIN_WORDLESS_MS = 20_000;

/** How many nodes are remembered: their majority is as good as all nodes'. */
const MAX_REMEMBERED = 64;

/** How many nodes a line names. */
const MAX_NAMED = 5;

const MS_PER_SECOND = 1_000;

/** A peer whose connection has ended before the handshake was done. */
export interface FailedPeer {
  readonly nodeID: NodeID;
  /** Whether it dialled. */
  readonly isIngress: boolean;
  /** Whether any message of it came. */
  readonly hasSpoken: boolean;
  readonly closeReason: PeerCloseReason | undefined;
  /** How far its clock is ahead of this node's, where that was too far; seconds, negative where it is behind. */
  readonly clockAhead: number | undefined;
}

/** What is needed to tell. */
export interface IsolationModules {
  readonly clock: Clock;
  readonly log: Logger;
  readonly connectedPeers: () => number;
  /** Whether this node wants to be connected to the node. */
  readonly wants: (nodeID: NodeID) => boolean;
}

export class Isolation {
  readonly #modules: IsolationModules;
  /** Of nodes whose clock is too far off: how far it is ahead, seconds. */
  readonly #clocksAhead = new Map<NodeID, number>();
  /** Nodes that have closed without a word. */
  readonly #wordless = new Set<NodeID>();
  #wordlessConnections = 0;
  /** When the first and the last of them ended, milliseconds of `Clock.monotonic`. */
  #wordlessSince = 0;
  #wordlessUntil = 0;
  /** When a line was last written, by its text, milliseconds of `Clock.monotonic`. */
  readonly #saidAt = new Map<string, number>();

  constructor(modules: IsolationModules) {
    this.#modules = modules;
  }

  /** Why this node is on its own, for people to read; `undefined` where it is not, or nothing is known. */
  get reason(): string | undefined {
    if (this.#isClockWrong()) {
      const { way, by } = this.#ownClock();
      return `this node's clock is ${by} ${way} those of ${this.#clocksAhead.size} node(s), which refuse it`;
    }
    if (!this.#isShunned()) return undefined;
    return `${this.#wordless.size} node(s) close connections without a word: ${SHUNNED_HINT}`;
  }

  /** A handshake is done: this node is let in. */
  accepted(): void {
    this.#clocksAhead.clear();
    this.#wordless.clear();
    this.#wordlessConnections = 0;
  }

  /** A connection has ended before its handshake was done. */
  failed({ nodeID, isIngress, hasSpoken, closeReason, clockAhead }: FailedPeer): void {
    if (!this.#modules.wants(nodeID)) return;
    if (clockAhead !== undefined) this.#onClock(nodeID, clockAhead);
    else if (!isIngress && !hasSpoken && closeReason === "remote-closed") this.#onWordless(nodeID);
  }

  #onClock(nodeID: NodeID, ahead: number): void {
    if (this.#clocksAhead.size < MAX_REMEMBERED || this.#clocksAhead.has(nodeID)) this.#clocksAhead.set(nodeID, ahead);
    if (this.#isClockWrong()) {
      const { way, by } = this.#ownClock();
      this.#warn(`this node's clock is ${way} those of its peers, which refuse it`, {
        by,
        nodes: this.#clocksAhead.size,
        nodeIDs: named(this.#clocksAhead.keys()),
        hint: "Set the clock of this machine; let it be kept by NTP",
      });
      return;
    }
    this.#warn("a node is refused: its clock differs from this node's", {
      nodeID,
      [ahead > 0 ? "itIsAheadBy" : "itIsBehindBy"]: formatSeconds(ahead),
    });
  }

  #onWordless(nodeID: NodeID): void {
    this.#wordlessUntil = this.#modules.clock.monotonic();
    if (this.#wordlessConnections++ === 0) this.#wordlessSince = this.#wordlessUntil;
    if (this.#wordless.size < MAX_REMEMBERED) this.#wordless.add(nodeID);
    if (!this.#isShunned()) return;
    this.#warn("no node lets this one in: connections are closed without a word", {
      connections: this.#wordlessConnections,
      nodeIDs: named(this.#wordless),
      hint: SHUNNED_HINT,
    });
  }

  /** Whether it is this node's clock, as far as others' can tell. */
  #isClockWrong(): boolean {
    return this.#clocksAhead.size > this.#modules.connectedPeers();
  }

  #isShunned(): boolean {
    if (this.#wordlessConnections < MIN_WORDLESS || this.#modules.connectedPeers() > 0) return false;
    return this.#wordlessUntil - this.#wordlessSince >= MIN_WORDLESS_MS;
  }

  /** How far this node's clock is off: the middle of what the others' tell. */
  #ownClock(): { readonly way: "ahead of" | "behind"; readonly by: string } {
    const all = [...this.#clocksAhead.values()].sort((a, b) => a - b);
    const middle = all[Math.floor(all.length / 2)] as number;
    return { way: middle > 0 ? "behind" : "ahead of", by: formatSeconds(middle) };
  }

  #warn(message: string, fields: Readonly<Record<string, unknown>>): void {
    const { clock, log } = this.#modules;
    const now = clock.monotonic();
    const saidAt = this.#saidAt.get(message);
    if (saidAt !== undefined && now - saidAt < SAY_AGAIN_MS) return;
    this.#saidAt.set(message, now);
    log.warn(message, fields);
  }
}

const SHUNNED_HINT =
  "another node may run with this node's staking key, so that they keep the first; or they do not take strangers";

function formatSeconds(seconds: number): string {
  return formatDuration(Math.abs(seconds) * MS_PER_SECOND);
}

function named(nodeIDs: Iterable<NodeID>): NodeID[] {
  return [...nodeIDs].slice(0, MAX_NAMED);
}
