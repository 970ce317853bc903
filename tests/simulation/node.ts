/**
 * One node of a simulation: the network layer as avx runs it, throttlers and all, on the in-memory transport.
 *
 * @module
 */

import type { ManualClock } from "../../lib/core/clock.ts";
import type { NodeID } from "../../lib/core/ids/node_id.ts";
import { type AddrPort, formatAddrPort } from "../../lib/core/ip.ts";
import type { Random } from "../../lib/core/random.ts";
import type { BLSSigner } from "../../lib/core/staking/bls.ts";
import type { VerifyProofOfPossession } from "../../lib/core/staking/known_proofs.ts";
import type { TLSSigner } from "../../lib/core/staking/tls_cert.ts";
import type { ValidatorManager } from "../../lib/core/validators/manager.ts";
import { AVX_APPLICATION } from "../../lib/core/version/constants.ts";
import type { MessageBuilder } from "../../lib/p2p/message/builder.ts";
import type { MessageParser } from "../../lib/p2p/message/parser.ts";
import { Network } from "../../lib/p2p/network/network.ts";
import type { BytePoolsState } from "../../lib/p2p/throttling/byte_pools.ts";
import { SybilInboundMsgThrottler } from "../../lib/p2p/throttling/inbound_msg_throttler.ts";
import { SybilOutboundMsgThrottler } from "../../lib/p2p/throttling/outbound_msg_throttler.ts";
import { createThrottlers, type Throttlers } from "../../lib/p2p/throttling/throttlers.ts";
import { NO_USAGE } from "../../lib/p2p/throttling/tracker/resource_user.ts";
import type { MemoryNet, MemoryTransport } from "../../lib/p2p/transport/memory.ts";
import type { Acquaintances } from "./acquaintances.ts";
import type { EventLog } from "./event_log.ts";
import type { WideAreaLink } from "./wide_area_link.ts";

const NETWORK_ID = 88_888;
/** The port that avalanchego takes by default. */
const STAKING_PORT = 9_651;

/** What all nodes of a simulation share. */
export interface World {
  readonly clock: ManualClock;
  readonly link: WideAreaLink;
  readonly net: MemoryNet;
  readonly log: EventLog;
  readonly acquaintances: Acquaintances;
  /** All nodes are told the same validators. */
  readonly validators: ValidatorManager;
  readonly messageBuilder: MessageBuilder;
  readonly messageParser: MessageParser;
  readonly verifyProofOfPossession: VerifyProofOfPossession;
  /** Those that every node is told of when it starts. */
  readonly bootstrappers: readonly SimulatedNode[];
  readonly indexOf: ReadonlyMap<NodeID, number>;
}

export interface Identity {
  readonly index: number;
  readonly tlsSigner: TLSSigner;
  readonly blsSigner: BLSSigner;
  readonly isValidator: boolean;
  /** The chance of the node's whole life, over all its starts. */
  readonly random: Random;
}

/** A node that runs. */
interface Running {
  readonly network: Network;
  readonly transport: MemoryTransport;
  readonly held: () => HeldByThrottlers;
}

/** What the throttlers of a node hold. */
export interface HeldByThrottlers {
  /** Bytes of messages that are read, handled or waiting to be sent. */
  readonly bytes: number;
  /** Nodes whose bandwidth is counted. */
  readonly nodes: number;
  /** Dials and accepted connections that wait for their turn. */
  readonly waiting: number;
}

/** Messages and bytes. */
export interface Volume {
  messages: number;
  bytes: number;
}

export class SimulatedNode {
  readonly index: number;
  readonly name: string;
  readonly nodeID: NodeID;
  readonly #identity: Identity;
  readonly #traffic = new Map<number, Volume>();
  /** What the throttlers of the node's lives that are over still held at their end: nothing, if all is well. */
  readonly heldAfterEnd: HeldByThrottlers[] = [];
  isValidator: boolean;
  #moves = 0;
  #running: Running | undefined;

  constructor(identity: Identity) {
    this.#identity = identity;
    this.index = identity.index;
    this.isValidator = identity.isValidator;
    this.name = `${identity.isValidator ? "v" : "n"}${String(identity.index).padStart(4, "0")}`;
    this.nodeID = identity.tlsSigner.certificate.nodeID;
  }

  /** The BLS key that a validator has registered. */
  get blsPublicKey(): Uint8Array {
    return this.#identity.blsSigner.publicKey;
  }

