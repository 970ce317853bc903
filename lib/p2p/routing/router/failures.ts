/**
 * What a chain is told when a request comes to nothing.
 *
 * @module
 */

import type { InboundMessage } from "../../message/inbound.ts";
import { internalAppError, internalGetAncestorsFailed, internalRequestFailed } from "../../message/internal.ts";
import { Op } from "../../message/ops.ts";
import { APP_ERROR_TIMEOUT } from "../app_error.ts";
import type { OutstandingRequest } from "./requests.ts";

/** For each answer, the message that takes its place. */
const FAILED_OPS = {
  [Op.StateSummaryFrontier]: Op.GetStateSummaryFrontierFailed,
  [Op.AcceptedStateSummary]: Op.GetAcceptedStateSummaryFailed,
  [Op.AcceptedFrontier]: Op.GetAcceptedFrontierFailed,
  [Op.Accepted]: Op.GetAcceptedFailed,
  [Op.Put]: Op.GetFailed,
  [Op.Chits]: Op.QueryFailed,
} as const;

/** The message that tells a chain that its request has failed. */
export function failureMessage({ chain, engineType, nodeID, op, requestID }: OutstandingRequest): InboundMessage {
  switch (op) {
    case Op.AppResponse: {
      const { code, message } = APP_ERROR_TIMEOUT;
      return internalAppError(nodeID, chain.chainID, requestID, code, message);
    }
    case Op.Ancestors:
      return internalGetAncestorsFailed(nodeID, chain.chainID, requestID, engineType);
    default:
      return internalRequestFailed(FAILED_OPS[op], nodeID, chain.chainID, requestID);
  }
}
