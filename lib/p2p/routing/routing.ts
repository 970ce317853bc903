/**
 * All that routes, made together, and chains to run on it.
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import type { ID } from "../../core/ids/id.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import { type Logger, noLog } from "../../core/log.ts";
import type { MetricsNamespace } from "../../core/metrics.ts";
import type { ValidatorManager } from "../../core/validators/manager.ts";
import type { MessageBuilder } from "../message/builder.ts";
import type { HealthFinding } from "../network/health.ts";
import type { BenchlistOptions } from "./benchlist/benchlist.ts";
import { BenchlistManager } from "./benchlist/benchlist_manager.ts";
import type { Engine } from "./engine/engine.ts";
import { type ChainContext, ChainHandler, type ChainHandlerModules } from "./handler/handler.ts";
import { declareHandlerMetrics } from "./handler/handler_metrics.ts";
import type { ChainHandlerOptions } from "./handler/options.ts";
import { Router, type RouterOptions } from "./router/router.ts";
import { declareRouterMetrics } from "./router/router_metrics.ts";
import { type ExternalSender, Sender } from "./sender/sender.ts";
import { declareSenderMetrics } from "./sender/sender_metrics.ts";
import type { MessageTally } from "./tally.ts";
import { AdaptiveTimeoutManager, type AdaptiveTimeoutOptions } from "./timeout/adaptive_timeout_manager.ts";
import { ResponseMetrics } from "./timeout/response_metrics.ts";
import { TimeoutManager } from "./timeout/timeout_manager.ts";

/** Where routing's metrics go; nothing is shown without them. */
export interface RoutingMetrics {
  /** `avalanche_requests` */
  readonly requests: MetricsNamespace;
  /** `avalanche_responses` */
  readonly responses: MetricsNamespace;
  /** `avalanche_handler` */
  readonly handler: MetricsNamespace;
  /** `avalanche_benchlist` */
  readonly benchlist: MetricsNamespace;
}

/** What routing needs. */
export interface RoutingModules {
  readonly clock: Clock;
  readonly log?: Logger | undefined;
  /** Gives the log of a chain, by its alias. @default All chains write to `log`. */
  readonly chainLog?: ((alias: string) => Logger) | undefined;
  readonly validators: ValidatorManager;
  readonly metrics?: RoutingMetrics | undefined;
}

/** How requests are routed. */
export interface RoutingOptions extends RouterOptions {
  readonly timeouts?: AdaptiveTimeoutOptions;
  readonly benchlist?: BenchlistOptions;
}

/** What chains need besides. */
export interface ChainModules extends Pick<ChainHandlerModules, "resourceTracker"> {
  readonly network: ExternalSender;
  readonly messageBuilder: MessageBuilder;
}

/** A chain that runs. */
export interface Chain {
  readonly handler: ChainHandler;
  readonly sender: Sender;
}

/**
 * The upper half of a node: the network tells `router` what comes in, and chains are added while it runs.
 *
 * @example
 * ```ts
 * const routing = new Routing({ clock, validators }, { myNodeID, myVersion, trackedSubnets: [], sybilProtectionEnabled: true });
 * const network = new Network({ …, handler: routing.router }, options);
 * routing.addChain({ network, messageBuilder, resourceTracker }, context, (sender) => new ObservingEngine(sender));
 * ```
 */
export class Routing implements AsyncDisposable {
  readonly router: Router;
  readonly timeouts: TimeoutManager;
  readonly #modules: RoutingModules;
  readonly #log: Logger;
  readonly #myNodeID: NodeID;
  readonly #tally: MessageTally = { routed: 0, dropped: 0 };
  readonly #chains = new Map<ID, Chain>();
  /** Chains that their engine's fault has stopped; one that is added anew is forgiven. */
  readonly #failed = new Map<ID, ChainHandler>();

