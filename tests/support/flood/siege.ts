/**
 * A node under attack: it, its attackers and an honest peer each in a process of their own, so that what one of them
 * costs does not pass for the others'. The honest peer is the test itself.
 *
 * @module
 */

import { type ChildProcess, fork } from "node:child_process";
import { newTLSCert, type TLSCert } from "../../../lib/core/staking/tls_cert.ts";
import { Op } from "../../../lib/p2p/message/ops.ts";
import { connectPeer, type TestPeer } from "../../../lib/p2p/peer/connect_peer.ts";
import { eventually } from "../eventually.ts";
import type { FromAttackers, FromVictim, ToAttackers, ToVictim, VictimOptions, VictimState } from "./contract.ts";
import { NETWORK_ID, wait } from "./flooder.ts";

const MIB = 1024 * 1024;

/** Seconds that each attack takes, where a longer run is wished for: `AVX_SOAK=60 bun test tests/p2p/hostile`. */
const SOAK_SECONDS = process.env["AVX_SOAK"];
export const SOAKS: boolean = SOAK_SECONDS !== undefined;
/** How long each attack takes at the least, milliseconds. */
const ATTACK_MS = SOAK_SECONDS === undefined ? 700 : Number(SOAK_SECONDS) * 1_000;
/** How long it may take, milliseconds, until what it is meant to cause has happened: machines differ. */
const MAX_ATTACK_MS = ATTACK_MS + 25_000;
/** Milliseconds between two looks whether that is so. */
const LOOK_EVERY_MS = 100;

/**
 * What the throttlers' defaults let messages hold, all pools together, bytes: inbound 6 + 32 MiB, outbound 32 + 32 MiB,
 * decompressed 32 MiB.
 */
const ALLOCATED_BYTES = 134 * MIB;
/**
 * What the process may grow by beside them, bytes: garbage that is not collected yet, and the sockets' buffers. While a
 * core is kept busy Bun's collector leaves up to 200 MiB lying, after a second as after twenty.
 */
const MARGIN_BYTES = 256 * MIB;
/** How far the process may grow. */
export const MAX_GROWTH_BYTES: number = ALLOCATED_BYTES + MARGIN_BYTES;

/** A ping every so many milliseconds, whether or not the last was answered late. */
const PING_EVERY_MS = 20;

export interface SiegeOptions extends VictimOptions {
  /** Validators that the attackers may play. */
  readonly identities?: number;
  /** Whether what the attack is meant to cause has happened: it goes on until then. */
  readonly until: (grewBy: GrewBy) => boolean;
}

/** What a metric grew by since before the attack, over all its labels that have `label` in them. */
export type GrewBy = (name: string, label?: string) => number;

/** What came of an attack. */
export interface SiegeReport {
  /** What the attackers did. */
  readonly counts: Readonly<Record<string, number>>;
  /** Milliseconds from ping to pong of the honest peer, the shortest first. */
  readonly latencies: readonly number[];
  readonly worstMs: number;
  /** The latency that 19 of 20 pings had at most, milliseconds. */
  readonly usualMs: number;
  /** By how much the node's process grew at the most, bytes. */
  readonly grownBytes: number;
  /** From the attack's beginning until the node was as it was before, milliseconds. */
  readonly tookMs: number;
  readonly before: VictimState;
  /** At the end of the attack. */
  readonly during: VictimState;
  /** When the attackers were gone. */
  readonly after: VictimState;
  readonly grewBy: GrewBy;
}

/** Sends to one process, and waits for what it says. */
class Remote<To extends object, From> {
  readonly #process: ChildProcess;
  readonly #answers: ((answer: From) => void)[] = [];
  readonly #ended = Promise.withResolvers<never>();

  constructor(file: string) {
    this.#process = fork(new URL(file, import.meta.url).pathname);
    this.#process.on("message", (answer) => this.#answers.shift()?.(answer as From));
    this.#process.on("exit", (code) => this.#ended.reject(new Error(`a process of the siege ended with ${code}`)));
    this.#ended.promise.catch(() => {});
  }

  send(message: To): void {
    this.#process.send(message);
  }

