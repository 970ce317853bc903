/**
 * A network's file, written from its directory: what {@link readNetworkFile} reads starts one like it.
 *
 * Not the same one: its nodes have keys of their own, and its genesis is made for them.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { parseID } from "../../core/ids/id.ts";
import { formatGoJSON, type GoJSONValue } from "../../platform/go_json/format.ts";
import { vmNameFromID } from "../../platform/vm_ids.ts";
import { DEFAULT_NETWORK_ID } from "../defaults.ts";
import { INDENT, type JSONMap, parseFile } from "../disk/json.ts";
import { readOwnRecord } from "../disk/own_record.ts";
import { type ChainRecord, readSubnets, type SubnetRecord } from "../disk/subnets.ts";
import { APP_FLAG, type FlagsMap } from "../flags_map.ts";
import type { Network } from "../network.ts";
import { SIGNER_KEY_FLAG, TLS_CERT_FLAG, TLS_KEY_FLAG, type TmpnetNode } from "../node.ts";
import { basePortOf, HTTP_PORT_FLAG, STAKING_PORT_FLAG } from "../ports.ts";
import { fdLimitFlags } from "../runtime/fd_limit.ts";
import { type SubnetReport, subnetReports } from "../subnets/report.ts";
import { TRACK_SUBNETS_FLAG } from "../subnets/tracking.ts";

/** Flags of a node that are its own in every network: its keys, what follows from its subnets, and its ports. */
const NOT_CARRIED = new Set([
  TLS_KEY_FLAG,
  TLS_CERT_FLAG,
  SIGNER_KEY_FLAG,
  TRACK_SUBNETS_FLAG,
  HTTP_PORT_FLAG,
  STAKING_PORT_FLAG,
]);

/** A file's fields; those that are `undefined` are left out. */
type Fields = Readonly<Record<string, GoJSONValue | undefined>>;

/**
 * Writes a network's file.
 *
 * @param network Running or not; what makes a subnet an L1 only a running one tells.
 * @param options `schema`: where the schema is, for editors.
 * @returns JSON with comments.
 * @throws {TmpnetError} `bad-file`.
 *
 * @example
 * ```ts
 * await using network = await Network.start({ nodeCount: 2, defaultFlags: { "log-level": "debug" } });
 * console.log(await exportNetwork(network));
 * ```
 */
export async function exportNetwork(network: Network, options: { readonly schema?: string } = {}): Promise<string> {
  const { config, dir, networkID } = network;
  const { ownNodes, ownProgram, sharedProcesses, stakes = {} } = readOwnRecord(dir);
  const isLight = ({ isEphemeral, ownRuntimeConfig }: TmpnetNode) =>
    isEphemeral && ownProgram !== undefined && ownRuntimeConfig?.process?.avalancheGoPath === ownProgram && !ownNodes;
  const nodes = network.nodes.filter((node) => !isLight(node));
  const lightNodeCount = network.nodes.length - nodes.length;
  const runtime = ownNodes ? undefined : config.defaultRuntimeConfig.process;
  const { [APP_FLAG]: apps, ...flags } = config.defaultFlags;
  const ofThisMachine = Object.entries(fdLimitFlags({}));
  const reports = await subnetReports(network);

  const text = fieldsText({
    $schema: options.schema ?? "network.schema.json",
    owner: config.owner || undefined,
    networkID: networkID === DEFAULT_NETWORK_ID ? undefined : networkID,
    avalanchegoPath: runtime?.avalancheGoPath,
    pluginDir: runtime?.pluginDir,
    reuseDynamicPorts: runtime?.reuseDynamicPorts,
    sharedProcesses,
    nodeCount: nodes.length,
    nodes: nodeList(nodes, stakes),
    lightNodeCount: lightNodeCount === 0 ? undefined : lightNodeCount,
    // All of them: a file says what a network is whatever defaults a later avx has.
    flags: Object.fromEntries(
      Object.entries(flags).filter(([name, value]) => !ofThisMachine.some(([n, v]) => n === name && v === value)),
    ),
    primaryChainConfigs: config.primaryChainConfigs,
    primarySubnetConfig: unlessEmpty(config.primarySubnetConfig),
    basePort: basePortOf(nodes),
    apps: apps?.split(",").map((app) => (app.startsWith("file:") ? fileURLToPath(app) : app)),
    subnets: unlessNone(
      readSubnets(dir).map((subnet, i) =>
        subnetFields(
          subnet,
          reports[i],
          nodes.map(({ nodeID }) => nodeID),
        ),
      ),
    ),
  });
  return `// Written from ${dir}.\n// A network that is started from it is like that one, with keys and a genesis of its own.\n${text}\n`;
}

