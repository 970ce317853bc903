import { describe, expect, test } from "bun:test";
import { EMPTY_NODE_ID } from "../../../lib/core/ids/node_id.ts";
import { chainIDBytes, engineType, requestID } from "../../../lib/p2p/message/fields.ts";
import { EngineType } from "../../../lib/p2p/message/gen/p2p_pb.ts";
import type { InboundMessage } from "../../../lib/p2p/message/inbound.ts";
import {
  internalAppError,
  internalConnected,
  internalDisconnected,
  internalGetAncestorsFailed,
  internalGossipRequest,
  internalNotify,
  internalRequestFailed,
} from "../../../lib/p2p/message/internal.ts";
import { FAILED_TO_RESPONSE_OPS, Op } from "../../../lib/p2p/message/ops.ts";

const CHAIN = new Uint8Array(32).fill(7);
const VERSION = { name: "avalanchego", major: 1, minor: 14, patch: 2 };

describe("internal messages", () => {
  const all: readonly InboundMessage[] = [
    internalRequestFailed(Op.GetStateSummaryFrontierFailed, EMPTY_NODE_ID, CHAIN, 3),
    internalRequestFailed(Op.GetAcceptedStateSummaryFailed, EMPTY_NODE_ID, CHAIN, 3),
    internalRequestFailed(Op.GetAcceptedFrontierFailed, EMPTY_NODE_ID, CHAIN, 3),
    internalRequestFailed(Op.GetAcceptedFailed, EMPTY_NODE_ID, CHAIN, 3),
    internalGetAncestorsFailed(EMPTY_NODE_ID, CHAIN, 3, EngineType.CHAIN),
    internalRequestFailed(Op.GetFailed, EMPTY_NODE_ID, CHAIN, 3),
    internalRequestFailed(Op.QueryFailed, EMPTY_NODE_ID, CHAIN, 3),
    internalAppError(EMPTY_NODE_ID, CHAIN, 3, -1, "timed out"),
    internalConnected(EMPTY_NODE_ID, VERSION),
    internalDisconnected(EMPTY_NODE_ID),
    internalNotify(EMPTY_NODE_ID, 1),
    internalGossipRequest(EMPTY_NODE_ID),
  ];

  test("hold nothing and do not expire", () => {
    for (const message of all) {
      expect(message.expiration).toBe(Infinity);
      expect(message.bytesSavedCompression).toBe(0);
      message.onFinishedHandling();
    }
  });

  test("there is one for every failure, and it names chain and request", () => {
    for (const failed of FAILED_TO_RESPONSE_OPS.keys()) {
      const message = all.find(({ op }) => op === failed) as InboundMessage;
      expect(chainIDBytes(message)).toBe(CHAIN);
      expect(requestID(message)).toBe(3);
    }
  });

  test("a failed request for ancestors names its engine", () => {
    expect(engineType(all.find(({ op }) => op === Op.GetAncestorsFailed) as InboundMessage)).toBe(EngineType.CHAIN);
  });
});
