import { expect, test } from "bun:test";
import { Registry } from "prom-client";
import type { NodeID } from "../../../lib/core/ids/node_id.ts";
import { MetricsNamespace } from "../../../lib/core/metrics.ts";
import { AVX_APPLICATION } from "../../../lib/core/version/constants.ts";
import { EngineType } from "../../../lib/p2p/message/gen/p2p_pb.ts";
import { Op, opName } from "../../../lib/p2p/message/ops.ts";
import { MessageParser } from "../../../lib/p2p/message/parser.ts";
import type { Engine } from "../../../lib/p2p/routing/engine/engine.ts";
import { ObservingEngine } from "../../../lib/p2p/routing/engine/observing_engine.ts";
import { Routing } from "../../../lib/p2p/routing/routing.ts";
import type { Sender } from "../../../lib/p2p/routing/sender/sender.ts";
import { TestRouting, testChain, testChainID } from "../../support/routing.ts";
import { node } from "../../support/throttling.ts";

const BYTES = new Uint8Array([1, 2, 3]);
const CONTAINER = testChainID(9);
const CHITS = { preferredID: CONTAINER, preferredIDAtHeight: CONTAINER, acceptedID: CONTAINER, acceptedHeight: 4n };

/** What a chain sent, as its peers read it. */
function read(t: TestRouting) {
  const parser = new MessageParser({ clock: t.clock });
  return t.sent.splice(0).map(({ message, subnetID, to }) => {
    const inbound = parser.parse(message.bytes, t.me, () => {});
    return { op: opName(inbound.op), subnetID, to, message: inbound.message as object };
  });
}

test("every message of an engine reaches the wire with what it says", async () => {
  await using t = new TestRouting();
  const { sender } = t.addChain(() => ({}));
  const to = node("a");
  sender.sendGetStateSummaryFrontier([to], 1);
  sender.sendStateSummaryFrontier(to, 2, BYTES);
  sender.sendGetAcceptedStateSummary([to], 3, [5n]);
  sender.sendAcceptedStateSummary(to, 4, [CONTAINER]);
  sender.sendGetAcceptedFrontier([to], 5);
  sender.sendAcceptedFrontier(to, 6, CONTAINER);
  sender.sendGetAccepted([to], 7, [CONTAINER]);
  sender.sendAccepted(to, 8, [CONTAINER]);
  sender.sendGetAncestors(to, 9, CONTAINER);
  sender.sendAncestors(to, 10, [BYTES]);
  sender.sendGet(to, 11, CONTAINER);
  sender.sendPut(to, 12, BYTES);
  sender.sendPushQuery([to], 13, BYTES, 6n);
  sender.sendPullQuery([to], 14, CONTAINER, 7n);
  sender.sendChits(to, 15, CHITS);
  sender.sendAppRequest([to], 16, BYTES);
  sender.sendAppResponse(to, 17, BYTES);
  sender.sendAppError(to, 18, -5, "no");

  const container = new Uint8Array(32).fill(9);
  const deadline = 5_000_000_000n;
  const expected: [string, object][] = [
    ["get_state_summary_frontier", { deadline }],
    ["state_summary_frontier", { summary: BYTES }],
    ["get_accepted_state_summary", { deadline, heights: [5n] }],
    ["accepted_state_summary", { summaryIds: [container] }],
    ["get_accepted_frontier", { deadline }],
    ["accepted_frontier", { containerId: container }],
    ["get_accepted", { deadline, containerIds: [container] }],
    ["accepted", { containerIds: [container] }],
    ["get_ancestors", { deadline, containerId: container, engineType: EngineType.CHAIN }],
    ["ancestors", { containers: [BYTES] }],
    ["get", { deadline, containerId: container }],
    ["put", { container: BYTES }],
    ["push_query", { deadline, container: BYTES, requestedHeight: 6n }],
    ["pull_query", { deadline, containerId: container, requestedHeight: 7n }],
    ["chits", { preferredId: container, preferredIdAtHeight: container, acceptedId: container, acceptedHeight: 4n }],
    ["app_request", { deadline, appBytes: BYTES }],
    ["app_response", { appBytes: BYTES }],
    ["app_error", { errorCode: -5, errorMessage: "no" }],
  ];
  const sent = read(t);
  expect(sent.map(({ op }) => op)).toEqual(expected.map(([op]) => op));
  sent.forEach(({ message, to: { nodeIDs } }, i) => {
    expect(message).toMatchObject({ chainId: new Uint8Array(32).fill(1), requestId: i + 1, ...expected[i]?.[1] });
    expect([...(nodeIDs ?? [])]).toEqual([to]);
  });
});

