import { expect, test } from "bun:test";
import { PRIMARY_NETWORK_ID } from "../../../lib/core/ids/id.ts";
import { type NodeID, nodeIDFromBytes } from "../../../lib/core/ids/node_id.ts";
import { seededRandom } from "../../../lib/core/random.ts";
import { ValidatorManager } from "../../../lib/core/validators/manager.ts";
import { APP_ERROR_UNEXPECTED, type AppProtocolError } from "../../../lib/p2p/app/app_errors.ts";
import { AppNetwork } from "../../../lib/p2p/app/app_network.ts";
import type { ProtocolHandler } from "../../../lib/p2p/app/handler.ts";
import { HandlerID, handlerPrefix, parseMessage, prefixMessage } from "../../../lib/p2p/app/handler_id.ts";
import { decodeJSON, encodeJSON } from "../../../lib/p2p/app/loading/json.ts";
import { ConnectedPeers, ConnectedValidators } from "../../../lib/p2p/app/peers.ts";
import { SlidingWindowThrottler } from "../../../lib/p2p/app/throttler.ts";
import {
  dynamicThrottledHandler,
  expectedLimit,
  throttledHandler,
  validatorHandler,
} from "../../../lib/p2p/app/wrapped_handlers.ts";
import { Op } from "../../../lib/p2p/message/ops.ts";
import { AppError } from "../../../lib/p2p/routing/app_error.ts";
import type { Engine } from "../../../lib/p2p/routing/engine/engine.ts";
import { TestRouting, testChainID } from "../../support/routing.ts";
import { node } from "../../support/throttling.ts";

const BYTES = Uint8Array.of(1, 2, 3);
const HANDLER = 300;

/** A chain whose app messages go to an {@link AppNetwork}, and whose outgoing ones are kept. */
function protocols(t: TestRouting): AppNetwork {
  let made: AppNetwork | undefined;
  t.addChain((sender): Engine => {
    const { clock, validators } = t;
    const modules = { clock, sender, validators, random: seededRandom(1) };
    made = new AppNetwork(modules, { myNodeID: t.me, subnetID: PRIMARY_NETWORK_ID });
    return made;
  });
  return made as AppNetwork;
}

/** What was sent: op and content. */
function sent(t: TestRouting): readonly (readonly [op: Op, to: readonly NodeID[], bytes: Uint8Array])[] {
  return t.sent.map(({ message, to }) => [message.op, [...(to.nodeIDs ?? [])], message.bytes] as const);
}

/** The outcome of a promise, as a text. */
async function outcome(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    (value) => String(value),
    (error: AppError | AppProtocolError) => `${error.name} ${String(error.type.code)} ${error.message}`,
  );
}

test.each([
  [0, [0]],
  [1, [1]],
  [127, [0x7f]],
  [128, [0x80, 0x01]],
  [300, [0xac, 0x02]],
  [Number.MAX_SAFE_INTEGER, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]],
])("handler %p is %p before its messages", (handlerID, prefix) => {
  expect([...handlerPrefix(handlerID)]).toEqual(prefix);
  const message = prefixMessage(handlerPrefix(handlerID), BYTES);
  expect(parseMessage(message)).toEqual({ handlerID, message: BYTES });
});

test("what begins with no varint of 64 bits is for nobody", () => {
  for (const bytes of [
    [],
    [0x80],
    new Array(10).fill(0xff),
    [...new Array(9).fill(0xff), 2],
    new Array(12).fill(0x80),
  ]) {
    expect(parseMessage(Uint8Array.from(bytes))).toBeUndefined();
  }
  expect(parseMessage(Uint8Array.from([...new Array(9).fill(0xff), 1]))?.message).toEqual(new Uint8Array());
  expect(() => handlerPrefix(-1)).toThrow("-1 is no handler ID");
});

