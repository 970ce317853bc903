/**
 * What the peers of a node share (upstream `network/peer/config.go`).
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import type { ID } from "../../core/ids/id.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import type { Logger } from "../../core/log.ts";
import type { IPSigner } from "../../core/staking/ip_signer.ts";
import type { VerifyProofOfPossession } from "../../core/staking/known_proofs.ts";
import type { ValidatorManager } from "../../core/validators/manager.ts";
import type { Application } from "../../core/version/application.ts";
import type { Compatibility } from "../../core/version/compatibility.ts";
import type { MessageBuilder } from "../message/builder.ts";
import type { MessageParser } from "../message/parser.ts";
import type { InboundMsgThrottler, OutboundMsgThrottler, ResourceTracker } from "../throttling/contract.ts";
import type { InboundHandler, PeerNetwork, UptimeCalculator } from "./contract.ts";
import type { PeerMetrics } from "./metrics.ts";

/** What every peer of a node shares. */
export interface PeerModules {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: PeerMetrics;
  readonly messageBuilder: MessageBuilder;
  readonly messageParser: MessageParser;
  readonly inboundMsgThrottler: InboundMsgThrottler;
  readonly outboundMsgThrottler: OutboundMsgThrottler;
  readonly resourceTracker: ResourceTracker;
  readonly network: PeerNetwork;
  readonly inboundHandler: InboundHandler;
  readonly uptimeCalculator: UptimeCalculator;
  readonly versionCompatibility: Compatibility;
  readonly validators: ValidatorManager;
  /** A beacon's odd handshake is logged louder: it may be our clock or version that is wrong. */
  readonly beacons: ValidatorManager;
  readonly ipSigner: IPSigner;
  /** {@link FitnessModules.verifyProofOfPossession} */
  readonly verifyProofOfPossession?: VerifyProofOfPossession | undefined;
}

/** How peers of a node behave. */
export interface PeerOptions {
  readonly networkID: number;
  readonly myNodeID: NodeID;
  /** What the Handshake names as the client and its version. */
  readonly client: Application;
  /** The subnets that this node tracks, without the primary network. */
  readonly trackedSubnets: ReadonlySet<ID>;
  readonly supportedACPs: readonly number[];
  readonly objectedACPs: readonly number[];
  /** Whether peers of all subnets are asked for. */
  readonly connectToAllValidators: boolean;
  /** @default {22500} upstream `network-ping-frequency`. */
  readonly pingFrequencyMs: number;
  /** @default {30000} upstream `network-ping-timeout`. */
  readonly pongTimeoutMs: number;
  /** Seconds. @default {60} upstream `network-max-clock-difference`. */
  readonly maxClockDifference: number;
}

/** upstream `constants.DefaultPingFrequency`: three quarters of the time-out. */
export const DEFAULT_PING_FREQUENCY_MS = 22_500;
/** upstream `constants.DefaultPingPongTimeout`. */
export const DEFAULT_PONG_TIMEOUT_MS = 30_000;
/** Seconds; upstream `constants.DefaultNetworkMaximumClockDifference`. */
export const DEFAULT_MAX_CLOCK_DIFFERENCE = 60;
