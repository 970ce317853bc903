/**
 * How long requests waited, as upstream's averagers show it: a count and a sum of nanoseconds.
 *
 * A request that is granted at once took no time and is only counted: no clock is read for it.
 *
 * @module
 */

import { type MetricsNamespace, nanoseconds } from "../../core/metrics.ts";

export class AcquireLatency {
  #count = 0;
  #sumMs = 0;

  /**
   * Declares `<name>_count` and `<name>_sum` (upstream `utils/metric/averager.go`).
   *
   * @param subject What is waited for, to end the sentence of the help.
   */
  declare(metrics: MetricsNamespace | undefined, name: string, subject: string): void {
    metrics?.countedBy({ name: `${name}_count`, help: `Requests for ${subject}` }, () => this.#count);
    metrics?.gaugedBy({ name: `${name}_sum`, help: `Nanoseconds waited for ${subject}, all requests together` }, () =>
      nanoseconds(this.#sumMs),
    );
  }

  grantedAtOnce(): void {
    this.#count++;
  }

  waited(ms: number): void {
    this.#count++;
    this.#sumMs += ms;
  }
}