  get address(): AddrPort {
    return { ip: `10.${this.#moves}.${this.index >> 8}.${this.index & 0xff}`, port: STAKING_PORT };
  }

  /** The node while it runs. */
  get running(): Running | undefined {
    return this.#running;
  }

  /** Takes another address, for the next start. */
  move(): void {
    this.#moves++;
  }

  async start(world: World): Promise<void> {
    const { clock, validators } = world;
    const { address } = this;
    const { blsSigner, random, tlsSigner } = this.#identity;
    world.link.up(address.ip);
    world.acquaintances.up(this.index);
    world.log.say(this.name, "starts", { ip: formatAddrPort(address) });

    const transport = world.net.transport(tlsSigner.certificate, address.ip);
    const log = world.log.logger(this.name);
    const throttlers = createThrottlers({ clock, log, validators, resources: NO_USAGE });
    const network = new Network(
      {
        clock,
        random,
        log,
        transport,
        tlsCert: tlsSigner,
        blsSigner,
        validators,
        beacons: world.validators,
        handler: {
          handleInbound: (message) => message.onFinishedHandling(),
          connected: (nodeID) => this.#onPeer(world, "connected", nodeID),
          disconnected: (nodeID) => this.#onPeer(world, "disconnected", nodeID),
        },
        messageBuilder: world.messageBuilder,
        messageParser: world.messageParser,
        throttlers,
        verifyProofOfPossession: world.verifyProofOfPossession,
      },
      {
        networkID: NETWORK_ID,
        listenAddress: address,
        publicAddress: address,
        client: AVX_APPLICATION,
        upgradeTime: 0,
      },
    );
    this.#running = { network, transport, held: () => heldBy(throttlers) };
    await network.start();
    for (const bootstrapper of world.bootstrappers) network.manuallyTrack(bootstrapper.nodeID, bootstrapper.address);
  }

  /** Ends in order: peers hear of it. @returns Resolves when all of the node is gone; time must pass for that. */
  async stop(world: World): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    world.log.say(this.name, "stops");
    await this.#end(world, running);
  }

  /** The machine loses its power: peers hear nothing. @returns As of {@link stop}. */
  async crash(world: World): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    world.log.say(this.name, "crashes");
    world.link.down(this.address.ip);
    running.transport.vanish();
    await this.#end(world, running);
  }

  /** What was sent by all starts of the node, by operation. */
  traffic(): Map<number, Volume> {
    const sum = new Map([...this.#traffic].map(([op, volume]) => [op, { ...volume }]));
    if (this.#running !== undefined) addTraffic(sum, this.#running.network);
    return sum;
  }

  async #end(world: World, running: Running): Promise<void> {
    const { network } = running;
    world.acquaintances.down(this.index);
    const closed = network.close();
    this.#running = undefined;
    await closed;
    addTraffic(this.#traffic, network);
    const held = running.held();
    if (held.bytes > 0 || held.nodes > 0 || held.waiting > 0) this.heldAfterEnd.push(held);
  }

  #onPeer(world: World, event: "connected" | "disconnected", nodeID: NodeID): void {
    const { acquaintances, indexOf, log } = world;
    log.say(this.name, event, { nodeID });
    acquaintances[event](this.index, indexOf.get(nodeID) as number);
  }
}

function heldBy({ dial, inboundConn, inboundMsg, outboundMsg }: Throttlers): HeldByThrottlers {
  if (!(inboundMsg instanceof SybilInboundMsgThrottler) || !(outboundMsg instanceof SybilOutboundMsgThrottler)) {
    throw new Error("these throttlers do not tell what they hold");
  }
  const inPools = ({ nodeToAtLargeBytesUsed, nodeToVdrBytesUsed }: BytePoolsState): number =>
    [...Object.values(nodeToAtLargeBytesUsed), ...Object.values(nodeToVdrBytesUsed)].reduce((a, b) => a + b, 0);
  return {
    bytes: inPools(inboundMsg.state().bytes) + inPools(outboundMsg.state()),
    nodes: inboundMsg.nodes,
    waiting: dial.waiting + inboundConn.waiting,
  };
}

function addTraffic(sum: Map<number, Volume>, network: Network): void {
  for (const { op, messages, bytes } of network.peerMetrics.sentByOp()) {
    const volume = sum.get(op) ?? { messages: 0, bytes: 0 };
    volume.messages += messages;
    volume.bytes += bytes;
    sum.set(op, volume);
  }
}
