/** A node's P-Chain as wallets ask it: answers of its form, pages of UTXOs, and answers that are none. */

import { afterEach, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { EMPTY_ID } from "../../../lib/core/ids/id.ts";
import { RPCError } from "../../../lib/platform/rpc/errors.ts";
import {
  getFeeConfig,
  getFeeState,
  getSubnet,
  getUTXOs,
  getValidators,
  UTXO_PAGE_SIZE,
} from "../../../lib/platform/rpc/platform_wallet_client.ts";
import { utxoID } from "../../../lib/platform/wallet/utxo.ts";

const vectors = JSON.parse(readFileSync(join(import.meta.dirname, "../../vectors/ptx.json"), "utf8"));
const UTXO: string = vectors.transactions[0].utxos[0].bytes;

/** The same UTXO at another place of the same transaction. */
function utxoAt(index: number): string {
  const bytes = Buffer.from(UTXO, "hex");
  bytes.writeUInt32BE(index, 2 + 32);
  return `0x${bytes.toString("hex")}00000000`;
}

let server: ReturnType<typeof Bun.serve> | undefined;
const asked: Record<string, unknown>[] = [];

function serve(answer: (params: Record<string, unknown>, method: string) => unknown): string {
  server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { method, params } = (await request.json()) as { method: string; params: Record<string, unknown> };
      asked.push(params);
      return Response.json({ jsonrpc: "2.0", id: 1, result: answer(params, method) });
    },
  });
  return `http://127.0.0.1:${server.port}`;
}

afterEach(async () => {
  await server?.stop(true);
  server = undefined;
  asked.length = 0;
});

describe("UTXOs", () => {
  test("come page by page, each once", async () => {
    const pages = [0, UTXO_PAGE_SIZE - 10, 2 * UTXO_PAGE_SIZE - 20];
    const uri = serve(({ startIndex }) => {
      const page = startIndex === undefined ? 0 : (startIndex as { page: number }).page;
      const length = page === 2 ? 5 : UTXO_PAGE_SIZE;
      const utxos = Array.from({ length }, (_, i) => utxoAt((pages[page] as number) + i));
      return { numFetched: String(length), utxos, endIndex: { page: page + 1 } };
    });
    const utxos = await getUTXOs(uri, ["P-custom1x"], "X");
    expect(asked).toHaveLength(3);
    expect(asked[0]).toEqual({ addresses: ["P-custom1x"], limit: UTXO_PAGE_SIZE, encoding: "hex", sourceChain: "X" });
    // The last page lies within the one before it.
    expect(new Set(utxos.map(utxoID)).size).toBe(utxos.length);
    expect(utxos).toHaveLength(2 * UTXO_PAGE_SIZE - 10);
  });

  test("end with a page that brings nothing new, whatever the node says", async () => {
    const uri = serve(() => ({ utxos: Array.from({ length: UTXO_PAGE_SIZE }, (_, i) => utxoAt(i)), endIndex: {} }));
    expect(await getUTXOs(uri, ["P-custom1x"])).toHaveLength(UTXO_PAGE_SIZE);
    expect(asked).toHaveLength(2);
  });

  test.each(["0x", "nonsense", utxoAt(0).slice(0, -20), 7])("that cannot be read are no answer: %s", async (utxo) => {
    const error = await getUTXOs(
      serve(() => ({ utxos: [utxo] })),
      ["P-custom1x"],
    ).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RPCError);
    expect((error as RPCError).type.code).toBe("malformed");
  });
});

test("what avalanchego answers is read", async () => {
  const answers: Record<string, unknown> = {
    "platform.getFeeConfig": { weights: [1, 1000, 1000, 4], maxCapacity: 1000000, maxPerSecond: 100000, minPrice: 1 },
    "platform.getFeeState": { capacity: 5, excess: 7, price: 1, timestamp: "2026-11-21T10:00:00Z" },
    "platform.getSubnet": {
      isPermissioned: false,
      controlKeys: ["P-custom1p8z8ckn298c39nsp3w294npdeycfepjqll5htf"],
      threshold: "1",
      locktime: "0",
      subnetTransformationTxID: EMPTY_ID,
      conversionID: EMPTY_ID,
      managerChainID: EMPTY_ID,
      managerAddress: "0x0102",
    },
    "platform.getCurrentValidators": { validators: [{ nodeID: "NodeID-x", weight: "5", endTime: "9" }] },
  };
  const uri = serve((_, method) => answers[method]);
  expect(await getFeeConfig(uri)).toEqual({
    weights: { bandwidth: 1n, dbRead: 1000n, dbWrite: 1000n, compute: 4n },
    maxCapacity: 1_000_000n,
    maxPerSecond: 100_000n,
  });
  expect(await getFeeState(uri)).toEqual({ capacity: 5n, price: 1n, timeMs: Date.UTC(2026, 10, 21, 10) });
  const subnet = await getSubnet(uri, EMPTY_ID);
  expect(subnet.owner).toMatchObject({ locktime: 0n, threshold: 1 });
  expect(Buffer.from(subnet.owner.addresses[0] as Uint8Array).toString("hex")).toBe(
    "09c47c5a6a29f112ce018b945acc2dc9309c8640",
  );
  expect(await getValidators(uri, EMPTY_ID)).toEqual([{ nodeID: "NodeID-x", weight: 5n, endTime: 9n }]);
});

test.each([{}, null, { weights: [1] }, { weights: 3 }, { capacity: "x" }])(
  "an answer that is none is told: %p",
  async (answer) => {
    const uri = serve(() => answer ?? { nothing: true });
    for (const ask of [getFeeConfig, getFeeState]) {
      const error = await ask(uri).catch((thrown: unknown) => thrown);
      expect((error as RPCError).type.code).toBe("malformed");
    }
  },
);
