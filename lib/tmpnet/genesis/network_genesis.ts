/**
 * The genesis of a new network: made for its nodes, given by a file, or built into the nodes.
 *
 * @module
 */

import { fromHex } from "../../core/bytes.ts";
import { type Clock, unixSeconds } from "../../core/clock.ts";
import { errorMessage } from "../../core/errors.ts";
import { parseAddress } from "../../core/ids/bech32.ts";
import type { Secp256k1PrivateKey } from "../../core/secp256k1/private_key.ts";
import type { GenesisConfig } from "../../platform/genesis/config.ts";
import { parseGenesis } from "../../platform/genesis/text.ts";
import { refuseStandardNetwork, validateGenesis } from "../../platform/genesis/validate.ts";
import { isStandardNetwork, networkHRP } from "../../platform/networks.ts";
import { DEFAULT_NETWORK_ID } from "../defaults.ts";
import { badFile, readTextFile } from "../disk/files.ts";
import { refused } from "../errors.ts";
import type { NodeIdentity } from "../node.ts";
import { knownKeys } from "./known_keys.ts";
import { type FundedAddress, newTestGenesis } from "./test_genesis.ts";

/** What the genesis of a new network is to be. */
export interface GenesisOptions {
  /**
   * The number that Avalanche knows the network by. Mainnet, fuji and the local network have a genesis built in: nodes
   * join them and stake nothing.
   *
   * @default {88888} tmpnet's.
   */
  readonly networkID?: number | undefined;
  /** A file that holds the genesis. */
  readonly genesisFile?: string | undefined;
  /** A file that holds the C-Chain's genesis. */
  readonly cChainGenesisFile?: string | undefined;
  /** Addresses to fund besides the keys: `X-custom1…` or `P-custom1…` for both chains, `0x…` for the C-Chain. */
  readonly fund?: readonly string[] | undefined;
}

/**
 * Chooses the genesis.
 *
 * @param stakers Who stakes, each the same.
 * @param keys Funded besides those that everybody knows.
 * @returns `undefined` for a network whose genesis is built in.
 * @throws {TmpnetError} `option` or `bad-file`.
 */
export function networkGenesis(
  options: GenesisOptions,
  stakers: readonly Pick<NodeIdentity, "nodeID" | "signer">[],
  keys: readonly Secp256k1PrivateKey[],
  clock: Clock,
): GenesisConfig | undefined {
  const { networkID = DEFAULT_NETWORK_ID, genesisFile, cChainGenesisFile, fund = [] } = options;
  if (!Number.isInteger(networkID) || networkID < 1 || networkID > 0xffff_ffff) {
    throw refused("networkID", `A network ID is a whole number from 1 to ${0xffff_ffff}; ${networkID} is none`);
  }
  if (genesisFile !== undefined) {
    if (cChainGenesisFile !== undefined || fund.length > 0) {
      throw refused("genesisFile", "A genesis that is given by a file is taken as it is: nothing can be added to it");
    }
    return genesisOfFile(genesisFile, options.networkID, clock);
  }
  if (isStandardNetwork(networkID)) {
    if (cChainGenesisFile === undefined && fund.length === 0) return undefined;
    throw refused("networkID", `Network ${networkID} has a genesis built in: nothing can be added to it`);
  }
  const addressesToFund = fund.map((address) => fundedAddress(address, networkHRP(networkID)));
  if (cChainGenesisFile !== undefined && addressesToFund.some(({ chain }) => chain === "C")) {
    throw refused("fund", "A C-Chain's genesis that is given by a file is taken as it is: fund its addresses there");
  }
  return newTestGenesis({
    networkID,
    stakers,
    keysToFund: [...knownKeys(), ...keys],
    addressesToFund,
    startTime: unixSeconds(clock),
    ...(cChainGenesisFile === undefined ? {} : { cChainGenesis: cChainGenesisOfFile(cChainGenesisFile) }),
  });
}

function genesisOfFile(path: string, networkID: number | undefined, clock: Clock): GenesisConfig {
  const text = requiredFile(path, "genesisFile");
  try {
    const genesis = parseGenesis(text);
    refuseStandardNetwork(genesis.networkID);
    validateGenesis(networkID ?? genesis.networkID, genesis, { clock });
    return genesis;
  } catch (error) {
    throw badFile(path, errorMessage(error), error);
  }
}

function cChainGenesisOfFile(path: string): string {
  const text = requiredFile(path, "cChainGenesisFile").trim();
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return text;
  } catch (error) {
    throw badFile(path, `it is not JSON (${errorMessage(error)})`, error);
  }
  throw badFile(path, "it is not an object");
}

/** @throws {TmpnetError} `option` where there is no such file. */
function requiredFile(path: string, option: string): string {
  const text = readTextFile(path);
  if (text === undefined) throw refused(option, `There is no file ${path}`);
  return text;
}

/** @throws {TmpnetError} `option` */
function fundedAddress(text: string, hrp: string): FundedAddress {
  const eth = /^0x[0-9a-fA-F]{40}$/.test(text) ? fromHex(text.slice(2)) : undefined;
  if (eth !== undefined) return { chain: "C", bytes: eth };
  let address: ReturnType<typeof parseAddress>;
  try {
    address = parseAddress(text);
  } catch (error) {
    throw refused("fund", `Cannot fund "${text}": it is no address (${errorMessage(error)})`);
  }
  if (!["X", "P"].includes(address.chain)) {
    throw refused("fund", `Cannot fund "${text}": addresses of the X- and P-Chain begin with X- or P-, of C with 0x`);
  }
  if (address.hrp !== hrp || address.bytes.length !== 20) {
    throw refused("fund", `Cannot fund "${text}": addresses of this network begin with ${address.chain}-${hrp}1`);
  }
  return { chain: "XP", bytes: address.bytes };
}
