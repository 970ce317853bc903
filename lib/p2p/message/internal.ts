/**
 * What a node tells itself: that a peer came or went, and that an answer will not come. Such messages go the same way
 * as those from peers, so that a chain sees one sequence of events (upstream `message/internal_msg_builder.go`).
 *
 * @module
 */

import type { NodeID } from "../../core/ids/node_id.ts";
import type { Application } from "../../core/version/application.ts";
import type { EngineType } from "./gen/p2p_pb.ts";
import type { InboundMessageOf, MessageByOp } from "./inbound.ts";
import type { EmptyMessage } from "./internal_payload.ts";
import { Op } from "./ops.ts";

/** The failures that name nothing but a chain and a request. */
export type RequestFailedOp =
  | typeof Op.GetStateSummaryFrontierFailed
  | typeof Op.GetAcceptedStateSummaryFailed
  | typeof Op.GetAcceptedFrontierFailed
  | typeof Op.GetAcceptedFailed
  | typeof Op.GetFailed
  | typeof Op.QueryFailed;

const EMPTY_MESSAGE: EmptyMessage = Object.freeze({});

const nothing = (): void => {};

/**
 * A message that no bytes of a peer stand behind: it holds nothing and does not expire.
 *
 * @param nodeID The peer that it is about.
 */
export function internalMessage<O extends Op>(op: O, nodeID: NodeID, message: MessageByOp[O]): InboundMessageOf<O> {
  return { nodeID, op, message, expiration: Infinity, bytesSavedCompression: 0, onFinishedHandling: nothing };
}

/** @param chainID 32 bytes. */
export function internalRequestFailed<O extends RequestFailedOp>(
  op: O,
  nodeID: NodeID,
  chainID: Uint8Array,
  requestID: number,
): InboundMessageOf<O> {
  return internalMessage(op, nodeID, { chainId: chainID, requestId: requestID } as MessageByOp[O]);
}

/** @param chainID 32 bytes. */
export function internalGetAncestorsFailed(
  nodeID: NodeID,
  chainID: Uint8Array,
  requestID: number,
  engineType: EngineType,
): InboundMessageOf<typeof Op.GetAncestorsFailed> {
  return internalMessage(Op.GetAncestorsFailed, nodeID, { chainId: chainID, requestId: requestID, engineType });
}

/** A virtual machine's request fails with this instead of an answer; also when no answer came in time. */
export function internalAppError(
  nodeID: NodeID,
  chainID: Uint8Array,
  requestID: number,
  errorCode: number,
  errorMessage: string,
): InboundMessageOf<typeof Op.AppError> {
  return internalMessage(Op.AppError, nodeID, {
    $typeName: "p2p.AppError",
    chainId: chainID,
    requestId: requestID,
    errorCode,
    errorMessage,
  });
}

export function internalConnected(nodeID: NodeID, nodeVersion: Application): InboundMessageOf<typeof Op.Connected> {
  return internalMessage(Op.Connected, nodeID, { nodeVersion });
}

export function internalDisconnected(nodeID: NodeID): InboundMessageOf<typeof Op.Disconnected> {
  return internalMessage(Op.Disconnected, nodeID, EMPTY_MESSAGE);
}

export function internalNotify(nodeID: NodeID, notification: number): InboundMessageOf<typeof Op.Notify> {
  return internalMessage(Op.Notify, nodeID, { notification });
}

export function internalGossipRequest(nodeID: NodeID): InboundMessageOf<typeof Op.GossipRequest> {
  return internalMessage(Op.GossipRequest, nodeID, EMPTY_MESSAGE);
}
