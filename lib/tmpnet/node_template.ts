/**
 * What a node of a new network is to be where it is not as all others: its keys, its flags, its program.
 *
 * @module
 */

import { resolve } from "node:path";
import { base64Decode } from "../core/base64.ts";
import type { Clock } from "../core/clock.ts";
import type { NodeID } from "../core/ids/node_id.ts";
import { blsSignerFromBytes } from "../core/staking/bls.ts";
import { newProofOfPossession } from "../core/staking/proof_of_possession.ts";
import { badFile } from "./disk/files.ts";
import { readNodeConfig } from "./disk/node_config.ts";
import type { NodeRuntimeConfig } from "./disk/runtime_config.ts";
import { TmpnetError } from "./errors.ts";
import { type FlagsMap, refusePlaceFlags } from "./flags_map.ts";
import {
  type NodeIdentity,
  newNodeIdentity,
  nodeIDOfFlags,
  SIGNER_KEY_FLAG,
  TLS_CERT_FLAG,
  TLS_KEY_FLAG,
} from "./node.ts";
import { checkProgram } from "./runtime/program.ts";

/** A node that is described by itself. What is left out is as with all others. */
export interface NodeTemplate {
  /** Its own flags: they win over the network's. Keys among them, all three or none, are its keys. */
  readonly flags?: FlagsMap | undefined;
  /** Whether it stakes nothing and is not meant to last. */
  readonly isEphemeral?: boolean | undefined;
  /**
   * What it stakes in nAVAX, by a transaction as soon as the network runs: 2,000 AVAX to 3,000,000. One node at least
   * has none, and its share in the genesis, 1,000,000 AVAX, for the network to begin with. avalanchego's nodes alone:
   * avx's own know of the genesis only.
   */
  readonly stake?: bigint | undefined;
  /** The program that it runs, and where that has its plugins. */
  readonly runtimeConfig?: NodeRuntimeConfig | undefined;
}

/** A node before it has a directory. */
export interface PlannedNode {
  /** With all its own flags. */
  readonly identity: NodeIdentity;
  readonly isEphemeral: boolean;
  /** Set where it is not its share in the genesis, nAVAX. */
  readonly stake?: bigint;
  readonly runtimeConfig?: NodeRuntimeConfig;
}

/**
 * Reads a template from a file: a node's `config.json` as tmpnet has it, `{"flags": {…}, "runtimeConfig": {…}}`.
 *
 * @throws {TmpnetError} `option` when there is no such file, `bad-file`.
 */
export function readNodeTemplate(path: string): NodeTemplate {
  const config = readNodeConfig(path);
  if (config !== undefined) return config;
  throw new TmpnetError({ code: "option", option: "node" }, `There is no file ${path}`);
}

/**
 * Makes what is missing of a node's keys.
 *
 * @param after As {@link newNodeIdentity} has it.
 * @throws {TmpnetError} `option` for keys that are not whole or not fit for use and for flags that would move the node,
 * `binary`.
 */
export function nodeOfTemplate(
  { flags = {}, isEphemeral = false, runtimeConfig, stake }: NodeTemplate,
  clock: Clock,
  after: readonly NodeID[] = [],
): PlannedNode {
  refusePlaceFlags(flags);
  if (stake !== undefined && isEphemeral) {
    throw new TmpnetError({ code: "option", option: "stake" }, "A node that is not meant to last stakes nothing");
  }
  const planned = { identity: identityOf(flags, clock, after), isEphemeral, ...(stake === undefined ? {} : { stake }) };
  if (runtimeConfig?.process === undefined) return planned;
  const program = resolve(runtimeConfig.process.avalancheGoPath);
  checkProgram(program);
  return { ...planned, runtimeConfig: { process: { ...runtimeConfig.process, avalancheGoPath: program } } };
}

function identityOf(flags: FlagsMap, clock: Clock, after: readonly NodeID[]): NodeIdentity {
  const given = [TLS_KEY_FLAG, TLS_CERT_FLAG, SIGNER_KEY_FLAG].filter((name) => flags[name]);
  if (given.length === 0) {
    const made = newNodeIdentity(clock, { after });
    return { ...made, flags: { ...flags, ...made.flags } };
  }
  if (given.length < 3) {
    const message = `A node's keys are given all or not at all: of the three only ${given.join(" and ")} ${given.length === 1 ? "is" : "are"}`;
    throw new TmpnetError({ code: "option", option: "node" }, message);
  }
  const nodeID = nodeIDOfFlags(flags, "a node's flags");
  try {
    const signer = newProofOfPossession(blsSignerFromBytes(base64Decode(flags[SIGNER_KEY_FLAG] ?? "")));
    return { nodeID, flags, signer };
  } catch (error) {
    throw badFile("a node's flags", `${SIGNER_KEY_FLAG} is no BLS key`, error);
  }
}
