/**
 * The numbers and names of Avalanche networks, and the prefix that addresses have on each.
 *
 * Source: upstream `utils/constants/network_ids.go`.
 *
 * @module
 */

import { PlatformError } from "./errors.ts";

export const MAINNET_ID = 1;
export const CASCADE_ID = 2;
export const DENALI_ID = 3;
export const EVEREST_ID = 4;
export const FUJI_ID = 5;
/** Another name of fuji. */
export const TESTNET_ID = FUJI_ID;
export const UNIT_TEST_ID = 10;
export const LOCAL_ID = 12_345;

/** What addresses start with on a network that has no prefix of its own. */
export const FALLBACK_HRP = "custom";

/** What stands before the number of a network that has no name. */
export const NETWORK_PREFIX = "network-";

interface KnownNetwork {
  readonly name: string;
  readonly hrp: string;
}

const KNOWN: ReadonlyMap<number, KnownNetwork> = new Map([
  [MAINNET_ID, { name: "mainnet", hrp: "avax" }],
  [CASCADE_ID, { name: "cascade", hrp: "cascade" }],
  [DENALI_ID, { name: "denali", hrp: "denali" }],
  [EVEREST_ID, { name: "everest", hrp: "everest" }],
  [FUJI_ID, { name: "fuji", hrp: "fuji" }],
  [UNIT_TEST_ID, { name: "testing", hrp: "testing" }],
  [LOCAL_ID, { name: "local", hrp: "local" }],
]);

const ID_OF_NAME: ReadonlyMap<string, number> = new Map([
  ...[...KNOWN].map(([id, { name }]) => [name, id] as const),
  ["testnet", TESTNET_ID],
]);

const MAX_UINT32 = 0xffff_ffff;

/** Whether real value is at stake: mainnet and fuji. */
export function isProductionNetwork(networkID: number): boolean {
  return networkID === MAINNET_ID || networkID === FUJI_ID;
}

/** Whether the network's genesis is built in and may not be replaced: mainnet, fuji and local. */
export function isStandardNetwork(networkID: number): boolean {
  return isProductionNetwork(networkID) || networkID === LOCAL_ID;
}

/**
 * The name of a network: `network-<id>` where it has none of its own.
 *
 * @example
 * ```ts
 * networkName(5); // "fuji"
 * networkName(88888); // "network-88888"
 * ```
 */
export function networkName(networkID: number): string {
  return KNOWN.get(networkID)?.name ?? `${NETWORK_PREFIX}${networkID}`;
}

/**
 * The human-readable part of the network's bech32 addresses.
 *
 * @example
 * ```ts
 * networkHRP(88888); // "custom"
 * ```
 */
export function networkHRP(networkID: number): string {
  return KNOWN.get(networkID)?.hrp ?? FALLBACK_HRP;
}

/**
 * The number of a network that is called by its name, by `network-<id>` or by its number, in any case of letters.
 *
 * @throws {PlatformError} `network-name` when it is none of these or does not fit 32 bits.
 *
 * @example
 * ```ts
 * networkID("Fuji"); // 5
 * networkID("network-88888"); // 88888
 * networkID("12345"); // 12345
 * ```
 */
export function networkID(name: string): number {
  const lower = name.toLowerCase();
  const known = ID_OF_NAME.get(lower);
  if (known !== undefined) return known;

  const digits = lower.startsWith(NETWORK_PREFIX) ? lower.slice(NETWORK_PREFIX.length) : lower;
  const id = /^[0-9]+$/.test(digits) ? Number(digits) : Number.POSITIVE_INFINITY;
  if (id > MAX_UINT32) {
    throw new PlatformError({ code: "network-name", name }, `failed to parse network name: ${JSON.stringify(lower)}`, {
      hint: "Use mainnet, fuji, local, network-<number> or a number below 2^32",
    });
  }
  return id;
}
