/**
 * What apps' protocols show: messages and the time they took (upstream `network/p2p/network.go`), and gossip (upstream
 * `network/p2p/gossip/gossip.go`).
 *
 * Upstream registers them under the name of the chain's virtual machine, with the chain as a label; several chains of
 * one machine share the families.
 *
 * @module
 */

import type { Counter, Gauge, Histogram } from "prom-client";
import { type LabelledValue, type MetricsNamespace, nanoseconds } from "../../core/metrics.ts";
import type { BloomFigures, GossipFigures, Queue } from "./gossip/metrics.ts";

/** Is told of every message that a protocol has handled. */
export type ObserveMessage = (op: string, handlerID: number, tookMs: number) => void;

/** Where the protocols of one chain are shown. */
export interface ChainAppMetrics {
  readonly observe: ObserveMessage;
  /**
   * Shows a system of gossip; one that is shown under the same name later takes its place.
   *
   * @param name Such as `tx_gossip`.
   */
  showGossip(name: string, figures: GossipFigures): void;
}

/** Percent; 0 has a bucket of its own, so that filters that were of no use are seen. */
const HIT_RATE_BUCKETS = [0, 25, 50, 75];

/** Upstream's chains call the filter of what they gossip otherwise than the gossip. */
const BLOOM_NAMES: Readonly<Record<string, string>> = {
  tx_gossip: "mempool_bloom_filter",
  eth_tx_gossip: "eth_tx_bloom_filter",
  atomic_tx_gossip: "atomic_mempool_bloom_filter",
};

const QUEUES: readonly Queue[] = ["unsent", "sent"];

/**
 * The metrics of all apps of a node.
 *
 * @example
 * ```ts
 * const registry = new Registry();
 * const metrics = new AppMetrics((name) => new MetricsNamespace(registry, `avalanche_${name}`));
 * metrics.forChain("X", "avm").observe("app_gossip", 0, 1); // avalanche_avm_p2p_msg_count{chain="X",…} 1
 * ```
 */
export class AppMetrics {
  readonly #namespace: (name: string) => MetricsNamespace;
  readonly #messages = new Map<string, MessageFamilies>();
  readonly #gossip = new Map<string, Map<string, GossipFigures>>();
  readonly #hitRates = new Map<string, Histogram<"chain">>();

  /** @param namespace Gives the namespace of a virtual machine. */
  constructor(namespace: (name: string) => MetricsNamespace) {
    this.#namespace = namespace;
  }

  /**
   * @param chain The label.
   * @param machine The name of its virtual machine in metrics, such as `platformvm`.
   */
  forChain(chain: string, machine: string): ChainAppMetrics {
    return {
      observe: (op, handlerID, tookMs) => {
        const { count, time } = this.#messageFamilies(machine);
        const labels = { chain, op, handlerID: String(handlerID) };
        count.inc(labels);
        time.inc(labels, nanoseconds(tookMs));
      },
      showGossip: (name, figures) => {
        const key = `${machine}_${name}`;
        let systems = this.#gossip.get(key);
        if (systems === undefined) {
          systems = new Map();
          this.#gossip.set(key, systems);
          const namespace = this.#namespace(machine);
          this.#hitRates.set(key, declareGossip(namespace.nested(name), systems));
          declareBloom(namespace.nested(BLOOM_NAMES[name] ?? `${name}_bloom_filter`), systems);
        }
        systems.set(chain, figures);
        const hitRate = this.#hitRates.get(key);
        hitRate?.zero({ chain });
        figures.traffic.observeHitRate = (percent) => hitRate?.observe({ chain }, percent);
      },
    };
  }

  #messageFamilies(machine: string): MessageFamilies {
    let families = this.#messages.get(machine);
    if (families === undefined) {
      const namespace = this.#namespace(machine);
      const labelNames = ["chain", "op", "handlerID"] as const;
      families = {
        count: namespace.counter({ name: "p2p_msg_count", help: "Messages of app protocols", labelNames }),
        time: namespace.gauge({ name: "p2p_msg_time", help: "Nanoseconds that handling them took", labelNames }),
      };
      this.#messages.set(machine, families);
    }
    return families;
  }
}

interface MessageFamilies {
  readonly count: Counter<"chain" | "op" | "handlerID">;
  readonly time: Gauge<"chain" | "op" | "handlerID">;
}

/** The systems of one name, by chain. */
type Systems = ReadonlyMap<string, GossipFigures>;

function declareGossip(namespace: MetricsNamespace, systems: Systems): Histogram<"chain"> {
  const traffic = (name: string, help: string, value: "count" | "bytes"): void => {
    namespace.countersBy({ name, help, labelNames: ["chain", "io", "type"] }, function* () {
      for (const [chain, { traffic }] of systems) {
        for (const way of traffic.traffic) yield [{ chain, io: way.io, type: way.type }, way[value]];
      }
    });
  };
  traffic("count", "Things gossiped", "count");
  traffic("bytes", "Bytes of things gossiped", "bytes");

  const byQueue = (name: string, help: string, read: (figures: GossipFigures, type: Queue) => number | undefined) => {
    namespace.gaugesBy({ name, help, labelNames: ["chain", "type"] }, function* () {
      for (const [chain, figures] of systems) {
        for (const type of QUEUES) {
          const value = read(figures, type);
          if (value !== undefined) yield [{ chain, type }, value];
        }
      }
    });
  };
  byQueue("tracking", "Things that are pushed", (figures, type) => figures.queueLength(type));
  byQueue("top_validators", "Validators that things were pushed to for their stake", (figures, type) => {
    return figures.traffic.topValidators.get(type);
  });
  const gauge = (name: string, help: string, read: (figures: GossipFigures) => number | undefined): void => {
    namespace.gaugesBy({ name, help, labelNames: ["chain"] }, () => byChain(systems, read));
  };
  gauge("tracking_lifetime_average", "Nanoseconds for which things have been pushed", (figures) => {
    return nanoseconds(figures.trackedAverageMs());
  });
  gauge("throttle_limit", "Requests that a node may make in a period", (figures) => figures.throttleLimit());
  return namespace.histogram({
    name: "bloomfilter_hit_rate",
    help: "Share of things that those who pulled had already (%)",
    labelNames: ["chain"],
    buckets: HIT_RATE_BUCKETS,
  });
}

function declareBloom(namespace: MetricsNamespace, systems: Systems): void {
  const gauge = (name: string, help: string, value: keyof BloomFigures): void => {
    namespace.gaugesBy({ name, help, labelNames: ["chain"] }, () => byChain(systems, ({ bloom }) => bloom()[value]));
  };
  gauge("count", "Additions to the bloom filter", "count");
  gauge("hashes", "Hashes of the bloom filter", "hashes");
  gauge("entries", "Bytes of the bloom filter's slots", "entries");
  gauge("max_count", "Additions after which the bloom filter is made anew", "maxCount");
  namespace.countersBy(
    { name: "reset_count", help: "How often the bloom filter was made", labelNames: ["chain"] },
    () => byChain(systems, ({ bloom }) => bloom().resets),
  );
}

function* byChain(
  systems: Systems,
  read: (figures: GossipFigures) => number | undefined,
): Generator<LabelledValue<"chain">, void, undefined> {
  for (const [chain, figures] of systems) {
    const value = read(figures);
    if (value !== undefined) yield [{ chain }, value];
  }
}
