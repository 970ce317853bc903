/**
 * The one table of flags: every flag of avalanchego 1.14.2, under its own name, and those that only avx has.
 *
 * @module
 */

import type { FlagSpec } from "./flag.ts";
import { APP_FLAGS } from "./flags/apps.ts";
import { CHAIN_FLAGS, CONSENSUS_FLAGS, DATABASE_FLAGS } from "./flags/chains.ts";
import { FEE_FLAGS, NETWORK_IDENTITY_FLAGS, STAKE_RULE_FLAGS, STAKING_FLAGS } from "./flags/network_identity.ts";
import { ADDRESS_FLAGS, BENCHLIST_FLAGS, CONNECTION_FLAGS, MESSAGE_FLAGS, PEER_LIST_FLAGS } from "./flags/p2p.ts";
import { PROCESS_FLAGS } from "./flags/process.ts";
import { HEALTH_FLAGS, HTTP_FLAGS, LOG_FLAGS, METRICS_FLAGS } from "./flags/service.ts";
import { THROTTLER_FLAGS, TRACKER_FLAGS } from "./flags/throttling.ts";
import { VALIDATOR_FLAGS } from "./flags/validators.ts";

/** All flags by name, in the order of `--help`. */
export const FLAGS = {
  ...PROCESS_FLAGS,
  ...NETWORK_IDENTITY_FLAGS,
  ...STAKING_FLAGS,
  ...VALIDATOR_FLAGS,
  ...APP_FLAGS,
  ...ADDRESS_FLAGS,
  ...CONNECTION_FLAGS,
  ...MESSAGE_FLAGS,
  ...PEER_LIST_FLAGS,
  ...HTTP_FLAGS,
  ...HEALTH_FLAGS,
  ...LOG_FLAGS,
  ...THROTTLER_FLAGS,
  ...TRACKER_FLAGS,
  ...BENCHLIST_FLAGS,
  ...CONSENSUS_FLAGS,
  ...CHAIN_FLAGS,
  ...DATABASE_FLAGS,
  ...STAKE_RULE_FLAGS,
  ...FEE_FLAGS,
  ...METRICS_FLAGS,
};

/** The name of a flag, without dashes before it. */
export type FlagName = keyof typeof FLAGS;

/** What a flag holds. */
export type FlagValue<N extends FlagName> = (typeof FLAGS)[N] extends FlagSpec<infer T> ? T : never;

/** Whether there is a flag of this name. */
export function isFlagName(name: string): name is FlagName {
  return Object.hasOwn(FLAGS, name);
}

/** The flag of a name. */
export function flagSpec(name: FlagName): FlagSpec {
  return FLAGS[name];
}

/** The names of all flags, in the order of `--help`. */
export const FLAG_NAMES = Object.keys(FLAGS) as readonly FlagName[];
