/**
 * The requests that were sent and not answered yet, found by what their answer says, and by age.
 *
 * @module
 */

import type { ID } from "../../../core/ids/id.ts";
import type { NodeID } from "../../../core/ids/node_id.ts";
import type { EngineType } from "../../message/gen/p2p_pb.ts";
import type { Op } from "../../message/ops.ts";
import type { BenchlistManager } from "../benchlist/benchlist_manager.ts";
import type { ChainHandler } from "../handler/handler.ts";
import { TimedRequest } from "../timeout/timeout_manager.ts";

/** The operations that answer a request. */
export type ResponseOp =
  | typeof Op.StateSummaryFrontier
  | typeof Op.AcceptedStateSummary
  | typeof Op.AcceptedFrontier
  | typeof Op.Accepted
  | typeof Op.Ancestors
  | typeof Op.Put
  | typeof Op.Chits
  | typeof Op.AppResponse;

/** A chain that messages are routed to. */
export interface RoutedChain {
  readonly handler: ChainHandler;
  /** 32 bytes. */
  readonly chainID: Uint8Array;
  readonly requests: RequestsByNode;
}

/** The requests of one chain: by the node that was asked, then by {@link requestKey}. */
export type RequestsByNode = Map<NodeID, Map<number, OutstandingRequest>>;

/** What tells the requests to one node about one chain apart: a number that is small where request IDs are. */
function requestKey(op: Op, requestID: number): number {
  return requestID * 64 + op;
}

/** What a request is made with. */
export interface RequestFields {
  readonly chain: RoutedChain;
  readonly nodeID: NodeID;
  /** A `uint32` that no other request under way to the node with this answer has. */
  readonly requestID: number;
  readonly op: ResponseOp;
  readonly engineType: EngineType;
  /** Whether its latency tells something of the network. */
  readonly measureLatency: boolean;
}

/** A request that was sent. It ends once: by an answer, an error, or its deadline. */
export class OutstandingRequest extends TimedRequest {
  readonly chain: RoutedChain;
  readonly nodeID: NodeID;
  readonly requestID: number;
  readonly op: ResponseOp;
  readonly engineType: EngineType;
  readonly measureLatency: boolean;
  /** The chain has been told of the outcome, before there was one: what comes now is noted, and goes no further. */
  handled = false;
  older: OutstandingRequest | undefined;
  newer: OutstandingRequest | undefined;
  readonly #onDeadline: (request: OutstandingRequest) => void;

  constructor(fields: RequestFields, benchlists: BenchlistManager, onDeadline: (request: OutstandingRequest) => void) {
    super(benchlists);
    this.chain = fields.chain;
    this.nodeID = fields.nodeID;
    this.requestID = fields.requestID;
    this.op = fields.op;
    this.engineType = fields.engineType;
    this.measureLatency = fields.measureLatency;
    this.#onDeadline = onDeadline;
  }

  get chainID(): ID {
    return this.chain.handler.context.chainID;
  }

  onFailed(): void {
    this.#onDeadline(this);
  }
}

export class OutstandingRequests {
  #size = 0;
  #oldest: OutstandingRequest | undefined;
  #newest: OutstandingRequest | undefined;

  get size(): number {
    return this.#size;
  }

  /** The one that waits longest. */
  get oldest(): OutstandingRequest | undefined {
    return this.#oldest;
  }

  find(chain: RoutedChain, nodeID: NodeID, op: Op, requestID: number): OutstandingRequest | undefined {
    return chain.requests.get(nodeID)?.get(requestKey(op, requestID));
  }

  /** Adds a request that has no equal: see {@link find}. */
  add(request: OutstandingRequest): void {
    const { chain, nodeID, op, requestID } = request;
    let ofNode = chain.requests.get(nodeID);
    if (ofNode === undefined) {
      ofNode = new Map();
      chain.requests.set(nodeID, ofNode);
    }
    ofNode.set(requestKey(op, requestID), request);
    request.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = request;
    else this.#newest.newer = request;
    this.#newest = request;
    this.#size++;
  }

  /** Takes a request out that is in. */
  delete(request: OutstandingRequest): void {
    const { chain, newer, nodeID, older, op, requestID } = request;
    const ofNode = chain.requests.get(nodeID);
    ofNode?.delete(requestKey(op, requestID));
    if (ofNode?.size === 0) chain.requests.delete(nodeID);
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
    request.older = undefined;
    request.newer = undefined;
    this.#size--;
  }
}
