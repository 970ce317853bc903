import { describe, expect, test } from "bun:test";
import { ManualClock } from "../../lib/core/clock.ts";
import { toNanoseconds } from "../../lib/core/duration.ts";
import { parseAddrPort } from "../../lib/core/ip.ts";
import { createLogger } from "../../lib/core/log.ts";
import {
  BandwidthThrottler,
  DEFAULT_INBOUND_BANDWIDTH_MAX_BURST_SIZE,
  DEFAULT_INBOUND_BANDWIDTH_REFILL_RATE,
} from "../../lib/p2p/throttling/bandwidth_throttler.ts";
import type { MsgByteThrottlerOptions } from "../../lib/p2p/throttling/byte_pools.ts";
import { CooldownInboundConnUpgradeThrottler } from "../../lib/p2p/throttling/inbound_conn_upgrade_throttler.ts";
import {
  DEFAULT_INBOUND_MAX_PROCESSING_MSGS_PER_NODE,
  InboundMsgBufferThrottler,
} from "../../lib/p2p/throttling/inbound_msg_buffer_throttler.ts";
import {
  DEFAULT_INBOUND_AT_LARGE_ALLOC_SIZE,
  DEFAULT_INBOUND_NODE_MAX_AT_LARGE_BYTES,
  DEFAULT_INBOUND_VDR_ALLOC_SIZE,
  InboundMsgByteThrottler,
} from "../../lib/p2p/throttling/inbound_msg_byte_throttler.ts";
import {
  DEFAULT_OUTBOUND_AT_LARGE_ALLOC_SIZE,
  DEFAULT_OUTBOUND_NODE_MAX_AT_LARGE_BYTES,
  DEFAULT_OUTBOUND_VDR_ALLOC_SIZE,
  SybilOutboundMsgThrottler,
} from "../../lib/p2p/throttling/outbound_msg_throttler.ts";
import type { InboundStage } from "../../lib/p2p/throttling/stage.ts";
import { NanosecondClock } from "../support/nanosecond_clock.ts";
import { setWeight, TestRequest, validatorsOf } from "../support/throttling.ts";
import { loadVectors } from "../support/vectors.ts";

interface Trace<C, S> {
  readonly name: string;
  readonly config: C;
  readonly weights?: Readonly<Record<string, number>>;
  readonly steps: readonly S[];
}

interface InboundStep {
  readonly op: "acquire" | "release" | "cancel" | "setWeight";
  readonly node: string;
  readonly id?: number;
  readonly size?: number;
  readonly weight?: number;
  readonly result?: "granted" | "waiting" | "alreadyWaiting";
  readonly state: object;
  readonly woken: readonly number[];
}

interface OutboundStep {
  readonly op: "acquire" | "release" | "setWeight";
  readonly node: string;
  readonly id?: number;
  readonly size?: number;
  readonly weight?: number;
  readonly bypassThrottling?: boolean;
  readonly acquired?: boolean;
  readonly state: object;
}

interface BandwidthStep {
  readonly op: "acquire" | "addNode" | "removeNode" | "cancel";
  readonly node: string;
  readonly atNs: string;
  readonly id?: number;
  readonly size?: number;
  readonly returnedAtNs?: string;
  readonly waitedNs?: string;
}

interface UpgradeStep {
  readonly addrPort: string;
  readonly atNs: string;
  readonly shouldUpgrade: boolean;
}

const vectors = loadVectors<{
  readonly defaults: Readonly<Record<string, number>>;
  readonly inboundMsgByte: readonly Trace<MsgByteThrottlerOptions, InboundStep>[];
  readonly inboundMsgBuffer: readonly Trace<{ readonly maxProcessingMsgsPerNode: number }, InboundStep>[];
  readonly outboundMsg: readonly Trace<MsgByteThrottlerOptions, OutboundStep>[];
  readonly bandwidth: readonly Trace<
    { readonly bandwidthRefillRate: number; readonly bandwidthMaxBurstRate: number },
    BandwidthStep
  >[];
  readonly inboundConnUpgrade: readonly Trace<
    { readonly maxRecentConnsUpgraded: number; readonly upgradeCooldownNs: string },
    UpgradeStep
  >[];
}>("throttling");