  ask(message: To): Promise<From> {
    const { promise, resolve } = Promise.withResolvers<From>();
    this.#answers.push(resolve);
    this.send(message);
    return Promise.race([promise, this.#ended.promise]);
  }

  /** Resolves when it has ended. */
  async end(): Promise<void> {
    if (this.#process.connected) this.#process.disconnect();
    await this.#ended.promise.catch(() => {});
  }
}

/**
 * Starts a node, lets it be attacked, and looks at it and at its honest peer before, all the while and after.
 *
 * When it resolves, the honest peer has kept its connection, the throttlers hold nothing, and a newcomer was let in.
 *
 * @throws {Error} When one of these is not so.
 *
 * @example
 * ```ts
 * const { usualMs } = await besiege("small messages", { until: (grewBy) => grewBy("msgs") > 1_000 });
 * ```
 */
export async function besiege(name: string, options: SiegeOptions): Promise<SiegeReport> {
  const identities = Array.from({ length: options.identities ?? 0 }, newTLSCert);
  const victim = new Remote<ToVictim, FromVictim>("./victim_process.ts");
  const attackers = new Remote<ToAttackers, FromAttackers>("./attack_process.ts");
  try {
    return await attack(name, options, victim, attackers, identities);
  } finally {
    await Promise.all([attackers.end(), victim.end()]);
  }
}

async function attack(
  name: string,
  options: SiegeOptions,
  victim: Remote<ToVictim, FromVictim>,
  attackers: Remote<ToAttackers, FromAttackers>,
  identities: readonly TLSCert[],
): Promise<SiegeReport> {
  const { until, identities: _, ...victimOptions } = options;
  const validators = identities.map(({ certificate }) => certificate.nodeID);
  const ready = await victim.ask({ kind: "start", options: { ...victimOptions, validators } });
  if (ready.kind !== "ready") throw new Error("the node did not start");
  const { address } = ready;
  const tell = async (): Promise<VictimState> => (await victim.ask({ kind: "tell" })).state;

  await using honest = await connectPeer(address, { networkID: NETWORK_ID });
  const pings = new Pings(honest);
  await pings.goOnFor(200);
  const before = await tell();

  const beganAt = performance.now();
  const over = attackers.ask({
    kind: "attack",
    options: {
      name,
      address,
      maxMs: MAX_ATTACK_MS,
      identities: identities.map(({ keyPEM, certPEM }) => ({ keyPEM, certPEM })),
    },
  });
  const pinging = pings.goOnUntil(over);
  pinging.catch(() => {});
  let during = before;
  do {
    await wait(LOOK_EVERY_MS);
    during = await tell();
    if (performance.now() - beganAt > MAX_ATTACK_MS) throw new Error(`the attack had no effect: ${name}`);
  } while (performance.now() - beganAt < ATTACK_MS || !until(growth(before, during)));
  attackers.send({ kind: "stop" });
  const { counts } = await over;
  await pinging;

  await attackers.end();
  let after = await tell();
  await eventually("the node is as it was", async () => {
    after = await tell();
    return after.ingressConnections === 1 && isEmpty(after, before);
  });
  const tookMs = performance.now() - beganAt;
  await (await connectPeer(address, { networkID: NETWORK_ID })).close();
  await pings.goOnFor(200);

  const latencies = pings.latencies.toSorted((a, b) => a - b);
  return {
    counts,
    latencies,
    worstMs: latencies.at(-1) ?? Infinity,
    usualMs: latencies[Math.floor(latencies.length * 0.95)] ?? Infinity,
    grownBytes: after.peakRSS - before.rss,
    tookMs,
    before,
    during,
    after,
    grewBy: growth(before, after),
  };
}

/** Whether the throttlers hold no more than before the attack; the honest peer holds what it is just about to send. */
function isEmpty({ throttled }: VictimState, before: VictimState): boolean {
  const { buffer, bytes } = throttled;
  const held = Object.values(buffer.nodeToNumProcessingMsgs).reduce((sum, count) => sum + count, 0);
  return held === 0 && bytes.waiting.length === 0 && JSON.stringify(throttled) === JSON.stringify(before.throttled);
}

function growth(before: VictimState, now: VictimState): GrewBy {
  return (metric, label = "") => sumOf(now, metric, label) - sumOf(before, metric, label);
}

function sumOf({ metrics }: VictimState, metric: string, label: string): number {
  const full = `avalanche_network_${metric}`;
  return Object.entries(metrics)
    .filter(([name]) => (name === full || name.startsWith(`${full}{`)) && name.includes(label))
    .reduce((sum, [, value]) => sum + value, 0);
}

/** The honest peer's pings, one after the other. */
class Pings {
  readonly latencies: number[] = [];
  readonly #peer: TestPeer;

  constructor(peer: TestPeer) {
    this.#peer = peer;
  }

  goOnFor(ms: number): Promise<void> {
    return this.goOnUntil(wait(ms));
  }

  async goOnUntil(end: Promise<unknown>): Promise<void> {
    let goesOn = true;
    const stop = (): void => {
      goesOn = false;
    };
    end.then(stop, stop);
    while (goesOn) {
      const sentAt = performance.now();
      this.#peer.send(this.#peer.build.ping(100));
      await this.#peer.next(Op.Pong);
      this.latencies.push(performance.now() - sentAt);
      await wait(PING_EVERY_MS);
    }
  }
}