test("one message is built for all that are asked", async () => {
  await using t = new TestRouting();
  const { sender } = t.addChain(() => ({}));
  sender.sendAppRequest([node("a"), node("b"), node("c"), node("a")], 1, BYTES);
  expect(t.sent.length).toBe(1);
  expect([...(t.sent[0]?.to.nodeIDs ?? [])]).toEqual([node("a"), node("b"), node("c")]);
  expect(t.router.outstandingRequests).toBe(3);
});

test("gossip goes to whom it is meant for, drawn by the network where they are not named", async () => {
  await using t = new TestRouting();
  const { sender } = t.addChain(() => ({}), testChain(1, testChainID(7)));
  const to = { nodeIDs: new Set([node("b")]), validators: 1, nonValidators: 2, peers: 3 };
  expect([...sender.sendAppGossip(to, BYTES)]).toEqual([node("b")]);
  expect(t.sent[0]).toMatchObject({ to, subnetID: testChainID(7) });
});

/** Each answers what it asks itself. */
const SELF: readonly [string, (sender: Sender, me: NodeID) => void, (sender: Sender) => Engine][] = [
  [
    "summary frontier",
    (sender, me) => sender.sendGetStateSummaryFrontier([me], 1),
    (sender) => ({ getStateSummaryFrontier: (to, id) => sender.sendStateSummaryFrontier(to, id, BYTES) }),
  ],
  [
    "accepted summaries",
    (sender, me) => sender.sendGetAcceptedStateSummary([me], 1, [5n]),
    (sender) => ({
      getAcceptedStateSummary: (to, id, heights) => {
        sender.sendAcceptedStateSummary(to, id, heights.has(5n) ? [CONTAINER] : []);
      },
    }),
  ],
  [
    "accepted frontier",
    (sender, me) => sender.sendGetAcceptedFrontier([me], 1),
    (sender) => ({ getAcceptedFrontier: (to, id) => sender.sendAcceptedFrontier(to, id, CONTAINER) }),
  ],
  [
    "accepted",
    (sender, me) => sender.sendGetAccepted([me], 1, [CONTAINER]),
    (sender) => ({ getAccepted: (to, id, containerIDs) => sender.sendAccepted(to, id, [...containerIDs]) }),
  ],
  [
    "push query",
    (sender, me) => sender.sendPushQuery([me], 1, BYTES, 6n),
    (sender) => ({ pushQuery: (to, id) => sender.sendChits(to, id, CHITS) }),
  ],
  [
    "pull query",
    (sender, me) => sender.sendPullQuery([me], 1, CONTAINER, 6n),
    (sender) => ({ pullQuery: (to, id) => sender.sendChits(to, id, CHITS) }),
  ],
  [
    "app request",
    (sender, me) => sender.sendAppRequest([me], 1, BYTES),
    (sender) => ({ appRequest: (to, id, _, bytes) => sender.sendAppResponse(to, id, bytes) }),
  ],
];

test.each(SELF)("a node asks itself without the wire: %s", async (_, ask, answering) => {
  await using t = new TestRouting();
  const heard: string[] = [];
  const { sender } = t.addChain((sender) => ({
    ...answering(sender),
    stateSummaryFrontier: (from, id, summary) => void heard.push(`${from} ${id} ${summary}`),
    acceptedStateSummary: (from, id, ids) => void heard.push(`${from} ${id} ${[...ids]}`),
    acceptedFrontier: (from, id, containerID) => void heard.push(`${from} ${id} ${containerID}`),
    accepted: (from, id, ids) => void heard.push(`${from} ${id} ${[...ids]}`),
    chits: (from, id, { acceptedID }) => void heard.push(`${from} ${id} ${acceptedID}`),
    appResponse: (from, id, bytes) => void heard.push(`${from} ${id} ${bytes}`),
  }));
  ask(sender, t.me);
  expect(heard).toEqual([]);
  await t.clock.runFor(0);
  expect(heard.length).toBe(1);
  expect([`me 1 ${CONTAINER}`, "me 1 1,2,3"]).toContain(heard[0] as string);
  expect(t.sent).toEqual([]);
  expect(t.router.outstandingRequests).toBe(0);
});

test("a node that asks itself for a block fails at once, and for ancestors at the deadline", async () => {
  await using t = new TestRouting();
  const failed: string[] = [];
  const { sender } = t.addChain(() => ({
    getFailed: (nodeID) => void failed.push(`get ${nodeID}`),
    getAncestorsFailed: (nodeID) => void failed.push(`ancestors ${nodeID}`),
  }));
  sender.sendGet(t.me, 1, CONTAINER);
  sender.sendGetAncestors(t.me, 2, CONTAINER);
  await t.clock.runFor(0);
  expect(failed).toEqual(["get me"]);
  await t.clock.runFor(10_000);
  expect(failed).toEqual(["get me", "ancestors me"]);
  expect(t.sent).toEqual([]);
});

