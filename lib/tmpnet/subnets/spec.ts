/**
 * What a subnet is to be, and what of that cannot be: said before anything is done.
 *
 * @module
 */

import { errorMessage } from "../../core/errors.ts";
import { type ID, PRIMARY_NETWORK_ID, parseID } from "../../core/ids/id.ts";
import { parsePrivateKey, type Secp256k1PrivateKey } from "../../core/secp256k1/private_key.ts";
import { MAX_VM_NAME_LENGTH, vmIDFromName } from "../../platform/vm_ids.ts";
import { MAX_TX_LENGTH } from "../../platform/wallet/marshal.ts";
import type { JSONMap } from "../disk/json.ts";
import { isSubnetName, type SubnetRecord } from "../disk/subnets.ts";
import type { TmpnetNode } from "../node.ts";
import { findNode } from "../node_names.ts";
import { SubnetError } from "./errors.ts";

/** A chain of a subnet. Its VM is named in one of two ways. */
export interface ChainSpec {
  /** Such as `xsvm`: its letters, filled up with zeros, are the VM's ID. */
  readonly vmName?: string | undefined;
  /** The VM's ID: what its plugin is called. */
  readonly vmID?: string | undefined;
  readonly genesis: Uint8Array;
  /** The chain's configuration: a text of its VM's own kind. @default None. */
  readonly config?: string | undefined;
  /** What its plugin is called with to tell which version of the protocol it speaks. @default It is not asked. */
  readonly versionArgs?: readonly string[] | undefined;
  /** `PrivateKey-…`: a key that the genesis funds, kept for whoever uses the chain. */
  readonly preFundedKey?: string | undefined;
}

/** A validator that an L1 begins with. */
export interface L1ValidatorSpec {
  /** A node of the network: its ID, or the beginning of it; its place among the nodes, from 0. */
  readonly node: string | number;
  /** @default {49463} See {@link DEFAULT_VALIDATOR_WEIGHT}. */
  readonly weight?: bigint | undefined;
  /** nAVAX for its continuous fee. @default {100000000000} See {@link DEFAULT_L1_BALANCE}. */
  readonly balance?: bigint | undefined;
}

/** What makes a subnet an L1. */
export interface L1Spec {
  /**
   * Where the contract is that manages its validators: the index of one of its chains, a chain's ID, or `C`.
   *
   * @default {0}
   */
  readonly managerChain?: number | string | undefined;
  /** The contract's address. @default Empty: nobody changes the validators but the P-Chain. */
  readonly managerAddress?: Uint8Array | undefined;
  /** @default The subnet's validators. */
  readonly validators?: readonly L1ValidatorSpec[] | undefined;
  /** For validators that name none. */
  readonly balance?: bigint | undefined;
}

/** A subnet that is to be. */
export interface SubnetSpec {
  /** Its file is called so: letters, digits and `. _ @ + -`. */
  readonly name: string;
  readonly chains?: readonly ChainSpec[] | undefined;
  /**
   * Nodes by ID or the beginning of it, or by their places, from 0; or how many of them: those with the fewest subnets.
   *
   * @default All that can.
   */
  readonly validators?: number | readonly (string | number)[] | undefined;
  /** What nodes are told of the subnet, such as `{ proposerMinBlockDelay: 0 }`. */
  readonly config?: JSONMap | undefined;
  /** `PrivateKey-…`: who owns it. @default The last of the network's pre-funded keys, which is taken from it. */
  readonly owningKey?: string | undefined;
  /** Set for an L1. */
  readonly l1?: L1Spec | undefined;
}

/** What a permissioned validator weighs: upstream `units.Schmeckle`, as tmpnet's. */
export const DEFAULT_VALIDATOR_WEIGHT = 49_463n;

/**
 * What an L1's validator has for its fee, in nAVAX: 100 AVAX.
 *
 * A network of its own charges the least there is, 1 nAVAX a second or little more, so that it lasts for centuries.
 */
export const DEFAULT_L1_BALANCE = 100_000_000_000n;

/** A chain, all of it known but its ID. */
export interface ResolvedChain {
  readonly vmID: ID;
  readonly genesis: Uint8Array;
  readonly config: string;
  readonly versionArgs: readonly string[];
  readonly preFundedKey?: string;
}

/** An L1, all of it known. */
export interface ResolvedL1 {
  readonly managerChain: number | ID;
  readonly managerAddress: Uint8Array;
  readonly validators: readonly { readonly node: TmpnetNode; readonly weight: bigint; readonly balance: bigint }[];
}

