/**
 * All throttlers of the way in as one: buffer, bandwidth, CPU, disk, bytes, in upstream's order
 * (`network/throttling/inbound_msg_throttler.go`), and before them what decompressed messages hold.
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import type { Logger } from "../../core/log.ts";
import type { MetricsNamespace } from "../../core/metrics.ts";
import type { ValidatorManager } from "../../core/validators/manager.ts";
import { BandwidthThrottler, type BandwidthThrottlerOptions } from "./bandwidth_throttler.ts";
import type { MsgByteThrottlerOptions } from "./byte_pools.ts";
import type { Acquisition, InboundMsgThrottler } from "./contract.ts";
import {
  DecompressedByteThrottler,
  type DecompressedByteThrottlerOptions,
  type DecompressedByteThrottlerState,
} from "./decompressed_byte_throttler.ts";
import {
  InboundMsgBufferThrottler,
  type InboundMsgBufferThrottlerOptions,
  type InboundMsgBufferThrottlerState,
} from "./inbound_msg_buffer_throttler.ts";
import { InboundMsgByteThrottler, type InboundMsgByteThrottlerState } from "./inbound_msg_byte_throttler.ts";
import {
  DEFAULT_INBOUND_CPU_MAX_RECHECK_DELAY_MS,
  DEFAULT_INBOUND_DISK_MAX_RECHECK_DELAY_MS,
  SystemThrottler,
  type SystemThrottlerOptions,
} from "./inbound_resource_throttler.ts";
import type { InboundRequest } from "./stage.ts";
import type { Tracker } from "./tracker/resource_tracker.ts";
import type { Targeter } from "./tracker/targeter.ts";

export interface InboundMsgThrottlerOptions {
  readonly bytes?: MsgByteThrottlerOptions;
  readonly buffer?: InboundMsgBufferThrottlerOptions;
  readonly bandwidth?: BandwidthThrottlerOptions;
  readonly cpu?: SystemThrottlerOptions;
  readonly disk?: SystemThrottlerOptions;
  readonly decompressed?: DecompressedByteThrottlerOptions;
}

export interface InboundMsgThrottlerModules {
  readonly clock: Clock;
  readonly validators: ValidatorManager;
  /** What each node has used of the processor, and what it may. */
  readonly cpu: { readonly tracker: Tracker; readonly targeter: Targeter };
  /** What each node has read from the disk, and what it may. */
  readonly disk: { readonly tracker: Tracker; readonly targeter: Targeter };
  readonly log?: Logger | undefined;
  /** `avalanche_network`. */
  readonly metrics?: MetricsNamespace | undefined;
}

/** What is held and who waits, for tests and reports. */
export interface InboundMsgThrottlerState {
  readonly buffer: InboundMsgBufferThrottlerState;
  readonly bytes: InboundMsgByteThrottlerState;
  readonly decompressed: DecompressedByteThrottlerState;
}

/** Holds up the messages of those who take too much of anything, however many node IDs they have. */
export class SybilInboundMsgThrottler implements InboundMsgThrottler {
  readonly #clock: Clock;
  readonly #stages: Stages;

  constructor(modules: InboundMsgThrottlerModules, options: InboundMsgThrottlerOptions = {}) {
    const { clock, metrics } = modules;
    this.#clock = clock;
    this.#stages = {
      decompressed: new DecompressedByteThrottler(modules, options.decompressed),
      buffer: new InboundMsgBufferThrottler(modules, options.buffer),
      bandwidth: new BandwidthThrottler(modules, options.bandwidth),
      cpu: new SystemThrottler(
        "cpu",
        { clock, metrics, ...modules.cpu },
        { maxRecheckDelayMs: DEFAULT_INBOUND_CPU_MAX_RECHECK_DELAY_MS, ...options.cpu },
      ),
      disk: new SystemThrottler(
        "disk",
        { clock, metrics, ...modules.disk },
        { maxRecheckDelayMs: DEFAULT_INBOUND_DISK_MAX_RECHECK_DELAY_MS, ...options.disk },
      ),
      bytes: new InboundMsgByteThrottler(modules, options.bytes),
    };
  }

  addNode(nodeID: NodeID): void {
    this.#stages.bandwidth.addNode(nodeID);
  }

  removeNode(nodeID: NodeID): void {
    this.#stages.bandwidth.removeNode(nodeID);
  }

  acquire(size: number, nodeID: NodeID, onGranted: () => void): Acquisition {
    const message = new MessageAcquisition(this.#stages, this.#clock, size, nodeID, onGranted);
    message.proceed();
    return message;
  }

  /** How many nodes are read from. */
  get nodes(): number {
    return this.#stages.bandwidth.nodes;
  }

  state(): InboundMsgThrottlerState {
    const { buffer, bytes, decompressed } = this.#stages;
    return { buffer: buffer.state(), bytes: bytes.state(), decompressed: decompressed.state() };
  }
}

