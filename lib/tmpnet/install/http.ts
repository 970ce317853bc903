/**
 * HTTP for downloads: redirections followed by rule, and an end to a connection that brings nothing.
 *
 * Encryption is asked for, but on this machine itself. A token goes to the server that it was given for, and to no
 * other one that a redirection names. Proxies are the runtime's: `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`.
 *
 * @module
 */

import { isIP } from "node:net";
import { type Clock, systemClock, type Timer } from "../../core/clock.ts";
import { errorMessage } from "../../core/errors.ts";
import { isLoopbackIP } from "../../core/ip.ts";
import { InstallError } from "./errors.ts";

/** How requests are made. */
export interface HttpOptions {
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
  /** @default {30000} See {@link DEFAULT_STALL_MS}. */
  readonly stallMs?: number | undefined;
  /** Whether addresses without encryption will do, also elsewhere than on this machine. */
  readonly allowHttp?: boolean | undefined;
  /** Sent to one server alone: `https://api.github.com`. */
  readonly token?: { readonly origin: string; readonly value: string } | undefined;
}

/** How long a connection may bring less than {@link MIN_PROGRESS} bytes, in milliseconds. */
export const DEFAULT_STALL_MS = 30_000;

/** Bytes that a download must bring in that time: a tenth of what the slowest line of today brings in one second. */
export const MIN_PROGRESS = 4_096;

/** A chain of more is a loop; browsers give up after twenty. */
const MAX_REDIRECTS = 10;

const REDIRECT_STATUSES = new Set([301, 302, 303, 307, 308]);

/** An answer that has begun. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Where it came from in the end. */
  readonly url: string;
  /**
   * The body, as it comes.
   *
   * @throws {InstallError} `stalled`, `unreachable` when the connection breaks, `interrupted`.
   */
  readonly body: AsyncIterable<Uint8Array>;
  /** Lets go of the connection. To be called, whatever became of the body. */
  close(): void;
}

/**
 * Asks for something, and follows redirections.
 *
 * @throws {InstallError} `unreachable`, `stalled`, `refused-url`, `interrupted`.
 */
export async function get(
  url: string,
  headers: Readonly<Record<string, string>>,
  options: HttpOptions,
): Promise<HttpAnswer> {
  const isLocal = isLoopback(parseURL(url));
  let next = url;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const target = checkedURL(next, isLocal, options);
    const answer = await getOnce(target, headers, options);
    const location = answer.headers.get("location");
    if (!REDIRECT_STATUSES.has(answer.status) || location === null) return answer;
    answer.close();
    next = resolveURL(location, target);
  }
  throw refusedURL(url, `${url} redirects more than ${MAX_REDIRECTS} times`);
}

async function getOnce(url: URL, headers: Readonly<Record<string, string>>, options: HttpOptions): Promise<HttpAnswer> {
  const { clock = systemClock, signal, stallMs = DEFAULT_STALL_MS, token } = options;
  const controller = new AbortController();
  const stall = new StallTimer(clock, stallMs, () => controller.abort());
  const onAbort = () => controller.abort();
  signal?.addEventListener("abort", onAbort, { once: true });
  const close = () => {
    stall.stop();
    signal?.removeEventListener("abort", onAbort);
    controller.abort();
  };
  const failure = (error: unknown): InstallError => {
    close();
    if (error instanceof InstallError) return error;
    if (signal?.aborted) return interrupted(error);
    if (stall.expired) {
      const message = `${url.host} sent nothing, or next to nothing, for ${stallMs / 1000} s`;
      return new InstallError({ code: "stalled", url: url.href, stallMs }, message, { cause: error });
    }
    return new InstallError({ code: "unreachable", url: url.href }, `Cannot get ${url.href}: ${errorMessage(error)}`, {
      cause: error,
      hint: "Check the connection, or name a mirror by AVX_RELEASES_URL",
    });
  };

  if (signal?.aborted) throw failure(signal.reason);
  let response: Response;
  try {
    response = await fetch(url.href, {
      headers: {
        ...headers,
        "user-agent": "avx",
        // What is downloaded is compressed already, and is to be resumed by its bytes.
        "accept-encoding": "identity",
        ...(token?.origin === url.origin ? { authorization: `Bearer ${token.value}` } : {}),
      },
      // A connection that was given up must not be used again: Bun 1.4 may wait on it for ever.
      keepalive: false,
      redirect: "manual",
      signal: controller.signal,
    });
  } catch (error) {
    throw failure(error);
  }
  const body = async function* () {
    try {
      for await (const chunk of response.body ?? []) {
        stall.count(chunk.length);
        yield chunk;
        if (signal?.aborted) throw interrupted(signal.reason);
      }
    } catch (error) {
      throw failure(error);
    } finally {
      close();
    }
  };
  return { status: response.status, headers: response.headers, url: url.href, body: body(), close };
}

/** Rings when too few bytes have come since it was wound. */
class StallTimer {
  readonly #clock: Clock;
  readonly #stallMs: number;
  readonly #ring: () => void;
  #timer: Timer;
  #bytes = 0;
  #stopped = false;
  expired = false;

  constructor(clock: Clock, stallMs: number, ring: () => void) {
    this.#clock = clock;
    this.#stallMs = stallMs;
    this.#ring = ring;
    this.#timer = this.#wind();
  }

  count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < MIN_PROGRESS || this.#stopped) return;
    this.#bytes = 0;
    this.#timer.cancel();
    this.#timer = this.#wind();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer.cancel();
  }

  #wind(): Timer {
    return this.#clock.setTimeout(() => {
      this.expired = true;
      this.#ring();
    }, this.#stallMs);
  }
}

/** Reads an address. @throws {InstallError} `refused-url`. */
export function parseURL(url: string): URL {
  if (URL.canParse(url)) return new URL(url);
  throw refusedURL(url, `${JSON.stringify(url)} is no address`);
}

function resolveURL(location: string, base: URL): string {
  if (URL.canParse(location, base.href)) return new URL(location, base).href;
  throw refusedURL(base.href, `${base.href} redirects to ${JSON.stringify(location)}, which is no address`);
}

/** @param startedLocal A stranger may not send us to the services of this machine. */
function checkedURL(text: string, startedLocal: boolean, { allowHttp = false }: HttpOptions): URL {
  const url = parseURL(text);
  const isLocal = isLoopback(url);
  if (isLocal && !startedLocal) throw refusedURL(text, `A redirection to ${text} leads back to this machine`);
  if (url.protocol === "https:" || (url.protocol === "http:" && (isLocal || allowHttp))) return url;
  throw refusedURL(text, `${text} is not encrypted`, "Use an https address, or --allow-http if the network is trusted");
}

function isLoopback({ hostname }: URL): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  return host === "localhost" || (isIP(host) !== 0 && isLoopbackIP(host));
}

function refusedURL(url: string, message: string, hint?: string): InstallError {
  return new InstallError({ code: "refused-url", url }, message, hint === undefined ? {} : { hint });
}

/** The caller gave up. */
export function interrupted(cause?: unknown): InstallError {
  return new InstallError({ code: "interrupted" }, "The installation was interrupted", {
    cause,
    hint: "Run it again: it goes on where it stopped",
  });
}
