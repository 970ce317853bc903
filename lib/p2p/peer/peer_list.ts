/**
 * The peers that a peer tells of.
 *
 * @module
 */

import { parseCertificate } from "../../core/staking/certificate.ts";
import { type ClaimedIPPort, newClaimedIPPort } from "../../core/staking/claimed_ip.ts";
import type { PeerList } from "../message/gen/p2p_pb.ts";
import { entriesOf } from "../message/wire/lazy_lists.ts";
import { checkAddrPort } from "./handshake.ts";
import { checkField } from "./malformed.ts";

/**
 * Reads the claims of a PeerList, one by one, and hashes whom they are about. Signatures are not looked at here: most claims are no news, and a signature
 * costs a thousand times what reading does.
 *
 * @throws {MalformedMessageError} `cert`, `ip` or `port`, of the first entry that is wrong.
 */
export function* readClaims(message: PeerList): Generator<ClaimedIPPort> {
  for (const claim of entriesOf(message, "claimedIpPorts")) {
    const certificate = checkField("cert", () => parseCertificate(claim.x509Certificate));
    const addrPort = checkAddrPort(claim.ipAddr, claim.ipPort);
    const claimedIP = newClaimedIPPort(certificate, addrPort, claim.timestamp, claim.signature);
    // Made at first use, and kept: half of what a claim costs belongs to its own step.
    void claimedIP.nodeID;
    yield claimedIP;
  }
}

/** All claims of a PeerList at once; see {@link readClaims}. */
export function readPeerList(message: PeerList): ClaimedIPPort[] {
  return [...readClaims(message)];
}
