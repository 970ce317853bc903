/** How transactions are handed in: when there is gas for them, to whoever takes them, until they are decided. */

import { afterEach, describe, expect, test } from "bun:test";
import { toHex } from "../../../lib/core/bytes.ts";
import type { ManualClock } from "../../../lib/core/clock.ts";
import { ManualClock as Clock } from "../../../lib/core/clock.ts";
import { newPrivateKey } from "../../../lib/core/secp256k1/private_key.ts";
import { genesisInfo } from "../../../lib/platform/genesis/info.ts";
import { WalletError } from "../../../lib/platform/wallet/errors.ts";
import { issueInOrder, issueTxs } from "../../../lib/platform/wallet/issue.ts";
import type { SignedTx } from "../../../lib/platform/wallet/marshal.ts";
import { ownerOf, txGas, WalletState } from "../../../lib/platform/wallet/wallet_state.ts";
import { newTestGenesis } from "../../../lib/tmpnet/genesis/test_genesis.ts";
import { newNodeIdentity } from "../../../lib/tmpnet/node.ts";

const NOW_MS = 1_760_000_000_000;

/** A P-Chain that takes what it is told to. */
class FakeNode implements Disposable {
  readonly issued: number[] = [];
  refusal: string | undefined;
  statuses = ["Processing", "Committed"];
  capacity = 0;
  /** Is told of each transaction, before it is answered. */
  onTx: (tx: string) => Promise<void> = async () => {};
  readonly #clock: ManualClock;
  readonly #server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: (request) => this.#answer(request) });

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  get uri(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  [Symbol.dispose](): void {
    void this.#server.stop(true);
  }

  async #answer(request: Request): Promise<Response> {
    const { method, params } = (await request.json()) as { method: string; params: { tx: string } };
    if (method === "platform.issueTx") await this.onTx(params.tx);
    const result = this.#result(method);
    if (result !== undefined) return Response.json({ jsonrpc: "2.0", id: 1, result });
    return Response.json({ jsonrpc: "2.0", id: 1, error: { code: -32_000, message: this.refusal } });
  }

  #result(method: string): unknown {
    switch (method) {
      case "platform.getFeeConfig":
        return { weights: [1, 1000, 1000, 4], maxCapacity: 1_000_000, maxPerSecond: 5_000 };
      case "platform.getFeeState":
        return { capacity: this.capacity, excess: 0, price: 1, timestamp: new Date(NOW_MS).toISOString() };
      case "platform.issueTx":
        this.issued.push(this.#clock.now());
        return this.refusal === undefined ? { txID: "x" } : undefined;
      case "platform.getTxStatus":
        return { status: this.statuses.length > 1 ? this.statuses.shift() : this.statuses[0], reason: "for no reason" };
    }
  }
}

function transaction(): SignedTx {
  const key = newPrivateKey();
  const clock = new Clock(NOW_MS);
  const genesis = newTestGenesis({
    networkID: 88_888,
    stakers: [newNodeIdentity(clock)],
    keysToFund: [key],
    startTime: BigInt(NOW_MS / 1_000),
  });
  const state = WalletState.ofGenesis(genesisInfo(genesis), [key], 1n);
  const make: Parameters<WalletState["make"]>[0] = (builder, options) =>
    builder.newCreateSubnetTx(ownerOf([key.address]), options);
  return state.make(make, { minIssuanceTime: BigInt(NOW_MS / 1_000) });
}

/** Lets an hour pass, a little at a time, until the work is done. */
async function through<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  done.catch(() => {});
  while (!isDone) {
    await Bun.sleep(1);
    if (clock.pendingTimers > 0) await clock.runFor(20);
  }
  return await done;
}

describe("issuing", () => {
  const nodes: FakeNode[] = [];
  const clock = () => new Clock(NOW_MS + 300);
  const node = (manual: ManualClock) => {
    const made = new FakeNode(manual);
    nodes.push(made);
    return made;
  };
  afterEach(() => {
    for (const each of nodes.splice(0)) each[Symbol.dispose]();
  });

  test("waits until the chain grants the gas: a transaction that is refused for it stays refused", async () => {
    const manual = clock();
    const one = node(manual);
    const tx = transaction();
    const seconds = Math.ceil(Number(txGas(tx)) / 5_000);
    expect(seconds).toBeGreaterThan(1);
    await through(manual, issueTxs([one.uri], [tx], { clock: manual }));
    expect(one.issued).toHaveLength(1);
    expect(one.issued[0]).toBeGreaterThanOrEqual(NOW_MS + seconds * 1_000);
    expect(one.issued[0]).toBeLessThan(NOW_MS + seconds * 1_000 + 1_000);
  });

  test("does not wait where there is gas", async () => {
    const manual = clock();
    const one = node(manual);
    one.capacity = 1_000_000;
    await through(manual, issueTxs([one.uri], [transaction()], { clock: manual }));
    expect(one.issued).toEqual([NOW_MS + 300]);
  });

  test("hands in what comes later once all nodes have answered for what comes first", async () => {
    const manual = clock();
    const [one, other] = [node(manual), node(manual)];
    one.capacity = 1_000_000;
    const [early, late] = [transaction(), transaction()];
    const events: string[] = [];
    const nameOf = (tx: string) => (tx === `0x${toHex(early.bytes)}` ? "early" : "late");
    one.onTx = async (tx) => void events.push(`one ${nameOf(tx)}`);
    other.onTx = async (tx) => {
      await Bun.sleep(20);
      events.push(`other ${nameOf(tx)}`);
    };
    await through(manual, issueInOrder([one.uri, other.uri], [[early], [late]], { clock: manual }));
    expect(events).toEqual(["one early", "other early", "one late", "other late"]);
  });

  test("is content when one of several nodes takes a transaction", async () => {
    const manual = clock();
    const [one, other] = [node(manual), node(manual)];
    one.capacity = 1_000_000;
    other.refusal = "tx is known already";
    await through(manual, issueTxs([one.uri, other.uri], [transaction()], { clock: manual }));
    expect(other.issued).toHaveLength(1);
  });

  test("is content when the node that refuses a transaction has it already", async () => {
    const manual = clock();
    const one = node(manual);
    one.capacity = 1_000_000;
    one.refusal = "tx is known already";
    await through(manual, issueTxs([one.uri], [transaction()], { clock: manual }));
  });

  test.each([
    ["refused", { refusal: "gas capacity exceeded", statuses: ["Unknown"] }, "gas capacity exceeded"],
    ["dropped", { statuses: ["Processing", "Dropped"] }, "is dropped: for no reason"],
    ["undecided", { statuses: ["Processing"] }, "was in no block after 2 seconds"],
  ] as const)("tells that a transaction is %s, and why", async (code, state, text) => {
    const manual = clock();
    const one = node(manual);
    Object.assign(one, { capacity: 1_000_000, ...state, statuses: [...state.statuses] });
    const error = await through(
      manual,
      issueTxs([one.uri], [transaction()], { clock: manual, timeoutMs: 2_000 }),
    ).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WalletError);
    expect((error as WalletError).type.code).toBe(code);
    expect((error as WalletError).message).toContain(text);
    expect(manual.pendingTimers).toBe(0);
  });

  test("ends with the caller's signal", async () => {
    const manual = clock();
    const one = node(manual);
    one.capacity = 1_000_000;
    one.statuses = ["Processing"];
    const work = issueTxs([one.uri], [transaction()], { clock: manual, signal: AbortSignal.timeout(50) });
    const error = await through(manual, work).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(manual.pendingTimers).toBe(0);
  });
});
