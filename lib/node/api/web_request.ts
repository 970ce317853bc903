/**
 * From the messages of `node:http`, which both runtimes have, to web requests and back from web responses.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { systemClock } from "../../core/clock.ts";

/** Answers a request. */
export type Fetch = (request: Request) => Response | Promise<Response>;

/** What paths are resolved against: the Host header may hold anything, and no URL is made of it. */
const BASE = "http://node";

/**
 * Makes a web request of a received one. Its body is read from the socket as fast as it is asked for.
 *
 * @returns `undefined` where the target is no path.
 */
export function toWebRequest(received: IncomingMessage): Request | undefined {
  const [, host, path = ""] = /^(?:https?:\/\/([^/?#]*))?(.*)$/is.exec(received.url ?? "") ?? [];
  // A fragment never leaves a client: what looks like one is part of the path.
  const target = BASE + path.replaceAll("#", "%23");
  if (!/^[/?]|^$/.test(path) || !URL.canParse(target)) return undefined;
  const method = received.method ?? "GET";
  const headers = new Headers();
  for (let i = 0; i + 1 < received.rawHeaders.length; i += 2) {
    headers.append(received.rawHeaders[i] as string, received.rawHeaders[i + 1] as string);
  }
  // The host of a whole URL, as proxies are asked for, goes before the header (RFC 9112, 3.2.2).
  if (host !== undefined) headers.set("host", host);
  const hasBody = method !== "GET" && method !== "HEAD";
  // Some methods are none for a web request, and are refused by name later.
  const init: RequestInit & { readonly duplex?: "half" } = hasBody
    ? { method: "POST", headers, body: bodyOf(received), duplex: "half" }
    : { method, headers };
  const request = new Request(target, init);
  if (request.method !== method) Object.defineProperty(request, "method", { value: method });
  return request;
}

/**
 * How much of a body that nobody wants is read all the same, and for how long: many clients look at the answer only when
 * they have sent all.
 */
const MAX_DISCARDED_BYTES = 2 ** 24;
const MAX_DISCARDING_MS = 500;

/**
 * Sends a response.
 *
 * The connection ends with it where the request's body did not come to its end: what is still to come would be taken
 * for the next request.
 */
export async function sendWebResponse(
  response: Response,
  received: IncomingMessage,
  answer: ServerResponse,
): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  await discardBody(received);
  if (answer.destroyed) return;
  answer.statusCode = response.status;
  for (const [name, value] of response.headers) answer.setHeader(name, value);
  answer.setHeader("content-length", body.length);
  if (!received.complete) answer.setHeader("connection", "close");
  answer.end(received.method === "HEAD" ? undefined : body);
}

async function discardBody(received: IncomingMessage): Promise<void> {
  if (received.complete || received.destroyed) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  using _ = systemClock.setTimeout(resolve, MAX_DISCARDING_MS);
  let bytes = 0;
  received.removeAllListeners("data");
  received.on("data", (chunk: Uint8Array) => {
    bytes += chunk.length;
    if (bytes > MAX_DISCARDED_BYTES) resolve();
  });
  received.on("end", resolve);
  received.on("close", resolve);
  received.resume();
  await promise;
}

function bodyOf(received: IncomingMessage): ReadableStream<Uint8Array> {
  let over = false;
  const end = (finish: () => void): void => {
    if (over) return;
    over = true;
    finish();
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        received.on("data", (chunk: Uint8Array) => {
          if (over) return;
          received.pause();
          controller.enqueue(new Uint8Array(chunk));
        });
        received.on("end", () => end(() => controller.close()));
        received.on("error", (error) => end(() => controller.error(error)));
        received.on("close", () => end(() => controller.error(new Error("the connection was closed"))));
        received.pause();
      },
      pull() {
        received.resume();
      },
      // The answer still has to go out on this connection.
      cancel: () => end(() => received.pause()),
    },
    { highWaterMark: 0 },
  );
}
