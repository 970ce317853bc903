import { describe, expect, test } from "bun:test";
import { ManualClock } from "../../../lib/core/clock.ts";
import type { AddrPort } from "../../../lib/core/ip.ts";
import { newTLSCert } from "../../../lib/core/staking/tls_cert.ts";
import type { Connection, ListenHandler } from "../../../lib/p2p/transport/contract.ts";
import { TransportError } from "../../../lib/p2p/transport/errors.ts";
import { type MemoryLink, MemoryNet } from "../../../lib/p2p/transport/memory.ts";

const HERE: AddrPort = { ip: "10.0.0.1", port: 9651 };
const THERE: AddrPort = { ip: "10.0.0.2", port: 9651 };
const CERTIFICATES = [newTLSCert().certificate, newTLSCert().certificate] as const;
const NEVER = new AbortController().signal;

/** Two machines on a link that the test moves. */
class Pair {
  readonly clock = new ManualClock();
  /** What the next packets do, in order; then `delayMs`. */
  readonly fates: (number | undefined)[] = [];
  delayMs: number | undefined = 10;
  readonly accepted: End[] = [];
  readonly upgradeFailures: Error[] = [];
  welcomes = true;
  turn: Promise<void> | undefined;
  readonly #link: MemoryLink = { delayMs: () => (this.fates.length > 0 ? this.fates.shift() : this.delayMs) };
  readonly net = new MemoryNet(this.clock, this.#link);
  readonly here = this.net.transport(CERTIFICATES[0], HERE.ip);
  readonly there = this.net.transport(CERTIFICATES[1], THERE.ip);

  listen(): ReturnType<typeof this.there.listen> {
    const handler: ListenHandler = {
      takeTurn: () => this.turn,
      shouldUpgrade: () => this.welcomes,
      onConnection: (connection) => this.accepted.push(new End(connection)),
      onUpgradeFailed: (error) => this.upgradeFailures.push(error),
      onAcceptFailed: () => {},
    };
    return this.there.listen(THERE, handler);
  }

  async dial(signal = NEVER, limitMs = 60_000): Promise<End> {
    const dialled = this.here.dial(THERE, { signal });
    dialled.catch(() => {});
    await this.clock.runFor(limitMs);
    return new End(await dialled);
  }

  async connect(): Promise<[End, End]> {
    await this.listen();
    const dialled = await this.dial();
    return [dialled, this.accepted[0] as End];
  }
}

/** An end that notes what comes. */
class End {
  readonly connection: Connection;
  readonly received: number[] = [];
  closed = 0;

  constructor(connection: Connection) {
    this.connection = connection;
    connection.open({
      onData: (chunk) => this.received.push(...chunk),
      onDrain: () => {},
      onClose: () => {
        this.closed++;
      },
    });
  }

  write(...bytes: number[]): void {
    this.connection.write(Uint8Array.from(bytes));
  }
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof TransportError) return error.type.code;
    throw error;
  }
  return "none";
}

describe("a connection in memory", () => {
  test("takes four trips to dial and five to be accepted", async () => {
    const pair = new Pair();
    await pair.listen();
    const dialled = pair.here.dial(THERE, { signal: NEVER });
    await pair.clock.runFor(40);
    expect((await dialled).certificate).toBe(CERTIFICATES[1]);
    expect(pair.accepted).toHaveLength(0);
    await pair.clock.runFor(10);
    expect(pair.accepted[0]?.connection.certificate).toBe(CERTIFICATES[0]);
    expect(pair.accepted[0]?.connection.isIngress).toBe(true);
  });

  test("keeps the order although delays vary and packets are lost", async () => {
    const pair = new Pair();
    const [here, there] = await pair.connect();
    pair.fates.push(50, undefined, 5, undefined, 5);
    for (let i = 1; i <= 4; i++) here.write(i);
    await pair.clock.runFor(60);
    expect(there.received).toEqual([1]);
    await pair.clock.runFor(2_000);
    expect(there.received).toEqual([1, 2, 3, 4]);
    expect(pair.clock.pendingTimers).toBe(0);
  });

  test("a link that is cut for a while delays, and nobody is told", async () => {
    const pair = new Pair();
    const [here, there] = await pair.connect();
    pair.delayMs = undefined;
    here.write(1);
    await pair.clock.runFor(10_000);
    pair.delayMs = 10;
    await pair.clock.runFor(20_000);
    expect(there.received).toEqual([1]);
    expect([here.closed, there.closed]).toEqual([0, 0]);
  });

  test("a link that stays cut loses the connection of who writes, after a quarter of an hour", async () => {
    const pair = new Pair();
    const [here, there] = await pair.connect();
    pair.delayMs = undefined;
    here.write(1);
    await pair.clock.runFor(10 * 60_000);
    expect(here.closed).toBe(0);
    await pair.clock.runFor(20 * 60_000);
    expect([here.closed, there.closed]).toEqual([1, 0]);
    expect(pair.clock.pendingTimers).toBe(0);
  });

  test("ends on both sides, after what was written before", async () => {
    const pair = new Pair();
    const [here, there] = await pair.connect();
    pair.fates.push(undefined);
    here.write(1);
    here.connection.close();
    await pair.clock.runFor(0);
    expect([here.closed, there.closed]).toEqual([1, 0]);
    await pair.clock.runFor(2_000);
    expect(there.received).toEqual([1]);
    expect(there.closed).toBe(1);
    expect([pair.here.connections, pair.there.connections]).toEqual([0, 0]);
  });

  test("a machine that vanishes tells nobody; whoever writes to it once it is back is refused", async () => {
    const pair = new Pair();
    const [here, there] = await pair.connect();
    pair.delayMs = undefined;
    pair.there.vanish();
    await pair.clock.runFor(60_000);
    expect([here.closed, there.closed]).toEqual([0, 1]);
    pair.delayMs = 10;
    here.write(1);
    await pair.clock.runFor(100);
    expect(here.closed).toBe(1);
    expect(await codeOf(pair.dial())).toBe("connect-failed");
  });

  test("stops delivering while it is paused, and asks its writer to wait", async () => {
    const pair = new Pair();
    const [here, there] = await pair.connect();
    there.connection.pause();
    expect(here.connection.write(new Uint8Array(300_000))).toBe(false);
    await pair.clock.runFor(1_000);
    expect(there.received).toHaveLength(0);
    there.connection.resume();
    expect(there.received).toHaveLength(300_000);
  });
});

