/** Addresses and claims to them against facts recorded from avalanchego: `utils/ips`. */

import { describe, expect, test } from "bun:test";
import { toHex } from "../../lib/core/bytes.ts";
import { idFromBytes, idToBytes } from "../../lib/core/ids/id.ts";
import { nodeIDFromCertificate, nodeIDToBytes } from "../../lib/core/ids/node_id.ts";
import {
  addrFromSlice,
  formatAddrPort,
  ipTo16,
  isLoopbackIP,
  isPublicIP,
  isUnspecifiedIP,
  parseAddrPort,
} from "../../lib/core/ip.ts";
import type { Certificate } from "../../lib/core/staking/certificate.ts";
import {
  CLAIMED_IP_BASE_SIZE,
  GOSSIP_ID_PREIMAGE_LENGTH,
  newClaimedIPPort,
} from "../../lib/core/staking/claimed_ip.ts";
import { loadVectors } from "../support/vectors.ts";
import { bytesOf, outcome, type Verdict } from "../support/verdict.ts";

interface IPClaimsVectors {
  readonly constants: { readonly baseSize: number; readonly preimageLen: number };
  readonly claims: readonly {
    readonly certDER: string;
    readonly ip: string;
    readonly ipBytes: string;
    readonly port: number;
    readonly timestamp: string;
    readonly tlsSignature: string;
    readonly nodeID: string;
    readonly nodeIDHex: string;
    readonly gossipID: string;
    readonly gossipIDString: string;
    readonly size: number;
  }[];
  readonly addrFromSlice: readonly {
    readonly kind: string;
    readonly bytes: string;
    readonly ok: boolean;
    readonly ip?: string;
    readonly is4?: boolean;
    readonly as16?: string;
    readonly asSlice?: string;
    readonly public?: boolean;
    readonly loopback?: boolean;
    readonly unspecified?: boolean;
  }[];
  readonly parseAddrPort: readonly (Verdict & {
    readonly input: string;
    readonly ip?: string;
    readonly port?: number;
    readonly string?: string;
  })[];
}

const vectors = loadVectors<IPClaimsVectors>("ip_claims");

test("constants", () => {
  expect({ baseSize: CLAIMED_IP_BASE_SIZE, preimageLen: GOSSIP_ID_PREIMAGE_LENGTH }).toEqual(vectors.constants);
});

/** Claims are made of any bytes that pass for a certificate: only those bytes count here. */
function certificateOf(raw: Uint8Array): Certificate {
  return {
    raw,
    nodeID: nodeIDFromCertificate(raw),
    keyType: "ecdsa-p256",
    get publicKey(): never {
      throw new Error("a claim asks for no key");
    },
  };
}

describe("claims", () => {
  test.each(vectors.claims.map((entry) => [`${entry.nodeID} at ${entry.ip}`, entry] as const))("%s", (_, entry) => {
    const addrPort = { ip: entry.ip, port: entry.port };
    const claim = newClaimedIPPort(
      certificateOf(bytesOf(entry.certDER)),
      addrPort,
      BigInt(entry.timestamp),
      bytesOf(entry.tlsSignature),
    );
    expect(claim.addrPort).toEqual(addrPort);
    expect(toHex(ipTo16(entry.ip))).toBe(entry.ipBytes.padStart(32, "00000000000000000000ffff"));
    expect(claim.timestamp).toBe(BigInt(entry.timestamp));
    expect(claim.nodeID as string).toBe(entry.nodeID);
    expect(toHex(nodeIDToBytes(claim.nodeID))).toBe(entry.nodeIDHex);
    expect(claim.gossipID).toBe(idFromBytes(bytesOf(entry.gossipID)));
    expect(claim.gossipID as string).toBe(entry.gossipIDString);
    expect(toHex(idToBytes(claim.gossipID))).toBe(entry.gossipID);
    expect(claim.size).toBe(entry.size);
  });
});

describe("addrFromSlice", () => {
  test.each(vectors.addrFromSlice.map((entry) => [entry.kind, entry] as const))("%s", (_, entry) => {
    const ip = addrFromSlice(bytesOf(entry.bytes));
    expect(ip !== undefined).toBe(entry.ok);
    if (ip === undefined) return;
    const is4 = !ip.includes(":");
    const as16 = toHex(ipTo16(ip));
    expect({
      ip,
      is4,
      as16,
      asSlice: is4 ? as16.slice(-8) : as16,
      public: isPublicIP(ip),
      loopback: isLoopbackIP(ip),
      unspecified: isUnspecifiedIP(ip),
    }).toEqual({
      ip: entry.ip as string,
      is4: entry.is4 as boolean,
      as16: entry.as16 as string,
      asSlice: entry.asSlice as string,
      public: entry.public as boolean,
      loopback: entry.loopback as boolean,
      unspecified: entry.unspecified as boolean,
    });
  });
});

describe("parseAddrPort", () => {
  test.each(vectors.parseAddrPort.map((entry) => [JSON.stringify(entry.input), entry] as const))("%s", (_, entry) => {
    const result = outcome(() => {
      const addrPort = parseAddrPort(entry.input);
      return { ...addrPort, string: formatAddrPort(addrPort) };
    });
    expect(result).toEqual(
      entry.ok
        ? {
            ok: true,
            value: { ip: entry.ip as string, port: entry.port as number, string: entry.string as string },
          }
        : { ok: false, error: entry.error },
    );
  });
});
