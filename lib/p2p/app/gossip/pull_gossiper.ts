/**
 * Asks others for what is missing here (upstream `network/p2p/gossip/gossip.go`, `PullGossiper`).
 *
 * @module
 */

import { errorMessage } from "../../../core/errors.ts";
import { noLog } from "../../../core/log.ts";
import { AppProtocolError } from "../app_errors.ts";
import type { AppClient } from "../client.ts";
import type { AppResponseCallback } from "../pending_requests.ts";
import { addAll, type GossipModules } from "./gossip_handler.ts";
import type { FilteredSet } from "./gossipable.ts";
import { marshalPullRequest, parsePullResponse } from "./messages.ts";

/** What is pulled, and from whom. */
export interface PullGossiperModules<T> extends GossipModules<T> {
  readonly set: FilteredSet<T>;
  readonly client: AppClient;
}

/** Nodes that are asked at a time (upstream `network/p2p/gossip/system.go`). */
export const DEFAULT_POLL_SIZE = 1;

/**
 * Pulls: each time it asks one node or more for what this one has not.
 *
 * @example
 * ```ts
 * import type { App, Gossip, GossipSet, ID } from "avx";
 *
 * export default {
 *   name: "puller",
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
 *     const filtered = new avx.BloomSet({ set, gossip, random });
 *     protocols.addHandler(0, avx.gossipHandler({ gossip, log, set: filtered }));
 *     const puller = new avx.PullGossiper({ client: protocols.newClient(0), gossip, log, set: filtered });
 *     filtered.add(avx.nodeIDToBytes(nodeID));
 *     every(100, () => puller.gossip());
 *   },
 * } satisfies App;
 * ```
 */
export class PullGossiper<T> {
  readonly #modules: PullGossiperModules<T>;
  readonly #pollSize: number;

  /** @param pollSize How many nodes are asked at a time. */
  constructor(modules: PullGossiperModules<T>, pollSize: number = DEFAULT_POLL_SIZE) {
    this.#modules = modules;
    this.#pollSize = pollSize;
  }

  /** Asks once; who is not there is not asked. What is answered is added to the set when it comes. */
  gossip(): void {
    const { client, set } = this.#modules;
    const { bloom, salt } = set.filter();
    const request = marshalPullRequest(bloom.bytes(), salt);
    try {
      for (let i = 0; i < this.#pollSize; i++) client.appRequestAny(request, this.#onResponse);
    } catch (error) {
      const isLonely = error instanceof AppProtocolError && error.type.code === "no-peers";
      if (!isLonely) throw error;
    }
  }

  readonly #onResponse: AppResponseCallback = (nodeID, { error, response }) => {
    const { log = noLog } = this.#modules;
    if (error !== undefined) {
      log.debug("failed gossip request", { nodeID, error: errorMessage(error) });
      return;
    }
    let items: readonly Uint8Array[];
    try {
      items = parsePullResponse(response);
    } catch (parseError) {
      log.debug("failed to unmarshal gossip response", { nodeID, error: errorMessage(parseError) });
      return;
    }
    addAll(this.#modules, nodeID, items);
    this.#modules.metrics?.add("received", "pull", items);
  };
}