describe("a dial in memory", () => {
  test("is refused where nobody listens, or the listener does not want it", async () => {
    const pair = new Pair();
    expect(await codeOf(pair.dial())).toBe("connect-failed");
    await pair.listen();
    pair.welcomes = false;
    expect(await codeOf(pair.dial())).toBe("connect-failed");
    pair.welcomes = true;
    pair.turn = Promise.reject(new Error("too many"));
    pair.turn.catch(() => {});
    expect(await codeOf(pair.dial())).toBe("connect-failed");
    expect(pair.accepted).toHaveLength(0);
    expect(pair.clock.pendingTimers).toBe(0);
  });

  test("waits for its turn", async () => {
    const pair = new Pair();
    await pair.listen();
    const { promise, resolve } = Promise.withResolvers<void>();
    pair.turn = promise;
    const dialled = pair.here.dial(THERE, { signal: NEVER });
    await pair.clock.runFor(1_000);
    resolve();
    await pair.clock.runFor(9);
    expect(pair.accepted).toHaveLength(0);
    await pair.clock.runFor(11);
    expect(pair.accepted).toHaveLength(1);
    await dialled;
  });

  test("goes on when packets are lost, and gives up at its time-out where all are", async () => {
    const pair = new Pair();
    await pair.listen();
    pair.fates.push(undefined, 10, undefined, 10, undefined);
    await pair.dial(NEVER, 5_000);
    expect(pair.accepted).toHaveLength(1);

    pair.delayMs = undefined;
    const started = pair.clock.monotonic();
    const dialled = codeOf(pair.here.dial(THERE, { signal: NEVER }));
    await pair.clock.runFor(29_999);
    expect(pair.clock.pendingTimers).toBeGreaterThan(0);
    await pair.clock.runFor(1);
    expect(await dialled).toBe("handshake-timeout");
    expect(pair.clock.monotonic() - started).toBe(30_000);
    expect(pair.clock.pendingTimers).toBe(0);
  });

  test("ends at once when it is given up, and leaves nothing", async () => {
    const pair = new Pair();
    await pair.listen();
    const controller = new AbortController();
    const dialled = codeOf(pair.here.dial(THERE, { signal: controller.signal }));
    await pair.clock.runFor(25);
    controller.abort();
    expect(await dialled).toBe("aborted");
    expect(pair.clock.pendingTimers).toBe(0);
    expect(await codeOf(pair.here.dial(THERE, { signal: controller.signal }))).toBe("aborted");
  });

  test("whose last flight is lost for good is no connection for the listener", async () => {
    const pair = new Pair();
    await pair.listen();
    pair.fates.push(10, 10, 10, 10);
    pair.delayMs = undefined;
    await pair.dial();
    expect(pair.accepted).toHaveLength(0);
    expect(pair.upgradeFailures).toHaveLength(1);
    expect([pair.here.connections, pair.there.connections]).toEqual([1, 0]);
  });

  test("whose listener closes before the last flight is cut off", async () => {
    const pair = new Pair();
    const listener = await pair.listen();
    const dialled = pair.here.dial(THERE, { signal: NEVER });
    await pair.clock.runFor(45);
    const here = new End(await dialled);
    await listener.close();
    await pair.clock.runFor(100);
    expect(pair.accepted).toHaveLength(0);
    expect(here.closed).toBe(1);
    expect(pair.clock.pendingTimers).toBe(0);
  });

  test("two cannot listen on one address; port 0 takes a free one", async () => {
    const pair = new Pair();
    await pair.listen();
    expect(await codeOf(pair.listen())).toBe("listen-failed");
    const handler = {} as ListenHandler;
    const first = await pair.here.listen({ ip: HERE.ip, port: 0 }, handler);
    const second = await pair.here.listen({ ip: HERE.ip, port: 0 }, handler);
    expect(first.address.port).not.toBe(second.address.port);
  });
});
