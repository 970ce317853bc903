/**
 * The address that peers are told to dial, where nobody has given it.
 *
 * @module
 */

import { Resolver } from "node:dns/promises";
import { networkInterfaces } from "node:os";
import { errorMessage } from "../core/errors.ts";
import { isUnspecifiedIP, parseIP } from "../core/ip.ts";
import type { PublicIPService } from "./config/sections/network.ts";
import { NodeError } from "./errors.ts";

/** Pages that answer with the asker's IP alone (upstream `utils/dynamicip`). */
const PAGES: Readonly<Record<Exclude<PublicIPService, "opendns">, string>> = {
  ifconfigco: "http://ifconfig.co",
  ifconfigme: "http://ifconfig.me",
};

/** A name server that answers this name with the asker's IP. */
const OPENDNS_SERVERS = ["208.67.222.222", "208.67.220.220"];
const OPENDNS_NAME = "myip.opendns.com";

/** How long a service may take (upstream `node/node.go`, `ipResolutionTimeout`). */
const TIMEOUT_MS = 30_000;

/**
 * Asks a service for this machine's IP.
 *
 * @throws {NodeError} `public-ip` where it does not answer or answers something else.
 */
export async function askPublicIP(service: PublicIPService, signal?: AbortSignal): Promise<string> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  try {
    if (service === "opendns") return parseIP(await askNameServer(either));
    const response = await fetch(PAGES[service], { signal: either, headers: { accept: "text/plain" } });
    return parseIP((await response.text()).trim());
  } catch (error) {
    throw new NodeError(
      { code: "public-ip", service },
      `${service} did not say what the public IP is: ${errorMessage(error)}`,
      {
        cause: error,
        hint: "Give the address with public-ip",
      },
    );
  }
}

async function askNameServer(signal: AbortSignal): Promise<string> {
  const resolver = new Resolver();
  resolver.setServers(OPENDNS_SERVERS);
  const cancel = (): void => resolver.cancel();
  signal.addEventListener("abort", cancel);
  try {
    const [ip] = await resolver.resolve4(OPENDNS_NAME);
    if (ip === undefined) throw new Error("it knows no address");
    return ip;
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

/**
 * The best guess without asking anyone: the address that is listened on where it is a single one, else the first
 * IPv4 address of this machine that others can reach, else loopback.
 */
export function guessPublicIP(listenIP: string): string {
  if (!isUnspecifiedIP(listenIP)) return listenIP;
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { address, family, internal } of addresses ?? []) {
      if (family === "IPv4" && !internal) return address;
    }
  }
  return "127.0.0.1";
}
