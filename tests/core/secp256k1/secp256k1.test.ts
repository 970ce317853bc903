import { describe, expect, test } from "bun:test";
import { inspect } from "node:util";
import { fromHex, toHex } from "../../../lib/core/bytes.ts";
import { IdsError } from "../../../lib/core/ids/errors.ts";
import { Secp256k1Error } from "../../../lib/core/secp256k1/errors.ts";
import {
  formatPrivateKey,
  newPrivateKey,
  parsePrivateKey,
  Secp256k1PrivateKey,
} from "../../../lib/core/secp256k1/private_key.ts";
import {
  formatEthAddress,
  parsePublicKey,
  publicKeyAddress,
  publicKeyEthAddress,
} from "../../../lib/core/secp256k1/public_key.ts";
import { recover, recoverFromHash, verifySignature } from "../../../lib/core/secp256k1/signature.ts";

const EWOQ = "PrivateKey-ewoqjP7PxY4yr3iLTpLisriqt94hdyDFNgchSxGGztUrTXtNN";
const ORDER = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

const hex = (text: string) => fromHex(text) as Uint8Array;

function codeOf(fail: () => unknown): string {
  try {
    fail();
  } catch (error) {
    if (error instanceof Secp256k1Error || error instanceof IdsError) return error.type.code;
    throw error;
  }
  return "no error";
}

describe("private keys", () => {
  test("a new key survives its text", () => {
    const key = newPrivateKey();
    expect(parsePrivateKey(formatPrivateKey(key)).secretHex()).toBe(key.secretHex());
    expect(newPrivateKey().secretHex()).not.toBe(key.secretHex());
  });

  test("the well-known local key has its well-known addresses", () => {
    const key = parsePrivateKey(EWOQ);
    expect(key.secretHex()).toBe("56289e99c94b6912bfc12adc093c9b51124f0dc54ac7a766b2bc5ccf558d8027");
    expect(toHex(key.address)).toBe("3cb7d3842e8cee6a0ebd09f1fe884f6861e1b29c");
    expect(toHex(publicKeyAddress(key.publicKey))).toBe(toHex(key.address));
    expect(formatEthAddress(key.ethAddress)).toBe("0x8db97C7cEcE249c2b98bDC0226Cc4C2A57BF52FC");
    expect(toHex(publicKeyEthAddress(key.publicKey))).toBe(toHex(key.ethAddress));
  });

  test("a key does not show its secret unasked", () => {
    const key = parsePrivateKey(EWOQ);
    const shown = `${key} ${JSON.stringify(key)} ${inspect(key, { showHidden: true })}`;
    expect(shown).not.toContain("ewoqjP7P");
    expect(shown).not.toContain("56289e99");
  });

  test("the secret cannot be changed from outside", () => {
    const bytes = hex("56289e99c94b6912bfc12adc093c9b51124f0dc54ac7a766b2bc5ccf558d8027");
    const key = new Secp256k1PrivateKey(bytes);
    bytes.fill(0);
    key.secretBytes().fill(0);
    expect(formatPrivateKey(key)).toBe(EWOQ);
  });

  test("a number beyond the group's order stands for its remainder and keeps its text", () => {
    const beyond = new Secp256k1PrivateKey(hex(`${ORDER.slice(0, -1)}3`));
    const two = new Secp256k1PrivateKey(hex(`${"00".repeat(31)}02`));
    expect(toHex(beyond.publicKey)).toBe(toHex(two.publicKey));
    expect(beyond.secretHex()).toBe(`${ORDER.slice(0, -1)}3`);
  });

  test("zero and the order itself have no public key", () => {
    for (const digits of ["00".repeat(32), ORDER]) {
      expect(codeOf(() => new Secp256k1PrivateKey(hex(digits)).publicKey)).toBe("private-key");
    }
  });

  test("wrong texts are refused by what is wrong with them", () => {
    expect(codeOf(() => parsePrivateKey(EWOQ.slice("PrivateKey-".length)))).toBe("prefix");
    expect(codeOf(() => parsePrivateKey("privatekey-x"))).toBe("prefix");
    expect(codeOf(() => parsePrivateKey("PrivateKey-6Y3kysjF9jnHnYkdS9yGAuoHyae2eNmeV"))).toBe("length");
    expect(codeOf(() => parsePrivateKey(`${EWOQ.slice(0, -1)}P`))).toBe("checksum");
    expect(codeOf(() => new Secp256k1PrivateKey(new Uint8Array(31)))).toBe("length");
  });
});

