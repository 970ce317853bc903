/** P-Chain transactions against those that upstream's wallet built: `wallet/chain/p`. */

import { describe, expect, test } from "bun:test";
import { fromHex } from "../../lib/core/bytes.ts";
import { errorMessage } from "../../lib/core/errors.ts";
import { parseUTXO, utxoID } from "../../lib/platform/wallet/utxo.ts";
import { type PTxVector, resultOf } from "../support/ptx_vectors.ts";
import { loadVectors } from "../support/vectors.ts";

const { transactions } = loadVectors<{ readonly transactions: readonly PTxVector[] }>("ptx");

test("there are transactions", () => {
  expect(transactions.length).toBeGreaterThan(0);
});

describe.each(transactions.map((vector, i) => [`${i} ${vector.type}: ${vector.name}`, vector] as const))(
  "%s",
  (_, vector) => {
    if (vector.ok) {
      test("comes out the same", () => {
        const result = resultOf(vector);
        const expected = Object.fromEntries(Object.keys(result).map((name) => [name, vector[name as keyof PTxVector]]));
        expect(result as Record<string, unknown>).toEqual(expected);
      });
    } else {
      test("is refused for the same reason", () => {
        let error: unknown;
        try {
          resultOf(vector);
        } catch (thrown) {
          error = thrown;
        }
        expect(errorMessage(error)).toBe(vector.error as string);
      });
    }

    test("its UTXOs have their IDs", () => {
      const ids = vector.utxos.map(({ bytes }) => utxoID(parseUTXO(fromHex(bytes) as Uint8Array)));
      expect(ids as string[]).toEqual(vector.utxos.map((utxo) => utxo.utxoID));
    });
  },
);
