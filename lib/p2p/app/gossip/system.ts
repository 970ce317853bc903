/**
 * All that gossips one kind of things, put together as upstream's chains have it (upstream
 * `network/p2p/gossip/system.go`).
 *
 * @module
 */

import type { Clock } from "../../../core/clock.ts";
import type { NodeID } from "../../../core/ids/node_id.ts";
import type { Logger } from "../../../core/log.ts";
import type { Random } from "../../../core/random.ts";
import { AppProtocolError } from "../app_errors.ts";
import type { AppNetwork } from "../app_network.ts";
import { HandlerID } from "../handler_id.ts";
import { dynamicThrottledHandler, expectedLimit, validatorHandler } from "../wrapped_handlers.ts";
import { BloomSet, type BloomSetOptions } from "./bloom_set.ts";
import { gossipHandler } from "./gossip_handler.ts";
import type { Gossip, GossipSet } from "./gossipable.ts";
import { GossipMetrics } from "./metrics.ts";
import { DEFAULT_POLL_SIZE, PullGossiper } from "./pull_gossiper.ts";
import { DEFAULT_PUSH_GOSSIPER_OPTIONS, PushGossiper, type PushGossiperOptions } from "./push_gossiper.ts";

/** What a system gossips with. */
export interface GossipSystemModules<T> {
  readonly clock: Clock;
  readonly random: Random;
  readonly log?: Logger | undefined;
  readonly protocols: AppNetwork;
  readonly gossip: Gossip<T>;
  readonly set: GossipSet<T>;
}

/** How a system gossips. Durations are milliseconds; the defaults are upstream's. */
export interface GossipSystemOptions {
  readonly handlerID: number;
  readonly myNodeID: NodeID;
  readonly push?: PushGossiperOptions;
  readonly filter?: BloomSetOptions;
  /**
   * Whether validators alone pull, and are answered; otherwise all do.
   *
   * @default {true}
   */
  readonly validatorsOnly?: boolean;
  /** @default {3600000} The period that is looked at to find who asks too often. */
  readonly throttlingPeriodMs?: number;
  /** @default {1000} How often each node is expected to ask. */
  readonly requestPeriodMs?: number;
  /**
   * The name of the system's metrics, behind that of its chain's virtual machine: lower-case words that end in `gossip`.
   * Upstream's C-Chain says `eth_tx_gossip` of its transactions.
   *
   * @default `tx_gossip` and `atomic_tx_gossip` for the protocols that upstream's chains call so; `gossip_7` for 7.
   */
  readonly metricsName?: string;
}

export const DEFAULT_THROTTLING_PERIOD_MS = 3_600_000;
export const DEFAULT_REQUEST_PERIOD_MS = 1_000;

/** What upstream's chains call the gossip of their protocols in metrics. */
const METRICS_NAMES: Readonly<Record<number, string>> = {
  [HandlerID.TxGossip]: "tx_gossip",
  [HandlerID.AtomicTxGossip]: "atomic_tx_gossip",
};

/** Names of metrics that no others can have: `p2p_msg` and those of bloom filters stand beside them. */
const METRICS_NAME = /^(?:[a-z][a-z0-9]*_)*gossip(?:_\d+)?$/;

/** Things that spread. */
export interface GossipSystem<T> {
  /** The things that are here. What is added from here is to be given to {@link GossipSystem.add}. */
  readonly set: BloomSet<T>;
  readonly push: PushGossiper<T>;
  readonly pull: PullGossiper<T>;
  /**
   * Keeps a thing of one's own and has others told of it.
   *
   * @throws {Error} What the set throws.
   */
  add(item: T): void;
  /** Pushes and pulls once: to be called every so often. */
  cycle(): void;
}