/** What nodes are where they are not as all others; as many as need words. */
function nodeList(nodes: readonly TmpnetNode[], stakes: Readonly<Record<string, string>>): GoJSONValue | undefined {
  const described = nodes.map(({ nodeID, flags, isEphemeral, ownRuntimeConfig }) =>
    present({
      flags: unlessEmpty(ownFlags(flags)),
      stake: stakes[nodeID],
      ephemeral: isEphemeral || undefined,
      avalanchegoPath: ownRuntimeConfig?.process?.avalancheGoPath,
      pluginDir: ownRuntimeConfig?.process?.pluginDir,
    }),
  );
  const last = described.findLastIndex((node) => Object.keys(node).length > 0);
  return unlessNone(described.slice(0, last + 1));
}

function ownFlags(flags: FlagsMap): JSONMap {
  return Object.fromEntries(Object.entries(flags).filter(([name]) => !NOT_CARRIED.has(name)));
}

function subnetFields(
  { name, config, validatorIDs, chains }: SubnetRecord,
  report: SubnetReport | undefined,
  nodeIDs: readonly string[],
): JSONMap {
  const numberOf = (nodeID: string): number | string => {
    const number = nodeIDs.indexOf(nodeID);
    return number < 0 ? nodeID : number;
  };
  return present({
    name,
    validators: unlessNone(validatorIDs.map(numberOf)),
    config: unlessEmpty(config),
    chains: unlessNone(chains.map(chainFields)),
    l1: report?.isL1 ? l1Fields(report, chains, numberOf) : undefined,
  });
}

function chainFields({ vmID, config, genesis, versionArgs, preFundedKey }: ChainRecord): JSONMap {
  const vmName = vmNameFromID(parseID(vmID));
  return present({
    ...(vmName === undefined ? { vmID } : { vmName }),
    genesis: genesisOf(Buffer.from(genesis, "base64")),
    config: config === "" ? undefined : (jsonObject(config) ?? config),
    versionArgs: unlessNone(versionArgs),
    preFundedKey,
  });
}

/** JSON where it is an object, a text where it is one, and hex else. */
function genesisOf(bytes: Buffer): GoJSONValue {
  const text = bytes.toString("utf8");
  const hex = `0x${bytes.toString("hex")}`;
  if (!Buffer.from(text, "utf8").equals(bytes) || text.startsWith("0x")) return hex;
  const json = jsonObject(text);
  // JSON that is written otherwise than it would be is another genesis.
  if (json !== undefined && formatGoJSON(json) === text) return { json };
  return /^[\P{C}\n\t]*$/u.test(text) ? text : hex;
}

function jsonObject(text: string): GoJSONValue | undefined {
  try {
    const value = parseFile(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function l1Fields(
  { managerChainID, managerAddress, validators = [] }: SubnetReport,
  chains: readonly ChainRecord[],
  numberOf: (nodeID: string) => number | string,
): JSONMap {
  const number = chains.findIndex(({ chainID }) => chainID === managerChainID);
  return present({
    managerChain: number < 0 ? managerChainID : number,
    managerAddress: managerAddress === "0x" ? undefined : managerAddress,
    validators: unlessNone(
      validators.map(({ nodeID, weight, balance }) => present({ node: numberOf(nodeID), weight, balance })),
    ),
  });
}

function present(fields: Fields): JSONMap {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, GoJSONValue] => entry[1] !== undefined),
  );
}

function fieldsText(fields: Fields): string {
  return formatGoJSON(present(fields), INDENT);
}

function unlessEmpty(map: JSONMap): JSONMap | undefined {
  return Object.keys(map).length === 0 ? undefined : map;
}

function unlessNone(list: readonly GoJSONValue[]): GoJSONValue | undefined {
  return list.length === 0 ? undefined : list;
}
