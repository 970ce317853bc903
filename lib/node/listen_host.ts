/**
 * Names of addresses to listen on.
 *
 * @module
 */

import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { errorMessage } from "../core/errors.ts";
import { parseIP } from "../core/ip.ts";
import { NodeError } from "./errors.ts";

/** All addresses of both families, as an empty host means it. */
export const ANY_ADDRESS = "::";

/**
 * The IP of a host to listen on; an IPv4 address where a name has both (upstream `utils/ips/lookup.go`).
 *
 * @param flag Who is told of in the error.
 * @throws {NodeError} `unknown-host`.
 */
export async function listenIP(host: string, flag: string): Promise<string> {
  if (host === "") return ANY_ADDRESS;
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  if (isIP(bare) !== 0) return parseIP(bare);
  try {
    const { address } = await lookup(host, { order: "ipv4first" });
    return parseIP(address);
  } catch (error) {
    throw new NodeError(
      { code: "unknown-host", flag, host },
      `No address was found for ${JSON.stringify(host)}: ${errorMessage(error)}`,
      {
        cause: error,
        hint: `Give an IP of this machine with ${flag}`,
      },
    );
  }
}
