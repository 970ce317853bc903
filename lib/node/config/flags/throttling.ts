/**
 * Flags of the throttlers and of the trackers that they go by. The defaults are those of the rooms.
 *
 * @module
 */

import {
  DEFAULT_INBOUND_BANDWIDTH_MAX_BURST_SIZE,
  DEFAULT_INBOUND_BANDWIDTH_REFILL_RATE,
} from "../../../p2p/throttling/bandwidth_throttler.ts";
import { DEFAULT_INBOUND_MAX_PROCESSING_MSGS_PER_NODE } from "../../../p2p/throttling/inbound_msg_buffer_throttler.ts";
import {
  DEFAULT_INBOUND_AT_LARGE_ALLOC_SIZE,
  DEFAULT_INBOUND_NODE_MAX_AT_LARGE_BYTES,
  DEFAULT_INBOUND_VDR_ALLOC_SIZE,
} from "../../../p2p/throttling/inbound_msg_byte_throttler.ts";
import {
  DEFAULT_INBOUND_CPU_MAX_RECHECK_DELAY_MS,
  DEFAULT_INBOUND_DISK_MAX_RECHECK_DELAY_MS,
} from "../../../p2p/throttling/inbound_resource_throttler.ts";
import {
  DEFAULT_OUTBOUND_AT_LARGE_ALLOC_SIZE,
  DEFAULT_OUTBOUND_NODE_MAX_AT_LARGE_BYTES,
  DEFAULT_OUTBOUND_VDR_ALLOC_SIZE,
} from "../../../p2p/throttling/outbound_msg_throttler.ts";
import {
  DEFAULT_SYSTEM_TRACKER_CPU_HALFLIFE_MS,
  DEFAULT_SYSTEM_TRACKER_DISK_HALFLIFE_MS,
  DEFAULT_SYSTEM_TRACKER_FREQUENCY_MS,
} from "../../../p2p/throttling/tracker/resource_manager.ts";
import { DEFAULT_SYSTEM_TRACKER_PROCESSING_HALFLIFE_MS } from "../../../p2p/throttling/tracker/resource_tracker.ts";
import {
  DEFAULT_CPU_TARGETER_OPTIONS as CPU,
  DEFAULT_DISK_TARGETER_OPTIONS as DISK,
} from "../../../p2p/throttling/tracker/targeter.ts";
import { amount, duration, float, group, uint } from "../flag.ts";

const BYTES = { unit: "bytes" };
const BYTES_PER_SECOND = { unit: "bytes/s" };
const CPUS = { unit: "CPUs" };
const PERCENT = { unit: "percent, 0 to 50" };

const REQUIRED_SPACE = "system-tracker-disk-required-available-space-percentage";
const WARNING_SPACE = "system-tracker-disk-warning-available-space-percentage";

