/**
 * Sends one chain's messages: to nodes, to some of those that are connected, and to the node itself without the wire
 * (upstream `snow/networking/sender/sender.go`).
 *
 * A message is encoded once, however many it goes to. A request is registered before it is sent, so that it ends
 * whatever happens; where nobody could be sent to, or the node is benched, it fails at once for the caller. "At once" is
 * after the call has returned: no method of the engine runs within a method of its sender.
 *
 * @module
 */

import type { Clock } from "../../../core/clock.ts";
import { type ID, idToBytes } from "../../../core/ids/id.ts";
import type { NodeID } from "../../../core/ids/node_id.ts";
import { type Logger, noLog } from "../../../core/log.ts";
import type { DeadlineNs, MessageBuilder } from "../../message/builder.ts";
import { EngineType, type Simplex } from "../../message/gen/p2p_pb.ts";
import type { InboundMessage } from "../../message/inbound.ts";
import { Op, opName } from "../../message/ops.ts";
import type { OutboundMessage } from "../../message/outbound.ts";
import type { Allower, SendConfig } from "../../network/peer_set.ts";
import type { Chits } from "../engine/engine.ts";
import { OpCounts } from "../op_counts.ts";
import type { OutstandingRequest, ResponseOp } from "../router/requests.ts";
import type { Router } from "../router/router.ts";
import type { TimeoutManager } from "../timeout/timeout_manager.ts";
import { selfMessage } from "./self_messages.ts";

const NANOSECONDS_PER_MS = 1_000_000;

/** What brings messages to peers: the network. */
export interface ExternalSender {
  /** @returns Those for whom the message was queued. */
  send(message: OutboundMessage, config: SendConfig, subnetID: ID, allower?: Allower): ReadonlySet<NodeID>;
}

/** What a sender needs. */
export interface SenderModules {
  readonly clock: Clock;
  readonly log?: Logger | undefined;
  readonly messageBuilder: MessageBuilder;
  readonly network: ExternalSender;
  readonly router: Router;
  readonly timeouts: TimeoutManager;
}

/** Whose messages are sent. */
export interface SenderOptions {
  readonly myNodeID: NodeID;
  readonly chainID: ID;
  readonly subnetID: ID;
  /** Who may get the chain's messages; all by default. */
  readonly allower?: Allower;
  /** Which engine answers to ancestors are for. */
  readonly engineType?: EngineType;
}

/** A request on its way: what differs from kind to kind. */
interface Asking {
  readonly op: Op;
  /** The operation of its answer. */
  readonly answer: ResponseOp;
  /** Whether the caller hears at once that the node is benched or cannot be reached. */
  readonly failsEarly: boolean;
  build(deadlineNs: DeadlineNs): OutboundMessage;
  /** The same message to the node itself; without it the node does not ask itself. */
  toSelf?(expiration: number, deadline: bigint): InboundMessage;
}

export class Sender {
  /** Requests that failed at once because their node was benched. */
  readonly failedDueToBench = new OpCounts();
  readonly #modules: SenderModules;
  readonly #log: Logger;
  readonly #build: MessageBuilder;
  readonly #myNodeID: NodeID;
  readonly #chainID: ID;
  readonly #subnetID: ID;
  readonly #allower: Allower | undefined;
  readonly #engineType: EngineType;
  /** The chain's 32 bytes. */
  readonly #chain: Uint8Array;

  constructor(modules: SenderModules, options: SenderOptions) {
    this.#modules = modules;
    this.#log = modules.log ?? noLog;
    this.#build = modules.messageBuilder;
    this.#myNodeID = options.myNodeID;
    this.#chainID = options.chainID;
    this.#subnetID = options.subnetID;
    this.#allower = options.allower;
    this.#engineType = options.engineType ?? EngineType.CHAIN;
    this.#chain = idToBytes(options.chainID);
  }

  // ---------------------------------------------------------------------------------------------------- state sync

  sendGetStateSummaryFrontier(nodeIDs: Iterable<NodeID>, requestID: number): void {
    this.#ask(nodeIDs, requestID, {
      op: Op.GetStateSummaryFrontier,
      answer: Op.StateSummaryFrontier,
      failsEarly: false,
      build: (deadline) => this.#build.getStateSummaryFrontier(this.#chain, requestID, deadline),
      toSelf: (expiration, deadline) => {
        const content = { chainId: this.#chain, requestId: requestID, deadline };
        return selfMessage(Op.GetStateSummaryFrontier, this.#myNodeID, content, expiration);
      },
    });
  }

