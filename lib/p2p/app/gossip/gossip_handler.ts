/**
 * Takes what is pushed, and gives what is asked for (upstream `network/p2p/gossip/handler.go`).
 *
 * @module
 */

import { errorMessage } from "../../../core/errors.ts";
import { idToBytes } from "../../../core/ids/id.ts";
import type { NodeID } from "../../../core/ids/node_id.ts";
import { type Logger, noLog } from "../../../core/log.ts";
import { APP_ERROR_UNEXPECTED, appError } from "../app_errors.ts";
import type { ProtocolHandler } from "../handler.ts";
import type { Gossip, GossipSet } from "./gossipable.ts";
import { marshalPullResponse, parsePullRequest, parsePushGossip } from "./messages.ts";
import type { GossipMetrics } from "./metrics.ts";

/** About how large a message of gossip is, bytes (upstream `network/p2p/gossip/system.go`). */
export const DEFAULT_TARGET_MESSAGE_SIZE = 20 * 1_024;

/** What gossip is handled with. */
export interface GossipModules<T> {
  readonly gossip: Gossip<T>;
  readonly set: GossipSet<T>;
  readonly log?: Logger | undefined;
  /** Is told of what goes and comes. */
  readonly metrics?: GossipMetrics | undefined;
}

/**
 * The handler of gossiped things.
 *
 * @param targetResponseSize About how large an answer is, bytes: the thing that passes it is the last.
 *
 * @example
 * ```ts
 * const gossip: Gossip<Uint8Array> = { id: warpMessageID, marshal: (item) => item, unmarshal: (bytes) => bytes.slice() };
 * const items = new Map<ID, Uint8Array>();
 * const set: GossipSet<Uint8Array> = {
 *   get size() { return items.size; },
 *   has: (id) => items.has(id),
 *   add: (item) => void items.set(gossip.id(item), item),
 *   [Symbol.iterator]: () => items.values(),
 * };
 * const handler = gossipHandler({ gossip, set });
 * ```
 */
export function gossipHandler<T>(
  modules: GossipModules<T>,
  targetResponseSize: number = DEFAULT_TARGET_MESSAGE_SIZE,
): ProtocolHandler {
  const { gossip, log = noLog, metrics, set } = modules;
  return {
    appGossip(nodeID, bytes): void {
      let items: readonly Uint8Array[];
      try {
        items = parsePushGossip(bytes);
      } catch (error) {
        log.debug("failed to unmarshal gossip", { nodeID, error: errorMessage(error) });
        return;
      }
      addAll(modules, nodeID, items);
      metrics?.add("received", "push", items);
    },

    appRequest(_nodeID, request): Uint8Array {
      let asked: ReturnType<typeof parsePullRequest>;
      try {
        asked = parsePullRequest(request);
      } catch {
        throw appError(APP_ERROR_UNEXPECTED);
      }
      const found: Uint8Array[] = [];
      let size = 0;
      let looked = 0;
      for (const item of set) {
        looked++;
        if (asked.filter.contains(idToBytes(gossip.id(item)), asked.salt)) continue;
        const bytes = gossip.marshal(item);
        found.push(bytes);
        size += bytes.length;
        if (size > targetResponseSize) break;
      }
      if (looked > 0) metrics?.observeHitRate?.((100 * (looked - found.length)) / looked);
      metrics?.add("sent", "pull", found);
      return marshalPullResponse(found);
    },
  };
}

/** Keeps what can be kept of what a peer sent. */
export function addAll<T>(
  { gossip, log = noLog, set }: GossipModules<T>,
  nodeID: NodeID,
  items: readonly Uint8Array[],
): void {
  for (const bytes of items) {
    try {
      set.add(gossip.unmarshal(bytes));
    } catch (error) {
      log.debug("failed to add gossip to the known set", { nodeID, error: errorMessage(error) });
    }
  }
}
