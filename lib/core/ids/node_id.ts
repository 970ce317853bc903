/**
 * Node IDs: who a peer is, drawn from its staking certificate.
 *
 * A node ID is its text, `NodeID-` and the CB58 of 20 bytes.
 *
 * @module
 */

import { compareBytes } from "../bytes.ts";
import { ripemd160, sha256 } from "../hashing.ts";
import { cb58DecodeFixed, cb58DecodeTrusted, cb58Encode, requireLength } from "./cb58.ts";
import { IdsError } from "./errors.ts";

declare const brand: unique symbol;

/** `NodeID-…`; made by {@link nodeIDFromBytes}, {@link nodeIDFromCertificate} or {@link parseNodeID}. */
export type NodeID = string & { readonly [brand]: "NodeID" };

export const NODE_ID_PREFIX = "NodeID-";

/** Bytes of a node ID. */
export const NODE_ID_LENGTH = 20;

/**
 * The node ID of 20 bytes.
 *
 * @throws {IdsError} `length` unless there are 20 bytes.
 *
 * @example
 * ```ts
 * nodeIDFromBytes(new Uint8Array(20)); // "NodeID-111111111111111111116DBWJs"
 * ```
 */
export function nodeIDFromBytes(bytes: Uint8Array): NodeID {
  requireLength(bytes, NODE_ID_LENGTH);
  return (NODE_ID_PREFIX + cb58Encode(bytes)) as NodeID;
}

/**
 * The 20 bytes of a node ID.
 *
 * @example
 * ```ts
 * nodeIDToBytes(parseNodeID("NodeID-111111111111111111116DBWJs")); // 20 zeros
 * ```
 */
export function nodeIDToBytes(nodeID: NodeID): Uint8Array {
  return cb58DecodeTrusted(nodeID.slice(NODE_ID_PREFIX.length), NODE_ID_LENGTH);
}

/**
 * The ID of the node that owns a certificate: ripemd160(sha256(DER)).
 *
 * @param der The certificate's DER bytes, as they came over TLS; they need not parse.
 *
 * @example
 * ```ts
 * const { certificate } = newTLSCert();
 * nodeIDFromCertificate(certificate.raw) === certificate.nodeID; // true
 * ```
 */
export function nodeIDFromCertificate(der: Uint8Array): NodeID {
  return nodeIDFromBytes(ripemd160(sha256(der)));
}

/**
 * Reads a node ID as people write it.
 *
 * @throws {IdsError} `prefix`, `base58`, `missing-checksum`, `checksum` or `length`.
 *
 * @example
 * ```ts
 * const nodeID = parseNodeID("NodeID-7Xhw2mDxuDS44j42TCB6U5579esbSt3Lg");
 * ```
 */
export function parseNodeID(text: string): NodeID {
  if (!text.startsWith(NODE_ID_PREFIX)) {
    throw new IdsError({ code: "prefix", text }, `ID: ${text} is missing the prefix: ${NODE_ID_PREFIX}`);
  }
  cb58DecodeFixed(text.slice(NODE_ID_PREFIX.length), NODE_ID_LENGTH);
  return text as NodeID;
}

/** 20 zero bytes: nobody. */
export const EMPTY_NODE_ID: NodeID = nodeIDFromBytes(new Uint8Array(NODE_ID_LENGTH));

/** Orders by bytes, as upstream's `Compare`: -1, 0 or 1. Texts sort otherwise. */
export function compareNodeIDs(a: NodeID, b: NodeID): -1 | 0 | 1 {
  return a === b ? 0 : compareBytes(nodeIDToBytes(a), nodeIDToBytes(b));
}
