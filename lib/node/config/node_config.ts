/**
 * What a node is told, checked and in the types that its rooms take.
 *
 * @module
 */

import { type Clock, systemClock } from "../../core/clock.ts";
import type { ID } from "../../core/ids/id.ts";
import { type Random, systemRandom } from "../../core/random.ts";
import { appPath } from "../../p2p/app/loading/load.ts";
import { MAX_TRACKED_SUBNETS } from "../../p2p/peer/handshake.ts";
import type { Bootstrapper } from "../../platform/bootstrappers.ts";
import { PlatformError } from "../../platform/errors.ts";
import type { GenesisConfig } from "../../platform/genesis/config.ts";
import type { GoJSONValue } from "../../platform/go_json/format.ts";
import { networkID } from "../../platform/networks.ts";
import type { UpgradeConfig } from "../../platform/upgrades.ts";
import { effectiveFlags } from "./effective_flags.ts";
import { refuseTogether, refuseWords, requireNotNegative, requirePositive, requireRange } from "./rules.ts";
import { aliasesOf, givenGenesis, upgradesOf } from "./sections/genesis.ts";
import { type HTTPConfig, httpConfig } from "./sections/http.ts";
import { type SignerSource, signerSource, type TLSSource, tlsSource } from "./sections/identity.ts";
import { type LoggingConfig, loggingConfig } from "./sections/logging.ts";
import { type NetworkConfig, networkConfig } from "./sections/network.ts";
import { bootstrapperConfig, stateSyncPeers, trackedSubnets } from "./sections/peers.ts";
import { type StakingConfig, stakingConfig } from "./sections/staking.ts";
import { subnetConfigs } from "./sections/subnets.ts";
import { checkUnused } from "./sections/unused.ts";
import { type ValidatorsConfig, validatorsConfig } from "./sections/validators.ts";
import type { Settings } from "./settings.ts";
import type { SubnetConfig } from "./subnet_config.ts";
import { flagSpec } from "./table.ts";

/** A flag that was set and has no effect on a light node. */
export interface InertFlag {
  readonly name: string;
  readonly reason: string;
}

/** A node's configuration. Durations are milliseconds. */
export interface NodeConfig {
  readonly networkID: number;
  readonly dataDir: string;
  readonly processContextFile: string;
  readonly logging: LoggingConfig;
  readonly tls: TLSSource;
  readonly signer: SignerSource;
  readonly staking: StakingConfig;
  /** Who is asked for the validators; `undefined` where the genesis alone says. */
  readonly validators: ValidatorsConfig | undefined;
  readonly network: NetworkConfig;
  readonly http: HTTPConfig;
  readonly trackedSubnets: ReadonlySet<ID>;
  /** Of each tracked subnet. */
  readonly subnets: ReadonlyMap<ID, SubnetConfig>;
  /** `undefined` where the network's own is built in. */
  readonly genesis: GenesisConfig | undefined;
  readonly upgrades: UpgradeConfig;
  /** Chain IDs by alias, beside those of the genesis. */
  readonly chainAliases: ReadonlyMap<string, ID>;
  readonly bootstrappers: readonly Bootstrapper[];
  readonly stateSyncPeers: readonly Bootstrapper[];
  /** Absolute paths of the modules that run as apps. */
  readonly apps: readonly string[];
  readonly beaconConnectionTimeoutMs: number;
  readonly healthCheckFrequencyMs: number;
  readonly diskSpace: { readonly required: number; readonly warning: number };
  readonly resources: { readonly frequencyMs: number; readonly cpuHalflifeMs: number; readonly diskHalflifeMs: number };
  /** `required`: the node must not start with less. */
  readonly fdLimit: { readonly limit: number; readonly required: boolean };
  readonly fees: { readonly txFee: bigint; readonly createAssetTxFee: bigint };
  readonly profiles: {
    readonly directory: string;
    readonly continuous: { readonly enabled: boolean; readonly frequencyMs: number; readonly maxFiles: number };
  };
  /** Every flag with the value that it has, as a configuration file would hold it; without secrets. */
  readonly flags: Readonly<Record<string, GoJSONValue>>;
  /** What was set, for the log: no content of a file among it. */
  readonly providedFlags: Readonly<Record<string, unknown>>;
  /** What was set and has no effect, for the log. */
  readonly inertFlags: readonly InertFlag[];
  /** What looked like a mistake and was passed over, for the log. */
  readonly warnings: readonly string[];
}

/** The most that the thresholds of disk space may be, percent (upstream `config/config.go`). */
const MAX_DISK_SPACE_THRESHOLD = 50;

/**
 * Checks the flags of a node, in upstream's order, and reads the files that they name.
 *
 * Nothing is written, and no key is read: a node does that when it starts.
 *
 * @throws {ConfigError} For flags that no node can run with.
 * @throws {PlatformError} For a network that there is not, and for upgrade times that cannot be read.
 * @throws {GenesisError} For a genesis that is not sound.
 */
