/**
 * All wishes of this room together, as the network takes them (upstream `network/config.go`, `ThrottlerConfig`).
 *
 * @module
 */

import type { MsgByteThrottlerOptions } from "./byte_pools.ts";
import type { DialThrottlerOptions } from "./dial_throttler.ts";
import type { InboundConnThrottlerOptions } from "./inbound_conn_throttler.ts";
import type { InboundConnUpgradeThrottlerOptions } from "./inbound_conn_upgrade_throttler.ts";
import type { InboundMsgThrottlerOptions } from "./inbound_msg_throttler.ts";

export interface ThrottlingOptions {
  readonly inboundConnUpgrade?: InboundConnUpgradeThrottlerOptions;
  readonly inboundConn?: InboundConnThrottlerOptions;
  readonly inboundMsg?: InboundMsgThrottlerOptions;
  readonly outboundMsg?: MsgByteThrottlerOptions;
  readonly dial?: DialThrottlerOptions;
}
