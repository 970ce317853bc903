/**
 * Throttlers that let everything through: for tests of what is above them.
 *
 * @module
 */

import type {
  InboundConnUpgradeThrottler,
  InboundMsgThrottler,
  OutboundMsgThrottler,
  ResourceTracker,
} from "../../lib/p2p/throttling/contract.ts";

const inboundMsgThrottler: InboundMsgThrottler = {
  addNode: () => {},
  removeNode: () => {},
  acquire: () => ({ granted: true, decompressed: () => {}, release: () => {} }),
};
const outboundMsgThrottler: OutboundMsgThrottler = { acquire: () => true, release: () => {} };
const resourceTracker: ResourceTracker = { startProcessing: () => {}, stopProcessing: () => {} };
const inboundConnUpgradeThrottler: InboundConnUpgradeThrottler = { shouldUpgrade: () => true };

export const noThrottling = {
  inboundMsgThrottler,
  outboundMsgThrottler,
  resourceTracker,
  inboundConnUpgradeThrottler,
};
