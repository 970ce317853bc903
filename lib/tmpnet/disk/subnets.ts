/**
 * Subnets of a network, as far as starting its nodes needs them: configurations that nodes are given by ID.
 *
 * Files are `subnets/<name>.json`, with capital letters as Go writes fields without names of their own. Source:
 * upstream `tests/fixture/tmpnet/subnet.go`.
 *
 * @module
 */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { systemErrorCode } from "../../core/errors.ts";
import { EMPTY_ID } from "../../core/ids/id.ts";
import { badFile, readJSONFile } from "./files.ts";
import type { JSONMap } from "./json.ts";
import { SUBNETS_DIRECTORY } from "./layout.ts";

/** A subnet that exists on the P-Chain. */
export interface SubnetRecord {
  readonly name: string;
  readonly subnetID: string;
  readonly config: JSONMap;
  readonly chains: readonly {
    readonly chainID: string;
    /** The chain's configuration: a text of its VM's own kind. */
    readonly config: string;
  }[];
}

/**
 * Reads the subnets of a network; those, and chains, that were not created yet are left out.
 *
 * @throws {TmpnetError} `bad-file`.
 */
export function readSubnets(networkDir: string): SubnetRecord[] {
  const dir = join(networkDir, SUBNETS_DIRECTORY);
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return [];
    throw badFile(dir, "it is not a directory that can be read", error);
  }
  return names
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => readSubnet(join(dir, name)))
    .filter(({ subnetID }) => subnetID !== "" && subnetID !== EMPTY_ID);
}

function readSubnet(path: string): SubnetRecord {
  const { Name = "", SubnetID = "", Config, Chains } = readJSONFile(path) ?? {};
  if (typeof Name !== "string" || typeof SubnetID !== "string") throw badFile(path, "Name or SubnetID is no text");
  if (Chains !== undefined && Chains !== null && !Array.isArray(Chains)) throw badFile(path, "Chains is no list");
  const chains = ((Chains ?? []) as Record<string, unknown>[]).map((chain) => {
    const { ChainID = "", Config: config = "" } = chain ?? {};
    if (typeof ChainID !== "string" || typeof config !== "string") {
      throw badFile(path, "ChainID or Config of a chain is no text");
    }
    return { chainID: ChainID, config };
  });
  return {
    name: Name,
    subnetID: SubnetID,
    config: (typeof Config === "object" && Config !== null ? Config : {}) as JSONMap,
    chains: chains.filter(({ chainID }) => chainID !== "" && chainID !== EMPTY_ID),
  };
}