test("what cannot be built is the caller's to hear of, and nothing was asked", async () => {
  await using t = new TestRouting();
  const { sender } = t.addChain(() => ({}));
  expect(() => sender.sendAppError(node("a"), 1, 1, "\ud800")).toThrow();
  expect(t.sent).toEqual([]);
});

test("a node without a chain answers what it can, and counts the rest", async () => {
  await using t = new TestRouting();
  const { handler } = t.addChain((sender) => new ObservingEngine(sender));
  t.inbound(Op.GetAccepted, "a", { requestID: 1, content: { containerIds: [new Uint8Array(32)] } });
  t.inbound(Op.GetAcceptedStateSummary, "a", { requestID: 2 });
  t.inbound(Op.GetAcceptedStateSummary, "a", { requestID: 3, content: { heights: [1n] } });
  t.inbound(Op.AppRequest, "a", { requestID: 4 });
  const ignored = [
    Op.GetStateSummaryFrontier,
    Op.GetAcceptedFrontier,
    Op.GetAncestors,
    Op.Get,
    Op.PullQuery,
    Op.AppGossip,
  ];
  for (const op of ignored) t.inbound(op, "a");
  expect(read(t).map(({ op, message }) => ({ op, ...message }))).toMatchObject([
    { op: "accepted", requestId: 1, containerIds: [] },
    { op: "accepted_state_summary", requestId: 2, summaryIds: [] },
    { op: "app_error", requestId: 4, errorCode: -2, errorMessage: "unregistered handler" },
  ]);
  for (const op of ignored) expect(handler.counts.unhandled.get(op)).toBe(1);
  expect(t.released.every((times) => times === 1)).toBe(true);
});

test("metrics have upstream's names and labels", async () => {
  const registry = new Registry();
  const namespace = (name: string) => new MetricsNamespace(registry, `avalanche_${name}`);
  const t = new TestRouting();
  const { clock, validators, messageBuilder } = t;
  await using routing = new Routing(
    {
      clock,
      validators,
      metrics: {
        requests: namespace("requests"),
        responses: namespace("responses"),
        handler: namespace("handler"),
        benchlist: namespace("benchlist"),
      },
    },
    { myNodeID: t.me, myVersion: AVX_APPLICATION, trackedSubnets: [], sybilProtectionEnabled: true },
  );
  const { sender } = routing.addChain(
    { network: { send: () => new Set([t.me]) }, messageBuilder, resourceTracker: t.throttlers.resourceTracker },
    { ...testChain(), alias: "P" },
    (sender) => ({ appRequest: (to, id) => sender.sendAppResponse(to, id, BYTES), appResponse: () => {} }),
  );
  sender.sendAppRequest([t.me], 1, BYTES);
  sender.sendAppRequest([node("a")], 2, BYTES);
  await clock.runFor(10_000);
  sender.sendAppRequest([node("b")], 3, BYTES);
  const lines = (await registry.metrics()).split("\n");
  for (const line of [
    'avalanche_benchlist_benched_num{chain="P"} 0',
    'avalanche_benchlist_benched_weight{chain="P"} 0',
    'avalanche_handler_messages{chain="P",op="app_request"} 1',
    'avalanche_handler_messages{chain="P",op="app_response"} 1',
    'avalanche_handler_messages{chain="P",op="connected"} 1',
    'avalanche_handler_message_handling_time{chain="P",op="app_request"} 0',
    'avalanche_handler_unhandled{chain="P",op="app_error"} 1',
    'avalanche_handler_locking_time{chain="P"} 0',
    'avalanche_handler_async_unprocessed_msgs_count{chain="P",op="app_request"} 0',
    'avalanche_handler_async_unprocessed_msgs_excessive_cpu{chain="P"} 0',
    'avalanche_handler_async_unprocessed_msgs_nodes{chain="P"} 0',
    'avalanche_handler_sync_unprocessed_msgs_count{chain="P",op="connected"} 0',
    'avalanche_handler_sync_unprocessed_msgs_nodes{chain="P"} 0',
    'avalanche_responses_messages{chain="P",op="app_response"} 1',
    'avalanche_responses_message_latencies{chain="P",op="app_response"} 0',
    "avalanche_requests_outstanding 1",
    "avalanche_requests_longest_running 0",
    "avalanche_requests_dropped 0",
    "avalanche_requests_timeouts 1",
    "avalanche_requests_pending_timeouts 1",
    "avalanche_requests_current_timeout 10000000000",
    'avalanche_requests_dropped_messages{reason="unknown-chain"} 0',
  ]) {
    expect(lines).toContain(line);
  }
  expect(lines.some((line) => /^avalanche_requests_average_latency \d/.test(line))).toBe(true);
});
