/**
 * Which pages may read this node's answers, with the headers that avalanchego sends (upstream uses rs/cors 1.7 with
 * credentials allowed).
 *
 * @module
 */

/** Methods that a page may call with. */
const ALLOWED_METHODS = ["GET", "POST", "HEAD"];
/** Headers that a page may send. */
const ALLOWED_HEADERS = ["Origin", "Accept", "Content-Type", "X-Requested-With"];

/** What an origin may do. */
export interface CORSPolicy {
  /** Whether the request only asks what is allowed: it ends there. */
  isPreflight(request: Request): boolean;
  /** Adds the headers for the answer to a request. */
  addHeaders(request: Request, headers: Headers): void;
}

/**
 * Makes the policy.
 *
 * @param allowedOrigins Such as `https://a.example` or `https://*.example`; `*` allows all.
 */
export function corsPolicy(allowedOrigins: readonly string[]): CORSPolicy {
  const origins = allowedOrigins.map((origin) => origin.toLowerCase());
  const allowsAll = origins.length === 0 || origins.includes("*");
  const isAllowed = (origin: string): boolean =>
    allowsAll || origins.some((pattern) => matches(origin.toLowerCase(), pattern));
  const isPreflight = (request: Request): boolean =>
    request.method === "OPTIONS" && (request.headers.get("access-control-request-method") ?? "") !== "";

  const allow = (headers: Headers, origin: string): void => {
    headers.set("access-control-allow-origin", allowsAll ? "*" : origin);
    headers.set("access-control-allow-credentials", "true");
  };
  const addPreflight = (request: Request, headers: Headers, origin: string): void => {
    const method = (request.headers.get("access-control-request-method") ?? "").toUpperCase();
    const asked = headerList(request.headers.get("access-control-request-headers") ?? "");
    if (!isAllowedMethod(method) || !asked.every((name) => ALLOWED_HEADERS.includes(name))) return;
    allow(headers, origin);
    headers.set("access-control-allow-methods", method);
    if (asked.length > 0) headers.set("access-control-allow-headers", asked.join(", "));
  };

  return {
    isPreflight,
    addHeaders(request, headers) {
      headers.append("vary", "Origin");
      const preflight = isPreflight(request);
      if (preflight) {
        headers.append("vary", "Access-Control-Request-Method");
        headers.append("vary", "Access-Control-Request-Headers");
      }
      const origin = request.headers.get("origin") ?? "";
      if (origin === "" || !isAllowed(origin)) return;
      if (preflight) addPreflight(request, headers, origin);
      else if (isAllowedMethod(request.method)) allow(headers, origin);
    },
  };
}

function isAllowedMethod(method: string): boolean {
  return method === "OPTIONS" || ALLOWED_METHODS.includes(method);
}

/** Whether an origin fits a pattern with at most one `*`, which stands for anything. */
function matches(origin: string, pattern: string): boolean {
  const star = pattern.indexOf("*");
  if (star === -1) return origin === pattern;
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return origin.length >= before.length + after.length && origin.startsWith(before) && origin.endsWith(after);
}

/** Header names in their usual spelling: `content-type` is `Content-Type`. */
function headerList(text: string): string[] {
  return text
    .split(/[\s,]+/)
    .filter((name) => name !== "")
    .map((name) => name.toLowerCase().replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase()));
}
