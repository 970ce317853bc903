/**
 * What a peer says of itself, checked.
 *
 * @module
 */

import { ReadFilter } from "../../core/bloom/filter.ts";
import { type ID, idFromBytes, PRIMARY_NETWORK_ID } from "../../core/ids/id.ts";
import { type AddrPort, addrFromSlice } from "../../core/ip.ts";
import { parseBLSSignature } from "../../core/staking/bls.ts";
import type { Certificate } from "../../core/staking/certificate.ts";
import { type SignedIP, verifySignedIP } from "../../core/staking/signed_ip.ts";
import type { Application } from "../../core/version/application.ts";
import type { BloomFilter, Handshake } from "../message/gen/p2p_pb.ts";
import { countOf, entriesOf } from "../message/wire/lazy_lists.ts";
import { checkField, MalformedMessageError } from "./malformed.ts";

/** Longest salt, bytes: a longer one would make each lookup in the filter cost more (upstream `peer.go`). */
export const MAX_BLOOM_SALT_LENGTH = 32;

/** Most subnets that a peer may track: each costs memory (upstream `peer.go`). */
export const MAX_TRACKED_SUBNETS = 16;

/** Proposals that nodes of this version may vote on: none is open in avalanchego 1.14.2 (`utils/constants/acps.go`). */
export const CURRENT_ACPS: ReadonlySet<number> = new Set();

/** A bloom filter that a peer sent, and its salt. */
export interface PeerFilter {
  readonly filter: ReadFilter;
  readonly salt: Uint8Array;
}

/** What a checked handshake says. */
export interface HandshakeClaims {
  readonly version: Application;
  readonly upgradeTime: bigint;
  /** The primary network included. */
  readonly trackedSubnets: ReadonlySet<ID>;
  readonly supportedACPs: ReadonlySet<number>;
  readonly objectedACPs: ReadonlySet<number>;
  readonly allSubnets: boolean;
  readonly knownPeers: PeerFilter;
  readonly ip: SignedIP;
}

/** What a handshake is checked against. */
export interface HandshakeContext {
  readonly networkID: number;
  /** Unix seconds. */
  readonly now: bigint;
  /** Seconds. */
  readonly maxClockDifference: number;
  readonly certificate: Certificate;
  /** Is told how far the peer's clock is ahead of ours, seconds; negative where it is behind. */
  readonly onClock: (ahead: number) => void;
  /** Is told of the peer's version once it is known, whatever comes of the rest. */
  readonly onVersion: (version: Application) => void;
}

/**
 * Checks a Handshake in upstream's order (`network/peer/peer.go`, `handleHandshake`), cheap checks before signatures:
 *
 * 1. The network is ours, and the clocks are close enough.
 * 2. The tracked subnets are few enough and IDs.
 * 3. No proposal is both supported and objected to, among those that are open.
 * 4. The filter of known peers is a filter, its salt is short enough.
 * 5. The IP and the port are such; only the port's low 16 bits count, as upstream reads it.
 * 6. The IP is signed with the certificate's key, at a time that is not too far ahead.
 * 7. The BLS signature is a point; whose it is, the validators decide later.
 *
 * @throws {MalformedMessageError} Names the field of the first check that failed.
 */