  sendStateSummaryFrontier(nodeID: NodeID, requestID: number, summary: Uint8Array): void {
    if (nodeID === this.#myNodeID) {
      const content = { chainId: this.#chain, requestId: requestID, summary };
      this.#tellSelf(selfMessage(Op.StateSummaryFrontier, nodeID, content, Number.POSITIVE_INFINITY));
    } else {
      this.#answer(nodeID, requestID, this.#build.stateSummaryFrontier(this.#chain, requestID, summary));
    }
  }

  sendGetAcceptedStateSummary(nodeIDs: Iterable<NodeID>, requestID: number, heights: readonly bigint[]): void {
    this.#ask(nodeIDs, requestID, {
      op: Op.GetAcceptedStateSummary,
      answer: Op.AcceptedStateSummary,
      failsEarly: false,
      build: (deadline) => this.#build.getAcceptedStateSummary(this.#chain, requestID, deadline, heights),
      toSelf: (expiration, deadline) => {
        const content = { chainId: this.#chain, requestId: requestID, deadline, heights: [...heights] };
        return selfMessage(Op.GetAcceptedStateSummary, this.#myNodeID, content, expiration);
      },
    });
  }

  sendAcceptedStateSummary(nodeID: NodeID, requestID: number, summaryIDs: readonly ID[]): void {
    const summaryIds = summaryIDs.map(idToBytes);
    if (nodeID === this.#myNodeID) {
      const content = { chainId: this.#chain, requestId: requestID, summaryIds };
      this.#tellSelf(selfMessage(Op.AcceptedStateSummary, nodeID, content, Number.POSITIVE_INFINITY));
    } else {
      this.#answer(nodeID, requestID, this.#build.acceptedStateSummary(this.#chain, requestID, summaryIds));
    }
  }

  // ------------------------------------------------------------------------------------------------- bootstrapping

  sendGetAcceptedFrontier(nodeIDs: Iterable<NodeID>, requestID: number): void {
    this.#ask(nodeIDs, requestID, {
      op: Op.GetAcceptedFrontier,
      answer: Op.AcceptedFrontier,
      failsEarly: false,
      build: (deadline) => this.#build.getAcceptedFrontier(this.#chain, requestID, deadline),
      toSelf: (expiration, deadline) => {
        const content = { chainId: this.#chain, requestId: requestID, deadline };
        return selfMessage(Op.GetAcceptedFrontier, this.#myNodeID, content, expiration);
      },
    });
  }

  sendAcceptedFrontier(nodeID: NodeID, requestID: number, containerID: ID): void {
    const containerId = idToBytes(containerID);
    if (nodeID === this.#myNodeID) {
      const content = { chainId: this.#chain, requestId: requestID, containerId };
      this.#tellSelf(selfMessage(Op.AcceptedFrontier, nodeID, content, Number.POSITIVE_INFINITY));
    } else {
      this.#answer(nodeID, requestID, this.#build.acceptedFrontier(this.#chain, requestID, containerId));
    }
  }

  sendGetAccepted(nodeIDs: Iterable<NodeID>, requestID: number, containerIDs: readonly ID[]): void {
    const containerIds = containerIDs.map(idToBytes);
    this.#ask(nodeIDs, requestID, {
      op: Op.GetAccepted,
      answer: Op.Accepted,
      failsEarly: false,
      build: (deadline) => this.#build.getAccepted(this.#chain, requestID, deadline, containerIds),
      toSelf: (expiration, deadline) => {
        const content = { chainId: this.#chain, requestId: requestID, deadline, containerIds };
        return selfMessage(Op.GetAccepted, this.#myNodeID, content, expiration);
      },
    });
  }

  sendAccepted(nodeID: NodeID, requestID: number, containerIDs: readonly ID[]): void {
    const containerIds = containerIDs.map(idToBytes);
    if (nodeID === this.#myNodeID) {
      const content = { chainId: this.#chain, requestId: requestID, containerIds };
      this.#tellSelf(selfMessage(Op.Accepted, nodeID, content, Number.POSITIVE_INFINITY));
    } else {
      this.#answer(nodeID, requestID, this.#build.accepted(this.#chain, requestID, containerIds));
    }
  }

  /** A node does not ask itself: the request fails when its deadline passes, so that nobody asks in a circle. */
  sendGetAncestors(nodeID: NodeID, requestID: number, containerID: ID): void {
    const containerId = idToBytes(containerID);
    const engineType = this.#engineType;
    this.#ask([nodeID], requestID, {
      op: Op.GetAncestors,
      answer: Op.Ancestors,
      failsEarly: nodeID !== this.#myNodeID,
      build: (deadline) => this.#build.getAncestors(this.#chain, requestID, deadline, containerId, engineType),
    });
  }

  sendAncestors(nodeID: NodeID, requestID: number, containers: readonly Uint8Array[]): void {
    this.#answer(nodeID, requestID, this.#build.ancestors(this.#chain, requestID, containers));
  }

  // ----------------------------------------------------------------------------------------------------- consensus

  /** A node has nothing that it does not have: asking itself fails at once. */
  sendGet(nodeID: NodeID, requestID: number, containerID: ID): void {
    const containerId = idToBytes(containerID);
    this.#ask([nodeID], requestID, {
      op: Op.Get,
      answer: Op.Put,
      failsEarly: true,
      build: (deadline) => this.#build.get(this.#chain, requestID, deadline, containerId),
    });
  }

