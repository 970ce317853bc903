/**
 * The apps of one node: loaded, started, and shown in health. An app that fails leaves the node running.
 *
 * @module
 */

import { existsSync, realpathSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { AvxError, errorMessage } from "../core/errors.ts";
import type { App } from "../p2p/app/loading/app.ts";
import { loadApp } from "../p2p/app/loading/load.ts";
import { type AppModules, type AppOptions, type RunningApp, runApp } from "../p2p/app/loading/run.ts";
import type { HealthFinding } from "../p2p/network/health.ts";

/** How long a node waits for its apps before it goes on without them, milliseconds. */
export const APP_START_WAIT_MS = 5_000;

/** Which apps a node runs. */
export interface NodeAppsOptions extends AppOptions {
  /** Absolute paths of modules. */
  readonly paths: readonly string[];
  /** Apps of the program that the node runs in. */
  readonly apps: readonly App[];
}

/**
 * The apps of a running node.
 *
 * @example
 * ```ts
 * import { mkdtemp } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 *
 * const dataDir = await mkdtemp(join(tmpdir(), "avx-node-"));
 * const config = nodeConfig({
 *   "network-id": "local",
 *   "data-dir": dataDir,
 *   "http-port": 0,
 *   "staking-host": "127.0.0.1",
 *   "staking-port": 0,
 * });
 * const silent: App = { name: "silent", start() {} };
 * await using node = await Node.start(config, { apps: [silent] });
 * const apps: NodeApps = node.apps;
 * console.log(apps.get("silent")?.chainID);
 * ```
 */
export class NodeApps {
  readonly #modules: AppModules;
  readonly #options: NodeAppsOptions;
  readonly #running = new Map<string, RunningApp>();
  /** How traces name the files that apps are loaded from, and the app of each once it runs. */
  readonly #files = new Map<string, RunningApp | undefined>();
  /** What does not run, by name or path: why. */
  readonly #failed = new Map<string, string>();
  #starting: number;

  constructor(modules: Omit<AppModules, "seats">, options: NodeAppsOptions) {
    this.#modules = { ...modules, seats: new Set() };
    this.#options = options;
    this.#starting = options.paths.length + options.apps.length;
  }

  /** Whether the node was given none. */
  get isEmpty(): boolean {
    const { apps, paths } = this.#options;
    return apps.length + paths.length === 0;
  }

  /** The app of a name, where it was started. */
  get(name: string): RunningApp | undefined {
    return this.#running.get(name);
  }

  /** The apps that were started. */
  [Symbol.iterator](): IterableIterator<RunningApp> {
    return this.#running.values();
  }

  /**
   * Loads and starts all apps, each by itself. Never rejects: what fails is in the log and in health.
   *
   * @returns Resolves when they have started, or have had their time; those that take longer start all the same.
   */
  async start(): Promise<void> {
    const { clock, log } = this.#modules;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    using _timer = clock.setTimeout(() => {
      log.warn("apps take long to start", { starting: this.#starting });
      resolve();
    }, APP_START_WAIT_MS);
    await Promise.race([this.#startAll(), late]);
  }

  async #startAll(): Promise<void> {
    const { apps, paths } = this.#options;
    await Promise.all([
      ...apps.map((app) => this.#start(app.name, async () => app)),
      ...paths.map((path) => this.#startFile(path)),
    ]);
  }

  /**
   * Stops the app that has let go of an error: a promise that it did not await, or what a timer of its own threw. The
   * error's trace tells whose it is, for apps that were loaded from a file.
   *
   * For who owns the process and hears of such errors: a library cannot, and the process would end.
   *
   * @returns Whether it was an app's; all others are the caller's to take seriously.
   */
  blame(error: unknown): boolean {
    const trace = error instanceof Error ? (error.stack ?? "") : "";
    const found = this.#files.entries().find(([file]) => trace.includes(`${file}:`));
    if (found === undefined) return false;
    const [file, app] = found;
    this.#modules.log.error("an app let go of an error", { app: app?.name ?? file, error: errorMessage(error) });
    app?.fail(error);
    return true;
  }

  /** What each app says of itself, under its name. */
  healthCheck(): HealthFinding {
    const details: Record<string, unknown> = {};
    const errors: string[] = [];
    for (const { chain, chainID, name } of this.#running.values()) {
      const { details: found, error } = chain.handler.healthCheck();
      const { engine, ...state } = found;
      details[name] = { chainID, ...state, ...(typeof engine === "object" ? engine : {}) };
      if (error !== undefined) errors.push(`app ${name}: ${error}`);
    }
    for (const [name, reason] of this.#failed) {
      details[name] ??= { state: "failed" };
      errors.push(reason);
    }
    if (this.#starting > 0) errors.push(`${this.#starting} of the apps have not started yet`);
    return { details, error: errors.length === 0 ? undefined : errors.join("; ") };
  }

  async #startFile(path: string): Promise<void> {
    const files = namesInTraces(path);
    for (const file of files) this.#files.set(file, undefined);
    const app = await this.#start(path, () => loadApp(path));
    for (const file of files) this.#files.set(file, app);
  }

  async #start(label: string, load: () => Promise<App>): Promise<RunningApp | undefined> {
    try {
      const app = await runApp(await load(), this.#modules, this.#options);
      this.#running.set(app.name, app);
      return app;
    } catch (error) {
      const hint = error instanceof AvxError ? error.hint : undefined;
      this.#modules.log.error("an app does not run", {
        app: label,
        error: errorMessage(error),
        ...(hint === undefined ? {} : { hint }),
      });
      this.#failed.set(label, errorMessage(error));
      return undefined;
    } finally {
      this.#starting--;
    }
  }
}

/** Runtimes name a file by its path or its URL, and follow links or do not. */
function namesInTraces(path: string): string[] {
  const paths = existsSync(path) ? [path, realpathSync(path)] : [path];
  return paths.flatMap((name) => [name, pathToFileURL(name).href]);
}
