/**
 * Hands a message to the part of an engine that it is for (upstream `snow/networking/handler/handler.go`).
 *
 * @module
 */

import type { Clock } from "../../../core/clock.ts";
import { type ID, idFromBytes } from "../../../core/ids/id.ts";
import type { InboundMessage } from "../../message/inbound.ts";
import { Op, opName } from "../../message/ops.ts";
import { AppError } from "../app_error.ts";
import type { Engine, Handled } from "./engine.ts";

/** The engine has no part for the message. */
export const UNHANDLED = Symbol("unhandled");

/** A field that is no ID: the message that holds it says nothing, or is as good as a failure. */
class InvalidFieldError extends Error {
  readonly field: string;

  constructor(field: string, cause: unknown) {
    super(`message with invalid field ${field}`, { cause });
    this.field = field;
  }
}

/** Is told of fields that do not hold what they should. */
export type OnInvalidField = (message: InboundMessage, field: string) => void;

/**
 * Calls the engine's method for a message.
 *
 * An answer with a field that cannot be read counts as a failure of the request, since the engine waits for its
 * outcome; anything else with such a field is dropped.
 *
 * @returns What the method returned, or {@link UNHANDLED} where there is no such method.
 */
export function dispatch(
  engine: Engine,
  inbound: InboundMessage,
  clock: Clock,
  onInvalidField: OnInvalidField,
): Handled | typeof UNHANDLED {
  switch (inbound.op) {
    // Apps come first: theirs are most of the messages.
    case Op.AppGossip:
      if (engine.appGossip === undefined) return UNHANDLED;
      return engine.appGossip(inbound.nodeID, inbound.message.appBytes);
    case Op.AppRequest: {
      if (engine.appRequest === undefined) return UNHANDLED;
      const { appBytes, requestId } = inbound.message;
      return engine.appRequest(inbound.nodeID, requestId, wallTime(inbound.expiration, clock), appBytes);
    }
    case Op.AppResponse:
      if (engine.appResponse === undefined) return UNHANDLED;
      return engine.appResponse(inbound.nodeID, inbound.message.requestId, inbound.message.appBytes);
    case Op.AppError: {
      if (engine.appRequestFailed === undefined) return UNHANDLED;
      const { errorCode, errorMessage, requestId } = inbound.message;
      return engine.appRequestFailed(inbound.nodeID, requestId, new AppError(errorCode, errorMessage));
    }
    default:
      try {
        return dispatchSync(engine, inbound);
      } catch (error) {
        if (!(error instanceof InvalidFieldError)) throw error;
        onInvalidField(inbound, error.field);
        return dispatchInvalid(engine, inbound);
      }
  }
}

