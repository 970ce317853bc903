/**
 * Runs an app on a chain of a node.
 *
 * @module
 */

import type { Clock } from "../../../core/clock.ts";
import { errorMessage } from "../../../core/errors.ts";
import { type ID, PRIMARY_NETWORK_ID, parseID } from "../../../core/ids/id.ts";
import type { NodeID } from "../../../core/ids/node_id.ts";
import { createLogger, type Logger } from "../../../core/log.ts";
import type { Random } from "../../../core/random.ts";
import type { ValidatorManager } from "../../../core/validators/manager.ts";
import type { Engine } from "../../routing/engine/engine.ts";
import { ObservingEngine } from "../../routing/engine/observing_engine.ts";
import type { ChainContext } from "../../routing/handler/handler.ts";
import type { ChainHandlerOptions } from "../../routing/handler/options.ts";
import type { Chain } from "../../routing/routing.ts";
import type { Sender } from "../../routing/sender/sender.ts";
import { AppProtocolError } from "../app_errors.ts";
import { AppNetwork } from "../app_network.ts";
import type { ChainAppMetrics } from "../metrics.ts";
import type { App, AppContext } from "./app.ts";
import { AppEngine } from "./app_engine.ts";
import { appChainID } from "./chain_id.ts";
import { AppLoadError } from "./errors.ts";
import { APP_LIBRARY } from "./library.ts";
import { checkApp } from "./load.ts";

/** What runs chains: a node's routing. */
export interface ChainHost {
  addChain(context: ChainContext, makeEngine: (sender: Sender) => Engine, options: ChainHandlerOptions): Chain;
  /** Stops a chain. Harmless where it does not run. */
  removeChain(chainID: ID): Promise<void>;
  /** The chain of an alias or ID. */
  findChain(name: string): ID | undefined;
  /** What a chain is called in metrics and logs, such as `C`; its ID where it has no alias. */
  aliasOf(chainID: ID): string;
}

/** What apps need of their node. */
export interface AppModules {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Gives the log of a chain, by its alias. @default Apps write to `log`, each line with its name. */
  readonly chainLog?: ((alias: string) => Logger) | undefined;
  readonly validators: ValidatorManager;
  readonly chains: ChainHost;
  /** The chains that the node's apps have taken: one set for all of them. */
  readonly seats: Set<ID>;
  /** Gives where a chain's protocols are shown, by its ID and the name that its metrics have. */
  readonly metrics?: ((chainID: ID, alias: string) => ChainAppMetrics) | undefined;
}

/** Where apps run. */
export interface AppOptions {
  readonly networkID: number;
  readonly myNodeID: NodeID;
}

/** An app that runs, until its chain stops. */
export interface RunningApp {
  readonly name: string;
  readonly chainID: ID;
  readonly chain: Chain;
  /** What the app was given. */
  readonly context: AppContext;
  /** Stops the app for something that it threw where nobody was there to hear it. Harmless where it has ended. */
  readonly fail: (error: unknown) => void;
}

/**
 * Messages of an app handled at one time. A handler that waits for an answer, which is a message too, must leave room
 * for it; with upstream's two it could not wait for anything.
 */
export const APP_CONCURRENCY = 1_024;

/** The number of the notification by which an engine is told that its app has failed. */
const APP_FAULT = 0;

/**
 * Starts an app.
 *
 * @throws {AppLoadError} `app-invalid`, `app-unknown-chain`, `app-duplicate`, `app-start-failed`.
 * @throws {RoutingError} `closing`.
 */