const DEFAULTS: Readonly<Record<string, number>> = {
  inboundAtLargeAllocSize: DEFAULT_INBOUND_AT_LARGE_ALLOC_SIZE,
  inboundBandwidthMaxBurstSize: DEFAULT_INBOUND_BANDWIDTH_MAX_BURST_SIZE,
  inboundBandwidthRefillRate: DEFAULT_INBOUND_BANDWIDTH_REFILL_RATE,
  inboundMaxProcessingMsgsPerNode: DEFAULT_INBOUND_MAX_PROCESSING_MSGS_PER_NODE,
  inboundNodeMaxAtLargeBytes: DEFAULT_INBOUND_NODE_MAX_AT_LARGE_BYTES,
  inboundVdrAllocSize: DEFAULT_INBOUND_VDR_ALLOC_SIZE,
  outboundAtLargeAllocSize: DEFAULT_OUTBOUND_AT_LARGE_ALLOC_SIZE,
  outboundNodeMaxAtLargeBytes: DEFAULT_OUTBOUND_NODE_MAX_AT_LARGE_BYTES,
  outboundVdrAllocSize: DEFAULT_OUTBOUND_VDR_ALLOC_SIZE,
};

/** A step as a test's message shows it. */
function label(step: object, i: number): string {
  const { state: _state, ...rest } = step as { readonly state?: object };
  return `step ${i}: ${JSON.stringify(rest)}`;
}

/** Expects what was recorded, and names the step where it is not so. */
function expectStep(actual: object, recorded: object, step: object, i: number): void {
  expect({ step: label(step, i), ...actual }).toEqual({ step: label(step, i), ...recorded });
}

/** A throttler of the way in under replay. */
interface Replayed {
  readonly stage: InboundStage;
  state(): object;
  setWeight?(node: string, weight: number): void;
  /** Whether the last acquire was refused because its node waits already. */
  alreadyWaiting?(): boolean;
}

function replayInbound(steps: readonly InboundStep[], { stage, ...replayed }: Replayed): void {
  const requests = new Map<number, TestRequest>();
  let woken: number[] = [];
  steps.forEach((step, i) => {
    woken = [];
    const { id = 0 } = step;
    let result: InboundStep["result"];
    switch (step.op) {
      case "acquire": {
        const request = new TestRequest(step.node, step.size ?? 0, () => woken.push(id));
        requests.set(id, request);
        const granted = stage.acquire(request);
        result = granted ? (replayed.alreadyWaiting?.() ? "alreadyWaiting" : "granted") : "waiting";
        break;
      }
      case "cancel":
        stage.cancel(requests.get(id) as TestRequest);
        break;
      case "release":
        stage.release(requests.get(id) as TestRequest);
        break;
      case "setWeight":
        replayed.setWeight?.(step.node, step.weight as number);
        break;
    }
    expectStep(
      { result, woken, state: replayed.state() },
      { result: step.result, woken: step.woken, state: step.state },
      step,
      i,
    );
  });
}