/** A subnet, all of it known but its IDs. */
export interface ResolvedSubnet {
  readonly name: string;
  readonly chains: readonly ResolvedChain[];
  readonly validators: readonly TmpnetNode[];
  readonly config: JSONMap;
  readonly owningKey: Secp256k1PrivateKey | undefined;
  readonly l1?: ResolvedL1;
}

/** The nodes that are to run a subnet's chains. */
export function nodesOf({ validators, l1 }: ResolvedSubnet): TmpnetNode[] {
  return [...validators, ...(l1?.validators ?? []).map(({ node }) => node)];
}

/** The VMs of a subnet's chains. */
export function vmIDsOf({ chains }: ResolvedSubnet): ID[] {
  return chains.map(({ vmID }) => vmID);
}

/** What subnets are made on. */
export interface Surroundings {
  readonly nodes: readonly TmpnetNode[];
  readonly subnets: readonly SubnetRecord[];
  readonly cChainID: ID | undefined;
  /** Whether a node runs chains: avx's own does not. */
  readonly runsChains: (node: TmpnetNode) => boolean;
}

/**
 * Finds out all that is left open, and refuses what cannot be.
 *
 * @throws {SubnetError} `spec`, `exists` or `nodes`; {@link TmpnetError} `no-node`.
 */
export function resolveSubnets(specs: readonly SubnetSpec[], surroundings: Surroundings): ResolvedSubnet[] {
  const taken = new Set(surroundings.subnets.map(({ name }) => name));
  const load = new Map<string, number>();
  for (const { validatorIDs } of surroundings.subnets) {
    for (const nodeID of validatorIDs) load.set(nodeID, (load.get(nodeID) ?? 0) + 1);
  }
  return specs.map((spec, i) => {
    const path = `subnets[${i}]`;
    checkName(spec.name, path, taken);
    taken.add(spec.name);
    const validators = validatorsOf(spec, path, surroundings, load);
    for (const { nodeID } of validators) load.set(nodeID, (load.get(nodeID) ?? 0) + 1);
    const chains = (spec.chains ?? []).map((chain, j) => resolveChain(chain, `${path}.chains[${j}]`));
    return {
      name: spec.name,
      chains,
      validators,
      config: spec.config ?? {},
      owningKey: keyOf(spec.owningKey, `${path}.owningKey`),
      ...(spec.l1 === undefined ? {} : { l1: resolveL1(spec.l1, path, chains.length, validators, surroundings) }),
    };
  });
}

/**
 * The ID of a VM that is called by its ID or its name: a text that is an ID is one.
 *
 * @returns `undefined` for a name that is too long.
 */
export function vmIDOf(nameOrID: string): ID | undefined {
  try {
    return parseID(nameOrID);
  } catch {
    return vmIDFromName(nameOrID);
  }
}

function checkName(name: string, path: string, taken: ReadonlySet<string>): void {
  if (!isSubnetName(name)) {
    throw wrong(
      `${path}.name`,
      `A subnet's name is a file's: "${name}" has characters other than A-Z a-z 0-9 . _ @ + -`,
    );
  }
  if (taken.has(name)) {
    throw new SubnetError({ code: "exists", subnet: name }, `There is a subnet "${name}" already`, {
      hint: "Choose another name",
    });
  }
}

/**
 * A chain's part.
 *
 * @param path Where in what was asked it is.
 * @throws {SubnetError} `spec`.
 */
export function resolveChain(chain: ChainSpec, path: string): ResolvedChain {
  const { vmName, vmID, genesis, config = "", versionArgs = [], preFundedKey } = chain;
  if ((vmName === undefined) === (vmID === undefined)) {
    throw wrong(`${path}.vmName`, "A chain names its VM either by vmName or by vmID");
  }
  if (genesis.length > MAX_TX_LENGTH) {
    throw wrong(
      `${path}.genesis`,
      `A genesis of ${genesis.length} bytes does not fit a transaction: ${MAX_TX_LENGTH} are the most`,
    );
  }
  keyOf(preFundedKey, `${path}.preFundedKey`);
  return {
    vmID: vmName === undefined ? idOf(vmID as string, `${path}.vmID`) : namedVM(vmName, `${path}.vmName`),
    genesis,
    config,
    versionArgs,
    ...(preFundedKey === undefined ? {} : { preFundedKey }),
  };
}