export function checkHandshake(message: Handshake, context: HandshakeContext): HandshakeClaims {
  if (message.networkId !== context.networkID) {
    throw MalformedMessageError.field("networkID", {
      peerNetworkID: message.networkId,
      ourNetworkID: context.networkID,
    });
  }

  const clockAhead = Number(message.myTime) - Number(context.now);
  context.onClock(clockAhead);
  if (Math.abs(clockAhead) > context.maxClockDifference) {
    throw MalformedMessageError.field("myTime", { peerTime: message.myTime, localTime: context.now });
  }

  const version: Application = {
    name: message.client?.name ?? "",
    major: message.client?.major ?? 0,
    minor: message.client?.minor ?? 0,
    patch: message.client?.patch ?? 0,
  };
  context.onVersion(version);

  const trackedSubnets = checkTrackedSubnets(message);
  const { supportedACPs, objectedACPs } = checkACPs(message);
  const knownPeers = message.knownPeers === undefined ? EVERYONE_IS_NEWS : checkFilter(message.knownPeers);
  const addrPort = checkAddrPort(message.ipAddr, message.ipPort);

  const unverified = { addrPort, timestamp: message.ipSigningTime, tlsSignature: message.ipNodeIdSig };
  checkField(
    "tlsSignature",
    () => verifySignedIP(unverified, context.certificate, context.now + BigInt(context.maxClockDifference)),
    { peerTime: message.myTime, localTime: context.now },
  );
  const blsSignature = checkField("blsSignature", () => parseBLSSignature(message.ipBlsSig));

  return {
    version,
    upgradeTime: message.upgradeTime,
    trackedSubnets,
    supportedACPs,
    objectedACPs,
    allSubnets: message.allSubnets,
    knownPeers,
    ip: { ...unverified, blsSignature },
  };
}

/**
 * Checks a filter of known peers. One that is missing in a GetPeerList is read as empty bytes, which is no filter.
 *
 * @throws {MalformedMessageError} `knownPeers.filter` or `knownPeers.salt`.
 */
export function checkFilter(message: BloomFilter | undefined): PeerFilter {
  const filter = checkField("knownPeers.filter", () => ReadFilter.parse(message?.filter ?? NO_BYTES));
  const salt = message?.salt ?? NO_BYTES;
  if (salt.length > MAX_BLOOM_SALT_LENGTH) {
    throw MalformedMessageError.field("knownPeers.salt", { saltLen: salt.length });
  }
  return { filter, salt };
}

/**
 * Checks an IP and a port as peers send them: 4 or 16 bytes, and a port of which the low 16 bits count.
 *
 * @throws {MalformedMessageError} `ip` or `port`.
 */
export function checkAddrPort(ipBytes: Uint8Array, wirePort: number): AddrPort {
  const ip = addrFromSlice(ipBytes);
  if (ip === undefined) throw MalformedMessageError.field("ip", { ipLen: ipBytes.length });
  const port = wirePort & 0xffff;
  if (port === 0) throw MalformedMessageError.field("port", { port });
  return { ip, port };
}

const NO_BYTES = new Uint8Array(0);

/** What a peer that sends no filter knows: nobody. */
const EVERYONE_IS_NEWS: PeerFilter = { filter: ReadFilter.EMPTY, salt: NO_BYTES };

function checkTrackedSubnets(message: Handshake): ReadonlySet<ID> {
  const numTrackedSubnets = countOf(message, "trackedSubnets");
  if (numTrackedSubnets > MAX_TRACKED_SUBNETS) {
    throw MalformedMessageError.field("trackedSubnets", { numTrackedSubnets });
  }
  const tracked = new Set<ID>([PRIMARY_NETWORK_ID]);
  for (const bytes of message.trackedSubnets) tracked.add(checkField("trackedSubnets", () => idFromBytes(bytes)));
  return tracked;
}

function checkACPs(message: Handshake): { supportedACPs: ReadonlySet<number>; objectedACPs: ReadonlySet<number> } {
  const supportedACPs = currentACPs(entriesOf(message, "supportedAcps"));
  const objectedACPs = currentACPs(entriesOf(message, "objectedAcps"));
  if (!supportedACPs.isDisjointFrom(objectedACPs)) {
    throw MalformedMessageError.field("acps", {
      supportedACPs: [...supportedACPs],
      objectedACPs: [...objectedACPs],
    });
  }
  return { supportedACPs, objectedACPs };
}

function currentACPs(acps: Iterable<number>): Set<number> {
  const current = new Set<number>();
  for (const acp of acps) if (CURRENT_ACPS.has(acp)) current.add(acp);
  return current;
}
