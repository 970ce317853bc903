/**
 * Where peers are listened for, and what counts as stake.
 *
 * @module
 */

import { isProductionNetwork, networkName } from "../../../platform/networks.ts";
import { requiredConnectedStake } from "../../health/checks.ts";
import { refuseTogether, refuseValue, requirePort, requireRange } from "../rules.ts";
import type { Settings } from "../settings.ts";

/** How a node takes part in its network. */
export interface StakingConfig {
  /** An IP or a name; empty for all addresses. */
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly sybilProtectionEnabled: boolean;
  /** The weight of every connected peer without sybil protection. */
  readonly sybilProtectionDisabledWeight: bigint;
  /** 0 to 1. */
  readonly uptimeRequirement: number;
  /** Seconds. */
  readonly maxStakeDurationSeconds: bigint;
  /** The share of stake, 0 to 1, that must be connected for the node to be healthy. */
  readonly requiredConnectedStake: number;
}

/** What mainnet and fuji demand, whatever the flag says (upstream `genesis/genesis_mainnet.go`). */
const PUBLIC_UPTIME_REQUIREMENT = 0.8;
const MILLIONTHS = 1_000_000;

/** @throws {ConfigError} `invalid-value` or `conflict`. */
export function stakingConfig(settings: Settings, networkID: number): StakingConfig {
  const sybilProtectionEnabled = settings.get("sybil-protection-enabled");
  const sybilProtectionDisabledWeight = settings.get("sybil-protection-disabled-weight");
  if (!sybilProtectionEnabled && sybilProtectionDisabledWeight === 0n) {
    throw refuseValue(settings, "sybil-protection-disabled-weight", "positive without sybil protection");
  }
  if (!sybilProtectionEnabled && isProductionNetwork(networkID)) {
    throw refuseTogether(
      ["sybil-protection-enabled", "network-id"],
      `sybil protection disabled on public network: ${networkName(networkID)}`,
      "Choose a network of your own with network-id",
    );
  }
  const isPublic = isProductionNetwork(networkID);
  if (!isPublic) checkStakeRules(settings);
  return {
    host: settings.get("staking-host"),
    port: requirePort(settings, "staking-port"),
    sybilProtectionEnabled,
    sybilProtectionDisabledWeight,
    uptimeRequirement: isPublic ? PUBLIC_UPTIME_REQUIREMENT : settings.get("uptime-requirement"),
    maxStakeDurationSeconds: BigInt(Math.trunc(settings.get("max-stake-duration") / 1_000)),
    requiredConnectedStake: connectedStake(settings),
  };
}

function checkStakeRules(settings: Settings): void {
  requireRange(settings, "uptime-requirement", 0, 1);
  if (settings.get("min-validator-stake") > settings.get("max-validator-stake")) {
    throw refuseTogether(
      ["min-validator-stake", "max-validator-stake"],
      "minimum validator stake can't be greater than maximum validator stake",
    );
  }
  requireRange(settings, "min-delegation-fee", 0, MILLIONTHS);
  for (const flag of ["min-stake-duration", "helicon-min-stake-duration"] as const) {
    if (settings.get(flag) <= 0) throw refuseValue(settings, flag, "positive");
    if (settings.get("max-stake-duration") < settings.get(flag)) {
      throw refuseTogether([flag, "max-stake-duration"], `max-stake-duration can't be less than ${flag}`);
    }
  }
  if (settings.get("stake-max-consumption-rate") > BigInt(MILLIONTHS)) {
    throw refuseValue(settings, "stake-max-consumption-rate", `at most ${MILLIONTHS}`);
  }
  if (settings.get("stake-max-consumption-rate") < settings.get("stake-min-consumption-rate")) {
    throw refuseTogether(
      ["stake-min-consumption-rate", "stake-max-consumption-rate"],
      "stake-max-consumption-rate can't be less than stake-min-consumption-rate",
    );
  }
  if (settings.get("stake-minting-period") < settings.get("max-stake-duration")) {
    throw refuseTogether(
      ["stake-minting-period", "max-stake-duration"],
      "stake-minting-period can't be less than max-stake-duration",
    );
  }
}

/** Checks the parameters of polls, and works out from them how much stake must be connected. */
function connectedStake(settings: Settings): number {
  const k = settings.get("snow-sample-size");
  const quorum = settings.isSet("snow-quorum-size") ? settings.get("snow-quorum-size") : undefined;
  const alphaPreference = quorum ?? settings.get("snow-preference-quorum-size");
  const alphaConfidence = quorum ?? settings.get("snow-confidence-quorum-size");
  const preferenceFlag = quorum === undefined ? "snow-preference-quorum-size" : "snow-quorum-size";
  const confidenceFlag = quorum === undefined ? "snow-confidence-quorum-size" : "snow-quorum-size";
  if (alphaPreference <= k / 2) {
    throw refuseValue(settings, preferenceFlag, `more than half of snow-sample-size, which is ${k}`);
  }
  if (alphaConfidence < alphaPreference) {
    throw refuseValue(settings, confidenceFlag, `at least ${preferenceFlag}, which is ${alphaPreference}`);
  }
  if (alphaConfidence > k) throw refuseValue(settings, confidenceFlag, `at most snow-sample-size, which is ${k}`);
  for (const flag of [
    "snow-commit-threshold",
    "snow-concurrent-repolls",
    "snow-optimal-processing",
    "snow-max-processing",
    "snow-max-time-processing",
  ] as const) {
    if (settings.get(flag) <= 0) throw refuseValue(settings, flag, "positive");
  }
  if (settings.get("snow-concurrent-repolls") > settings.get("snow-commit-threshold")) {
    throw refuseValue(settings, "snow-concurrent-repolls", "at most snow-commit-threshold");
  }
  return requiredConnectedStake(alphaConfidence, k);
}