export function resolveNodeConfig(
  settings: Settings,
  { clock = systemClock, random = systemRandom }: { readonly clock?: Clock; readonly random?: Random } = {},
): NodeConfig {
  requireNotNegative(settings, "consensus-shutdown-timeout");
  requireNotNegative(settings, "consensus-frontier-poll-frequency");
  requirePositive(settings, "consensus-app-concurrency");
  const logging = loggingConfig(settings);
  const network = networkOf(settings);
  const staking = stakingConfig(settings, network);
  const validators = validatorsConfig(settings);
  const tls = tlsSource(settings);
  const signer = signerSource(settings);
  const tracked = trackedSubnets(settings);
  const http = httpConfig(settings);
  const healthCheckFrequencyMs = requirePositive(settings, "health-check-frequency");
  const upgrades = upgradesOf(settings, network);
  const networkSection = networkConfig(settings, network, staking.uptimeRequirement);
  const subnets = subnetConfigs(settings, tracked);
  const genesis = givenGenesis(settings, network, { clock, maxStakeDurationSeconds: staking.maxStakeDurationSeconds });
  const syncPeers = stateSyncPeers(settings);
  const bootstrappers = bootstrapperConfig(settings, network, random);
  const continuousProfiles = continuousProfilesOf(settings);
  const chainAliases = aliasesOf(settings, "chain-aliases-file");
  checkUnused(settings);

  return {
    networkID: network,
    dataDir: settings.path("data-dir"),
    processContextFile: settings.path("process-context-file"),
    logging,
    tls,
    signer,
    staking,
    validators,
    network: networkSection,
    http,
    trackedSubnets: tracked,
    subnets,
    genesis,
    upgrades,
    chainAliases,
    bootstrappers,
    stateSyncPeers: syncPeers,
    apps: settings.get("app").map((path) => appPath(path, settings.cwd)),
    beaconConnectionTimeoutMs: settings.get("bootstrap-beacon-connection-timeout"),
    healthCheckFrequencyMs,
    diskSpace: diskSpaceLimits(settings),
    resources: {
      frequencyMs: requirePositive(settings, "system-tracker-frequency"),
      cpuHalflifeMs: requirePositive(settings, "system-tracker-cpu-halflife"),
      diskHalflifeMs: requirePositive(settings, "system-tracker-disk-halflife"),
    },
    fdLimit: { limit: settings.get("fd-limit"), required: settings.isSet("fd-limit") },
    fees: feesOf(settings),
    profiles: {
      directory: settings.path("profile-dir"),
      continuous: continuousProfiles,
    },
    flags: effectiveFlags(settings),
    ...reports(settings),
    warnings: [...settings.warnings, ...subnetWarnings(tracked)],
  };
}

function diskSpaceLimits(settings: Settings): NodeConfig["diskSpace"] {
  const warning = requireRange(
    settings,
    "system-tracker-disk-warning-available-space-percentage",
    0,
    MAX_DISK_SPACE_THRESHOLD,
  );
  const required = settings.get("system-tracker-disk-required-available-space-percentage");
  if (warning < required) {
    throw refuseTogether(
      [
        "system-tracker-disk-warning-available-space-percentage",
        "system-tracker-disk-required-available-space-percentage",
      ],
      `warning disk space threshold cannot be lower than the one at which the node stops: ${warning}% < ${required}%`,
      "Set system-tracker-disk-warning-available-space-percentage to no less than the required percentage",
    );
  }
  return { required, warning };
}

function continuousProfilesOf(settings: Settings): NodeConfig["profiles"]["continuous"] {
  const enabled = settings.get("profile-continuous-enabled");
  const check = enabled ? requirePositive : requireNotNegative;
  const frequencyMs = check(settings, "profile-continuous-freq");
  return { enabled, frequencyMs, maxFiles: settings.get("profile-continuous-max-files") };
}

/** @throws {ConfigError} `invalid-value`. */
function networkOf(settings: Settings): number {
  try {
    return networkID(settings.get("network-id"));
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    throw refuseWords(settings, "network-id", error.message, error.hint ?? "Give the name or the number of a network");
  }
}

/** The fees that `info.getTxFee` tells: mainnet's and fuji's are their own (upstream `genesis/genesis_mainnet.go`). */
function feesOf(settings: Settings): NodeConfig["fees"] {
  const milliAvax = 1_000_000n;
  const network = networkID(settings.get("network-id"));
  if (network === 1) return { txFee: milliAvax, createAssetTxFee: 10n * milliAvax };
  if (network === 5) return { txFee: milliAvax, createAssetTxFee: 10n * milliAvax };
  return { txFee: settings.get("tx-fee"), createAssetTxFee: settings.get("create-asset-tx-fee") };
}

/** A node of the reference starts with any number of subnets, and is then dropped by every peer. */
function subnetWarnings({ size }: ReadonlySet<ID>): string[] {
  if (size <= MAX_TRACKED_SUBNETS) return [];
  return [`track-subnets names ${size} subnets, and peers drop a node that tracks more than ${MAX_TRACKED_SUBNETS}`];
}

function reports(settings: Settings): Pick<NodeConfig, "providedFlags" | "inertFlags"> {
  const providedFlags: Record<string, unknown> = {};
  const inertFlags: InertFlag[] = [];
  for (const [name, { value }] of settings.provided) {
    const { content, inert } = flagSpec(name);
    providedFlags[name] = content === true ? `(${String(value).length} characters)` : value;
    if (inert !== undefined) inertFlags.push({ name, reason: inert });
  }
  return { providedFlags, inertFlags };
}
