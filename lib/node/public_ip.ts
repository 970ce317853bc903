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

/** Where the services are. */
export interface PublicIPSources {
  /** Pages that answer with the asker's IP and nothing else. */
  readonly pages: Readonly<Record<Exclude<PublicIPService, "opendns">, string>>;
  /** Name servers that answer a name with the asker's IP, such as `208.67.222.222` or `127.0.0.1:5353`. */
  readonly nameServers: readonly string[];
}

/** The services themselves (upstream `utils/dynamicip`); the name servers are resolver1 and 2 of opendns.com. */
export const PUBLIC_IP_SOURCES: PublicIPSources = {
  pages: { ifconfigco: "http://ifconfig.co", ifconfigme: "http://ifconfig.me" },
  nameServers: ["208.67.222.222", "208.67.220.220"],
};

/** The name that stands for whoever asks. */
const OPENDNS_NAME = "myip.opendns.com";

/** How long a service may take when a node starts, milliseconds (upstream `node/node.go`, `ipResolutionTimeout`). */
export const PUBLIC_IP_TIMEOUT_MS = 30_000;

/** The longest answer of a page that is read, bytes: an IP is shorter, and nothing longer is one. */
const MAX_PAGE_BYTES = 1_024;

/** How long one name server may take, milliseconds; Go's resolver gives it as long. */
const NAME_SERVER_TIMEOUT_MS = 5_000;

/** How an asking ends. */
export interface AskPublicIPOptions {
  readonly signal?: AbortSignal | undefined;
  /** @default {30000} {@link PUBLIC_IP_TIMEOUT_MS} */
  readonly timeoutMs?: number | undefined;
}

/**
 * Asks a service for this machine's IP.
 *
 * @returns Canonical text.
 * @throws {NodeError} `public-ip` where it does not answer in time, or answers something else.
 */
export async function askPublicIP(
  service: PublicIPService,
  sources: PublicIPSources = PUBLIC_IP_SOURCES,
  { signal, timeoutMs = PUBLIC_IP_TIMEOUT_MS }: AskPublicIPOptions = {},
): Promise<string> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  try {
    if (service === "opendns") return parseIP(await askNameServer(sources.nameServers, either));
    return parseIP((await readPage(sources.pages[service], either)).trim());
  } catch (error) {
    const reason = timeout.aborted ? `no answer in ${timeoutMs} ms` : errorMessage(error);
    throw new NodeError({ code: "public-ip", service }, `${service} did not say what the public IP is: ${reason}`, {
      cause: error,
      hint: "Give the address with public-ip",
    });
  }
}

/** The text of a page that may hold an IP. */
async function readPage(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { signal, headers: { accept: "text/plain" } });
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_PAGE_BYTES) throw new Error("its answer is too long for an IP");
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function askNameServer(servers: readonly string[], signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const resolver = new Resolver({ timeout: NAME_SERVER_TIMEOUT_MS, tries: 1 });
  resolver.setServers([...servers]);
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => {
    resolver.cancel();
    aborted.reject(signal.reason);
  };
  signal.addEventListener("abort", onAbort);
  try {
    return await Promise.race([firstAddress(resolver), aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** The IPv4 address, or the IPv6 address of a machine that is seen under no other. */
async function firstAddress(resolver: Resolver): Promise<string> {
  const [v4] = await resolver.resolve4(OPENDNS_NAME).catch((): string[] => []);
  if (v4 !== undefined) return v4;
  const [v6] = await resolver.resolve6(OPENDNS_NAME);
  if (v6 !== undefined) return v6;
  throw new Error("it knows no address");
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