export const THROTTLER_FLAGS = group("Throttling", {
  "throttler-inbound-at-large-alloc-size": uint(
    DEFAULT_INBOUND_AT_LARGE_ALLOC_SIZE,
    "Bytes of unhandled messages that all peers share",
    BYTES,
  ),
  "throttler-inbound-validator-alloc-size": uint(
    DEFAULT_INBOUND_VDR_ALLOC_SIZE,
    "Bytes of unhandled messages that validators share",
    BYTES,
  ),
  "throttler-inbound-node-max-at-large-bytes": uint(
    DEFAULT_INBOUND_NODE_MAX_AT_LARGE_BYTES,
    "The most that one peer may take of the bytes that all share",
    BYTES,
  ),
  "throttler-inbound-node-max-processing-msgs": uint(
    DEFAULT_INBOUND_MAX_PROCESSING_MSGS_PER_NODE,
    "Unhandled messages of one peer",
    { unit: "messages" },
  ),
  "throttler-inbound-bandwidth-refill-rate": uint(
    DEFAULT_INBOUND_BANDWIDTH_REFILL_RATE,
    "Bytes a second that one peer may send",
    BYTES_PER_SECOND,
  ),
  "throttler-inbound-bandwidth-max-burst-size": uint(
    DEFAULT_INBOUND_BANDWIDTH_MAX_BURST_SIZE,
    "Bytes that one peer may send at once",
    BYTES,
  ),
  "throttler-inbound-cpu-max-recheck-delay": duration(
    DEFAULT_INBOUND_CPU_MAX_RECHECK_DELAY_MS,
    "The longest wait before CPU use is looked at again",
  ),
  "throttler-inbound-disk-max-recheck-delay": duration(
    DEFAULT_INBOUND_DISK_MAX_RECHECK_DELAY_MS,
    "The longest wait before disk use is looked at again",
  ),
  "throttler-inbound-cpu-validator-alloc": float(CPU.vdrAlloc, "CPUs kept for validators", CPUS),
  "throttler-inbound-cpu-max-non-validator-usage": float(
    CPU.maxNonVdrUsage,
    "CPUs in use above which peers without stake must wait",
    CPUS,
  ),
  "throttler-inbound-cpu-max-non-validator-node-usage": float(
    CPU.maxNonVdrNodeUsage,
    "CPUs that one peer without stake may use",
    CPUS,
  ),
  "throttler-inbound-disk-validator-alloc": float(
    DISK.vdrAlloc,
    "Disk bytes a second kept for validators",
    BYTES_PER_SECOND,
  ),
  "throttler-inbound-disk-max-non-validator-usage": float(
    DISK.maxNonVdrUsage,
    "Disk bytes a second above which peers without stake must wait",
    BYTES_PER_SECOND,
  ),
  "throttler-inbound-disk-max-non-validator-node-usage": float(
    DISK.maxNonVdrNodeUsage,
    "Disk bytes a second that one peer without stake may use",
    BYTES_PER_SECOND,
  ),
  "throttler-outbound-at-large-alloc-size": uint(
    DEFAULT_OUTBOUND_AT_LARGE_ALLOC_SIZE,
    "Bytes of unsent messages that all peers share",
    BYTES,
  ),
  "throttler-outbound-validator-alloc-size": uint(
    DEFAULT_OUTBOUND_VDR_ALLOC_SIZE,
    "Bytes of unsent messages that validators share",
    BYTES,
  ),
  "throttler-outbound-node-max-at-large-bytes": uint(
    DEFAULT_OUTBOUND_NODE_MAX_AT_LARGE_BYTES,
    "The most that one peer may take of the bytes that all share",
    BYTES,
  ),
});

export const TRACKER_FLAGS = group("System resources", {
  "system-tracker-frequency": duration(
    DEFAULT_SYSTEM_TRACKER_FREQUENCY_MS,
    "How often the use of CPU and disk is measured",
  ),
  "system-tracker-processing-halflife": duration(
    DEFAULT_SYSTEM_TRACKER_PROCESSING_HALFLIFE_MS,
    "The half-life of the time spent on a peer",
  ),
  "system-tracker-cpu-halflife": duration(DEFAULT_SYSTEM_TRACKER_CPU_HALFLIFE_MS, "The half-life of CPU use"),
  "system-tracker-disk-halflife": duration(DEFAULT_SYSTEM_TRACKER_DISK_HALFLIFE_MS, "The half-life of disk use"),
  [REQUIRED_SPACE]: uint(3, "Free disk space below which the node stops", PERCENT),
  [WARNING_SPACE]: uint(10, "Free disk space below which the node is unhealthy", PERCENT),
  "system-tracker-disk-required-available-space": amount(0n, "Free disk space below which the node stops", {
    ...BYTES,
    replacedBy: REQUIRED_SPACE,
    inert: `it was replaced by ${REQUIRED_SPACE}`,
  }),
  "system-tracker-disk-warning-threshold-available-space": amount(
    0n,
    "Free disk space below which the node is unhealthy",
    { ...BYTES, replacedBy: WARNING_SPACE, inert: `it was replaced by ${WARNING_SPACE}` },
  ),
});
