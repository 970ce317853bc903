/**
 * Flags of the throttlers and of the trackers that they go by.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { amount, duration, float, group, uint } from "../flag.ts";
import { THROTTLES_NOTHING } from "../inert.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const KIB = 1_024n;
const MIB = 1_024n * KIB;
const CPUS = availableParallelism();

/** 1000 GiB a second: no limit in practice (upstream `config/flags.go`). */
const UNLIMITED_DISK = 1_000 * 2 ** 30;

export const THROTTLER_FLAGS = group("Throttling", {
  "throttler-inbound-at-large-alloc-size": amount(6n * MIB, "Bytes of unhandled messages that all peers share", {
    unit: "bytes",
    inert: THROTTLES_NOTHING,
  }),
  "throttler-inbound-validator-alloc-size": amount(32n * MIB, "Bytes of unhandled messages that validators share", {
    unit: "bytes",
    inert: THROTTLES_NOTHING,
  }),
  "throttler-inbound-node-max-at-large-bytes": amount(2n * MIB, "The most that one peer may take of the shared bytes", {
    unit: "bytes",
    inert: THROTTLES_NOTHING,
  }),
  "throttler-inbound-node-max-processing-msgs": amount(1_024n, "Unhandled messages of one peer", {
    unit: "messages",
    inert: THROTTLES_NOTHING,
  }),
  "throttler-inbound-bandwidth-refill-rate": amount(512n * KIB, "Bytes a second that one peer may send", {
    unit: "bytes/s",
    inert: THROTTLES_NOTHING,
  }),
  "throttler-inbound-bandwidth-max-burst-size": amount(2n * MIB, "Bytes that one peer may send at once", {
    unit: "bytes",
    inert: THROTTLES_NOTHING,
  }),
  "throttler-inbound-cpu-max-recheck-delay": duration(
    5 * SECOND,
    "The longest wait before CPU use is looked at again",
    {
      inert: THROTTLES_NOTHING,
    },
  ),
  "throttler-inbound-disk-max-recheck-delay": duration(
    5 * SECOND,
    "The longest wait before disk use is looked at again",
    { inert: THROTTLES_NOTHING },
  ),
  "throttler-inbound-cpu-validator-alloc": float(CPUS, "CPUs kept for validators", {
    unit: "CPUs",
    inert: THROTTLES_NOTHING,
  }),
  "throttler-inbound-cpu-max-non-validator-usage": float(0.8 * CPUS, "CPUs in use above which others must wait", {
    unit: "CPUs",
    inert: THROTTLES_NOTHING,
  }),
  "throttler-inbound-cpu-max-non-validator-node-usage": float(CPUS / 8, "CPUs that one peer without stake may use", {
    unit: "CPUs",
    inert: THROTTLES_NOTHING,
  }),
  "throttler-inbound-disk-validator-alloc": float(UNLIMITED_DISK, "Disk bytes a second kept for validators", {
    unit: "bytes/s",
    inert: THROTTLES_NOTHING,
  }),
  "throttler-inbound-disk-max-non-validator-usage": float(UNLIMITED_DISK, "Disk use above which others must wait", {
    unit: "bytes/s",
    inert: THROTTLES_NOTHING,
  }),
  "throttler-inbound-disk-max-non-validator-node-usage": float(
    UNLIMITED_DISK,
    "Disk bytes a second that one peer without stake may use",
    { unit: "bytes/s", inert: THROTTLES_NOTHING },
  ),
  "throttler-outbound-at-large-alloc-size": amount(32n * MIB, "Bytes of unsent messages that all peers share", {
    unit: "bytes",
    inert: THROTTLES_NOTHING,
  }),
  "throttler-outbound-validator-alloc-size": amount(32n * MIB, "Bytes of unsent messages that validators share", {
    unit: "bytes",
    inert: THROTTLES_NOTHING,
  }),
  "throttler-outbound-node-max-at-large-bytes": amount(
    2n * MIB,
    "The most that one peer may take of the shared bytes",
    {
      unit: "bytes",
      inert: THROTTLES_NOTHING,
    },
  ),
});

export const TRACKER_FLAGS = group("System resources", {
  "system-tracker-frequency": duration(SECOND / 2, "How often the use of CPU and disk is measured", {
    inert: THROTTLES_NOTHING,
  }),
  "system-tracker-processing-halflife": duration(15 * SECOND, "The half-life of the time spent on a peer", {
    inert: THROTTLES_NOTHING,
  }),
  "system-tracker-cpu-halflife": duration(15 * SECOND, "The half-life of CPU use", { inert: THROTTLES_NOTHING }),
  "system-tracker-disk-halflife": duration(MINUTE, "The half-life of disk use", { inert: THROTTLES_NOTHING }),
  "system-tracker-disk-required-available-space-percentage": uint(3, "Free disk space below which the node stops", {
    unit: "percent, 0 to 50",
  }),
  "system-tracker-disk-warning-available-space-percentage": uint(
    10,
    "Free disk space below which the node is unhealthy",
    { unit: "percent, 0 to 50" },
  ),
  "system-tracker-disk-required-available-space": amount(0n, "Free disk space below which the node stops", {
    unit: "bytes",
    replacedBy: "system-tracker-disk-required-available-space-percentage",
    inert: "it was replaced by system-tracker-disk-required-available-space-percentage",
  }),
  "system-tracker-disk-warning-threshold-available-space": amount(
    0n,
    "Free disk space below which the node is unhealthy",
    {
      unit: "bytes",
      replacedBy: "system-tracker-disk-warning-available-space-percentage",
      inert: "it was replaced by system-tracker-disk-warning-available-space-percentage",
    },
  ),
});
