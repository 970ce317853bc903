/**
 * Transactions of every kind, with what wallets meet: several owners, locked and stakeable UTXOs, other assets, memos,
 * change owners, odd weights and prices. Drawn at random and built by avalanchego 1.14.2's wallet.
 */

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pvm, utils } from "@avalabs/avalanchejs";
import { fromHex, toHex } from "../../../lib/core/bytes.ts";
import { feeOf, txComplexity } from "../../../lib/platform/wallet/complexity.ts";
import { marshalUnsignedTx } from "../../../lib/platform/wallet/marshal.ts";
import { COMPLEXITY_WEIGHTS } from "../../../lib/platform/wallet/wallet_state.ts";
import { buildVector, type PTxVector, resultOf } from "../../support/ptx_vectors.ts";

const { transactions } = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../fixtures/wallet/ptx.json"), "utf8"),
) as { transactions: readonly PTxVector[] };

const built = transactions.filter(({ ok }) => ok);

test.each(transactions.map((vector, i) => [i, vector.type, vector] as const))(
  "%d: %s is what upstream's is",
  (_, __, vector) => {
    if (!vector.ok) {
      expect(() => resultOf(vector)).toThrow(vector.error as string);
      return;
    }
    const result = resultOf(vector);
    const expected = Object.fromEntries(Object.keys(result).map((name) => [name, vector[name as keyof PTxVector]]));
    expect(result as Record<string, unknown>).toEqual(expected);
  },
);

test("every kind that upstream's builder makes was built", () => {
  expect(new Set(built.map(({ type }) => type)).size).toBe(20);
});

/** The library that wallets use: where it tells the same, it must tell the same. */
describe("avalanchejs", () => {
  const manager = utils.getManagerForVM("PVM");

  test.each(built.map((vector, i) => [i, vector.type, vector] as const))("%d: reads %s", (_, __, vector) => {
    const { unsigned } = buildVector(vector).tx;
    const bytes = marshalUnsignedTx(unsigned);
    const read = manager.unpackTransaction(bytes);
    expect(toHex(bytes).endsWith(toHex(read.toBytes(manager.getDefaultCodec())))).toBe(true);
  });

  // It reads warp messages otherwise than nodes do, and prices no kinds from before the Etna upgrade.
  const other = [
    "RegisterL1ValidatorTx",
    "SetL1ValidatorWeightTx",
    "AddValidatorTx",
    "AddDelegatorTx",
    "TransformSubnetTx",
  ];
  const priced = built.filter(({ type }) => !other.includes(type));
  test.each(priced.map((vector, i) => [i, vector.type, vector] as const))("%d: prices %s the same", (_, __, vector) => {
    const { unsigned } = buildVector(vector).tx;
    const read = manager.unpackTransaction(fromHex(vector.unsignedBytes as string) as Uint8Array);
    const fee = feeOf(txComplexity(unsigned), COMPLEXITY_WEIGHTS, 3n);
    expect(pvm.calculateFee(read as Parameters<typeof pvm.calculateFee>[0], [1, 1_000, 1_000, 4], 3n)).toBe(fee);
  });
});