  /** @throws {RoutingError} `invalid-timeouts`, `invalid-benchlist`. */
  constructor(modules: RoutingModules, options: RoutingOptions) {
    const { clock, log, metrics, validators } = modules;
    this.#modules = modules;
    this.#log = log ?? noLog;
    this.#myNodeID = options.myNodeID;
    const benchable = {
      benched: (chainID: ID, nodeID: NodeID) => this.router.benched(chainID, nodeID),
      unbenched: (chainID: ID, nodeID: NodeID) => this.router.unbenched(chainID, nodeID),
    };
    this.timeouts = new TimeoutManager({
      timeouts: new AdaptiveTimeoutManager({ clock, metrics: metrics?.requests }, options.timeouts),
      benchlists: new BenchlistManager(
        { clock, log, validators, benchable, metrics: metrics?.benchlist },
        options.benchlist,
      ),
      responses: metrics === undefined ? undefined : new ResponseMetrics(metrics.responses),
    });
    this.router = new Router({ clock, log, timeouts: this.timeouts, tally: this.#tally }, options);
    if (metrics === undefined) return;
    declareRouterMetrics(metrics.requests, this.router);
    declareHandlerMetrics(metrics.handler, () => this.router.handlers());
    declareSenderMetrics(metrics.handler, () => this.#senders());
  }

  /** The chains that run. */
  get chains(): ReadonlyMap<ID, Chain> {
    return this.#chains;
  }

  /**
   * Runs a chain.
   *
   * @param makeEngine Makes what sits behind its handler. It may keep the sender, and ask nobody yet: the chain runs once
   *   the engine is told who is there, the node itself first, which is before this returns.
   * @throws {RoutingError} `duplicate-chain`, `closing`.
   */
  addChain(
    modules: ChainModules,
    context: ChainContext,
    makeEngine: (sender: Sender) => Engine,
    options: ChainHandlerOptions = {},
  ): Chain {
    const { clock, validators } = this.#modules;
    const log = this.#modules.chainLog?.(context.alias) ?? this.#log;
    const myNodeID = this.#myNodeID;
    const sender = new Sender(
      { clock, log, router: this.router, timeouts: this.timeouts, ...modules },
      { myNodeID, ...context, ...(options.allower === undefined ? {} : { allower: options.allower }) },
    );
    const handler = new ChainHandler(
      {
        clock,
        log,
        myNodeID,
        validators,
        resourceTracker: modules.resourceTracker,
        engine: makeEngine(sender),
        tally: this.#tally,
      },
      context,
      options,
    );
    const chain = { handler, sender };
    this.router.addChain(handler, () => {
      const { chainID } = context;
      this.#chains.set(chainID, chain);
      this.#failed.delete(chainID);
      handler.onStopping(() => {
        this.#chains.delete(chainID);
        if (handler.failure !== undefined) this.#failed.set(chainID, handler);
      });
    });
    return chain;
  }

  /** Stops a chain, and resolves when it has stopped. Harmless where it does not run. */
  removeChain(chainID: ID): Promise<void> {
    return this.router.removeChain(chainID);
  }

  /** What the chains say of themselves, by their names; an error where one is unwell, or was stopped by a fault. */
  healthCheck(): HealthFinding {
    const details: Record<string, unknown> = {};
    const errors: string[] = [];
    for (const handler of [...this.router.handlers(), ...this.#failed.values()]) {
      const { alias } = handler.context;
      const finding = handler.healthCheck();
      details[alias] = finding.details;
      if (finding.error !== undefined) errors.push(`${alias}: ${finding.error}`);
    }
    return { details, error: errors.length === 0 ? undefined : errors.join(", ") };
  }

  /** Stops all chains, and ends all requests. */
  close(): Promise<void> {
    return this.router.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  *#senders(): Generator<{ readonly alias: string; readonly sender: Sender }, void, undefined> {
    for (const { handler, sender } of this.#chains.values()) yield { alias: handler.context.alias, sender };
  }
}
