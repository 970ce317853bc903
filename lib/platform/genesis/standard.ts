/**
 * The geneses that are built in: mainnet, fuji, and local, which also stands in for networks that bring none.
 *
 * Their data is imported when it is asked for. Mainnet's JSON has 3.5 MB: to read it and to work out what follows
 * takes a good part of a second.
 *
 * Source: upstream `genesis/config.go`, `GetConfig`; data: `data/README.md`.
 *
 * @module
 */

import { zstdDecompressSync } from "node:zlib";
import { type Clock, systemClock } from "../../core/clock.ts";
import { FUJI_ID, MAINNET_ID } from "../networks.ts";
import type { GenesisConfig } from "./config.ts";
import { parseGenesis } from "./text.ts";

/** 9 months of 30 days: the local genesis begins anew after each of these, so that its stakers still stake. */
const LOCAL_START_PERIOD_SECONDS = 9n * 30n * 86_400n;

/** A genesis as it is packed. */
interface PackedGenesis {
  /** Bytes of the JSON. */
  readonly length: number;
  readonly zstdBase64: string;
}

/**
 * The genesis of a network for which none was given.
 *
 * @param networkID Mainnet and fuji have their own; any other gets the local one under its own number.
 * @param clock The local genesis is moved to a recent start by it.
 *
 * @example
 * ```ts
 * const info = genesisInfo(await standardGenesis(FUJI_ID));
 * ```
 */
export async function standardGenesis(
  networkID: number,
  clock: Pick<Clock, "now"> = systemClock,
): Promise<GenesisConfig> {
  switch (networkID) {
    case MAINNET_ID:
      return unpack((await import("./data/genesis_mainnet.json", { with: { type: "json" } })).default);
    case FUJI_ID:
      return unpack((await import("./data/genesis_fuji.json", { with: { type: "json" } })).default);
    default: {
      const local = unpack((await import("./data/genesis_local.json", { with: { type: "json" } })).default);
      return { ...local, networkID, startTime: recentStart(local.startTime, clock.now()) };
    }
  }
}

function unpack({ length, zstdBase64 }: PackedGenesis): GenesisConfig {
  return parseGenesis(zstdDecompressSync(Buffer.from(zstdBase64, "base64"), { maxOutputLength: length }));
}

/** The last of the starts, one period apart, that is not after now. */
function recentStart(definedSeconds: bigint, nowMs: number): bigint {
  const elapsed = BigInt(Math.floor(nowMs / 1_000)) - definedSeconds;
  return elapsed < 0n
    ? definedSeconds
    : definedSeconds + (elapsed / LOCAL_START_PERIOD_SECONDS) * LOCAL_START_PERIOD_SECONDS;
}
