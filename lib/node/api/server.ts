/**
 * The listening HTTP server, on Bun or on Deno.
 *
 * @module
 */

import { systemErrorCode } from "../../core/errors.ts";
import { type AddrPort, formatAddrPort } from "../../core/ip.ts";
import { plainReason } from "../config/settings.ts";
import { NodeError } from "../errors.ts";
import { MAX_BODY_BYTES } from "./body.ts";

/** Answers a request. */
export type Fetch = (request: Request) => Response | Promise<Response>;

/** Where and how to listen. Durations are milliseconds. */
export interface ServeOptions {
  /** Port 0 takes any free one. */
  readonly address: AddrPort;
  readonly tls?: { readonly keyPEM: string; readonly certPEM: string } | undefined;
  /** How long an unused connection is kept; in Bun at most {@link MAX_IDLE_TIMEOUT_MS}, in Deno not at all heeded. */
  readonly idleTimeoutMs: number;
}

/** A server that listens. */
export interface HTTPServer {
  /** Where it listens: the port is the real one also when 0 was asked for. */
  readonly address: AddrPort;
  /** Such as `http://127.0.0.1:9650`. */
  readonly uri: string;
  /**
   * Takes no more connections and waits for open requests, but no longer than this. Calling it twice is harmless.
   */
  close(timeoutMs: number): Promise<void>;
}

/** The longest that Bun keeps an idle connection. */
export const MAX_IDLE_TIMEOUT_MS = 255_000;

/** What is used of either runtime's own server. */
interface RuntimeServer {
  readonly hostname: string;
  readonly port: number;
  stop(): Promise<void>;
}

interface BunRuntime {
  serve(options: Record<string, unknown>): { hostname: string; port: number; stop(force: boolean): Promise<void> };
}

interface DenoRuntime {
  serve(
    options: Record<string, unknown>,
    fetch: Fetch,
  ): { addr: { hostname: string; port: number }; finished: Promise<void> };
}

const runtime = globalThis as unknown as { readonly Bun?: BunRuntime; readonly Deno?: DenoRuntime };

/**
 * Listens.
 *
 * @throws {NodeError} `listen-failed`, with the reason in plain words.
 */
export function serveHTTP(fetch: Fetch, options: ServeOptions): HTTPServer {
  let open = 0;
  let onIdle: () => void = () => {};
  const counted: Fetch = async (request) => {
    open++;
    try {
      return await fetch(request);
    } finally {
      if (--open === 0) onIdle();
    }
  };
  const server = listen(counted, options);
  const address = { ip: server.hostname.replace(/^\[(.*)\]$/, "$1"), port: server.port };
  let closing: Promise<void> | undefined;
  return {
    address,
    uri: `${options.tls === undefined ? "http" : "https"}://${formatAddrPort(address)}`,
    close(timeoutMs) {
      closing ??= (async () => {
        if (open > 0) {
          const { promise, resolve } = Promise.withResolvers<void>();
          onIdle = resolve;
          const timer = setTimeout(resolve, timeoutMs);
          await promise;
          clearTimeout(timer);
          // What was answered last is on its way out.
          await new Promise((sent) => setTimeout(sent, 0));
        }
        await server.stop();
      })();
      return closing;
    },
  };
}

function listen(fetch: Fetch, options: ServeOptions): RuntimeServer {
  const { address } = options;
  try {
    return serve(fetch, options);
  } catch (error) {
    // A machine without IPv6 has no address that stands for both families.
    if (address.ip === "::" && systemErrorCode(error) !== "EADDRINUSE") {
      return listen(fetch, { ...options, address: { ...address, ip: "0.0.0.0" } });
    }
    const shown = formatAddrPort(address);
    const reason = isPortInUse(error) ? "the port is in use" : plainReason(error);
    throw new NodeError(
      { code: "listen-failed", flag: "http-port", address: shown },
      `Cannot serve HTTP on ${shown}: ${reason}`,
      {
        cause: error,
        hint: "Give another address with http-host and http-port; port 0 takes any free one",
      },
    );
  }
}

function serve(fetch: Fetch, { address, tls, idleTimeoutMs }: ServeOptions): RuntimeServer {
  const { ip: hostname, port } = address;
  const identity = tls === undefined ? {} : { key: tls.keyPEM, cert: tls.certPEM };
  if (runtime.Bun !== undefined) {
    const server = runtime.Bun.serve({
      hostname,
      port,
      fetch,
      development: false,
      idleTimeout: Math.ceil(Math.min(Math.max(idleTimeoutMs, 0), MAX_IDLE_TIMEOUT_MS) / 1_000),
      maxRequestBodySize: MAX_BODY_BYTES + 1,
      ...(tls === undefined ? {} : { tls: identity }),
    });
    return { hostname: server.hostname, port: server.port, stop: () => server.stop(true) };
  }
  if (runtime.Deno !== undefined) {
    const end = new AbortController();
    const quiet = () => {};
    const server = runtime.Deno.serve({ hostname, port, signal: end.signal, onListen: quiet, ...identity }, fetch);
    const stop = (): Promise<void> => {
      end.abort();
      return server.finished;
    };
    return { hostname: server.addr.hostname, port: server.addr.port, stop };
  }
  throw new Error("neither Bun nor Deno runs this");
}

function isPortInUse(error: unknown): boolean {
  return systemErrorCode(error) === "EADDRINUSE" || (error instanceof Error && error.name === "AddrInUse");
}
