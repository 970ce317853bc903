/**
 * `/ext/metrics`: all metrics of the node, for Prometheus (upstream serves them by `promhttp.HandlerFor`).
 *
 * As there, the answer is in the text format whatever else is accepted: OpenMetrics is not offered. Upstream would give
 * a client that prefers it Prometheus' protobuf format; every client that asks for that takes text too.
 *
 * @module
 */

import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Registry } from "prom-client";
import { exposeMetrics } from "../../core/exposition.ts";

const TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8";

/** How names beyond ASCII may be written; there are none, but the answer says which way was chosen. */
const ESCAPINGS: ReadonlySet<string> = new Set(["allow-utf-8", "underscores", "dots", "values"]);
const DEFAULT_ESCAPING = "underscores";

const compress = promisify(gzip);

/** Answers a scrape, by any method, as upstream does. */
export async function metricsResponse(request: Request, registry: Registry): Promise<Response> {
  const text = await exposeMetrics(registry);
  const headers = new Headers({
    "content-type": `${TEXT_FORMAT}; escaping=${escaping(request.headers.get("accept"))}`,
  });
  if (!prefersGzip(request.headers.get("accept-encoding"))) return new Response(text, { headers });
  headers.set("content-encoding", "gzip");
  return new Response(await compress(text), { headers });
}

/** What the entry that decides about the format says, or one before it. */
function escaping(accept: string | null): string {
  let found = DEFAULT_ESCAPING;
  for (const { value, params } of byPreference(accept ?? "")) {
    const asked = params.get("escaping");
    if (asked !== undefined && ESCAPINGS.has(asked)) found = asked;
    const version = params.get("version") ?? "";
    if (value === "text/plain" && (version === "" || version === "0.0.4")) break;
  }
  return found;
}

/** Whether gzip is asked for more than plain text is. */
function prefersGzip(acceptEncoding: string | null): boolean {
  let plain = -1;
  let gzipped = -1;
  for (const { value, quality } of entries(acceptEncoding ?? "")) {
    if (value === "identity" || value === "*") plain = Math.max(plain, quality);
    if (value === "gzip" || value === "*") gzipped = Math.max(gzipped, quality);
  }
  return gzipped > plain && gzipped > 0;
}

/** One of what a client accepts. */
interface Accepted {
  readonly value: string;
  readonly quality: number;
  readonly params: ReadonlyMap<string, string>;
}

function byPreference(header: string): Accepted[] {
  return entries(header).sort((a, b) => b.quality - a.quality);
}

function entries(header: string): Accepted[] {
  return header.split(",").map((entry) => {
    const [value = "", ...rest] = entry.split(";").map((part) => part.trim());
    const params = new Map(rest.map((part) => halves(part)));
    const quality = Number(params.get("q") ?? 1);
    return { value, quality: Number.isFinite(quality) ? quality : 0, params };
  });
}

function halves(part: string): [string, string] {
  const at = part.indexOf("=");
  return at === -1 ? [part, ""] : [part.slice(0, at).trim(), part.slice(at + 1).trim()];
}