export async function runApp(value: App, modules: AppModules, options: AppOptions): Promise<RunningApp> {
  const app = checkApp(value);
  const { chains, clock, random, seats, validators } = modules;
  const { myNodeID, networkID } = options;
  const { name } = app;
  const subnetID = PRIMARY_NETWORK_ID;
  const chainID = chainOf(app, chains);
  if (seats.has(chainID)) {
    const type = { code: "app-duplicate", app: name, chainID } as const;
    throw new AppLoadError(type, `The app ${name} cannot run: another app runs already on the chain ${chainID}`);
  }
  seats.add(chainID);
  const aborting = new AbortController();
  const { signal } = aborting;

  // Who observed the chain makes room.
  if (app.chain !== undefined) await chains.removeChain(chainID);
  // Dashboards look for a chain that is known under its own name, whoever sits there, and for nothing else under that.
  const hasOwnName = app.chain === undefined && chains.findChain(name) === undefined;
  const alias = hasOwnName ? name : chains.aliasOf(chainID);
  const log = modules.chainLog?.(alias) ?? namedLog(modules.log, name);
  let made: { readonly engine: AppEngine; readonly protocols: AppNetwork; readonly sender: Sender } | undefined;
  const makeEngine = (sender: Sender): Engine => {
    const metrics = modules.metrics?.(chainID, alias);
    const protocols = new AppNetwork({ clock, random, log, sender, validators, metrics }, { myNodeID, subnetID });
    made = { engine: new AppEngine({ sender, protocols }), protocols, sender };
    return made.engine;
  };
  const chain = chains.addChain({ chainID, subnetID, alias }, makeEngine, { appConcurrency: APP_CONCURRENCY });
  if (made === undefined) throw new TypeError("a chain was added without an engine");
  const { engine, protocols, sender } = made;
  // Before what is being handled is waited for: it may itself wait for an answer, or for the signal.
  chain.handler.onStopping(() => {
    aborting.abort();
    engine.giveUp(new AppProtocolError({ code: "closed" }, "The app has stopped"));
    protocols.close().catch((error) => log.error("failed while stopping", { error: errorMessage(error) }));
    if (app.chain !== undefined && chain.handler.failure !== undefined) {
      // Once all others have heard of the end.
      Promise.resolve()
        .then(() => chain.handler.stop())
        .then(() => observe({ chainID, subnetID, alias }, chains, log));
    }
  });
  const fail = (error: unknown): void => {
    if (signal.aborted) return;
    engine.fault(error);
    chain.handler.notify(APP_FAULT);
  };

  const context: AppContext = {
    networkID,
    nodeID: myNodeID,
    chainID,
    subnetID,
    sender,
    protocols,
    clock,
    random,
    log,
    signal,
    avx: APP_LIBRARY,
    every: (periodMs, work) => every({ clock, periodMs, signal, work, fail }),
    run: (work) => {
      guarded(work).catch(fail);
    },
    sleep: (ms) => sleep(clock, ms, signal),
    findChain: (alias) => chains.findChain(alias),
  };
  try {
    engine.begin((await app.start(context)) ?? {});
  } catch (error) {
    engine.giveUp(error);
    fail(error);
    throw new AppLoadError(
      { code: "app-start-failed", app: name },
      `The app ${name} has not started: ${errorMessage(error)}`,
      { cause: error },
    );
  }
  log.info("app started", { chainID });
  return { name, chainID, chain, context, fail };
}

/** Sits down where an app has failed: the chain's seat was taken from who observed it. */
function observe(context: ChainContext, chains: ChainHost, log: Logger): void {
  try {
    chains.addChain(context, (sender) => new ObservingEngine(sender), {});
    log.info("the app has failed: the chain is observed, and not run", { chainID: context.chainID });
  } catch (error) {
    // The node stops.
    log.debug("the chain is not observed", { chainID: context.chainID, error: errorMessage(error) });
  }
}

function chainOf({ chain, name }: App, chains: ChainHost): ID {
  if (chain === undefined) return appChainID(name);
  const known = chains.findChain(chain);
  if (known !== undefined) return known;
  try {
    return parseID(chain);
  } catch (error) {
    throw new AppLoadError(
      { code: "app-unknown-chain", app: name, chain },
      `The app ${name} wants to run on the chain "${chain}", which this node does not know: ${errorMessage(error)}`,
      { cause: error, hint: "Name it by its ID, or by an alias such as C" },
    );
  }
}

/** A promise also where the work throws at once. */
async function guarded(work: () => void | Promise<void>): Promise<void> {
  await work();
}

function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) return Promise.resolve();
  const wake = (): void => {
    timer.cancel();
    signal.removeEventListener("abort", wake);
    resolve();
  };
  const timer = clock.setTimeout(wake, ms);
  signal.addEventListener("abort", wake);
  return promise;
}

interface Recurring {
  readonly clock: Clock;
  readonly periodMs: number;
  readonly signal: AbortSignal;
  readonly work: () => void | Promise<void>;
  readonly fail: (error: unknown) => void;
}

function every({ clock, fail, periodMs, signal, work }: Recurring): void {
  if (signal.aborted) return;
  let isBusy = false;
  const timer = clock.setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    guarded(work)
      .catch(fail)
      .finally(() => {
        isBusy = false;
      });
  }, periodMs);
  signal.addEventListener("abort", () => timer.cancel(), { once: true });
}

function namedLog(log: Logger, app: string): Logger {
  return createLogger(
    (level, message, fields) => log[level](message, { app, ...fields }),
    (level) => log.enabled(level),
  );
}
