/**
 * The numbers and names of messages.
 *
 * Numbers, names and order are avalanchego's (upstream `message/ops.go`): metrics are labelled with the names, and
 * queues and time-outs are kept by number.
 *
 * @module
 */

import type { Message } from "./gen/p2p_pb.ts";

/** Every operation: what travels between peers, and what a node tells itself. */
export const Op = {
  // Handshake and upkeep.
  Ping: 0,
  Pong: 1,
  Handshake: 2,
  GetPeerList: 3,
  PeerList: 4,
  // State sync.
  GetStateSummaryFrontier: 5,
  GetStateSummaryFrontierFailed: 6,
  StateSummaryFrontier: 7,
  GetAcceptedStateSummary: 8,
  GetAcceptedStateSummaryFailed: 9,
  AcceptedStateSummary: 10,
  // Bootstrapping.
  GetAcceptedFrontier: 11,
  GetAcceptedFrontierFailed: 12,
  AcceptedFrontier: 13,
  GetAccepted: 14,
  GetAcceptedFailed: 15,
  Accepted: 16,
  GetAncestors: 17,
  GetAncestorsFailed: 18,
  Ancestors: 19,
  // Consensus.
  Get: 20,
  GetFailed: 21,
  Put: 22,
  PushQuery: 23,
  PullQuery: 24,
  QueryFailed: 25,
  Chits: 26,
  // What virtual machines say to each other.
  AppRequest: 27,
  AppError: 28,
  AppResponse: 29,
  AppGossip: 30,
  // What a node tells itself.
  Connected: 31,
  Disconnected: 32,
  Notify: 33,
  GossipRequest: 34,
  // Simplex consensus.
  Simplex: 35,
} as const;

/** The number of an operation. */
export type Op = (typeof Op)[keyof typeof Op];

/** Names by number. */
const NAMES: readonly string[] = [
  "ping",
  "pong",
  "handshake",
  "get_peerlist",
  "peerlist",
  "get_state_summary_frontier",
  "get_state_summary_frontier_failed",
  "state_summary_frontier",
  "get_accepted_state_summary",
  "get_accepted_state_summary_failed",
  "accepted_state_summary",
  "get_accepted_frontier",
  "get_accepted_frontier_failed",
  "accepted_frontier",
  "get_accepted",
  "get_accepted_failed",
  "accepted",
  "get_ancestors",
  "get_ancestors_failed",
  "ancestors",
  "get",
  "get_failed",
  "put",
  "push_query",
  "pull_query",
  "query_failed",
  "chits",
  "app_request",
  "app_error",
  "app_response",
  "app_gossip",
  "connected",
  "disconnected",
  "notify",
  "gossip_request",
  "simplex",
];

/** Every operation there is, in the order of the numbers. */
export const ALL_OPS: readonly Op[] = Object.values(Op).sort((a, b) => a - b);

/**
 * The name of an operation as logs and metric labels have it.
 *
 * @param op Any number: `unknown` where there is no such operation.
 *
 * @example
 * ```ts
 * opName(Op.GetPeerList); // "get_peerlist"
 * ```
 */
export function opName(op: number): string {
  return NAMES[op] ?? "unknown";
}

/** Operations that a peer may send without having been asked. */
export const UNREQUESTED_OPS: ReadonlySet<Op> = new Set<Op>([
  Op.GetAcceptedFrontier,
  Op.GetAccepted,
  Op.GetAncestors,
  Op.Get,
  Op.PushQuery,
  Op.PullQuery,
  Op.AppRequest,
  Op.AppGossip,
  Op.GetStateSummaryFrontier,
  Op.GetAcceptedStateSummary,
  Op.Simplex,
]);

/** For each failure, the answer that it takes the place of. */
export const FAILED_TO_RESPONSE_OPS: ReadonlyMap<Op, Op> = new Map<Op, Op>([
  [Op.GetStateSummaryFrontierFailed, Op.StateSummaryFrontier],
  [Op.GetAcceptedStateSummaryFailed, Op.AcceptedStateSummary],
  [Op.GetAcceptedFrontierFailed, Op.AcceptedFrontier],
  [Op.GetAcceptedFailed, Op.Accepted],
  [Op.GetAncestorsFailed, Op.Ancestors],
  [Op.GetFailed, Op.Put],
  [Op.QueryFailed, Op.Chits],
  [Op.AppError, Op.AppResponse],
]);

/** A kind of message that travels between peers, uncompressed: the name of its field in `p2p.Message`. */
export type WireCase = Exclude<Message["message"]["case"], "compressedZstd" | undefined>;

/** For each field of `p2p.Message` that holds a message of its own, its operation and its number on the wire. */
export const WIRE_FIELDS = {
  ping: { op: Op.Ping, field: 11 },
  pong: { op: Op.Pong, field: 12 },
  handshake: { op: Op.Handshake, field: 13 },
  peerList: { op: Op.PeerList, field: 14 },
  getPeerList: { op: Op.GetPeerList, field: 35 },
  getStateSummaryFrontier: { op: Op.GetStateSummaryFrontier, field: 15 },
  stateSummaryFrontier: { op: Op.StateSummaryFrontier, field: 16 },
  getAcceptedStateSummary: { op: Op.GetAcceptedStateSummary, field: 17 },
  acceptedStateSummary: { op: Op.AcceptedStateSummary, field: 18 },
  getAcceptedFrontier: { op: Op.GetAcceptedFrontier, field: 19 },
  acceptedFrontier: { op: Op.AcceptedFrontier, field: 20 },
  getAccepted: { op: Op.GetAccepted, field: 21 },
  accepted: { op: Op.Accepted, field: 22 },
  getAncestors: { op: Op.GetAncestors, field: 23 },
  ancestors: { op: Op.Ancestors, field: 24 },
  get: { op: Op.Get, field: 25 },
  put: { op: Op.Put, field: 26 },
  pushQuery: { op: Op.PushQuery, field: 27 },
  pullQuery: { op: Op.PullQuery, field: 28 },
  chits: { op: Op.Chits, field: 29 },
  appRequest: { op: Op.AppRequest, field: 30 },
  appResponse: { op: Op.AppResponse, field: 31 },
  appGossip: { op: Op.AppGossip, field: 32 },
  appError: { op: Op.AppError, field: 34 },
  simplex: { op: Op.Simplex, field: 36 },
} as const satisfies Record<WireCase, { readonly op: Op; readonly field: number }>;

/** The number of the field that holds a compressed message. */
export const COMPRESSED_ZSTD_FIELD = 2;

const OPS_BY_FIELD: readonly (Op | undefined)[] = (() => {
  const ops: (Op | undefined)[] = [];
  for (const { op, field } of Object.values(WIRE_FIELDS)) ops[field] = op;
  return ops;
})();

/**
 * The operation that a field of `p2p.Message` stands for.
 *
 * @param field A field number as on the wire.
 * @returns `undefined` for the compressed field and for numbers that are not used.
 */
export function opFromWireField(field: number): Op | undefined {
  return OPS_BY_FIELD[field];
}
