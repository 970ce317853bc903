/**
 * JSON-RPC 2.0 over POST, with the verdicts, texts and quirks of avalanchego's server (gorilla/rpc with upstream's
 * `utils/json/codec.go`): errors are answered with status 200, a request without ID with an empty body, what follows
 * the first JSON value is passed over.
 *
 * @module
 */

import { errorMessage } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";
import { decodeObject, decodeString, unmarshal } from "../../platform/go_json/decode.ts";
import { GoJSONError } from "../../platform/go_json/errors.ts";
import { formatGoJSON, type GoJSONValue } from "../../platform/go_json/format.ts";
import { type JSONNode, parseFirstGoJSON } from "../../platform/go_json/parse.ts";
import { readBody } from "./body.ts";
import { textResponse } from "./go_http.ts";

/** One method of a service. */
export interface RPCMethod {
  /** Reads the arguments, an object or absent. What it throws refuses the request. */
  readonly decode: (args: JSONNode | undefined) => unknown;
  /** Answers. What it throws is the error's message. */
  readonly call: (args: never) => GoJSONValue | Promise<GoJSONValue>;
}

/** The methods of a service by name, as they are called: `getNodeID`. */
export type RPCService = Readonly<Record<string, RPCMethod>>;

/** A method that takes arguments. */
export function method<A>(
  decode: (args: JSONNode | undefined) => A,
  call: (args: A) => GoJSONValue | Promise<GoJSONValue>,
): RPCMethod {
  return { decode, call };
}

/** A method without arguments: an object is taken, and nothing read of it. */
export function methodWithoutArguments(call: () => GoJSONValue | Promise<GoJSONValue>): RPCMethod {
  const decode = (args: JSONNode | undefined) =>
    unmarshal((place) => args && decodeObject(args, place, "struct {}", {}));
  return { decode, call };
}

/** Error codes of JSON-RPC, and the one for everything that a service says itself. */
const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;
const SERVER_ERROR = -32_000;

const INVALID_ARGUMENT =
  "couldn't unmarshal an argument. Ensure arguments are valid and properly formatted. See documentation for example calls";

class RPCError extends Error {
  readonly code: number;
  readonly data: string;

  /** @param data JSON. */
  constructor(code: number, message: string, data = "null") {
    super(message);
    this.code = code;
    this.data = data;
  }
}

interface RPCRequest {
  version: string;
  method: string;
  params: JSONNode | undefined;
  /** JSON; `undefined` where nobody waits for an answer. */
  id: string | undefined;
}

/** How calls are taken. */
export interface RPCOptions {
  /** How long the body may take to arrive; 0 or less for no limit. */
  readonly readTimeoutMs: number;
  /** Hears of each call that is about to be answered. */
  readonly onCall?: ((service: string, method: string) => void) | undefined;
}

/**
 * Answers a request to a service.
 *
 * @param name The service's name, such as `info`.
 */
export async function serveRPC(
  request: Request,
  name: string,
  service: RPCService,
  { readTimeoutMs, onCall }: RPCOptions,
): Promise<Response> {
  if (request.method !== "POST") {
    return textResponse(405, `rpc: POST method required, received ${request.method}`);
  }
  const [contentType = ""] = (request.headers.get("content-type") ?? "").split(";", 1);
  if (contentType.toLowerCase() !== "application/json") {
    return textResponse(415, `rpc: unrecognized Content-Type: ${contentType}`);
  }
  const body = await readBody(request, readTimeoutMs);
  if (typeof body !== "string") return body;

  const rpcRequest: RPCRequest = { version: "", method: "", params: undefined, id: undefined };
  const headers = new Headers();
  try {
    readRequest(body, rpcRequest);
    const [called, { decode, call }] = findMethod(rpcRequest.method, name, service);
    const args = readArguments(rpcRequest.params, decode);
    onCall?.(name, called);
    // From here on the reference marks its answer, whether it is a result or an error.
    headers.set("x-content-type-options", "nosniff");
    const result = formatGoJSON(await call(args as never));
    return respond(headers, rpcRequest.id, `"result":${result}`);
  } catch (error) {
    const { code, data } = error instanceof RPCError ? error : { code: SERVER_ERROR, data: "null" };
    const id = code === PARSE_ERROR ? (rpcRequest.id ?? "null") : rpcRequest.id;
    const message = formatGoJSON(errorMessage(error));
    return respond(headers, id, `"error":{"code":${code},"message":${message},"data":${data}}`);
  }
}