describe("public keys", () => {
  test("bytes that are no compressed point are refused", () => {
    const { publicKey } = parsePrivateKey(EWOQ);
    expect(parsePublicKey(publicKey)).toBe(publicKey);
    expect(codeOf(() => parsePublicKey(publicKey.subarray(1)))).toBe("length");
    expect(codeOf(() => parsePublicKey(new Uint8Array(33)))).toBe("public-key");
    expect(codeOf(() => parsePublicKey(hex(`02${"ff".repeat(32)}`)))).toBe("public-key");
  });
});

describe("signatures", () => {
  const key = parsePrivateKey(EWOQ);
  const message = new TextEncoder().encode("hello");
  const signature = key.sign(message);

  function changed(change: (signature: Uint8Array) => void): Uint8Array {
    const copy = signature.slice();
    change(copy);
    return copy;
  }

  test("the signer's key follows from message and signature", () => {
    expect(toHex(recover(message, signature))).toBe(toHex(key.publicKey));
    expect(verifySignature(key.publicKey, message, signature)).toBe(true);
    expect(toHex(key.sign(message))).toBe(toHex(signature));
  });

  test("another message, key or signature does not verify", () => {
    expect(verifySignature(key.publicKey, new Uint8Array(1), signature)).toBe(false);
    expect(verifySignature(newPrivateKey().publicKey, message, signature)).toBe(false);
    expect(verifySignature(key.publicKey, message, signature.subarray(1))).toBe(false);
  });

  test("a signature with the upper face of s is refused as mutated", () => {
    const upper = changed((bytes) => {
      const s = BigInt(`0x${ORDER}`) - BigInt(`0x${toHex(bytes.subarray(32, 64))}`);
      bytes.set(hex(s.toString(16).padStart(64, "0")), 32);
      bytes[64] = (bytes[64] as number) ^ 1;
    });
    expect(codeOf(() => recover(message, upper))).toBe("mutated-signature");
  });

  test("a recovery byte for a compressed key, and one beyond, are told apart", () => {
    expect(
      codeOf(() =>
        recover(
          message,
          changed((bytes) => (bytes[64] = (bytes[64] as number) + 4)),
        ),
      ),
    ).toBe("compressed");
    for (const v of [8, 27, 229, 255]) {
      expect(
        codeOf(() =>
          recover(
            message,
            changed((bytes) => (bytes[64] = v)),
          ),
        ),
      ).toBe("signature");
    }
  });

  test("numbers out of range give no key", () => {
    expect(
      codeOf(() =>
        recover(
          message,
          changed((bytes) => bytes.fill(0, 0, 32)),
        ),
      ),
    ).toBe("signature");
    expect(
      codeOf(() =>
        recover(
          message,
          changed((bytes) => bytes.fill(0, 32, 64)),
        ),
      ),
    ).toBe("signature");
    expect(
      codeOf(() =>
        recover(
          message,
          changed((bytes) => bytes.fill(0xff, 0, 32)),
        ),
      ),
    ).toBe("signature");
    expect(
      codeOf(() =>
        recover(
          message,
          changed((bytes) => bytes.set(hex(ORDER), 32)),
        ),
      ),
    ).toBe("signature");
  });

  test("lengths are checked", () => {
    expect(codeOf(() => recover(message, signature.subarray(1)))).toBe("length");
    expect(codeOf(() => recoverFromHash(message, signature))).toBe("length");
    expect(codeOf(() => key.signHash(message))).toBe("length");
  });
});