interface Stages {
  readonly decompressed: DecompressedByteThrottler;
  readonly buffer: InboundMsgBufferThrottler;
  readonly bandwidth: BandwidthThrottler;
  readonly cpu: SystemThrottler;
  readonly disk: SystemThrottler;
  readonly bytes: InboundMsgByteThrottler;
}

/** The order in which they are asked. */
const STAGE_ORDER = [
  "decompressed",
  "buffer",
  "bandwidth",
  "cpu",
  "disk",
  "bytes",
] as const satisfies readonly (keyof Stages)[];

/** One message on its way through the stages: the only object that is made for it. */
class MessageAcquisition implements Acquisition, InboundRequest {
  granted = false;
  buffered = false;
  decompressedBytes = 0;
  bytesNeeded: number;
  askedAtMs = 0;
  readonly size: number;
  readonly nodeID: NodeID;
  readonly #stages: Stages;
  readonly #clock: Clock;
  readonly #onGranted: () => void;
  /** How many stages have granted. */
  #passed = 0;
  #released = false;

  constructor(stages: Stages, clock: Clock, size: number, nodeID: NodeID, onGranted: () => void) {
    this.bytesNeeded = size;
    this.size = size;
    this.nodeID = nodeID;
    this.#stages = stages;
    this.#clock = clock;
    this.#onGranted = onGranted;
  }

  /** Goes on until a stage makes it wait, or all have granted. Written out, not looped: each message comes here. */
  proceed(): void {
    const { decompressed, buffer, bandwidth, cpu, disk, bytes } = this.#stages;
    let passed = this.#passed;
    this.askedAtMs = this.#clock.monotonic();
    if (passed === 0 && decompressed.acquire(this)) passed = 1;
    if (passed === 1 && buffer.acquire(this)) passed = 2;
    if (passed === 2 && bandwidth.acquire(this)) passed = 3;
    if (passed === 3 && cpu.acquire(this)) passed = 4;
    if (passed === 4 && disk.acquire(this)) passed = 5;
    if (passed === 5 && bytes.acquire(this)) passed = 6;
    this.#passed = passed;
    this.granted = passed === STAGE_ORDER.length;
  }

  onRoom(): void {
    // Released by whoever was told before it, between the room and the word of it.
    if (this.#released) return;
    this.#passed++;
    this.proceed();
    if (this.granted) this.#onGranted();
  }

  decompressed(bytes: number): void {
    if (!this.#released) this.#stages.decompressed.add(this, bytes);
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    const waitsFor = STAGE_ORDER[this.#passed];
    if (waitsFor !== undefined) this.#stages[waitsFor].cancel(this);
    // Bandwidth, processor and disk are spent: they have nothing to get back.
    this.#stages.buffer.release(this);
    if (waitsFor === undefined || waitsFor === "bytes") this.#stages.bytes.release(this);
    this.#stages.decompressed.release(this);
  }
}

const GRANTED: Acquisition = { granted: true, decompressed: () => {}, release: () => {} };

/** Grants everything: for single connections that somebody watches. */
export const NO_INBOUND_MSG_THROTTLER: InboundMsgThrottler = {
  addNode: () => {},
  removeNode: () => {},
  acquire: () => GRANTED,
};
