/**
 * The benchlists of all chains (upstream `snow/networking/benchlist/manager.go`).
 *
 * @module
 */

import type { ID } from "../../../core/ids/id.ts";
import type { NodeID } from "../../../core/ids/node_id.ts";
import type { MetricsNamespace } from "../../../core/metrics.ts";
import { Benchlist, type BenchlistModules, type BenchlistOptions, DEFAULT_BENCHLIST_OPTIONS } from "./benchlist.ts";

/** A chain that is given a benchlist. */
export interface BenchlistedChain {
  readonly chainID: ID;
  readonly subnetID: ID;
  /** The label of its metrics. */
  readonly alias: string;
}

/** What a manager needs. */
export interface BenchlistManagerModules extends BenchlistModules {
  /** `avalanche_benchlist`; nothing is shown without it. */
  readonly metrics?: MetricsNamespace | undefined;
}

export class BenchlistManager implements Disposable {
  readonly #modules: BenchlistModules;
  readonly #options: Required<BenchlistOptions>;
  readonly #chains = new Map<ID, { readonly alias: string; readonly benchlist: Benchlist }>();

  constructor(modules: BenchlistManagerModules, options: BenchlistOptions = {}) {
    this.#modules = modules;
    this.#options = { ...DEFAULT_BENCHLIST_OPTIONS, ...options };
    if (modules.metrics !== undefined) this.#declare(modules.metrics);
  }

  /** Begins a chain's benchlist; harmless where there is one, and where no share of the stake may be benched. */
  registerChain({ chainID, subnetID, alias }: BenchlistedChain): void {
    if (this.#options.maxPortion <= 0 || this.#chains.has(chainID)) return;
    const benchlist = new Benchlist(this.#modules, { chainID, subnetID }, this.#options);
    this.#chains.set(chainID, { alias, benchlist });
  }

  /** Ends a chain's benchlist: those on it are taken back. */
  unregisterChain(chainID: ID): void {
    const benchlist = this.#chains.get(chainID)?.benchlist;
    if (benchlist === undefined) return;
    benchlist[Symbol.dispose]();
    this.#chains.delete(chainID);
    for (const nodeID of benchlist.benched) this.#modules.benchable.unbenched(chainID, nodeID);
  }

  /** Whether requests to the node about the chain should fail at once. */
  isBenched(chainID: ID, nodeID: NodeID): boolean {
    return this.#chains.get(chainID)?.benchlist.isBenched(nodeID) ?? false;
  }

  /** The chains that a node is benched on. */
  getBenched(nodeID: NodeID): ID[] {
    const chainIDs: ID[] = [];
    for (const [chainID, { benchlist }] of this.#chains) {
      if (benchlist.isBenched(nodeID)) chainIDs.push(chainID);
    }
    return chainIDs;
  }

  registerResponse(chainID: ID, nodeID: NodeID): void {
    this.#chains.get(chainID)?.benchlist.registerResponse(nodeID);
  }

  registerFailure(chainID: ID, nodeID: NodeID): void {
    this.#chains.get(chainID)?.benchlist.registerFailure(nodeID);
  }

  [Symbol.dispose](): void {
    for (const { benchlist } of this.#chains.values()) benchlist[Symbol.dispose]();
    this.#chains.clear();
  }

  #declare(metrics: MetricsNamespace): void {
    const gauge = (name: string, help: string, read: (benchlist: Benchlist) => number): void => {
      const chains = this.#chains;
      metrics.gaugesBy({ name, help, labelNames: ["chain"] }, function* () {
        for (const { alias, benchlist } of chains.values()) yield [{ chain: alias }, read(benchlist)];
      });
    };
    gauge("benched_num", "Validators on the bench", (benchlist) => benchlist.numBenched);
    gauge("benched_weight", "Weight of the validators on the bench", (benchlist) => Number(benchlist.benchedWeight));
  }
}
