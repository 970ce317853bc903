/**
 * Which host names a request may call this node by: a page that makes its own name point here (DNS rebinding) is
 * refused (upstream `api/server/allowed_hosts.go`).
 *
 * @module
 */

import { isIP } from "node:net";

/** Accepts every host. */
export const ANY_HOST = "*";

/**
 * Makes the check of a Host header.
 *
 * @param allowed Host names in any case of letters; `*` allows all. IPs are always allowed.
 */
export function hostFilter(allowed: readonly string[]): (host: string | null) => boolean {
  if (allowed.includes(ANY_HOST)) return () => true;
  const names = new Set(allowed.map((name) => name.toLowerCase()));
  return (header) => {
    if (header === null || header === "") return true;
    const host = withoutPort(header);
    return isIP(host) !== 0 || names.has(host.toLowerCase());
  };
}

/** What stands before the port; all of it where there is no port, or where it cannot be told. */
function withoutPort(header: string): string {
  const match = /^(?:\[([^[\]]*)\]|([^:[\]]*)):[^:[\]]*$/.exec(header);
  return match?.[1] ?? match?.[2] ?? header;
}
