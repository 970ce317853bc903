/**
 * Who may call what changes a node: programs, and pages that this node's own machine serves.
 *
 * @module
 */

import { isIP } from "node:net";

/**
 * Whether a request comes from a page of another origin.
 *
 * Browsers name the origin with every call that can change something. A page under any name but `localhost` is foreign
 * even where it was made to point here (DNS rebinding); one at an IP is foreign unless it was called by that IP.
 *
 * @example
 * ```ts
 * isForeign(new Request("http://node/ext/admin", { headers: { origin: "https://evil.example" } })); // true
 * ```
 */
export function isForeign(request: Request): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none") return true;
  const origin = request.headers.get("origin");
  if (origin === null) return false;
  if (!URL.canParse(origin)) return true;
  const { host, hostname } = new URL(origin);
  const isLocal = hostname === "localhost" || isIP(hostname.replace(/^\[(.*)\]$/, "$1")) !== 0;
  return !isLocal || host !== request.headers.get("host")?.toLowerCase();
}