describe("throttling.json", () => {
  for (const [name, value] of Object.entries(vectors.defaults)) {
    test(`default ${name}`, () => expect(DEFAULTS[name]).toBe(value));
  }

  vectors.inboundMsgByte.forEach(({ name, config, weights = {}, steps }, i) => {
    test(`inboundMsgByte #${i}: ${name}`, () => {
      const validators = validatorsOf(weights);
      let errors = 0;
      const log = createLogger((level) => {
        if (level === "error") errors++;
      });
      const stage = new InboundMsgByteThrottler({ clock: new ManualClock(), validators, log }, config);
      replayInbound(steps, {
        stage,
        state: () => stage.state(),
        setWeight: (node, weight) => setWeight(validators, node, BigInt(weight)),
        alreadyWaiting: () => {
          const said = errors > 0;
          errors = 0;
          return said;
        },
      });
    });
  });

  vectors.inboundMsgBuffer.forEach(({ name, config, steps }, i) => {
    test(`inboundMsgBuffer #${i}: ${name}`, () => {
      const stage = new InboundMsgBufferThrottler({ clock: new ManualClock() }, config);
      // The reference keeps who waits in a map: the order is the recording's, not a fact.
      const sorted = <T extends { readonly waitingNodes: readonly string[] }>(state: T) => {
        return { ...state, waitingNodes: state.waitingNodes.toSorted() };
      };
      replayInbound(
        steps.map((step) => ({ ...step, state: sorted(step.state as ReturnType<typeof stage.state>) })),
        { stage, state: () => sorted(stage.state()) },
      );
    });
  });

  vectors.outboundMsg.forEach(({ name, config, weights = {}, steps }, i) => {
    test(`outboundMsg #${i}: ${name}`, () => {
      const validators = validatorsOf(weights);
      const throttler = new SybilOutboundMsgThrottler({ validators }, config);
      const taken = new Map<number, Parameters<SybilOutboundMsgThrottler["acquire"]>>();
      steps.forEach((step, j) => {
        const { id = 0, size = 0, bypassThrottling = false } = step;
        let acquired: boolean | undefined;
        switch (step.op) {
          case "acquire": {
            const message = [size, new TestRequest(step.node, size).nodeID, bypassThrottling] as const;
            taken.set(id, [...message]);
            acquired = throttler.acquire(...message);
            break;
          }
          case "release":
            throttler.release(...(taken.get(id) as Parameters<SybilOutboundMsgThrottler["release"]>));
            break;
          case "setWeight":
            setWeight(validators, step.node, BigInt(step.weight as number));
            break;
        }
        expectStep({ acquired, state: throttler.state() }, { acquired: step.acquired, state: step.state }, step, j);
      });
    });
  });

  vectors.bandwidth.forEach(({ name, config, steps }, i) => {
    test(`bandwidth #${i}: ${name}`, () => {
      const clock = new NanosecondClock();
      const throttler = new BandwidthThrottler(
        { clock },
        { refillRate: config.bandwidthRefillRate, maxBurstSize: config.bandwidthMaxBurstRate },
      );
      const requests = new Map<number, TestRequest>();
      const returnedAtNs = new Map<number, number>();
      for (const step of steps) {
        clock.advanceTo(Number(step.atNs));
        const { id = 0 } = step;
        const returned = (): void => {
          returnedAtNs.set(id, clock.nowNs);
        };
        const request = requests.get(id) ?? new TestRequest(step.node, step.size ?? 0, returned, clock.monotonic());
        switch (step.op) {
          case "addNode":
            throttler.addNode(request.nodeID);
            break;
          case "removeNode":
            throttler.removeNode(request.nodeID);
            break;
          case "acquire":
            requests.set(id, request);
            if (throttler.acquire(request)) returned();
            break;
          case "cancel":
            throttler.cancel(request);
            if (!returnedAtNs.has(id)) returned();
            break;
        }
      }
      clock.finish();
      steps.forEach((step, j) => {
        if (step.op !== "acquire") return;
        const at = returnedAtNs.get(step.id as number) as number;
        expectStep(
          { returnedAtNs: String(at), waitedNs: String(at - Number(step.atNs)) },
          { returnedAtNs: step.returnedAtNs, waitedNs: step.waitedNs },
          step,
          j,
        );
      });
    });
  });

  vectors.inboundConnUpgrade.forEach(({ name, config, steps }, i) => {
    test(`inboundConnUpgrade #${i}: ${name}`, () => {
      const clock = new NanosecondClock();
      const upgradeCooldownMs = Number(config.upgradeCooldownNs) / toNanoseconds(1);
      const { maxRecentConnsUpgraded } = config;
      const throttler = new CooldownInboundConnUpgradeThrottler(
        { clock },
        { upgradeCooldownMs, maxRecentConnsUpgraded },
      );
      steps.forEach((step, j) => {
        clock.advanceTo(Number(step.atNs));
        const shouldUpgrade = throttler.shouldUpgrade(parseAddrPort(step.addrPort).ip);
        expectStep({ shouldUpgrade }, { shouldUpgrade: step.shouldUpgrade }, step, j);
      });
    });
  });
});