function namedVM(name: string, path: string): ID {
  const id = vmIDFromName(name);
  if (id === undefined) {
    throw wrong(path, `A VM's name has 1 to ${MAX_VM_NAME_LENGTH} bytes; "${name}" has ${Buffer.byteLength(name)}`);
  }
  return id;
}

function validatorsOf(
  { validators, l1 }: SubnetSpec,
  path: string,
  { nodes, runsChains }: Surroundings,
  load: ReadonlyMap<string, number>,
): TmpnetNode[] {
  const able = nodes.filter(runsChains);
  if (Array.isArray(validators)) {
    if (validators.length === 0) throw wrong(`${path}.validators`, "A subnet needs at least one validator");
    const named = [...new Set((validators as readonly (string | number)[]).map((name) => findNode(nodes, name)))];
    const light = named.find((node) => !runsChains(node));
    if (light !== undefined) {
      throw new SubnetError({ code: "nodes" }, `${light.nodeID} is a light node: it runs no chains`);
    }
    return named;
  }
  const lasting = able.filter(({ isEphemeral }) => !isEphemeral || l1 !== undefined);
  const count = (validators as number | undefined) ?? lasting.length;
  if (!Number.isSafeInteger(count) || count < 1 || count > lasting.length) {
    const message =
      lasting.length === 0
        ? "Subnets need nodes of avalanchego: avx's own run no chains"
        : `A subnet may have 1 to ${lasting.length} of the network's nodes as validators; ${count} were asked for`;
    throw new SubnetError({ code: "nodes" }, message);
  }
  const byLoad = lasting.toSorted((a, b) => (load.get(a.nodeID) ?? 0) - (load.get(b.nodeID) ?? 0)).slice(0, count);
  return lasting.filter((node) => byLoad.includes(node));
}

/** An L1's part. */
export function resolveL1(
  spec: L1Spec,
  path: string,
  chainCount: number,
  validators: readonly TmpnetNode[],
  { nodes, cChainID }: Pick<Surroundings, "nodes" | "cChainID">,
): ResolvedL1 {
  const { managerChain = 0, managerAddress = new Uint8Array(), balance = DEFAULT_L1_BALANCE } = spec;
  const asked = spec.validators ?? validators.map(({ nodeID }) => ({ node: nodeID }));
  if (asked.length === 0) throw wrong(`${path}.l1.validators`, "An L1 begins with at least one validator");
  if (typeof managerChain === "number" && (managerChain < 0 || managerChain >= chainCount)) {
    throw wrong(
      `${path}.l1.managerChain`,
      chainCount === 0
        ? "An L1 needs a chain that its validator manager is on: the subnet has none"
        : `The subnet has no chain number ${managerChain}`,
    );
  }
  const resolved = asked.map((validator: L1ValidatorSpec, i) => {
    const { node, weight = DEFAULT_VALIDATOR_WEIGHT, balance: own = balance } = validator;
    if (weight <= 0n) throw wrong(`${path}.l1.validators[${i}].weight`, "A validator's weight is above 0");
    if (own < 0n) throw wrong(`${path}.l1.validators[${i}].balance`, "A balance is 0 or more nAVAX");
    return { node: findNode(nodes, node), weight, balance: own };
  });
  if (new Set(resolved.map(({ node }) => node.nodeID)).size < resolved.length) {
    throw wrong(`${path}.l1.validators`, "A node can be an L1's validator once");
  }
  return { managerChain: managerOf(managerChain, path, cChainID), managerAddress, validators: resolved };
}

function managerOf(chain: number | string, path: string, cChainID: ID | undefined): number | ID {
  if (typeof chain === "number") return chain;
  if (chain === "C" && cChainID !== undefined) return cChainID;
  return idOf(chain, `${path}.l1.managerChain`);
}

function idOf(text: string, path: string): ID {
  let id: ID;
  try {
    id = parseID(text);
  } catch (cause) {
    throw wrong(path, `"${text}" is no ID: ${errorMessage(cause)}`, cause);
  }
  if (id === PRIMARY_NETWORK_ID) throw wrong(path, `"${text}" is the empty ID`);
  return id;
}

function keyOf(text: string | undefined, path: string): Secp256k1PrivateKey | undefined {
  if (text === undefined) return undefined;
  try {
    return parsePrivateKey(text);
  } catch (cause) {
    // The text is a secret, or was meant to be one.
    throw wrong(path, `The key cannot be read: ${errorMessage(cause)}`, cause);
  }
}

function wrong(path: string, message: string, cause?: unknown): SubnetError {
  return new SubnetError({ code: "spec", path }, message, { cause });
}
