/**
 * What follows from the geneses of mainnet and fuji, for those who need no more than the names of their chains: to work
 * it out from mainnet's genesis takes a fifth of a second. A test holds it against what is worked out.
 *
 * @module
 */

import { parseID } from "../../core/ids/id.ts";
import { FUJI_ID, MAINNET_ID } from "../networks.ts";
import type { GenesisInfo } from "./info.ts";

/** The part of {@link GenesisInfo} that is short. */
export type StandardFacts = Pick<
  GenesisInfo,
  "networkID" | "hash" | "avaxAssetID" | "xChainID" | "cChainID" | "timestamp"
>;

/** When both networks began, Unix seconds: 2020-09-10. */
const TIMESTAMP = 1_599_696_000n;

/** The facts of a network, or `undefined` where they depend on a genesis or on the time. */
export function standardFacts(networkID: number): StandardFacts | undefined {
  switch (networkID) {
    case MAINNET_ID:
      return {
        networkID,
        hash: parseID("UUvXi6j7QhVvgpbKM89MP5HdrxKm9CaJeHc187TsDNf8nZdLk"),
        avaxAssetID: parseID("FvwEAhmxKfeiG8SnEvq42hc6whRyY3EFYAvebMqDNDGCgxN5Z"),
        xChainID: parseID("2oYMBNV4eNHyqk2fjjV5nVQLDbtmNJzq5s3qs3Lo6ftnC6FByM"),
        cChainID: parseID("2q9e4r6Mu3U68nU1fYjgbR6JvwrRx36CohpAX5UQxse55x1Q5"),
        timestamp: TIMESTAMP,
      };
    case FUJI_ID:
      return {
        networkID,
        hash: parseID("MSj6o9TpezwsQx4Tv7SHqpVvCbJ8of1ikjsqPZ1bKRjc9zBy3"),
        avaxAssetID: parseID("U8iRqJoiJm8xZHAacmvYyZVwqQx6uDNtQeP3CQ6fcgQk3JqnK"),
        xChainID: parseID("2JVSBoinj9C2J33VntvzYtVJNZdN2NKiwwKjcumHUWEb5DbBrm"),
        cChainID: parseID("yH8D7ThNJkxmtkuv2jgBa4P1Rn3Qpr4pPr7QYNfcdoS6k6HWp"),
        timestamp: TIMESTAMP,
      };
    default:
      return undefined;
  }
}
