/**
 * A network of simulated nodes: all of it from one seed.
 *
 * @module
 */

import { ManualClock } from "../../lib/core/clock.ts";
import { idFromBytes, PRIMARY_NETWORK_ID } from "../../lib/core/ids/id.ts";
import { type Random, shuffled } from "../../lib/core/random.ts";
import { ValidatorManager } from "../../lib/core/validators/manager.ts";
import { MessageBuilder } from "../../lib/p2p/message/builder.ts";
import { MessageParser } from "../../lib/p2p/message/parser.ts";
import { MemoryNet } from "../../lib/p2p/transport/memory.ts";
import { Acquaintances } from "./acquaintances.ts";
import { EventLog } from "./event_log.ts";
import { rememberingVerifier, seededBLSSigner, seededTLSSigner, unregisteredBLSSigner } from "./identity.ts";
import { SimulatedNode, type World } from "./node.ts";
import type { SimulationOptions } from "./options.ts";
import { randomFor, seededBytes } from "./seeds.ts";
import { WideAreaLink } from "./wide_area_link.ts";

/** 2025-11-21, some time of the day: certificates and logs bear it. */
const START_MS = 1_763_700_000_000;
/** Every validator weighs the same: 2,000 AVAX, the least that one may. */
const VALIDATOR_WEIGHT = 2_000_000_000_000n;
/** How far the clock moves before the network is looked at again. */
const STEP_MS = 250;
/** Longer than TCP sends again what nobody takes. */
const LAST_PACKET_MS = 30 * 60_000;

export interface SimulationModules {
  /** Takes the event log as it grows. */
  readonly writeLog?: ((text: string) => void) | undefined;
}

export class Simulation {
  readonly options: SimulationOptions;
  /** When it was made, of `performance.now`. */
  readonly madeAt = performance.now();
  readonly nodes: readonly SimulatedNode[];
  readonly world: World;
  /** What chance does outside of the nodes: who restarts, and when. */
  readonly random: Random;
  readonly #underWay = new Set<Promise<void>>();
  #failure: unknown;

  constructor(modules: SimulationModules, options: SimulationOptions) {
    this.options = options;
    const { bootstrappers, latencyMs, loss, nodes, seed, validators } = options;
    const successions = this.successions;
    const clock = new ManualClock(START_MS);
    const log = new EventLog({ clock, write: modules.writeLog });
    const link = new WideAreaLink(randomFor(seed, "link"), { latencyMs, loss });
    const unregistered = unregisteredBLSSigner();
    const manager = new ValidatorManager();
    this.random = randomFor(seed, "scenario");
    this.nodes = Array.from({ length: nodes }, (_, index) => {
      const name = String(index);
      const isValidator = index < validators;
      return new SimulatedNode({
        index,
        isValidator,
        tlsSigner: seededTLSSigner(seed, name, clock),
        blsSigner: index < validators + successions ? seededBLSSigner(seed, name) : unregistered,
        random: randomFor(seed, `node/${name}`),
      });
    });
    for (const node of this.nodes) log.name(node.nodeID, node.name);
    this.world = {
      clock,
      link,
      log,
      net: new MemoryNet(clock, link),
      acquaintances: new Acquaintances(
        clock,
        this.nodes.map(({ isValidator }) => isValidator),
      ),
      validators: manager,
      messageBuilder: new MessageBuilder(),
      messageParser: new MessageParser({ clock }),
      verifyProofOfPossession: rememberingVerifier(),
      bootstrappers: this.nodes.slice(0, bootstrappers),
      indexOf: new Map(this.nodes.map(({ index, nodeID }) => [nodeID, index])),
    };
    for (const node of this.nodes.slice(0, validators)) this.addValidator(node);
  }

  /** How many validators give their place to others: the last ones to the nodes that come after them. */
  get successions(): number {
    const { bootstrappers, nodes, successionShare, validators } = this.options;
    return Math.min(Math.ceil(validators * successionShare), validators - bootstrappers, nodes - validators);
  }

  /** The node is a validator from now on, and all know it. */
  addValidator(node: SimulatedNode): void {
    const { blsPublicKey: publicKey, nodeID } = node;
    const txID = idFromBytes(seededBytes(this.options.seed, `tx/${node.name}`));
    node.isValidator = true;
    this.world.acquaintances.setValidator(node.index, true);
    this.world.validators.addStaker(PRIMARY_NETWORK_ID, { nodeID, publicKey, txID, weight: VALIDATOR_WEIGHT });
  }

  /** The node is no validator any more, and all know it. */
  removeValidator(node: SimulatedNode): void {
    node.isValidator = false;
    this.world.acquaintances.setValidator(node.index, false);
    this.world.validators.removeWeight(PRIMARY_NETWORK_ID, node.nodeID, VALIDATOR_WEIGHT);
  }

  /** Virtual milliseconds since the beginning. */
  get now(): number {
    return this.world.clock.monotonic();
  }

  /** Does something after a time, among all else that happens then. */
  after(delayMs: number, act: () => Promise<void> | void): void {
    this.world.clock.setTimeout(() => this.#watch(act()), delayMs);
  }

  /** Lets time pass. */
  async run(ms: number): Promise<void> {
    await this.world.clock.runFor(ms);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /**
   * Lets time pass until the network is whole.
   *
   * @returns The moment at which it became so, or `undefined` when it is not within `patienceMs`.
   */
  async untilWhole(): Promise<number | undefined> {
    const { acquaintances } = this.world;
    const deadline = this.now + this.options.patienceMs;
    while (acquaintances.wholeSince === undefined && this.now < deadline) await this.run(STEP_MS);
    return acquaintances.wholeSince;
  }

  /** Draws nodes, each once. */
  draw(count: number, among: readonly SimulatedNode[]): SimulatedNode[] {
    return [...shuffled(this.random, among)].slice(0, count);
  }

  /** Stops all nodes at once, and lets time pass until the last packet has arrived and no timer is left. */
  async stopAll(): Promise<void> {
    for (const node of this.nodes) this.#watch(node.stop(this.world));
    const { clock } = this.world;
    const deadline = this.now + LAST_PACKET_MS;
    while (clock.pendingTimers > 0 && this.now < deadline) await this.run(STEP_MS);
    await Promise.all(this.#underWay);
  }

  #watch(done: Promise<void> | void): void {
    if (done === undefined) return;
    const watched = done
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#underWay.delete(watched));
    this.#underWay.add(watched);
  }
}
