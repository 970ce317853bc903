/**
 * All throttlers of a node and the tracker that they share, made together.
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import type { MetricsNamespace } from "../../core/metrics.ts";
import type { ValidatorManager } from "../../core/validators/manager.ts";
import type { InboundConnUpgradeThrottler, InboundMsgThrottler, OutboundMsgThrottler } from "./contract.ts";
import { DialThrottler } from "./dial_throttler.ts";
import { InboundConnThrottler } from "./inbound_conn_throttler.ts";
import { CooldownInboundConnUpgradeThrottler } from "./inbound_conn_upgrade_throttler.ts";
import { SybilInboundMsgThrottler } from "./inbound_msg_throttler.ts";
import type { ThrottlingOptions } from "./options.ts";
import { SybilOutboundMsgThrottler } from "./outbound_msg_throttler.ts";
import { NodeResourceTracker, type NodeResourceTrackerOptions } from "./tracker/resource_tracker.ts";
import type { ResourceUser } from "./tracker/resource_user.ts";
import {
  DEFAULT_CPU_TARGETER_OPTIONS,
  DEFAULT_DISK_TARGETER_OPTIONS,
  Targeter,
  type TargeterOptions,
} from "./tracker/targeter.ts";

/** What admits messages and connections, and the tracker that charges for them. */
export interface Throttlers {
  readonly inboundMsg: InboundMsgThrottler;
  readonly outboundMsg: OutboundMsgThrottler;
  readonly inboundConn: InboundConnThrottler;
  readonly inboundConnUpgrade: InboundConnUpgradeThrottler;
  readonly dial: DialThrottler;
  readonly resourceTracker: NodeResourceTracker;
}

export interface ThrottlersModules {
  readonly clock: Clock;
  readonly validators: ValidatorManager;
  /** What the process uses of the machine. */
  readonly resources: ResourceUser;
  readonly log?: Logger | undefined;
  /** `avalanche_network`. */
  readonly metrics?: MetricsNamespace | undefined;
  /** `avalanche_resource_tracker`. */
  readonly trackerMetrics?: MetricsNamespace | undefined;
}

export interface ThrottlersOptions extends ThrottlingOptions {
  readonly tracker?: NodeResourceTrackerOptions;
  /** Processor cores. */
  readonly cpuTargeter?: TargeterOptions;
  /** Bytes read per second. */
  readonly diskTargeter?: TargeterOptions;
}

/**
 * Makes the throttlers of one node.
 *
 * @example
 * ```ts
 * const throttlers = createThrottlers({ clock: systemClock, validators, resources });
 * ```
 */
export function createThrottlers(modules: ThrottlersModules, options: ThrottlersOptions = {}): Throttlers {
  const { clock, log, metrics, resources, trackerMetrics, validators } = modules;
  const resourceTracker = new NodeResourceTracker({ clock, resources, metrics: trackerMetrics }, options.tracker);
  const { cpuTracker, diskTracker } = resourceTracker;
  const inboundMsg = new SybilInboundMsgThrottler(
    {
      clock,
      validators,
      log,
      metrics,
      cpu: {
        tracker: cpuTracker,
        targeter: new Targeter(
          { validators, tracker: cpuTracker },
          options.cpuTargeter ?? DEFAULT_CPU_TARGETER_OPTIONS,
        ),
      },
      disk: {
        tracker: diskTracker,
        targeter: new Targeter(
          { validators, tracker: diskTracker },
          options.diskTargeter ?? DEFAULT_DISK_TARGETER_OPTIONS,
        ),
      },
    },
    options.inboundMsg,
  );
  return {
    inboundMsg,
    outboundMsg: new SybilOutboundMsgThrottler({ validators, metrics }, options.outboundMsg),
    inboundConn: new InboundConnThrottler({ clock, metrics }, options.inboundConn),
    inboundConnUpgrade: new CooldownInboundConnUpgradeThrottler({ clock, metrics }, options.inboundConnUpgrade),
    dial: new DialThrottler({ clock, metrics }, options.dial),
    resourceTracker,
  };
}
