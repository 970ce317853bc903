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

/** Where tests show what flags do. */
const FULL_DISK_TEST = "tests/node/full_disk.test.ts";
const RESOURCES_TEST = "tests/node/flags/resources.test.ts";
const THROTTLING_TEST = "tests/node/flags/throttling.test.ts";

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
    {
      ...BYTES,
      test: [
        THROTTLING_TEST,
        "unhandled messages of all strangers come to throttler-inbound-at-large-alloc-size at most",
      ],
    },
  ),
  "throttler-inbound-validator-alloc-size": uint(
    DEFAULT_INBOUND_VDR_ALLOC_SIZE,
    "Bytes of unhandled messages that validators share",
    {
      ...BYTES,
      test: [THROTTLING_TEST, "validators have throttler-inbound-validator-alloc-size beside what all share"],
    },
  ),
  "throttler-inbound-node-max-at-large-bytes": uint(
    DEFAULT_INBOUND_NODE_MAX_AT_LARGE_BYTES,
    "The most that one peer may take of the bytes that all share",
    {
      ...BYTES,
      test: [
        THROTTLING_TEST,
        "unhandled messages of one stranger come to throttler-inbound-node-max-at-large-bytes at most",
      ],
    },
  ),
  "throttler-inbound-node-max-processing-msgs": uint(
    DEFAULT_INBOUND_MAX_PROCESSING_MSGS_PER_NODE,
    "Unhandled messages of one peer",
    {
      unit: "messages",
      test: [THROTTLING_TEST, "one peer has throttler-inbound-node-max-processing-msgs unhandled messages at most"],
    },
  ),
  "throttler-inbound-bandwidth-refill-rate": uint(
    DEFAULT_INBOUND_BANDWIDTH_REFILL_RATE,
    "Bytes a second that one peer may send",
    {
      ...BYTES_PER_SECOND,
      test: [
        THROTTLING_TEST,
        "one peer sends throttler-inbound-bandwidth-max-burst-size at once, and throttler-inbound-bandwidth-refill-rate a second",
      ],
    },
  ),
  "throttler-inbound-bandwidth-max-burst-size": uint(
    DEFAULT_INBOUND_BANDWIDTH_MAX_BURST_SIZE,
    "Bytes that one peer may send at once",
    {
      ...BYTES,
      test: [
        THROTTLING_TEST,
        "one peer sends throttler-inbound-bandwidth-max-burst-size at once, and throttler-inbound-bandwidth-refill-rate a second",
      ],
    },
  ),
  "throttler-inbound-cpu-max-recheck-delay": duration(
    DEFAULT_INBOUND_CPU_MAX_RECHECK_DELAY_MS,
    "The longest wait before CPU use is looked at again",
    { test: [THROTTLING_TEST, "the use of the cpu is looked at again after what the flag says"] },
  ),
  "throttler-inbound-disk-max-recheck-delay": duration(
    DEFAULT_INBOUND_DISK_MAX_RECHECK_DELAY_MS,
    "The longest wait before disk use is looked at again",
    { test: [THROTTLING_TEST, "the use of the disk is looked at again after what the flag says"] },
  ),
  "throttler-inbound-cpu-validator-alloc": float(CPU.vdrAlloc, "CPUs kept for validators", {
    ...CPUS,
    test: [THROTTLING_TEST, "what validators may use of the cpu is what the flag says"],
  }),
  "throttler-inbound-cpu-max-non-validator-usage": float(
    CPU.maxNonVdrUsage,
    "CPUs in use above which peers without stake must wait",
    { ...CPUS, test: [THROTTLING_TEST, "what a peer may use of the cpu without stake is what the flags say"] },
  ),
  "throttler-inbound-cpu-max-non-validator-node-usage": float(
    CPU.maxNonVdrNodeUsage,
    "CPUs that one peer without stake may use",
    { ...CPUS, test: [THROTTLING_TEST, "what a peer may use of the cpu without stake is what the flags say"] },
  ),
  "throttler-inbound-disk-validator-alloc": float(DISK.vdrAlloc, "Disk bytes a second kept for validators", {
    ...BYTES_PER_SECOND,
    test: [THROTTLING_TEST, "what validators may use of the disk is what the flag says"],
  }),
  "throttler-inbound-disk-max-non-validator-usage": float(
    DISK.maxNonVdrUsage,
    "Disk bytes a second above which peers without stake must wait",
    {
      ...BYTES_PER_SECOND,
      test: [THROTTLING_TEST, "what a peer may use of the disk without stake is what the flags say"],
    },
  ),
  "throttler-inbound-disk-max-non-validator-node-usage": float(
    DISK.maxNonVdrNodeUsage,
    "Disk bytes a second that one peer without stake may use",
    {
      ...BYTES_PER_SECOND,
      test: [THROTTLING_TEST, "what a peer may use of the disk without stake is what the flags say"],
    },
  ),
  "throttler-outbound-at-large-alloc-size": uint(
    DEFAULT_OUTBOUND_AT_LARGE_ALLOC_SIZE,
    "Bytes of unsent messages that all peers share",
    {
      ...BYTES,
      test: [THROTTLING_TEST, "messages to all strangers wait up to throttler-outbound-at-large-alloc-size"],
    },
  ),
  "throttler-outbound-validator-alloc-size": uint(
    DEFAULT_OUTBOUND_VDR_ALLOC_SIZE,
    "Bytes of unsent messages that validators share",
    {
      ...BYTES,
      test: [
        THROTTLING_TEST,
        "messages to validators have throttler-outbound-validator-alloc-size beside what all share",
      ],
    },
  ),
  "throttler-outbound-node-max-at-large-bytes": uint(
    DEFAULT_OUTBOUND_NODE_MAX_AT_LARGE_BYTES,
    "The most that one peer may take of the bytes that all share",
    {
      ...BYTES,
      test: [THROTTLING_TEST, "messages to one stranger wait up to throttler-outbound-node-max-at-large-bytes"],
    },
  ),
});

export const TRACKER_FLAGS = group("System resources", {
  "system-tracker-frequency": duration(
    DEFAULT_SYSTEM_TRACKER_FREQUENCY_MS,
    "How often the use of CPU and disk is measured",
    { test: [RESOURCES_TEST, "the use of the machine is measured every system-tracker-frequency"] },
  ),
  "system-tracker-processing-halflife": duration(
    DEFAULT_SYSTEM_TRACKER_PROCESSING_HALFLIFE_MS,
    "The half-life of the time spent on a peer",
    { test: [THROTTLING_TEST, "what a peer has caused is forgotten by system-tracker-processing-halflife"] },
  ),
  "system-tracker-cpu-halflife": duration(DEFAULT_SYSTEM_TRACKER_CPU_HALFLIFE_MS, "The half-life of CPU use", {
    test: [RESOURCES_TEST, "averages of the processor's use have system-tracker-cpu-halflife"],
  }),
  "system-tracker-disk-halflife": duration(DEFAULT_SYSTEM_TRACKER_DISK_HALFLIFE_MS, "The half-life of disk use", {
    test: [RESOURCES_TEST, "averages of the disk's use have system-tracker-disk-halflife"],
  }),
  [REQUIRED_SPACE]: uint(3, "Free disk space below which the node stops", {
    ...PERCENT,
    test: [FULL_DISK_TEST, "a disk is too full for the node, or for its health, as system-tracker-disk-… says"],
  }),
  [WARNING_SPACE]: uint(10, "Free disk space below which the node is unhealthy", {
    ...PERCENT,
    test: [FULL_DISK_TEST, "a disk is too full for the node, or for its health, as system-tracker-disk-… says"],
  }),
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