/**
 * Registers the handler of things, and makes what spreads them.
 *
 * @throws {AppProtocolError} `duplicate-handler`, `invalid-handler-id`, `invalid-option`.
 *
 *
 * @example
 * ```ts
 * import type { App, Gossip, GossipSet, ID } from "avx";
 *
 * export default {
 *   name: "spreader",
 *   start({ avx, clock, every, log, nodeID, protocols, random }) {
 *     const gossip: Gossip<Uint8Array> = {
 *       id: (item) => avx.idFromBytes(avx.sha256(item)),
 *       marshal: (item) => item,
 *       unmarshal: (bytes) => bytes.slice(),
 *     };
 *     const items = new Map<ID, Uint8Array>();
 *     const set: GossipSet<Uint8Array> = {
 *       get size() { return items.size; },
 *       has: (id) => items.has(id),
 *       add: (item) => void items.set(gossip.id(item), item),
 *       [Symbol.iterator]: () => items.values(),
 *     };
 *     const system = avx.gossipSystem(
 *       { clock, random, log, protocols, gossip, set },
 *       { handlerID: 0, myNodeID: nodeID },
 *     );
 *     system.add(avx.nodeIDToBytes(nodeID));
 *     every(100, () => system.cycle());
 *   },
 * } satisfies App;
 * ```
 */
export function gossipSystem<T>(modules: GossipSystemModules<T>, options: GossipSystemOptions): GossipSystem<T> {
  const { clock, gossip, log, protocols, random } = modules;
  const { handlerID, myNodeID, validatorsOnly = true } = options;
  const { requestPeriodMs = DEFAULT_REQUEST_PERIOD_MS, throttlingPeriodMs = DEFAULT_THROTTLING_PERIOD_MS } = options;
  const { metricsName } = options;
  if (metricsName !== undefined && !METRICS_NAME.test(metricsName)) {
    const message = `metricsName must be lower-case words that end in gossip, such as word_gossip: "${metricsName}" is not`;
    throw new AppProtocolError({ code: "invalid-option", option: "metricsName" }, message);
  }
  const { validators } = protocols;
  const set = new BloomSet({ set: modules.set, gossip, random }, options.filter);
  const { targetMessageSize } = { ...DEFAULT_PUSH_GOSSIPER_OPTIONS, ...options.push };

  const metrics = new GossipMetrics();
  const requestsPerPeer = throttlingPeriodMs / requestPeriodMs;
  const open = gossipHandler({ gossip, log, metrics, set }, targetMessageSize);
  const throttled = dynamicThrottledHandler(
    open,
    { clock, validators },
    { periodMs: throttlingPeriodMs, requestsPerPeer },
  );
  const answering = validatorsOnly ? validatorHandler(throttled, validators) : open;
  // What is pushed is taken from everyone.
  protocols.addHandler(handlerID, {
    appGossip: (nodeID, bytes) => open.appGossip?.(nodeID, bytes),
    appRequest: (nodeID, request, deadlineMs) =>
      answering.appRequest?.(nodeID, request, deadlineMs) ?? new Uint8Array(),
  });

  const pulls = protocols.newClient(handlerID, validatorsOnly ? validators : protocols.peers);
  const pull = new PullGossiper({ client: pulls, gossip, log, metrics, set }, DEFAULT_POLL_SIZE);
  const push = new PushGossiper({ client: pulls, clock, gossip, metrics, set, validators }, options.push);
  protocols.metrics?.showGossip(metricsName ?? METRICS_NAMES[handlerID] ?? `gossip_${handlerID}`, {
    traffic: metrics,
    queueLength: (queue) => push.queueLength(queue),
    trackedAverageMs: () => push.trackedAverageMs(),
    throttleLimit: () => (validatorsOnly ? expectedLimit(requestsPerPeer, validators.size) : undefined),
    bloom: () => set.figures(),
  });
  return {
    set,
    push,
    pull,
    add(item) {
      set.add(item);
      push.add(item);
    },
    cycle() {
      push.gossip();
      if (!validatorsOnly || validators.has(myNodeID)) pull.gossip();
    },
  };
}
