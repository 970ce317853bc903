/**
 * The peers that a peer tells of.
 *
 * @module
 */

import { parseCertificate } from "../../core/staking/certificate.ts";
import { type ClaimedIPPort, newClaimedIPPort } from "../../core/staking/claimed_ip.ts";
import type { PeerList } from "../message/gen/p2p_pb.ts";
import { checkAddrPort } from "./handshake.ts";
import { checkField } from "./malformed.ts";

/**
 * Reads the claims of a PeerList. Signatures are not looked at here: most claims are no news, and a signature costs
 * a thousand times what reading does.
 *
 * @throws {MalformedMessageError} `cert`, `ip` or `port`, of the first entry that is wrong.
 */
export function readPeerList(message: PeerList): ClaimedIPPort[] {
  return message.claimedIpPorts.map((claim) => {
    const certificate = checkField("cert", () => parseCertificate(claim.x509Certificate));
    const addrPort = checkAddrPort(claim.ipAddr, claim.ipPort);
    return newClaimedIPPort(certificate, addrPort, claim.timestamp, claim.signature);
  });
}
