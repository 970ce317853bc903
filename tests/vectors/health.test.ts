import { describe, expect, test } from "bun:test";
import { Averager } from "../../lib/core/averager.ts";
import { type HealthFinding, judgeNetworkHealth } from "../../lib/p2p/network/health.ts";
import { loadVectors } from "../support/vectors.ts";

interface HealthCase {
  readonly name: string;
  readonly checkAtNs: string;
  readonly config: {
    readonly enabled: boolean;
    readonly maxSendFailRate: number;
    readonly maxTimeSinceMsgReceivedNs: string;
    readonly maxTimeSinceMsgSentNs: string;
    readonly minConnectedPeers: number;
    readonly noIngressValidatorConnectionGracePeriodNs: string;
    readonly sendFailRateHalflifeNs: string;
  };
  readonly connectedPeers: number;
  readonly ingressConnections: number;
  readonly isPrimaryNetworkValidator: boolean;
  readonly lastReceivedAtNs: string | null;
  readonly lastSentAtNs: string | null;
  readonly sendObservations: readonly { readonly atNs: string; readonly value: number }[];
  readonly startUnix: number;
  readonly details: Readonly<Record<string, unknown>>;
  readonly healthy: boolean;
  readonly error: string | null;
}

const vectors = loadVectors<{
  readonly keys: readonly string[];
  readonly cases: readonly HealthCase[];
}>("health");

const NANOSECONDS_PER_SECOND = 1_000_000_000n;

/** Exact for all that a test can wait for: the times are offsets, not dates. */
function toMs(nanoseconds: string | bigint): number {
  return Number(nanoseconds) / 1e6;
}

/** Since a time that is kept in whole Unix seconds; the network itself starts on one. */
function since(checkAtNs: string, atNs: string | null): number | undefined {
  if (atNs === null) return undefined;
  const kept = (BigInt(atNs) / NANOSECONDS_PER_SECOND) * NANOSECONDS_PER_SECOND;
  return toMs(BigInt(checkAtNs) - kept);
}

function judge({ checkAtNs, config, ...given }: HealthCase): HealthFinding {
  const sendFailRate = new Averager(0, toMs(config.sendFailRateHalflifeNs), 0);
  for (const { atNs, value } of given.sendObservations) sendFailRate.observe(value, toMs(atNs));
  return judgeNetworkHealth(
    {
      connectedPeers: given.connectedPeers,
      timeSinceLastMsgReceivedMs: since(checkAtNs, given.lastReceivedAtNs),
      timeSinceLastMsgSentMs: since(checkAtNs, given.lastSentAtNs),
      sendFailRate: sendFailRate.read(),
      timeSinceStartMs: toMs(checkAtNs),
      ingressConnections: given.ingressConnections,
      isPrimaryNetworkValidator: given.isPrimaryNetworkValidator,
    },
    {
      enabled: config.enabled,
      minConnectedPeers: config.minConnectedPeers,
      maxTimeSinceMsgReceivedMs: toMs(config.maxTimeSinceMsgReceivedNs),
      maxTimeSinceMsgSentMs: toMs(config.maxTimeSinceMsgSentNs),
      maxSendFailRate: config.maxSendFailRate,
      sendFailRateHalflifeMs: toMs(config.sendFailRateHalflifeNs),
      noIngressConnectionsGracePeriodMs: toMs(config.noIngressValidatorConnectionGracePeriodNs),
    },
  );
}

/** A rate is a sum of powers, whose last digits differ between mathematical libraries. */
function rounded(rate: string | number): string {
  return Number(rate).toPrecision(10);
}

function roundedFinding(details: Readonly<Record<string, unknown>>, error: string | null | undefined): object {
  return {
    details: { ...details, sendFailRate: rounded(details["sendFailRate"] as number) },
    error:
      error?.replace(/(failure send rate )(\S+)/, (_, words: string, rate: string) => words + rounded(rate)) ?? null,
  };
}

describe("health.json", () => {
  test("the keys of the details", () => {
    const { details } = judgeNetworkHealth(
      {
        connectedPeers: 1,
        timeSinceLastMsgReceivedMs: 0,
        timeSinceLastMsgSentMs: 0,
        sendFailRate: 0,
        timeSinceStartMs: 1,
        ingressConnections: 0,
        isPrimaryNetworkValidator: false,
      },
      {
        enabled: true,
        minConnectedPeers: 0,
        maxTimeSinceMsgReceivedMs: 0,
        maxTimeSinceMsgSentMs: 0,
        maxSendFailRate: 0,
        sendFailRateHalflifeMs: 1,
        noIngressConnectionsGracePeriodMs: 0,
      },
    );
    expect(Object.keys(details).sort()).toEqual(vectors.keys.toSorted());
  });

  vectors.cases.forEach((recorded, i) => {
    test(`case #${i}: ${recorded.name}`, () => {
      const { details, error } = judge(recorded);
      expect(roundedFinding(details, error)).toEqual(roundedFinding(recorded.details, recorded.error));
      expect(error === undefined).toBe(recorded.healthy);
    });
  });
});
