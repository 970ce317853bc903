/**
 * All that a node serves over HTTP: the APIs under `/ext`, and what every answer has.
 *
 * @module
 */

import { Hono } from "hono";
import { getPath } from "hono/utils/url";
import type { Registry } from "prom-client";
import type { NodeID } from "../../core/ids/node_id.ts";
import { type AdminSource, adminService } from "./admin.ts";
import { hostFilter } from "./allowed_hosts.ts";
import type { CallMetrics } from "./call_metrics.ts";
import { corsPolicy } from "./cors.ts";
import { errorResponse, movedTo, notFound, textResponse } from "./go_http.ts";
import { type HealthSource, healthResponse, healthService } from "./health.ts";
import { type InfoSource, infoService } from "./info.ts";
import { type RPCOptions, serveRPC } from "./json_rpc.ts";
import { isForeign } from "./local_origin.ts";
import { metricsResponse } from "./metrics.ts";
import { RouteAliases } from "./route_aliases.ts";

/** The APIs that a node serves; one that is absent is not found. */
export interface APISources {
  readonly info?: InfoSource | undefined;
  readonly health?: HealthSource | undefined;
  /** All metrics of the node. */
  readonly metrics?: Registry | undefined;
  readonly admin?: AdminSource | undefined;
}

/** Who may call, and how long a call may take. */
export interface APIOptions extends RPCOptions {
  readonly nodeID: NodeID;
  /** Hears of what should not happen while a call is answered; the caller is told 500, and no more. */
  readonly onFault?: ((error: unknown) => void) | undefined;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
}

/** Names the chain that a request is for, instead of its path. */
const ROUTE_HEADER = "avalanche-api-route";

const ADMIN_PATH = "/ext/admin";

/**
 * Makes the application. It needs no socket: `app.request("/ext/health")` answers.
 *
 * @param calls Counts the calls.
 */
export function createAPI(sources: APISources, options: APIOptions, calls: CallMetrics): Hono {
  const isAllowedHost = hostFilter(options.allowedHosts);
  const cors = corsPolicy(options.allowedOrigins);
  const { info, health, metrics, admin } = sources;
  const served = Object.entries(sources).flatMap(([name, source]) => (source === undefined ? [] : [name]));
  const routes = new RouteAliases(served);
  const app = new Hono({ getPath: (request) => routes.resolve(getPath(request)) });

  // As in the reference: every answer names the node, a preflight ends before the host is looked at.
  app.use(async (c, next) => {
    const request = c.req.raw;
    if (cors.isPreflight(request)) c.res = new Response(null);
    else if (!isAllowedHost(request.headers.get("host"))) c.res = errorResponse(403, "invalid host specified");
    else if (request.headers.has(ROUTE_HEADER)) c.res = new Response(null, { status: 404 });
    else await next();
    c.res.headers.set("node-id", options.nodeID);
    // No page is told that it may call what changes the node.
    if (c.req.path === ADMIN_PATH) c.res.headers.append("vary", "Origin");
    else cors.addHeaders(request, c.res.headers);
  });
  app.onError((error) => {
    options.onFault?.(error);
    return errorResponse(500, "500 internal server error");
  });
  app.notFound((c) => (c.req.path.includes("//") ? movedTo(c.req.path.replace(/\/+/g, "/")) : notFound()));

  if (info !== undefined) {
    const service = infoService(info);
    app.all("/ext/info", (c) => calls.measure("info", () => serveRPC(c.req.raw, "info", service, options)));
  }
  if (health !== undefined) {
    const service = healthService(health);
    app.all("/ext/health", (c) =>
      calls.measure("health", () => {
        if (c.req.raw.method === "GET") return healthResponse(c.req.raw, (tags) => health.health.report(tags));
        return serveRPC(c.req.raw, "health", service, options);
      }),
    );
    for (const kind of ["readiness", "health", "liveness"] as const) {
      app.all(`/ext/health/${kind}`, (c) =>
        calls.measure("health", () => healthResponse(c.req.raw, (tags) => health[kind].report(tags))),
      );
    }
  }
  if (metrics !== undefined) {
    app.all("/ext/metrics", (c) => calls.measure("metrics", () => metricsResponse(c.req.raw, metrics)));
  }
  if (admin !== undefined) {
    const service = adminService(admin, routes);
    app.all(ADMIN_PATH, (c) =>
      calls.measure("admin", () => {
        if (isForeign(c.req.raw)) return textResponse(403, "admin: calls from pages of other origins are refused");
        return serveRPC(c.req.raw, "admin", service, options);
      }),
    );
  }
  return app;
}
