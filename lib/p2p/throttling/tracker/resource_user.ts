/**
 * What this process uses of the machine.
 *
 * @module
 */

/** Reads what is used at the moment. All reads are cheap: they are made for each message. */
export interface ResourceUser {
  /** Processor cores: 1.5 is one and a half. */
  cpuUsage(): number;
  /** Bytes read from the disk per second. */
  diskReadUsage(): number;
  /** Bytes written to the disk per second. */
  diskWriteUsage(): number;
  /** Bytes left on the volume of the database; `Infinity` while unknown. */
  availableDiskBytes(): number;
  /** Whole percent of that volume, 0 to 100. */
  availableDiskPercentage(): number;
}

/** Uses nothing: for simulations and for nodes that share a process, where use cannot be told apart. */
export const NO_USAGE: ResourceUser = {
  cpuUsage: () => 0,
  diskReadUsage: () => 0,
  diskWriteUsage: () => 0,
  availableDiskBytes: () => Number.POSITIVE_INFINITY,
  availableDiskPercentage: () => 100,
};
