/**
 * What an app is: a peer-to-peer protocol with a name, that runs on a chain ID of its own.
 *
 * @module
 */

import type { Clock } from "../../../core/clock.ts";
import type { ID } from "../../../core/ids/id.ts";
import type { NodeID } from "../../../core/ids/node_id.ts";
import type { Logger } from "../../../core/log.ts";
import type { Random } from "../../../core/random.ts";
import type { AppHandler, Handled, InternalHandler } from "../../routing/engine/engine.ts";
import type { AppNetwork } from "../app_network.ts";
import type { AppSender } from "../app_sender.ts";
import type { AppLibrary } from "./library.ts";

/**
 * An app. A module is one by its default export, and needs nothing of avx at run time: what it uses comes as an
 * argument, and `import type` of avx's `mod.ts` gives it the types.
 *
 * @example
 * ```ts
 * import type { App } from "avx";
 *
 * export default {
 *   name: "echo",
 *   start: ({ protocols }) => protocols.addHandler(0, { appRequest: (_nodeID, request) => request }),
 * } satisfies App;
 * ```
 */
export interface App {
  /** The same on all nodes: letters, digits, `-`, `_` and `.`, at most 64. The chain ID follows from it. */
  readonly name: string;
  /**
   * A chain to take the seat of instead of an own: an ID, or an alias such as `C`. An app that asks the nodes of
   * avalanchego needs the chain that they run. The app answers for it as far as a node without the chain can.
   *
   * @default The ID that {@link appChainID} derives from the name.
   */
  readonly chain?: string;
  /**
   * Begins. Nothing is sent to the app before this has ended, and it is called anew at each start of a node: state lives
   * within it.
   *
   * @returns What the app hears of, where it wants to; the protocols that it registered need nothing.
   */
  start(context: AppContext): void | AppParts | Promise<void> | Promise<AppParts>;
}

/**
 * What an app hears of. `appRequest` and its like take all messages of the chain, as they are: an app has either these
 * and {@link AppContext.sender}, or {@link AppContext.protocols}.
 */
export interface AppParts extends Partial<AppHandler>, Partial<Pick<InternalHandler, "connected" | "disconnected">> {
  /** Shown by `/ext/health` beside the app's name; throws where the app is not well. */
  health?(): Readonly<Record<string, unknown>>;
  /** Called once, when the app ends. */
  stop?(): Handled;
}

/** What an app is given. */
export interface AppContext {
  readonly networkID: number;
  /** Of the node that it runs in. */
  readonly nodeID: NodeID;
  readonly chainID: ID;
  /** Whose validators {@link AppNetwork.validators} are: the Primary Network's. */
  readonly subnetID: ID;
  /** Messages as they are. */
  readonly sender: AppSender;
  /** Upstream's app protocol: several protocols by their handler ID, clients whose requests are promises, peers. */
  readonly protocols: AppNetwork;
  readonly clock: Clock;
  readonly random: Random;
  /** The node's log, with the app's name. */
  readonly log: Logger;
  /** Aborted when the app ends. */
  readonly signal: AbortSignal;
  /** What a module cannot import where avx is one executable. */
  readonly avx: AppLibrary;
  /**
   * Does something every so often until the app ends, never twice at one time. What it throws stops the app.
   *
   * @param periodMs Milliseconds; it is done first after one period.
   */
  every(periodMs: number, work: () => void | Promise<void>): void;
  /**
   * Does something once, now, that may take as long as it likes. What it throws stops the app.
   */
  run(work: () => Promise<void>): void;
  /** Resolves after so many milliseconds, and at once when the app ends: an app that waits otherwise holds up its end. */
  sleep(ms: number): Promise<void>;
  /** The chain of an alias, such as `C`, or `undefined` where the node knows none. */
  findChain(alias: string): ID | undefined;
}