test("upstream's protocols have upstream's numbers", () => {
  expect(Object.values(HandlerID)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(HandlerID.SignatureRequest).toBe(2);
});

test("a request goes to its handler, and is answered with what it returns, at once or later", async () => {
  await using t = new TestRouting();
  const network = protocols(t);
  network.addHandler(HANDLER, { appRequest: (_nodeID, request) => request.slice(1) });
  network.addHandler(1, { appRequest: async (_nodeID, request) => request });
  network.addHandler(2, {});
  for (const handlerID of [HANDLER, 1, 2]) {
    const appBytes = prefixMessage(handlerPrefix(handlerID), BYTES);
    t.inbound(Op.AppRequest, "a", { requestID: handlerID, content: { appBytes } });
  }
  await Bun.sleep(0);
  expect(sent(t).map(([op, to]) => [op, to])).toEqual(new Array(3).fill([Op.AppResponse, [node("a")]]));
  expect(t.released).toEqual([1, 1, 1]);
});

test("a request that no handler is there for is refused with upstream's code", async () => {
  await using t = new TestRouting();
  const network = protocols(t);
  t.inbound(Op.AppRequest, "a", { requestID: 5, content: { appBytes: Uint8Array.of(9) } });
  t.inbound(Op.AppRequest, "a", { requestID: 6, content: { appBytes: new Uint8Array() } });
  t.inbound(Op.AppGossip, "a", { content: { appBytes: new Uint8Array() } });
  expect(sent(t).map(([op]) => op)).toEqual([Op.AppError, Op.AppError]);
  expect(Buffer.from(sent(t)[0]?.[2] ?? []).includes("unregistered handler")).toBe(true);
  expect(() => {
    network.addHandler(3, {});
    network.addHandler(3, {});
  }).toThrow("The app protocol 3 has a handler already");
});

test("what a handler refuses is told, what it did not mean to throw is answered and stops the chain", async () => {
  await using t = new TestRouting();
  const network = protocols(t);
  network.addHandler(1, {
    appRequest: () => {
      throw new AppError(77, "no");
    },
    appGossip: () => {
      throw new AppError(77, "not that");
    },
  });
  network.addHandler(2, { appRequest: () => Promise.reject(new TypeError("a bug")) });
  t.inbound(Op.AppRequest, "a", { requestID: 1, content: { appBytes: Uint8Array.of(1) } });
  t.inbound(Op.AppGossip, "a", { content: { appBytes: Uint8Array.of(1) } });
  expect(t.router.handler(testChainID(1))?.state).toBe("running");
  t.inbound(Op.AppRequest, "a", { requestID: 2, content: { appBytes: Uint8Array.of(2) } });
  await Bun.sleep(0);
  expect(sent(t).map(([op]) => op)).toEqual([Op.AppError, Op.AppError]);
  expect(Buffer.from(sent(t)[1]?.[2] ?? []).includes(APP_ERROR_UNEXPECTED.message)).toBe(true);
  expect(t.router.handler(testChainID(1))).toBeUndefined();
  expect(t.routing.healthCheck().error).toContain("a bug");
});

test("every request of a client ends: answered, refused, unreachable, timed out, or with the app", async () => {
  await using t = new TestRouting();
  const network = protocols(t);
  const client = network.newClient(HANDLER);
  const outcomes = Promise.all(
    ["a", "b", "c", "nobody"].map((name) => outcome(client.request(node(name), BYTES).then((bytes) => [...bytes]))),
  );
  // Odd numbers, one after the other.
  t.inbound(Op.AppResponse, "a", { requestID: 1, content: { appBytes: Uint8Array.of(4, 5) } });
  t.inbound(Op.AppError, "b", { requestID: 3, content: { errorCode: -3, errorMessage: "not a validator" } });
  await t.clock.runFor(20_000);
  expect(await outcomes).toEqual([
    "4,5",
    "AppError app-error not a validator",
    "AppError app-error timed out",
    "AppError app-error timed out",
  ]);
  const last = outcome(client.request(node("a"), BYTES));
  expect(network.pendingRequests).toBe(1);
  await network.close();
  expect(await last).toBe("AppProtocolError closed The app has stopped");
  expect(await outcome(client.request(node("a"), BYTES))).toBe("AppProtocolError closed The app has stopped");
});

test("an answer of another node than the one that was asked is none", async () => {
  await using t = new TestRouting();
  const network = protocols(t);
  const asked = outcome(network.newClient(0).request(node("a"), BYTES));
  network.appResponse(node("b"), 1, BYTES);
  expect(network.pendingRequests).toBe(1);
  network.appResponse(node("a"), 1, BYTES);
  expect(await asked).toBe("1,2,3");
});

test("any peer is asked but the node itself; without one there is nobody to ask", async () => {
  await using t = new TestRouting();
  const network = protocols(t);
  network.connected(t.me);
  const client = network.newClient(0);
  expect(await outcome(client.requestAny(BYTES))).toBe("AppProtocolError no-peers There is no peer to ask");
  network.connected(node("c"));
  client.appRequestAny(BYTES, () => {});
  expect(sent(t)[0]?.[1]).toEqual([node("c")]);
});

test("validators are drawn and ranked as they are now", async () => {
  await using t = new TestRouting();
  const { peers, validators } = protocols(t);
  for (const name of ["a", "b", "stranger"]) peers.connected(node(name));
  expect(validators.sample(9).sort()).toEqual([node("a"), node("b")].sort());
  const size = validators.size;
  peers.disconnected(node("a"));
  expect(validators.size).toBe(size - 1);
  expect(validators.has(node("stranger"))).toBe(false);
});

test("the heaviest validators come first, and those of equal weight in the order of their IDs", () => {
  const [a, b, c, d] = [1, 2, 3, 4].map((byte) => nodeIDFromBytes(new Uint8Array(20).fill(byte))) as NodeID[];
  const manager = new ValidatorManager();
  for (const [nodeID, weight] of [
    [d, 10n],
    [b, 30n],
    [c, 50n],
    [a, 10n],
  ] as const) {
    const validator = { nodeID: nodeID as NodeID, publicKey: undefined, txID: PRIMARY_NETWORK_ID, weight };
    manager.addStaker(PRIMARY_NETWORK_ID, validator);
  }
  const peers = new ConnectedPeers(seededRandom(1), a as NodeID);
  const validators = new ConnectedValidators({ peers, validators: manager }, PRIMARY_NETWORK_ID);
  const tops = [0, 0.5, 0.51, 0.9, 1, 7].map((share) => validators.top(share));
  expect<(NodeID | undefined)[][]>(tops).toEqual([[], [c], [c, b], [c, b, a], [c, b, a, d], [c, b, a, d]]);
});

/** What a guarded handler says to nodes, one after the other. */
function answers(handler: ProtocolHandler, names: readonly string[]): (number | string)[] {
  return names.map((name) => {
    try {
      const answer = handler.appRequest?.(node(name), BYTES, 0);
      return answer instanceof Uint8Array ? answer.length : "later";
    } catch (error) {
      return (error as AppError).message;
    }
  });
}

const ECHO: ProtocolHandler = { appRequest: (_nodeID, request) => request };

test("others than validators are refused", () => {
  const validators = { size: 1, has: (nodeID: NodeID) => nodeID === node("a") };
  expect(answers(validatorHandler(ECHO, validators), ["a", "b"])).toEqual([3, "not a validator"]);
});

test("who asks too often is refused until the window has moved on", async () => {
  await using t = new TestRouting();
  const throttled = throttledHandler(ECHO, new SlidingWindowThrottler(t, 1_000, 2));
  expect(answers(throttled, ["a", "a", "a", "b"])).toEqual([3, 3, "throttled", 3]);
  // A period that has just begun is judged by the one before.
  await t.clock.runFor(1_000);
  expect(answers(throttled, ["a", "b"])).toEqual(["throttled", 3]);
  await t.clock.runFor(5_000);
  expect(answers(throttled, ["a", "a", "a"])).toEqual([3, 3, "throttled"]);
});

test("the limit follows from the number of validators", async () => {
  await using t = new TestRouting();
  expect(expectedLimit(3_600, 0)).toBe(0);
  expect(expectedLimit(3_600, 1)).toBe(3_600);
  expect(expectedLimit(100, 4)).toBeCloseTo(25 + 4 * Math.sqrt(18.75));
  const validators = { size: 0, has: () => true };
  const handler = dynamicThrottledHandler(ECHO, { ...t, validators }, { periodMs: 1_000, requestsPerPeer: 1 });
  expect(answers(handler, ["a"])).toEqual(["throttled"]);
  validators.size = 1;
  expect(answers(handler, ["b", "b"])).toEqual([3, "throttled"]);
});

test("messages in JSON are objects, or are refused", () => {
  expect(decodeJSON(encodeJSON({ a: [1] }))).toEqual({ a: [1] });
  for (const text of ["", "7", "null", "[1]"]) {
    expect(() => decodeJSON(new TextEncoder().encode(text))).toThrow(AppError);
  }
});
