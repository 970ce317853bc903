/**
 * Odd and ordinary requests, byte by byte, against a node that runs: each is answered as avalanchego 1.14.2 answered it,
 * started with the same flags. They are sent in the order in which they were recorded.
 */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect } from "node:net";
import { Node } from "../../../lib/node/node.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { LOOPBACK, nodeConfig } from "../support.ts";
import { recorded } from "./support.ts";

interface RecordedRequest {
  readonly name: string;
  /** Latin-1. */
  readonly request: string;
  readonly status: string;
  /** Without those of the connection, the date and the length; `node-id` is each node's own. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const REQUESTS = JSON.parse(recorded("requests.json")) as readonly RecordedRequest[];
const NOT_COMPARED = new Set(["connection", "content-length", "date", "keep-alive", "node-id", "transfer-encoding"]);
/** A snapshot of the memory takes its time on a busy machine. */
const TIMEOUT_MS = 60_000;

const directory = temporaryDirectory();
let node: Node;

beforeAll(async () => {
  node = await Node.start(
    nodeConfig({
      ...LOOPBACK,
      "network-id": "local",
      "data-dir": directory.join("node"),
      "sybil-protection-enabled": "false",
      "api-admin-enabled": "true",
      "http-allowed-hosts": "localhost",
      "http-allowed-origins": "https://a.example https://*.b.example",
    }),
  );
});

afterAll(async () => {
  await node.close();
  directory[Symbol.dispose]();
});

/** Sends bytes and gives what comes back until the answer is whole or the connection ends. */
function exchange(request: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect(Number(new URL(node.uri).port), "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    const received = Buffer.concat(chunks);
    const headEnd = received.indexOf("\r\n\r\n");
    const length = /content-length: (\d+)/i.exec(received.subarray(0, headEnd).toString("latin1"))?.[1];
    const bodyLength = request.startsWith("HEAD") ? 0 : Number(length ?? Number.NaN);
    if (headEnd !== -1 && received.length >= headEnd + 4 + bodyLength) socket.destroy();
  });
  socket.on("close", () => resolve(Buffer.concat(chunks).toString("utf8")));
  socket.on("error", reject);
  socket.write(request, "latin1");
  return promise;
}

function parse(answer: string): Pick<RecordedRequest, "status" | "headers" | "body"> {
  const end = answer.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = answer.slice(0, end).split("\r\n");
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (!NOT_COMPARED.has(name)) headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  return { status: statusLine.slice(statusLine.indexOf(" ") + 1), headers, body: answer.slice(end + 4) };
}

test.each(REQUESTS.map((request) => [request.name, request] as const))(
  "%s is answered as recorded",
  async (_, { request, status, headers, body }) => {
    const answer = await exchange(request);
    expect(parse(answer)).toEqual({ status, headers, body });
    const isNode = headers["vary"] !== undefined;
    if (isNode) expect(/^node-id: (.*)$/im.exec(answer)?.[1]?.trim()).toBe(node.nodeID);
  },
  TIMEOUT_MS,
);
