/** Messages of validator managers as avalanchego 1.14.2 made and signed them: `tests/fixtures/wallet/l1_messages.json`. */

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fromHex, toHex } from "../../../lib/core/bytes.ts";
import { parseID } from "../../../lib/core/ids/id.ts";
import { parseNodeID } from "../../../lib/core/ids/node_id.ts";
import { aggregateBLSSignatures, blsSignerFromBytes } from "../../../lib/core/staking/bls.ts";
import { addressedCallPayload, warpMessageBytes } from "../../../lib/p2p/app/acp118/warp_message.ts";
import {
  l1ValidatorWeightMessage,
  registeredValidationID,
  registerL1ValidatorMessage,
} from "../../../lib/platform/wallet/l1_messages.ts";
import { countSigners, parseSignedWarpMessage, signedWarpMessage } from "../../../lib/platform/wallet/warp_message.ts";
import { blsBackends } from "../../support/bls_backends.ts";

interface OwnerJSON {
  readonly threshold: number;
  readonly addresses: readonly string[];
}

interface Recorded {
  readonly bytes: string;
  readonly places: readonly number[];
  readonly secretKeys: readonly string[];
  readonly sourceChainID: string;
  readonly sourceAddress: string;
  readonly signed: string;
  readonly validationID?: string;
  readonly register?: {
    readonly subnetID: string;
    readonly nodeID: string;
    readonly publicKey: string;
    readonly expiry: string;
    readonly remainingBalanceOwner: OwnerJSON;
    readonly disableOwner: OwnerJSON;
    readonly weight: string;
  };
  readonly weight?: { readonly validationID: string; readonly nonce: string; readonly weight: string };
}

const recorded: { readonly networkID: number; readonly messages: readonly Recorded[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../fixtures/wallet/l1_messages.json"), "utf8"),
);

function bytes(hex: string): Uint8Array {
  return fromHex(`0x${hex}`) as Uint8Array;
}

function owner({ threshold, addresses }: OwnerJSON) {
  return { threshold, addresses: addresses.map(bytes) };
}

describe.each(recorded.messages.map((message, i) => [i, message] as const))("message %d", (_, message) => {
  test("has the bytes that avalanchego gives it", () => {
    const { register, weight } = message;
    if (register !== undefined) {
      const made = registerL1ValidatorMessage({
        subnetID: parseID(register.subnetID),
        nodeID: parseNodeID(register.nodeID),
        publicKey: bytes(register.publicKey),
        expiry: BigInt(register.expiry),
        remainingBalanceOwner: owner(register.remainingBalanceOwner),
        disableOwner: owner(register.disableOwner),
        weight: BigInt(register.weight),
      });
      expect(toHex(made)).toBe(message.bytes);
      expect(registeredValidationID(made) as string).toBe(message.validationID as string);
    } else {
      const { validationID, nonce, weight: value } = weight as NonNullable<typeof weight>;
      const change = { validationID: parseID(validationID), nonce: BigInt(nonce), weight: BigInt(value) };
      expect(toHex(l1ValidatorWeightMessage(change))).toBe(message.bytes);
    }
  });

  test.each(blsBackends)("signed by its validators, by %s, is what avalanchego makes of it", (_name, backend) => {
    const { places, secretKeys, sourceAddress, sourceChainID, signed } = message;
    const unsigned = warpMessageBytes({
      networkID: recorded.networkID,
      sourceChainID: parseID(sourceChainID),
      payload: addressedCallPayload(bytes(sourceAddress), bytes(message.bytes)),
    });
    const signatures = secretKeys.map((key) => blsSignerFromBytes(bytes(key), backend).sign(unsigned));
    const made = signedWarpMessage(unsigned, places, aggregateBLSSignatures(signatures, backend));
    expect(toHex(made)).toBe(signed);
    expect(countSigners(parseSignedWarpMessage(made))).toBe(places.length);
  });
});

test("nobody's signatures are none", () => {
  expect(() => aggregateBLSSignatures([])).toThrow("no signatures");
});
