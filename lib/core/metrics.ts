/**
 * Metrics of one node, under the names that avalanchego gives them.
 *
 * A room declares its families on a {@link MetricsNamespace}; the namespace puts its prefix before each name, so that
 * the room says `peers` and a scrape reads `avalanche_network_peers`. There is no global registry: two nodes in one
 * process keep apart.
 *
 * @module
 */

import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** What a metric is declared with. */
export interface MetricOptions<L extends string> {
  /** Without the namespace. */
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly L[];
  /**
   * Called at each scrape to set the value then: for what is counted in a plain number on a hot path, or costs
   * something to find out.
   */
  readonly collect?: () => void | Promise<void>;
}

/** What a family with labels is declared with. */
export type LabelledOptions<L extends string> = Omit<MetricOptions<L>, "collect">;

/** One series and its value. */
export type LabelledValue<L extends string> = readonly [labels: Readonly<Record<L, string>>, value: number];

const NANOSECONDS_PER_MS = 1_000_000;

/** Milliseconds as whole nanoseconds, which is how upstream's metrics show time. */
export function nanoseconds(ms: number): number {
  return Math.round(ms * NANOSECONDS_PER_MS);
}

/** A prefix on a registry. */
export class MetricsNamespace {
  readonly registry: Registry;
  readonly prefix: string;

  /** @param prefix Such as `avalanche_network`, without the underscore that joins it to a name. */
  constructor(registry: Registry, prefix: string) {
    this.registry = registry;
    this.prefix = prefix;
  }

  /** A value that only grows. */
  counter<L extends string = never>(options: MetricOptions<L>): Counter<L> {
    return new Counter<L>(this.#configuration(options));
  }

  /** A value that goes up and down. */
  gauge<L extends string = never>(options: MetricOptions<L>): Gauge<L> {
    return new Gauge<L>(this.#configuration(options));
  }

  /**
   * A counter that is a plain number while it runs and is read at a scrape: what a hot path can afford.
   *
   * @param read Gives the count so far.
   */
  countedBy(options: MetricOptions<never>, read: () => number): void {
    const counter: Counter = new Counter({
      ...this.#configuration(options),
      collect: () => {
        counter.reset();
        counter.inc(read());
      },
    });
  }

  /** A gauge whose value is asked for at a scrape. */
  gaugedBy(options: MetricOptions<never>, read: () => number): void {
    const gauge: Gauge = new Gauge({ ...this.#configuration(options), collect: () => gauge.set(read()) });
  }

  /**
   * A counter with labels whose series are asked for at a scrape; one that is not given any more is gone.
   *
   * @param read Gives labels and the counts so far.
   */
  countersBy<L extends string>(options: LabelledOptions<L>, read: () => Iterable<LabelledValue<L>>): void {
    const counter: Counter<L> = new Counter<L>({
      ...this.#configuration(options),
      collect: () => {
        counter.reset();
        for (const [labels, value] of read()) counter.inc(labels, value);
      },
    });
  }

  /** A gauge with labels whose series are asked for at a scrape; one that is not given any more is gone. */
  gaugesBy<L extends string>(options: LabelledOptions<L>, read: () => Iterable<LabelledValue<L>>): void {
    const gauge: Gauge<L> = new Gauge<L>({
      ...this.#configuration(options),
      collect: () => {
        gauge.reset();
        for (const [labels, value] of read()) gauge.set(labels, value);
      },
    });
  }

  /**
   * How often values fell into ranges.
   *
   * @param options Its buckets are upper bounds, each included, in rising order.
   */
  histogram<L extends string = never>(
    options: LabelledOptions<L> & { readonly buckets: readonly number[] },
  ): Histogram<L> {
    return new Histogram<L>({ ...this.#configuration(options), buckets: [...options.buckets] });
  }

  /** The same registry under a longer prefix. */
  nested(name: string): MetricsNamespace {
    return new MetricsNamespace(this.registry, `${this.prefix}_${name}`);
  }

  #configuration<L extends string>(options: MetricOptions<L>) {
    const { name, help, labelNames = [], collect } = options;
    return {
      name: `${this.prefix}_${name}`,
      help,
      labelNames: [...labelNames],
      registers: [this.registry],
      ...(collect === undefined ? {} : { collect }),
    };
  }
}