  sendPut(nodeID: NodeID, requestID: number, container: Uint8Array): void {
    this.#answer(nodeID, requestID, this.#build.put(this.#chain, requestID, container));
  }

  sendPushQuery(nodeIDs: Iterable<NodeID>, requestID: number, container: Uint8Array, requestedHeight: bigint): void {
    this.#ask(nodeIDs, requestID, {
      op: Op.PushQuery,
      answer: Op.Chits,
      failsEarly: true,
      build: (deadline) => this.#build.pushQuery(this.#chain, requestID, deadline, container, requestedHeight),
      toSelf: (expiration, deadline) => {
        const content = { chainId: this.#chain, requestId: requestID, deadline, container, requestedHeight };
        return selfMessage(Op.PushQuery, this.#myNodeID, content, expiration);
      },
    });
  }

  sendPullQuery(nodeIDs: Iterable<NodeID>, requestID: number, containerID: ID, requestedHeight: bigint): void {
    const containerId = idToBytes(containerID);
    this.#ask(nodeIDs, requestID, {
      op: Op.PullQuery,
      answer: Op.Chits,
      failsEarly: true,
      build: (deadline) => this.#build.pullQuery(this.#chain, requestID, deadline, containerId, requestedHeight),
      toSelf: (expiration, deadline) => {
        const content = { chainId: this.#chain, requestId: requestID, deadline, containerId, requestedHeight };
        return selfMessage(Op.PullQuery, this.#myNodeID, content, expiration);
      },
    });
  }

  sendChits(nodeID: NodeID, requestID: number, chits: Chits): void {
    const preferredId = idToBytes(chits.preferredID);
    const preferredIdAtHeight = idToBytes(chits.preferredIDAtHeight);
    const acceptedId = idToBytes(chits.acceptedID);
    const { acceptedHeight } = chits;
    if (nodeID === this.#myNodeID) {
      const content = { preferredId, preferredIdAtHeight, acceptedId, acceptedHeight };
      const message = { chainId: this.#chain, requestId: requestID, ...content };
      this.#tellSelf(selfMessage(Op.Chits, nodeID, message, Number.POSITIVE_INFINITY));
      return;
    }
    const message = this.#build.chits(
      this.#chain,
      requestID,
      preferredId,
      preferredIdAtHeight,
      acceptedId,
      acceptedHeight,
    );
    this.#answer(nodeID, requestID, message);
  }

  /** @param to Who gets it; not the node itself. */
  sendSimplex(to: SendConfig, message: Simplex): void {
    this.#send(this.#build.simplex(message), to);
  }

  // ---------------------------------------------------------------------------------------------------------- apps

  /**
   * Asks nodes for something.
   *
   * @param requestID A `uint32` that no other app request of this chain under way has.
   */
  sendAppRequest(nodeIDs: Iterable<NodeID>, requestID: number, appBytes: Uint8Array): void {
    this.#ask(nodeIDs, requestID, {
      op: Op.AppRequest,
      answer: Op.AppResponse,
      failsEarly: true,
      build: (deadline) => this.#build.appRequest(this.#chain, requestID, deadline, appBytes),
      toSelf: (expiration, deadline) => {
        const content = { chainId: this.#chain, requestId: requestID, deadline, appBytes };
        return selfMessage(Op.AppRequest, this.#myNodeID, content, expiration);
      },
    });
  }