function respond(headers: Headers, id: string | undefined, member: string): Response {
  if (id === undefined) return new Response(null, { headers });
  headers.set("content-type", "application/json; charset=utf-8");
  return new Response(`{"jsonrpc":"2.0",${member},"id":${id}}\n`, { headers });
}

function readRequest(body: string, request: RPCRequest): void {
  try {
    const node = parseFirstGoJSON(body);
    unmarshal((place) =>
      decodeObject(node, place, "json2.serverRequest", {
        jsonrpc: (value, at) => {
          request.version = decodeString(value, at, request.version);
        },
        method: (value, at) => {
          request.method = decodeString(value, at, request.method);
        },
        params: (value) => {
          request.params = value.kind === "null" ? undefined : value;
        },
        id: (value) => {
          request.id = value.kind === "null" ? undefined : compact(value);
        },
      }),
    );
  } catch (error) {
    if (error instanceof GoJSONError) throw new RPCError(PARSE_ERROR, error.message, echo(request));
    throw error;
  }
  if (request.version !== "2.0") throw new RPCError(INVALID_REQUEST, "jsonrpc must be 2.0", echo(request));
}

/** What was understood of a request, for the error that refuses it. */
function echo({ version, method, params, id }: RPCRequest): string {
  const args = params === undefined ? "null" : compact(params);
  return `{"jsonrpc":${formatGoJSON(version)},"method":${formatGoJSON(method)},"params":${args},"id":${id ?? "null"}}`;
}

function findMethod(called: string, name: string, service: RPCService): [called: string, RPCMethod] {
  const dot = called.indexOf(".");
  if (dot === -1) throw new RPCError(SERVER_ERROR, `rpc: service/method request ill-formed: ${quote(called)}`);
  const [first = ""] = called.slice(dot + 1);
  if (/^\p{Lu}/u.test(first)) throw new RPCError(SERVER_ERROR, "method must start with a non-uppercase letter");
  const rest = called.slice(dot + 1 + first.length);
  const shown = quote(`${called.slice(0, dot)}.${upperCase(first)}${rest}`);
  if (rest.includes(".") || first === ".") {
    throw new RPCError(SERVER_ERROR, `rpc: service/method request ill-formed: ${shown}`);
  }
  if (called.slice(0, dot) !== name) throw new RPCError(SERVER_ERROR, `rpc: can't find service ${shown}`);
  const asked = first + rest;
  const found = Object.hasOwn(service, asked) ? service[asked] : undefined;
  if (found === undefined) throw new RPCError(SERVER_ERROR, `rpc: can't find method ${shown}`);
  return [asked, found];
}

/** One letter in upper case, where that is one letter too. */
function upperCase(letter: string): string {
  const upper = letter.toUpperCase();
  return [...upper].length === 1 ? upper : letter;
}

function readArguments(params: JSONNode | undefined, decode: RPCMethod["decode"]): unknown {
  // Arguments stand alone, or first in a list.
  const args = params?.kind === "array" ? params.items?.[0] : params;
  try {
    return decode(args?.kind === "null" ? undefined : args);
  } catch {
    throw new RPCError(SERVER_ERROR, INVALID_ARGUMENT);
  }
}

const HTML: Readonly<Record<string, string>> = { "<": "\\u003c", ">": "\\u003e", "&": "\\u0026" };

/** A value as it was written, without blanks. */
function compact(node: JSONNode): string {
  if (node.kind === "array") return `[${(node.items ?? []).map(compact).join(",")}]`;
  if (node.kind === "object") {
    const members = (node.entries ?? []).map(([name, value]) => `${formatGoJSON(name)}:${compact(value)}`);
    return `{${members.join(",")}}`;
  }
  return node.raw.replace(/[<>&]/g, (character) => HTML[character] as string);
}
