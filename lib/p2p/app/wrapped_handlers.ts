/**
 * Handlers around handlers: for validators alone, and for those who do not ask too often (upstream
 * `network/p2p/handler.go`, `throttler_handler.go`).
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import { APP_ERROR_NOT_VALIDATOR, APP_ERROR_THROTTLED, AppProtocolError, appError } from "./app_errors.ts";
import type { ProtocolHandler } from "./handler.ts";
import type { ValidatorSet } from "./peers.ts";
import { SlidingWindowThrottler, type Throttler } from "./throttler.ts";

/**
 * Others than connected validators are refused with `APP_ERROR_NOT_VALIDATOR`; their gossip is dropped.
 *
 * @example
 * ```ts
 * const peers = new ConnectedPeers(systemRandom, newTLSCert().certificate.nodeID);
 * const validators = new ConnectedValidators({ peers, validators: new ValidatorManager() }, PRIMARY_NETWORK_ID);
 * const handler = validatorHandler({ appRequest: (_nodeID, question) => question }, validators);
 * ```
 */
export function validatorHandler(handler: ProtocolHandler, validators: ValidatorSet): ProtocolHandler {
  return guarded(handler, (nodeID) => validators.has(nodeID), APP_ERROR_NOT_VALIDATOR);
}

/**
 * Who exceeds the limit is refused with `APP_ERROR_THROTTLED`; what it gossips is dropped.
 *
 * @example
 * ```ts
 * const throttler = new SlidingWindowThrottler({ clock: systemClock }, 1_000, 10);
 * const handler = throttledHandler({ appRequest: (_nodeID, question) => question }, throttler);
 * ```
 */
export function throttledHandler(handler: ProtocolHandler, throttler: Throttler): ProtocolHandler {
  return guarded(handler, (nodeID) => throttler.handle(nodeID), APP_ERROR_THROTTLED);
}

/** What a limit is worked out from. */
export interface DynamicThrottleOptions {
  /** Milliseconds, above 0. */
  readonly periodMs: number;
  /** How many requests each node makes in a period, to all validators together. */
  readonly requestsPerPeer: number;
}

/**
 * As {@link throttledHandler}, with a limit that falls as validators come: who draws whom to ask at random comes here
 * with its share of requests, and more than four standard deviations above it is too often.
 *
 * @throws {AppProtocolError} `invalid-option`.
 *
 * @example
 * ```ts
 * const peers = new ConnectedPeers(systemRandom, newTLSCert().certificate.nodeID);
 * const validators = new ConnectedValidators({ peers, validators: new ValidatorManager() }, PRIMARY_NETWORK_ID);
 * const echo: ProtocolHandler = { appRequest: (_nodeID, question) => question };
 * const handler = dynamicThrottledHandler(
 *   echo,
 *   { clock: systemClock, validators },
 *   { periodMs: 60_000, requestsPerPeer: 60 },
 * );
 * ```
 */
export function dynamicThrottledHandler(
  handler: ProtocolHandler,
  { clock, validators }: { readonly clock: Clock; readonly validators: ValidatorSet },
  { periodMs, requestsPerPeer }: DynamicThrottleOptions,
): ProtocolHandler {
  if (!(requestsPerPeer >= 0)) {
    const type = { code: "invalid-option", option: "requestsPerPeer" } as const;
    throw new AppProtocolError(type, "requests-per-peer must be non-negative");
  }
  const throttler = new SlidingWindowThrottler({ clock }, periodMs, 0);
  let before = 0;
  const handle = (nodeID: NodeID): boolean => {
    const { size } = validators;
    if (size !== before) {
      before = size;
      throttler.limit = expectedLimit(requestsPerPeer, size);
    }
    return throttler.handle(nodeID);
  };
  return throttledHandler(handler, { handle });
}

/** Deviations above what is expected that are let pass: all but 0.006% of the honest. */
const DEVIATIONS = 4;

/** How many requests of one peer to one of `validators` are plausible. */
export function expectedLimit(requestsPerPeer: number, validators: number): number {
  if (validators === 0) return 0;
  const variance = (requestsPerPeer * (validators - 1)) / (validators * validators);
  return requestsPerPeer / validators + DEVIATIONS * Math.sqrt(variance);
}

function guarded(
  handler: ProtocolHandler,
  isLetIn: (nodeID: NodeID) => boolean,
  error: { readonly code: number; readonly message: string },
): ProtocolHandler {
  return {
    appGossip: (nodeID, gossip) => (isLetIn(nodeID) ? handler.appGossip?.(nodeID, gossip) : undefined),
    appRequest: (nodeID, request, deadlineMs) => {
      if (!isLetIn(nodeID)) throw appError(error);
      return handler.appRequest?.(nodeID, request, deadlineMs) ?? new Uint8Array();
    },
  };
}
