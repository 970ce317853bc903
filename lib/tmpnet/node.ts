/**
 * A node of a temporary network, as its files have it.
 *
 * A node is known by its staking key, which lies in its flags; the name of its directory is only a name.
 *
 * @module
 */

import { basename, join } from "node:path";
import { base64Decode } from "../core/base64.ts";
import type { Clock } from "../core/clock.ts";
import { errorMessage } from "../core/errors.ts";
import type { NodeID } from "../core/ids/node_id.ts";
import { newBLSSigner } from "../core/staking/bls.ts";
import { newProofOfPossession, type ProofOfPossession } from "../core/staking/proof_of_possession.ts";
import { newTLSCert, parseTLSCert } from "../core/staking/tls_cert.ts";
import { badFile, makeDirectory } from "./disk/files.ts";
import type { JSONMap } from "./disk/json.ts";
import { CONFIG_FILE } from "./disk/layout.ts";
import { readNodeConfig, writeNodeConfig } from "./disk/node_config.ts";
import type { NodeRuntimeConfig } from "./disk/runtime_config.ts";
import type { FlagsMap } from "./flags_map.ts";
import type { RuntimeNode } from "./runtime/contract.ts";

/** Flags that hold a node's keys: base64 of the files that it would otherwise read. */
export const TLS_KEY_FLAG = "staking-tls-key-file-content";
export const TLS_CERT_FLAG = "staking-tls-cert-file-content";
export const SIGNER_KEY_FLAG = "staking-signer-key-file-content";

/** A node of a network. */
export interface TmpnetNode extends RuntimeNode {
  /** Not meant to last: never a bootstrapper of others. */
  readonly isEphemeral: boolean;
  /** Its own flags, its keys among them: they win over the network's. */
  readonly flags: FlagsMap;
  /** Set where it is not run as the network's other nodes are. */
  readonly ownRuntimeConfig?: NodeRuntimeConfig;
  /** Fields of its file that avx does not know. */
  readonly other?: JSONMap;
}

/** Who a new node is. */
export interface NodeIdentity {
  readonly nodeID: NodeID;
  /** Its keys, as flags. */
  readonly flags: FlagsMap;
  /** What a genesis says of its BLS key. */
  readonly signer: ProofOfPossession;
}

/**
 * How often a certificate is made for a node that is to come after another: next to one other node, which may have one
 * of the last IDs that there are, it takes more in two cases of a thousand.
 */
const MAX_CERTIFICATES = 500;

/**
 * Makes a node's keys.
 *
 * tmpnetctl restarts nodes one after another, in the order of their IDs, and each has other ports for its peers then. A
 * node that others are not given to bootstrap from, and that comes before all that it is given, would know nobody.
 *
 * @param options `after` are nodes that it is to bootstrap from: it comes after one of them at least.
 */
export function newNodeIdentity(
  clock: Clock,
  { after = [] }: { readonly after?: readonly NodeID[] } = {},
): NodeIdentity {
  let cert = newTLSCert({ clock });
  for (let i = 1; i < MAX_CERTIFICATES && isBeforeAll(cert.certificate.nodeID, after); i++)
    cert = newTLSCert({ clock });
  const signer = newBLSSigner();
  return {
    nodeID: cert.certificate.nodeID,
    flags: {
      [TLS_KEY_FLAG]: base64(cert.keyPEM),
      [TLS_CERT_FLAG]: base64(cert.certPEM),
      [SIGNER_KEY_FLAG]: Buffer.from(signer.secretKeyBytes()).toString("base64"),
    },
    signer: newProofOfPossession(signer),
  };
}

function isBeforeAll(nodeID: NodeID, others: readonly NodeID[]): boolean {
  return others.length > 0 && others.every((other) => nodeID < other);
}

/**
 * Reads the node in a directory.
 *
 * @param defaults The network's runtime, for nodes that have none of their own.
 * @returns `undefined` when the directory is not a node's.
 * @throws {TmpnetError} `bad-file` when its files cannot be understood, its keys included.
 */
export function readNode(dataDir: string, defaults: NodeRuntimeConfig): TmpnetNode | undefined {
  const path = join(dataDir, CONFIG_FILE);
  const config = readNodeConfig(path);
  if (config === undefined) return undefined;
  return {
    nodeID: nodeIDOfFlags(config.flags, path),
    dataDir,
    isEphemeral: config.isEphemeral,
    flags: config.flags,
    runtimeConfig: config.runtimeConfig ?? defaults,
    ...(config.runtimeConfig === undefined ? {} : { ownRuntimeConfig: config.runtimeConfig }),
    ...(config.other === undefined ? {} : { other: config.other }),
  };
}

/**
 * A node whose files cannot be understood, for what can be done to it all the same: its process is found by its
 * directory alone.
 */
export function brokenNode(dataDir: string): RuntimeNode {
  return { nodeID: basename(dataDir) as NodeID, dataDir, runtimeConfig: { process: { avalancheGoPath: "" } } };
}

/** @throws {TmpnetError} `unwritable`. */
export function writeNode({ dataDir, isEphemeral, flags, ownRuntimeConfig, other }: TmpnetNode): void {
  makeDirectory(dataDir);
  writeNodeConfig(join(dataDir, CONFIG_FILE), {
    isEphemeral,
    flags,
    ...(ownRuntimeConfig === undefined ? {} : { runtimeConfig: ownRuntimeConfig }),
    ...(other === undefined ? {} : { other }),
  });
}

/**
 * Who a node with these keys is.
 *
 * @param path Where they stand, for the error.
 * @throws {TmpnetError} `bad-file` when they are missing or not fit for use.
 */
export function nodeIDOfFlags(flags: FlagsMap, path: string): NodeID {
  const key = flags[TLS_KEY_FLAG];
  const cert = flags[TLS_CERT_FLAG];
  if (!key || !cert) throw badFile(path, `${key ? TLS_CERT_FLAG : TLS_KEY_FLAG} is missing`);
  try {
    return parseTLSCert(text(key), text(cert)).certificate.nodeID;
  } catch (error) {
    throw badFile(path, `its staking key and certificate are not fit for use (${errorMessage(error)})`, error);
  }
}

function base64(content: string): string {
  return Buffer.from(content).toString("base64");
}

function text(content: string): string {
  return Buffer.from(base64Decode(content)).toString("utf8");
}
