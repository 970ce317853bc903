/**
 * Whether the network layer is well, judged from what it has seen.
 *
 * @module
 */

import { formatDuration } from "../../core/duration.ts";
import { formatGoFloat } from "../../core/go_float.ts";
import type { NetworkHealthOptions } from "./options.ts";

/** What is judged. Durations are milliseconds. */
export interface NetworkHealthInputs {
  readonly connectedPeers: number;
  /** `undefined` when nothing was ever received. */
  readonly timeSinceLastMsgReceivedMs: number | undefined;
  /** `undefined` when nothing was ever sent. */
  readonly timeSinceLastMsgSentMs: number | undefined;
  /** 0 to 1. */
  readonly sendFailRate: number;
  readonly timeSinceStartMs: number;
  readonly ingressConnections: number;
  readonly isPrimaryNetworkValidator: boolean;
  /** Why nobody stays connected, where that is known; shown, and judged by what follows from it. */
  readonly isolation?: string | undefined;
}

/** A finding: what health shows, and the reason where it is bad. */
export interface HealthFinding {
  readonly details: Readonly<Record<string, unknown>>;
  readonly error: string | undefined;
}

/** Judges by upstream's rules, under upstream's keys (`network/network.go`, `HealthCheck`). */
export function judgeNetworkHealth(inputs: NetworkHealthInputs, options: NetworkHealthOptions): HealthFinding {
  const { connectedPeers, sendFailRate, timeSinceLastMsgReceivedMs, timeSinceLastMsgSentMs } = inputs;
  const details: Record<string, unknown> = { connectedPeers };
  const reasons: string[] = [];

  if (connectedPeers < options.minConnectedPeers) {
    reasons.push(`not connected to a minimum of ${options.minConnectedPeers} peer(s) only ${connectedPeers}`);
  }
  if (timeSinceLastMsgReceivedMs === undefined) {
    reasons.push("no messages received from network");
  } else {
    const since = formatDuration(timeSinceLastMsgReceivedMs);
    details["timeSinceLastMsgReceived"] = since;
    if (timeSinceLastMsgReceivedMs > options.maxTimeSinceMsgReceivedMs) {
      const limit = formatDuration(options.maxTimeSinceMsgReceivedMs);
      reasons.push(`no messages from network received in ${since} > ${limit}`);
    }
  }
  if (timeSinceLastMsgSentMs === undefined) {
    reasons.push("no messages sent to network");
  } else {
    const since = formatDuration(timeSinceLastMsgSentMs);
    details["timeSinceLastMsgSent"] = since;
    if (timeSinceLastMsgSentMs > options.maxTimeSinceMsgSentMs) {
      const limit = formatDuration(options.maxTimeSinceMsgSentMs);
      reasons.push(`no messages from network sent in ${since} > ${limit}`);
    }
  }
  details["sendFailRate"] = sendFailRate;
  if (sendFailRate > options.maxSendFailRate) {
    const [rate, limit] = [formatGoFloat(sendFailRate), formatGoFloat(options.maxSendFailRate)];
    reasons.push(`messages failure send rate ${rate} > ${limit}`);
  }
  if (inputs.timeSinceStartMs > options.noIngressConnectionsGracePeriodMs) {
    details["primary network validator health"] = {
      ingressConnectionCount: inputs.ingressConnections,
      primaryNetworkValidator: inputs.isPrimaryNetworkValidator,
    };
    if (inputs.ingressConnections === 0 && inputs.isPrimaryNetworkValidator) {
      reasons.push("primary network validator has no inbound connections");
    }
  }

  if (inputs.isolation !== undefined) details["isolation"] = inputs.isolation;

  const unhealthy = options.enabled && reasons.length > 0;
  return { details, error: unhealthy ? `network layer is unhealthy reason: ${reasons.join(", ")}` : undefined };
}
