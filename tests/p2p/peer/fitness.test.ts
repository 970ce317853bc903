import { expect, test } from "bun:test";
import { ReadFilter } from "../../../lib/core/bloom/filter.ts";
import { ManualClock } from "../../../lib/core/clock.ts";
import { EMPTY_ID, idFromBytes, PRIMARY_NETWORK_ID } from "../../../lib/core/ids/id.ts";
import { nodeIDFromBytes } from "../../../lib/core/ids/node_id.ts";
import { applyValidators } from "../../../lib/core/validators/apply.ts";
import { ValidatorManager } from "../../../lib/core/validators/manager.ts";
import { Compatibility } from "../../../lib/core/version/compatibility.ts";
import { CURRENT_VERSION } from "../../../lib/core/version/constants.ts";
import { Fitness } from "../../../lib/p2p/peer/fitness.ts";
import type { HandshakeClaims } from "../../../lib/p2p/peer/handshake.ts";

const PEER = nodeIDFromBytes(new Uint8Array(20).fill(1));
const TX = idFromBytes(new Uint8Array(32).fill(2));
const KEY = new Uint8Array(48).fill(3);

const CLAIMS: HandshakeClaims = {
  version: CURRENT_VERSION,
  upgradeTime: 0n,
  trackedSubnets: new Set(),
  supportedACPs: new Set(),
  objectedACPs: new Set(),
  allSubnets: false,
  knownPeers: { filter: ReadFilter.EMPTY, salt: new Uint8Array() },
  ip: {
    addrPort: { ip: "127.0.0.1", port: 1 },
    timestamp: 1n,
    tlsSignature: new Uint8Array(),
    blsSignature: new Uint8Array(96),
  },
};

/** A peer whose signature is of the keys that are given. */
function peerOf(...signedBy: Uint8Array[]) {
  const validators = new ValidatorManager();
  const version = { minCompatible: CURRENT_VERSION, minCompatibleAfterUpgrade: CURRENT_VERSION, upgradeTime: 0 };
  const checks: Uint8Array[] = [];
  const fitness = new Fitness(
    {
      validators,
      versionCompatibility: new Compatibility({ current: CURRENT_VERSION, ...version }, new ManualClock()),
      verifyProofOfPossession: (publicKey) => {
        checks.push(publicKey);
        return signedBy.some((key) => Buffer.compare(key, publicKey) === 0);
      },
    },
    PEER,
  );
  const become = (weight: bigint, txID = TX, publicKey: Uint8Array | "none" = KEY) => {
    const validator = { nodeID: PEER, weight, txID, publicKey: publicKey === "none" ? undefined : publicKey };
    applyValidators(validators, PRIMARY_NETWORK_ID, new Map([[PEER, validator]]));
  };
  return { become, checks, reason: () => fitness.unfitReason(CLAIMS) };
}

test("who validates nothing, or without a key, signs with whatever key it likes", () => {
  const { become, checks, reason } = peerOf();
  expect(reason()).toBeUndefined();
  become(1n, TX, "none");
  expect(reason()).toBeUndefined();
  expect(checks).toEqual([]);
});

test("a validator's key is checked once, whatever it weighs, and again for a new transaction or key", () => {
  const other = new Uint8Array(48).fill(4);
  const { become, checks, reason } = peerOf(KEY, other);
  for (const weight of [1n, 2n, 2n]) {
    become(weight);
    expect(reason()).toBeUndefined();
  }
  expect(checks).toHaveLength(1);
  become(2n, EMPTY_ID);
  expect(reason()).toBeUndefined();
  become(2n, EMPTY_ID, other);
  expect(reason()).toBeUndefined();
  expect(checks).toEqual([KEY, KEY, other]);
});

test("a validator whose key becomes another's has not signed", () => {
  const { become, reason } = peerOf(KEY);
  become(1n);
  expect(reason()).toBeUndefined();
  become(1n, TX, new Uint8Array(48).fill(4));
  expect(reason()).toBe("invalid-bls-signature");
  become(1n);
  expect(reason()).toBeUndefined();
});
