/**
 * Messages that came in, and what a node tells itself as if it had come in.
 *
 * @module
 */

import type { NodeID } from "../../core/ids/node_id.ts";
import type {
  Accepted,
  AcceptedFrontier,
  AcceptedStateSummary,
  Ancestors,
  AppError,
  AppGossip,
  AppRequest,
  AppResponse,
  Chits,
  Get,
  GetAccepted,
  GetAcceptedFrontier,
  GetAcceptedStateSummary,
  GetAncestors,
  GetPeerList,
  GetStateSummaryFrontier,
  Handshake,
  PeerList,
  Ping,
  Pong,
  PullQuery,
  PushQuery,
  Put,
  Simplex,
  StateSummaryFrontier,
} from "./gen/p2p_pb.ts";
import type {
  AncestorsFailedMessage,
  ConnectedMessage,
  EmptyMessage,
  NotifyMessage,
  RequestFailedMessage,
} from "./internal_payload.ts";
import type { Op } from "./ops.ts";

/** For each operation, what its message holds. */
export interface MessageByOp {
  readonly [Op.Ping]: Ping;
  readonly [Op.Pong]: Pong;
  readonly [Op.Handshake]: Handshake;
  readonly [Op.GetPeerList]: GetPeerList;
  readonly [Op.PeerList]: PeerList;
  readonly [Op.GetStateSummaryFrontier]: GetStateSummaryFrontier;
  readonly [Op.GetStateSummaryFrontierFailed]: RequestFailedMessage;
  readonly [Op.StateSummaryFrontier]: StateSummaryFrontier;
  readonly [Op.GetAcceptedStateSummary]: GetAcceptedStateSummary;
  readonly [Op.GetAcceptedStateSummaryFailed]: RequestFailedMessage;
  readonly [Op.AcceptedStateSummary]: AcceptedStateSummary;
  readonly [Op.GetAcceptedFrontier]: GetAcceptedFrontier;
  readonly [Op.GetAcceptedFrontierFailed]: RequestFailedMessage;
  readonly [Op.AcceptedFrontier]: AcceptedFrontier;
  readonly [Op.GetAccepted]: GetAccepted;
  readonly [Op.GetAcceptedFailed]: RequestFailedMessage;
  readonly [Op.Accepted]: Accepted;
  readonly [Op.GetAncestors]: GetAncestors;
  readonly [Op.GetAncestorsFailed]: AncestorsFailedMessage;
  readonly [Op.Ancestors]: Ancestors;
  readonly [Op.Get]: Get;
  readonly [Op.GetFailed]: RequestFailedMessage;
  readonly [Op.Put]: Put;
  readonly [Op.PushQuery]: PushQuery;
  readonly [Op.PullQuery]: PullQuery;
  readonly [Op.QueryFailed]: RequestFailedMessage;
  readonly [Op.Chits]: Chits;
  readonly [Op.AppRequest]: AppRequest;
  readonly [Op.AppError]: AppError;
  readonly [Op.AppResponse]: AppResponse;
  readonly [Op.AppGossip]: AppGossip;
  readonly [Op.Connected]: ConnectedMessage;
  readonly [Op.Disconnected]: EmptyMessage;
  readonly [Op.Notify]: NotifyMessage;
  readonly [Op.GossipRequest]: EmptyMessage;
  readonly [Op.Simplex]: Simplex;
}

/** A message of one operation. */
export interface InboundMessageOf<O extends Op> {
  /** Whom it is from, or, for what a node tells itself, which peer it is about. */
  readonly nodeID: NodeID;
  readonly op: O;
  readonly message: MessageByOp[O];
  /**
   * When nobody waits for the answer any more: milliseconds of `Clock.monotonic`, so that a wall clock that is set drops
   * nothing; `Infinity` where no answer is waited for.
   */
  readonly expiration: number;
  /** How many bytes fewer went over the wire; 0 for what was not compressed, negative where it grew. */
  readonly bytesSavedCompression: number;
  /** Gives back what the message holds: called exactly once, when nothing more is done with it. */
  readonly onFinishedHandling: () => void;
}

/**
 * Any message; `switch (inbound.op)` tells what `inbound.message` is.
 *
 *
 * @example
 * ```ts
 * function textOf(message: InboundMessage): string {
 *   return message.op === Op.AppRequest ? new TextDecoder().decode(message.message.appBytes) : opName(message.op);
 * }
 * ```
 */
export type InboundMessage = { readonly [O in Op]: InboundMessageOf<O> }[Op];
