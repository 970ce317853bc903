/**
 * What the processes of a siege tell each other: the one that is besieged, those that besiege it, and the test.
 *
 * @module
 */

import type { NodeID } from "../../../lib/core/ids/node_id.ts";
import type { AddrPort } from "../../../lib/core/ip.ts";
import type { InboundMsgThrottlerState } from "../../../lib/p2p/throttling/inbound_msg_throttler.ts";

/** How the besieged node runs. */
export interface VictimOptions {
  /** @default {30000} Upstream's. */
  readonly pongTimeoutMs?: number;
  /** @default {250} Far below upstream's, so that who is gone while it is not read from is soon found to be. */
  readonly pingFrequencyMs?: number;
  /** Nodes that validate the primary network, with the same weight each. */
  readonly validators?: readonly NodeID[];
  /** Whether each of them has a BLS key, which nobody else has. */
  readonly validatorsHaveKeys?: boolean;
  /** How long the handler keeps each message of a peer, milliseconds. @default {0} */
  readonly handlingMs?: number;
  /** Sends 64 KiB of gossip to every peer, again and again, milliseconds apart. @default Never. */
  readonly gossipEveryMs?: number;
}

/** What a siege is made with. */
export interface AttackOptions {
  readonly name: string;
  readonly address: AddrPort;
  /** Milliseconds after which it ends by itself, where nobody ends it. */
  readonly maxMs: number;
  /** PEM key and certificate of each validator that the besieged node knows of. */
  readonly identities: readonly { readonly keyPEM: string; readonly certPEM: string }[];
}

/** What the besieged node says of itself. */
export interface VictimState {
  /** Bytes. */
  readonly rss: number;
  /** The most that there ever was, bytes. */
  readonly peakRSS: number;
  readonly throttled: InboundMsgThrottlerState;
  readonly ingressConnections: number;
  /** Values by name, with labels as they are scraped. */
  readonly metrics: Readonly<Record<string, number>>;
  /** The longest time that its one thread did nothing but one thing, milliseconds. */
  readonly longestTurnMs: number;
}

/** From the node's process. */
export type FromVictim =
  | { readonly kind: "ready"; readonly address: AddrPort; readonly state: VictimState }
  | { readonly kind: "state"; readonly state: VictimState };

/** To the node's process. */
export type ToVictim = { readonly kind: "start"; readonly options: VictimOptions } | { readonly kind: "tell" };

/** From the attackers' process, at its end: what it did, by name. */
export type FromAttackers = { readonly counts: Readonly<Record<string, number>> };

/** To the attackers' process. */
export type ToAttackers = { readonly kind: "attack"; readonly options: AttackOptions } | { readonly kind: "stop" };