function dispatchSync(engine: Engine, inbound: InboundMessage): Handled | typeof UNHANDLED {
  const { nodeID } = inbound;
  switch (inbound.op) {
    case Op.GetStateSummaryFrontier:
      return call(engine.getStateSummaryFrontier?.(nodeID, inbound.message.requestId), engine.getStateSummaryFrontier);
    case Op.StateSummaryFrontier: {
      const { requestId, summary } = inbound.message;
      return call(engine.stateSummaryFrontier?.(nodeID, requestId, summary), engine.stateSummaryFrontier);
    }
    case Op.GetStateSummaryFrontierFailed:
      return call(
        engine.getStateSummaryFrontierFailed?.(nodeID, inbound.message.requestId),
        engine.getStateSummaryFrontierFailed,
      );
    case Op.GetAcceptedStateSummary: {
      const { heights, requestId } = inbound.message;
      return call(
        engine.getAcceptedStateSummary?.(nodeID, requestId, new Set(heights)),
        engine.getAcceptedStateSummary,
      );
    }
    case Op.AcceptedStateSummary: {
      const { requestId, summaryIds } = inbound.message;
      return call(
        engine.acceptedStateSummary?.(nodeID, requestId, readIDs("SummaryIDs", summaryIds)),
        engine.acceptedStateSummary,
      );
    }
    case Op.GetAcceptedStateSummaryFailed:
      return call(
        engine.getAcceptedStateSummaryFailed?.(nodeID, inbound.message.requestId),
        engine.getAcceptedStateSummaryFailed,
      );

    case Op.GetAcceptedFrontier:
      return call(engine.getAcceptedFrontier?.(nodeID, inbound.message.requestId), engine.getAcceptedFrontier);
    case Op.AcceptedFrontier: {
      const { containerId, requestId } = inbound.message;
      return call(
        engine.acceptedFrontier?.(nodeID, requestId, readID("ContainerID", containerId)),
        engine.acceptedFrontier,
      );
    }
    case Op.GetAcceptedFrontierFailed:
      return call(
        engine.getAcceptedFrontierFailed?.(nodeID, inbound.message.requestId),
        engine.getAcceptedFrontierFailed,
      );
    case Op.GetAccepted: {
      const { containerIds, requestId } = inbound.message;
      return call(engine.getAccepted?.(nodeID, requestId, readIDs("ContainerIDs", containerIds)), engine.getAccepted);
    }
    case Op.Accepted: {
      const { containerIds, requestId } = inbound.message;
      return call(engine.accepted?.(nodeID, requestId, readIDs("ContainerIDs", containerIds)), engine.accepted);
    }
    case Op.GetAcceptedFailed:
      return call(engine.getAcceptedFailed?.(nodeID, inbound.message.requestId), engine.getAcceptedFailed);
    case Op.GetAncestors: {
      const { containerId, requestId } = inbound.message;
      return call(engine.getAncestors?.(nodeID, requestId, readID("ContainerID", containerId)), engine.getAncestors);
    }
    case Op.Ancestors:
      return call(engine.ancestors?.(nodeID, inbound.message.requestId, inbound.message.containers), engine.ancestors);
    case Op.GetAncestorsFailed:
      return call(engine.getAncestorsFailed?.(nodeID, inbound.message.requestId), engine.getAncestorsFailed);

    case Op.Get: {
      const { containerId, requestId } = inbound.message;
      return call(engine.get?.(nodeID, requestId, readID("ContainerID", containerId)), engine.get);
    }
    case Op.Put:
      return call(engine.put?.(nodeID, inbound.message.requestId, inbound.message.container), engine.put);
    case Op.GetFailed:
      return call(engine.getFailed?.(nodeID, inbound.message.requestId), engine.getFailed);
    case Op.PushQuery: {
      const { container, requestId, requestedHeight } = inbound.message;
      return call(engine.pushQuery?.(nodeID, requestId, container, requestedHeight), engine.pushQuery);
    }
    case Op.PullQuery: {
      const { containerId, requestId, requestedHeight } = inbound.message;
      return call(
        engine.pullQuery?.(nodeID, requestId, readID("ContainerID", containerId), requestedHeight),
        engine.pullQuery,
      );
    }
    case Op.Chits: {
      const { acceptedHeight, acceptedId, preferredId, preferredIdAtHeight, requestId } = inbound.message;
      return call(
        engine.chits?.(nodeID, requestId, {
          preferredID: readID("PreferredID", preferredId),
          preferredIDAtHeight: readID("PreferredIDAtHeight", preferredIdAtHeight),
          acceptedID: readID("AcceptedID", acceptedId),
          acceptedHeight,
        }),
        engine.chits,
      );
    }
    case Op.QueryFailed:
      return call(engine.queryFailed?.(nodeID, inbound.message.requestId), engine.queryFailed);
    case Op.Simplex:
      return call(engine.simplex?.(nodeID, inbound.message), engine.simplex);

    case Op.Connected:
      return call(engine.connected?.(nodeID, inbound.message.nodeVersion), engine.connected);
    case Op.Disconnected:
      return call(engine.disconnected?.(nodeID), engine.disconnected);
    case Op.Notify:
      return call(engine.notify?.(inbound.message.notification), engine.notify);
    case Op.GossipRequest:
      return call(engine.gossip?.(), engine.gossip);
    default:
      throw new Error(`attempt to submit unhandled message ${opName(inbound.op)} from ${nodeID}`);
  }
}

/** An answer that says nothing is a failure; everything else that says nothing is dropped. */
function dispatchInvalid(engine: Engine, inbound: InboundMessage): Handled | typeof UNHANDLED {
  const { nodeID } = inbound;
  switch (inbound.op) {
    case Op.AcceptedStateSummary:
      return engine.getAcceptedStateSummaryFailed?.(nodeID, inbound.message.requestId);
    case Op.AcceptedFrontier:
      return engine.getAcceptedFrontierFailed?.(nodeID, inbound.message.requestId);
    case Op.Accepted:
      return engine.getAcceptedFailed?.(nodeID, inbound.message.requestId);
    case Op.Chits:
      return engine.queryFailed?.(nodeID, inbound.message.requestId);
    default:
      return undefined;
  }
}

/** Engines are told the time that a person would tell them. */
function wallTime(expiration: number, clock: Clock): number {
  return clock.now() + (expiration - clock.monotonic());
}

/** Tells a method that returned nothing from one that is not there. */
function call(result: Handled, method: unknown): Handled | typeof UNHANDLED {
  return method === undefined ? UNHANDLED : result;
}

function readID(field: string, bytes: Uint8Array): ID {
  try {
    return idFromBytes(bytes);
  } catch (error) {
    throw new InvalidFieldError(field, error);
  }
}

function readIDs(field: string, list: readonly Uint8Array[]): Set<ID> {
  return new Set(list.map((bytes) => readID(field, bytes)));
}
