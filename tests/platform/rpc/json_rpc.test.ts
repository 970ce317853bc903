/** Calls to a node's API, against a server that answers as the test wants. */

import { afterAll, beforeEach, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { RPCError } from "../../../lib/platform/rpc/errors.ts";
import { getEVMChainID } from "../../../lib/platform/rpc/evm_client.ts";
import { failingChecks, getHealth } from "../../../lib/platform/rpc/health_client.ts";
import { getBlockchainID, getNodeID, getPeers } from "../../../lib/platform/rpc/info_client.ts";
import { callRPC, MAX_RPC_ANSWER_BYTES } from "../../../lib/platform/rpc/json_rpc.ts";

let answer: (request: Request) => Response | Promise<Response>;
const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: (request) => answer(request) });
const uri = `http://127.0.0.1:${server.port}`;

beforeEach(() => {
  answer = () => new Response("nothing was set", { status: 500 });
});

afterAll(() => server.stop(true));

const result = (value: unknown) => () => Response.json({ jsonrpc: "2.0", id: 1, result: value });

async function errorOf(attempt: Promise<unknown>): Promise<RPCError> {
  const thrown = await attempt.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(RPCError);
  return thrown as RPCError;
}

test("a call is a POST of JSON-RPC 2.0", async () => {
  let seen: unknown;
  answer = async (request) => {
    const { method, headers, url } = request;
    seen = { method, type: headers.get("content-type"), path: new URL(url).pathname, body: await request.json() };
    return result({ nodeID: "NodeID-x" })();
  };
  expect((await getNodeID(`${uri}/`)) as string).toBe("NodeID-x");
  expect(seen).toEqual({
    method: "POST",
    type: "application/json",
    path: "/ext/info",
    body: { jsonrpc: "2.0", id: 1, method: "info.getNodeID", params: {} },
  });
});

test("health is read, the failing checks with what they say", async () => {
  answer = result({ healthy: false, checks: { P: {}, network: { error: "no peers", timeOfFirstFailure: "T" } } });
  const reply = await getHealth(uri);
  expect(reply.healthy).toBe(false);
  expect(failingChecks(reply)).toEqual([["network", { error: "no peers", timeOfFirstFailure: "T" }]]);
  answer = result({ healthy: true });
  expect(await getHealth(uri)).toEqual({ healthy: true, checks: {} });
});

test("peers and chain IDs are read", async () => {
  answer = result({ numPeers: "1", peers: [{ nodeID: "NodeID-x" }] });
  expect(await getPeers(uri)).toHaveLength(1);
  answer = result({ numPeers: "0", peers: null });
  expect(await getPeers(uri)).toEqual([]);
  answer = result("0x15b38");
  expect(await getEVMChainID(uri, "C")).toBe(88888n);
});

test.each([
  ["status", () => new Response("404 page not found", { status: 404 })],
  ["malformed", () => new Response("<html>")],
  ["malformed", () => new Response("null")],
  ["malformed", () => Response.json({ id: 1 })],
  ["malformed", () => new Response(new Uint8Array(MAX_RPC_ANSWER_BYTES + 1))],
  ["method", () => Response.json({ error: { code: -32000, message: "there is no chain with alias" } })],
] as const)("an answer that is none is told apart: %s", async (code, respond) => {
  answer = respond;
  expect((await errorOf(getBlockchainID(uri, "C"))).type.code).toBe(code);
});

test("nobody there, no answer in time, and a caller that gives up are told apart", async () => {
  const dead = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
  const deadURI = `http://127.0.0.1:${dead.port}`;
  await dead.stop(true);
  expect((await errorOf(getNodeID(deadURI))).type.code).toBe("unreachable");

  answer = () => Bun.sleep(1_000).then(() => new Response());
  expect((await errorOf(getNodeID(uri, { timeoutMs: 50 }))).type).toMatchObject({ code: "timeout", timeoutMs: 50 });

  const controller = new AbortController();
  const waiting = errorOf(getNodeID(uri, { signal: controller.signal }));
  setTimeout(() => controller.abort(), 20);
  expect((await waiting).type.code).toBe("aborted");
});

test("an answer that stops half-way does not hold the caller", async () => {
  answer = () => new Response(new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array(10)) }));
  expect((await errorOf(callRPC(uri, "/", "m", {}, { timeoutMs: 100 }))).type.code).toBe("timeout");
});

test("recorded answers of avalanchego are read", async () => {
  const fixtures = `${import.meta.dirname}/../../fixtures/api`;
  answer = () => new Response(readFileSync(`${fixtures}/info.peers.json`));
  expect((await getPeers(uri)).map(({ version }) => version)).toEqual(Array(4).fill("avalanchego/1.14.2"));
  answer = () => new Response(readFileSync(`${fixtures}/health.health.json`));
  expect((await getHealth(uri)).healthy).toBe(true);
});
