/**
 * The versions that this node goes by (upstream `version/constants.go` of 1.14.2).
 *
 * @module
 */

import type { Application } from "./application.ts";

/** avalanchego's name, in its own version. */
export const DEFAULT_CLIENT = "avalanchego";

/** This program's name on the wire. */
export const AVX_CLIENT = "avx";

/** The avalanchego whose protocol this is. */
export const CURRENT_VERSION: Application = { name: DEFAULT_CLIENT, major: 1, minor: 14, patch: 2 };

/** What this program tells its peers it is: its own name, and the version that it is compatible with. */
export const AVX_APPLICATION: Application = { ...CURRENT_VERSION, name: AVX_CLIENT };

/** The oldest peer from the network's latest upgrade on. */
export const MINIMUM_COMPATIBLE_VERSION: Application = { name: DEFAULT_CLIENT, major: 1, minor: 14, patch: 0 };

/** The oldest peer before it. */
export const PREV_MINIMUM_COMPATIBLE_VERSION: Application = { name: DEFAULT_CLIENT, major: 1, minor: 13, patch: 0 };

/** The database's version, as `--version` shows it. */
export const CURRENT_DATABASE = "v1.4.5";

/** The protocol between node and VM plugins, as `--version` shows it. */
export const RPC_CHAIN_VM_PROTOCOL = 45;