  sendAppResponse(nodeID: NodeID, requestID: number, appBytes: Uint8Array): void {
    if (nodeID === this.#myNodeID) {
      const content = { chainId: this.#chain, requestId: requestID, appBytes };
      this.#tellSelf(selfMessage(Op.AppResponse, nodeID, content, Number.POSITIVE_INFINITY));
    } else {
      this.#answer(nodeID, requestID, this.#build.appResponse(this.#chain, requestID, appBytes));
    }
  }

  /** @param errorCode An `int32`. */
  sendAppError(nodeID: NodeID, requestID: number, errorCode: number, errorMessage: string): void {
    if (nodeID === this.#myNodeID) {
      const content = { chainId: this.#chain, requestId: requestID, errorCode, errorMessage };
      this.#tellSelf(selfMessage(Op.AppError, nodeID, content, Number.POSITIVE_INFINITY));
    } else {
      this.#answer(nodeID, requestID, this.#build.appError(this.#chain, requestID, errorCode, errorMessage));
    }
  }

  /**
   * Tells nodes something.
   *
   * @param to Named nodes, and so many drawn among those that are connected; not the node itself.
   * @returns Those for whom it was queued.
   */
  sendAppGossip(to: SendConfig, appBytes: Uint8Array): ReadonlySet<NodeID> {
    return this.#send(this.#build.appGossip(this.#chain, appBytes), to);
  }

  // ------------------------------------------------------------------------------------------------------ the ways

  /**
   * 1. The message to the others is built: what cannot be built is the caller's to hear of, and nothing was asked.
   * 2. Every request is registered, that to the node itself too.
   * 3. The node asks itself without the wire.
   * 4. The others are sent the message.
   * 5. Those that are benched, or could not be sent to, fail at once; what they answer all the same counts for them.
   */
  #ask(nodeIDs: Iterable<NodeID>, requestID: number, asking: Asking): void {
    const { clock, router, timeouts } = this.#modules;
    const chainID = this.#chainID;
    const { answer: op } = asking;

    // 1. The deadline that a peer is told is as near as can be to the one that is kept for it.
    const deadlineMs = timeouts.timeoutDurationMs;
    const deadlineNs = Math.round(deadlineMs * NANOSECONDS_PER_MS);
    const others = new Set(nodeIDs);
    const toSelf = others.delete(this.#myNodeID);
    const message = others.size === 0 ? undefined : asking.build(deadlineNs);

    // 2.
    const engineType = op === Op.Ancestors ? this.#engineType : EngineType.UNSPECIFIED;
    const register = (nodeID: NodeID) => router.registerRequest({ chainID, nodeID, requestID, op, engineType });
    const own = toSelf ? register(this.#myNodeID) : undefined;
    const requests: OutstandingRequest[] = [];
    for (const nodeID of others) {
      const request = register(nodeID);
      if (request !== undefined) requests.push(request);
    }

    // 3.
    if (own !== undefined) {
      const inbound = asking.toSelf?.(clock.monotonic() + deadlineMs, BigInt(deadlineNs));
      if (inbound !== undefined) router.handleInternal(inbound);
      else if (asking.failsEarly) router.failEarly(own);
    }

    // 4. A chain that has stopped asks nobody.
    if (message === undefined || requests.length === 0) return;
    const sent = this.#send(message, { nodeIDs: others });

    // 5.
    if (!asking.failsEarly) return;
    for (const request of requests) {
      const isBenched = timeouts.isBenched(chainID, request.nodeID);
      if (isBenched) this.failedDueToBench.add(asking.op);
      if (isBenched || !sent.has(request.nodeID)) router.failEarly(request);
    }
  }

  #tellSelf(message: InboundMessage): void {
    this.#modules.router.handleInternal(message);
  }

  #answer(nodeID: NodeID, requestID: number, message: OutboundMessage): void {
    const sent = this.#send(message, { nodeIDs: new Set([nodeID]) });
    if (sent.size === 0 && this.#log.enabled("debug")) {
      this.#log.debug("failed to send message", { nodeID, requestID, messageOp: opName(message.op) });
    }
  }

  #send(message: OutboundMessage, to: SendConfig): ReadonlySet<NodeID> {
    return this.#modules.network.send(message, to, this.#subnetID, this.#allower);
  }
}
