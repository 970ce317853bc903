/**
 * Other names of the paths under `/ext` (upstream `api/server/router.go`).
 *
 * @module
 */

import { AvxError } from "../../core/errors.ts";

const ROOT = "/ext/";

export type RouteErrorType =
  /** The name leads somewhere already. */
  | { readonly code: "route-taken"; readonly path: string }
  /** No request can have such a path. */
  | { readonly code: "bad-route"; readonly path: string };

/** A name that cannot be given. */
export class RouteError extends AvxError<RouteErrorType> {}

/** How many names can be given: each is kept for as long as the node runs. */
export const MAX_ROUTE_ALIASES = 1_024;

/** The names that were given. An alias of an alias leads nowhere, as upstream's does before the next start. */
export class RouteAliases {
  readonly #endpoints: ReadonlySet<string>;
  readonly #byAlias = new Map<string, string>();

  /** @param endpoints What is served, such as `health`. */
  constructor(endpoints: Iterable<string>) {
    this.#endpoints = new Set(endpoints);
  }

  /**
   * Gives an endpoint, and the paths below it, one more name.
   *
   * @throws {RouteError} Where the name is taken or none, or where there are {@link MAX_ROUTE_ALIASES} already.
   */
  add(endpoint: string, alias: string): void {
    const path = ROOT + alias;
    if (alias === "" || path.includes("//") || path.endsWith("/") || new URL(path, "http://node").pathname !== path) {
      throw new RouteError({ code: "bad-route", path }, `no request can have the path ${path}`);
    }
    if (this.#byAlias.has(alias)) {
      const message = `route is either already aliased or already maps to a handle: ${path}`;
      throw new RouteError({ code: "route-taken", path }, message);
    }
    const [first = ""] = alias.split("/");
    if (this.#endpoints.has(first)) {
      throw new RouteError({ code: "route-taken", path }, `failed to create endpoint as ${path} already exists`);
    }
    if (this.#byAlias.size >= MAX_ROUTE_ALIASES) {
      throw new RouteError({ code: "route-taken", path }, `there are ${MAX_ROUTE_ALIASES} aliases already`);
    }
    this.#byAlias.set(alias, endpoint);
  }

  /** The path that a path stands for: itself where it is no alias. */
  resolve(path: string): string {
    if (this.#byAlias.size === 0 || !path.startsWith(ROOT)) return path;
    const asked = path.slice(ROOT.length);
    // The longest name that fits, a path ending at each of its slashes.
    for (let end = asked.length; end > 0; end = asked.lastIndexOf("/", end - 1)) {
      const endpoint = this.#byAlias.get(asked.slice(0, end));
      if (endpoint !== undefined) return ROOT + endpoint + asked.slice(end);
    }
    return path;
  }
}
