/**
 * Subnets of a network: `subnets/<name>.json`, as tmpnet has them.
 *
 * Fields have capital letters, as Go writes those without names of their own. Source: upstream
 * `tests/fixture/tmpnet/subnet.go`.
 *
 * @module
 */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { systemErrorCode } from "../../core/errors.ts";
import { EMPTY_ID } from "../../core/ids/id.ts";
import type { GoJSONValue } from "../../platform/go_json/format.ts";
import { TmpnetError } from "../errors.ts";
import { badFile, makeDirectory, readJSONFile, writeFileWhole } from "./files.ts";
import { formatFile, type JSONMap, sortedMap } from "./json.ts";
import { SUBNETS_DIRECTORY } from "./layout.ts";

/** A chain of a subnet. */
export interface ChainRecord {
  readonly vmID: string;
  /** The chain's configuration: a text of its VM's own kind; may be empty. */
  readonly config: string;
  /** Base64. */
  readonly genesis: string;
  /** What its plugin is called with to tell which version of the protocol it speaks; empty where it cannot. */
  readonly versionArgs: readonly string[];
  /** {@link EMPTY_ID} until the chain exists. */
  readonly chainID: string;
  /** `PrivateKey-…` */
  readonly preFundedKey?: string;
  /** Fields that avx does not know, as they were read. */
  readonly other?: JSONMap;
}

/** A subnet. */
export interface SubnetRecord {
  /** Its file is called so. */
  readonly name: string;
  readonly config: JSONMap;
  /** {@link EMPTY_ID} until it exists on the P-Chain. */
  readonly subnetID: string;
  /** `PrivateKey-…` */
  readonly owningKey?: string;
  /** Nodes that validate it. */
  readonly validatorIDs: readonly string[];
  readonly chains: readonly ChainRecord[];
  /** Fields that avx does not know, as they were read. */
  readonly other?: JSONMap;
}

/** The text of a subnet's file. */
export function formatSubnet(subnet: SubnetRecord): string {
  const { name, config, subnetID, owningKey = null, validatorIDs, chains, other = {} } = subnet;
  return formatFile({
    Name: name,
    Config: Object.keys(config).length === 0 ? null : sortedMap(config),
    SubnetID: subnetID,
    OwningKey: owningKey,
    ValidatorIDs: orNull(validatorIDs),
    Chains: orNull(chains.map(chainToJSON)),
    ...other,
  });
}

function chainToJSON(chain: ChainRecord): GoJSONValue {
  const { vmID, config, genesis, versionArgs, chainID, preFundedKey = null, other = {} } = chain;
  return {
    VMID: vmID,
    Config: config,
    Genesis: genesis === "" ? null : genesis,
    VersionArgs: orNull(versionArgs),
    ChainID: chainID,
    PreFundedKey: preFundedKey,
    ...other,
  };
}

/** Go writes a list that was never made so. */
function orNull(list: readonly GoJSONValue[]): GoJSONValue {
  return list.length === 0 ? null : list;
}

/**
 * Writes a subnet's file, in the directory `subnets` of its network.
 *
 * @throws {TmpnetError} `option` for a name that is no file's, `unwritable`.
 */
export function writeSubnet(networkDir: string, subnet: SubnetRecord): void {
  const { name } = subnet;
  if (!isSubnetName(name)) {
    const message = `A subnet's name is a file's: "${name}" has characters other than A-Z a-z 0-9 . _ @ + -`;
    throw new TmpnetError({ code: "option", option: "name" }, message);
  }
  const dir = join(networkDir, SUBNETS_DIRECTORY);
  makeDirectory(dir);
  writeFileWhole(join(dir, `${name}.json`), formatSubnet(subnet));
}

/** Whether a subnet may be called so. */
export function isSubnetName(name: string): boolean {
  return /^[A-Za-z0-9_@+-][A-Za-z0-9._@+-]{0,99}$/.test(name);
}

/**
 * Reads the subnets of a network, sorted by file name, also those that were not created yet.
 *
 * @throws {TmpnetError} `bad-file`.
 */
export function readSubnets(networkDir: string): SubnetRecord[] {
  const dir = join(networkDir, SUBNETS_DIRECTORY);
  let names: string[];
  try {
    names = readdirSync(dir, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [] : [entry.name]));
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return [];
    throw badFile(dir, "it is not a directory that can be read", error);
  }
  // A file whose name begins with a point is not finished.
  return names
    .filter((name) => name.endsWith(".json") && !name.startsWith("."))
    .sort()
    .map((name) => readSubnet(join(dir, name)));
}

/** Whether a subnet, or a chain, is on the P-Chain. */
export function isCreated(id: string): boolean {
  return id !== "" && id !== EMPTY_ID;
}

function readSubnet(path: string): SubnetRecord {
  const json = readJSONFile(path) ?? {};
  const { Name = "", Config, SubnetID, OwningKey, ValidatorIDs, Chains, ...other } = json;
  const owningKey = textOf(path, "OwningKey", OwningKey);
  return {
    name: textOf(path, "Name", Name),
    config: mapOf(path, "Config", Config),
    subnetID: textOf(path, "SubnetID", SubnetID) || EMPTY_ID,
    ...(owningKey === "" ? {} : { owningKey }),
    validatorIDs: textsOf(path, "ValidatorIDs", ValidatorIDs),
    chains: listOf(path, "Chains", Chains).map((chain) => readChain(path, chain)),
    ...(Object.keys(other).length === 0 ? {} : { other }),
  };
}

function readChain(path: string, json: GoJSONValue): ChainRecord {
  const { VMID, Config, Genesis, VersionArgs, ChainID, PreFundedKey, ...other } = mapOf(path, "a chain", json);
  const preFundedKey = textOf(path, "PreFundedKey", PreFundedKey);
  return {
    vmID: textOf(path, "VMID", VMID),
    config: textOf(path, "Config of a chain", Config),
    genesis: textOf(path, "Genesis", Genesis),
    versionArgs: textsOf(path, "VersionArgs", VersionArgs),
    chainID: textOf(path, "ChainID", ChainID) || EMPTY_ID,
    ...(preFundedKey === "" ? {} : { preFundedKey }),
    ...(Object.keys(other).length === 0 ? {} : { other }),
  };
}

function textOf(path: string, name: string, value: GoJSONValue | undefined): string {
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") throw badFile(path, `${name} is no text`);
  return value;
}

function listOf(path: string, name: string, value: GoJSONValue | undefined): readonly GoJSONValue[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw badFile(path, `${name} is no list`);
  return value as readonly GoJSONValue[];
}

function textsOf(path: string, name: string, value: GoJSONValue | undefined): string[] {
  return listOf(path, name, value).map((item) => textOf(path, `an entry of ${name}`, item));
}

function mapOf(path: string, name: string, value: GoJSONValue | undefined): JSONMap {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw badFile(path, `${name} is no object`);
  return value as JSONMap;
}
