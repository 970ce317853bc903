/**
 * An address that a node claims to have, as peers pass it on (upstream `utils/ips/claimed_ip_port.go`).
 *
 * @module
 */

import { sha256 } from "../hashing.ts";
import { type ID, ID_LENGTH, idFromBytes } from "../ids/id.ts";
import { type NodeID, nodeIDToBytes } from "../ids/node_id.ts";
import type { AddrPort } from "../ip.ts";
import type { Certificate } from "./certificate.ts";

/** Proof that the owner of a certificate claimed an address at some time. */
export interface ClaimedIPPort {
  readonly certificate: Certificate;
  readonly addrPort: AddrPort;
  /** Unix seconds, a uint64. */
  readonly timestamp: bigint;
  /** The certificate's, over address and time. Not yet checked by anybody. */
  readonly signature: Uint8Array;
  readonly nodeID: NodeID;
  /** What this claim is called in bloom filters: another for each time of claiming. */
  readonly gossipID: ID;
  /** The 32 bytes of `gossipID`: made once, for they go into every filter and are sought in every filter. */
  readonly gossipIDBytes: Uint8Array;
  /** About how many bytes the claim takes in a message. */
  readonly size: number;
}

/** Certificate length, signature length, IP, port, timestamp, ID (upstream `baseIPCertDescLen`). */
export const CLAIMED_IP_BASE_SIZE = 66;

/** An ID and a timestamp: upstream hashes the room for both, though a node ID leaves 12 bytes of it empty. */
export const GOSSIP_ID_PREIMAGE_LENGTH = ID_LENGTH + 8;

class Claim implements ClaimedIPPort {
  readonly certificate: Certificate;
  readonly addrPort: AddrPort;
  readonly timestamp: bigint;
  readonly signature: Uint8Array;
  #gossipIDBytes: Uint8Array | undefined;

  constructor(certificate: Certificate, addrPort: AddrPort, timestamp: bigint, signature: Uint8Array) {
    this.certificate = certificate;
    this.addrPort = addrPort;
    this.timestamp = timestamp;
    this.signature = signature;
  }

  get nodeID(): NodeID {
    return this.certificate.nodeID;
  }

  get gossipID(): ID {
    return idFromBytes(this.gossipIDBytes);
  }

  /** Made at first use: most claims that come in are no news, and nobody asks. */
  get gossipIDBytes(): Uint8Array {
    this.#gossipIDBytes ??= gossipIDBytes(this.nodeID, this.timestamp);
    return this.#gossipIDBytes;
  }

  get size(): number {
    return CLAIMED_IP_BASE_SIZE + this.certificate.raw.length + this.signature.length;
  }
}

/**
 * Makes a claim of what a peer sent or a node signed.
 *
 * @param timestamp Unix seconds, from 0 to 2^64 - 1.
 */
export function newClaimedIPPort(
  certificate: Certificate,
  addrPort: AddrPort,
  timestamp: bigint,
  signature: Uint8Array,
): ClaimedIPPort {
  return new Claim(certificate, addrPort, timestamp, signature);
}

function gossipIDBytes(nodeID: NodeID, timestamp: bigint): Uint8Array {
  const preimage = new Uint8Array(GOSSIP_ID_PREIMAGE_LENGTH);
  const bytes = nodeIDToBytes(nodeID);
  preimage.set(bytes);
  new DataView(preimage.buffer).setBigUint64(bytes.length, timestamp);
  return sha256(preimage);
}
