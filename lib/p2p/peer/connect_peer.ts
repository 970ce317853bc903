/**
 * A peer for tests and tools: it shakes hands with any node, sends any message and waits for any message.
 *
 * It is no node: it keeps no set of peers, is in nobody's way, and does only what it is told, beside answering pings
 * and peer lists so that the other side keeps it.
 *
 * @module
 */

import { EMPTY_FILTER_BYTES } from "../../core/bloom/filter.ts";
import { type Clock, systemClock, unixSeconds } from "../../core/clock.ts";
import { AvxError } from "../../core/errors.ts";
import { type ID, idToBytes } from "../../core/ids/id.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import { type AddrPort, parseAddrPort } from "../../core/ip.ts";
import { type BLSSigner, newBLSSigner } from "../../core/staking/bls.ts";
import type { ClaimedIPPort } from "../../core/staking/claimed_ip.ts";
import { type SignedIP, signIP } from "../../core/staking/signed_ip.ts";
import { newTLSCert, type TLSCert } from "../../core/staking/tls_cert.ts";
import type { Application } from "../../core/version/application.ts";
import { AVX_APPLICATION } from "../../core/version/constants.ts";
import { MessageBuilder } from "../message/builder.ts";
import { FrameReader } from "../message/framing.ts";
import type { InboundMessage } from "../message/inbound.ts";
import { Op, opName } from "../message/ops.ts";
import type { OutboundMessage } from "../message/outbound.ts";
import { MessageParser } from "../message/parser.ts";
import type { CloseReason, Connection, Transport } from "../transport/contract.ts";
import { TLSTransport } from "../transport/tls.ts";
import { readPeerList } from "./peer_list.ts";

/** How to connect. Durations are milliseconds. */
export interface ConnectPeerOptions {
  /** The network's ID; taken from the other side's Handshake where it is not given. */
  readonly networkID?: number;
  /** Who to be. A new identity is made where it is not given. */
  readonly tlsCert?: TLSCert;
  readonly blsSigner?: BLSSigner;
  /** What the Handshake names. @default avx with the avalanchego version that it is compatible with */
  readonly client?: Application;
  /** Where the Handshake says that this peer can be reached. @default {"127.0.0.1:9651"} */
  readonly publicAddress?: AddrPort;
  /** The address with its signatures: who connects often signs once. Made from `publicAddress` where it is not given. */
  readonly signedIP?: SignedIP;
  /** Unix seconds of the next upgrade that this peer expects. @default {0} */
  readonly upgradeTime?: bigint;
  readonly trackedSubnets?: readonly ID[];
  /** Whether to ask for the peers of all subnets. */
  readonly allSubnets?: boolean;
  /** Whether to do the handshake and to answer pings. @default {true} */
  readonly polite?: boolean;
  /** For the connection and the handshake together. @default {10000} */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly transport?: Transport;
  readonly clock?: Clock;
}

/** A message of one operation. */
export type MessageOf<O extends Op> = Extract<InboundMessage, { readonly op: O }>;

/** What to wait for. */
export interface WaitOptions<O extends Op> {
  /** Only a message for which this is true. */
  readonly where?: (message: MessageOf<O>) => boolean;
  /** Milliseconds. @default {10000} */
  readonly timeoutMs?: number;
}

export type TestPeerErrorType =
  | { readonly code: "timeout"; readonly waitedFor: string; readonly timeoutMs: number }
  | { readonly code: "closed"; readonly waitedFor: string };

/**
 * What was waited for did not come.
 *
 * @example
 * ```ts
 * await using network = await Network.start({ nodeCount: 1 });
 * const [node] = (await networkReport(network)).nodes;
 * await using peer = await connectPeer(`${node?.stakingAddress}`);
 * await peer.next(Op.AppResponse, { timeoutMs: 10 }).catch((error) => {
 *   if (error instanceof TestPeerError) console.log(error.type.code); // "timeout"
 * });
 * ```
 */
export class TestPeerError extends AvxError<TestPeerErrorType> {}

/** Longest wait where none is given: above any answer of a healthy node on a busy machine. */
export const DEFAULT_WAIT_MS = 10_000;

/** Percent: what a test peer says of the node's uptime until it is told to say something else. */
const FULL_UPTIME = 100;

const DEFAULT_PUBLIC_ADDRESS: AddrPort = { ip: "127.0.0.1", port: 9651 };

/** Messages that nobody waited for; older ones are forgotten. */
const MAX_KEPT_MESSAGES = 1_000;

/**
 * Connects to a node and shakes hands.
 *
 * @param address `ip:port` of the node's staking port, or its parts.
 * @returns The peer, once the other side has accepted it; with `polite: false`, once TLS is up.
 * @throws {TransportError} When there is no TLS connection.
 * @throws {TestPeerError} When the other side closes, or does not finish the handshake in time.
 *
 *
 * @example
 * ```ts
 * await using network = await Network.start({ nodeCount: 1 });
 * const [node] = (await networkReport(network)).nodes;
 *
 * await using peer = await connectPeer(`${node?.stakingAddress}`);
 * peer.send(peer.build.ping(100));
 * await peer.next(Op.Pong);
 * ```
 */
export async function connectPeer(address: string | AddrPort, options: ConnectPeerOptions = {}): Promise<TestPeer> {
  const clock = options.clock ?? systemClock;
  const tlsCert = options.tlsCert ?? newTLSCert();
  const timeoutMs = options.timeoutMs ?? DEFAULT_WAIT_MS;
  const transport =
    options.transport ??
    new TLSTransport({ clock, tlsCert }, { dialTimeoutMs: timeoutMs, handshakeTimeoutMs: timeoutMs });
  const addrPort = typeof address === "string" ? parseAddrPort(address) : address;
  const connection = await transport.dial(addrPort, { signal: options.signal ?? new AbortController().signal });
  const peer = new TestPeer(connection, { ...options, clock, tlsCert });
  if (options.polite === false) return peer;
  try {
    await peer.shakeHands(timeoutMs);
    return peer;
  } catch (error) {
    await peer.close();
    throw error;
  }
}

interface Waiter {
  readonly matches: (message: InboundMessage) => boolean;
  readonly resolve: (message: InboundMessage) => void;
  readonly reject: (error: Error) => void;
  readonly waitedFor: string;
}

/**
 * See {@link connectPeer}.
 *
 * @example
 * ```ts
 * await using network = await Network.start({ nodeCount: 1 });
 * const [node] = (await networkReport(network)).nodes;
 * await using peer: TestPeer = await connectPeer(`${node?.stakingAddress}`);
 * console.log(peer.nodeID, peer.handshake?.client?.name, peer.peerList.length);
 * ```
 */
export class TestPeer implements AsyncDisposable {
  /** Makes messages to send. */
  readonly build: MessageBuilder;
  /** Who answered. */
  readonly nodeID: NodeID;
  /** Who this peer is. */
  readonly myNodeID: NodeID;
  /** Messages that could not be parsed. */
  failedToParse = 0;

  readonly #connection: Connection;
  readonly #options: ConnectPeerOptions & { readonly clock: Clock; readonly tlsCert: TLSCert };
  readonly #parser: MessageParser;
  readonly #reader: FrameReader;
  readonly #waiters = new Set<Waiter>();
  readonly #closed = Promise.withResolvers<CloseReason>();
  #kept: InboundMessage[] = [];
  #isClosed = false;
  #handshake: MessageOf<typeof Op.Handshake>["message"] | undefined;
  #peerList: readonly ClaimedIPPort[] = [];

  constructor(
    connection: Connection,
    options: ConnectPeerOptions & { readonly clock: Clock; readonly tlsCert: TLSCert },
  ) {
    const { clock, tlsCert } = options;
    this.#connection = connection;
    this.#options = options;
    this.nodeID = connection.certificate.nodeID;
    this.myNodeID = tlsCert.certificate.nodeID;
    this.build = new MessageBuilder();
    this.#parser = new MessageParser({ clock });
    this.#reader = new FrameReader({ onLength: () => true, onFrame: (body) => this.#onFrame(body) });
    connection.open({
      onData: (chunk) => this.#reader.push(chunk),
      onDrain: () => {},
      onClose: (reason) => this.#onClose(reason),
    });
  }

  /** The other side's Handshake, once it came. */
  get handshake(): MessageOf<typeof Op.Handshake>["message"] | undefined {
    return this.#handshake;
  }

  /** The peers that the other side told of last. */
  get peerList(): readonly ClaimedIPPort[] {
    return this.#peerList;
  }

  /** Resolves when the connection is over, with the reason where there is one. */
  get closed(): Promise<CloseReason> {
    return this.#closed.promise;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Does the handshake; {@link connectPeer} has done so unless it was told to be impolite.
   *
   * 1. Our Handshake goes out; where the network is not known, once theirs has told it.
   * 2. Our PeerList answers their Handshake: to them it ends the handshake, so it may not come before ours.
   * 3. Their PeerList tells that ours was accepted, and a ping's answer that all before it was handled.
   */
  async shakeHands(timeoutMs: number = DEFAULT_WAIT_MS): Promise<void> {
    const { networkID } = this.#options;
    if (networkID !== undefined) this.send(this.makeHandshake(networkID));
    const theirs = await this.next(Op.Handshake, { timeoutMs });
    if (networkID === undefined) this.send(this.makeHandshake(theirs.message.networkId));
    this.send(this.build.peerList([], true));
    await this.next(Op.PeerList, { timeoutMs });
    this.send(this.build.ping(FULL_UPTIME));
    await this.next(Op.Pong, { timeoutMs });
  }

  /** This peer's Handshake, signed now. */
  makeHandshake(networkID: number): OutboundMessage {
    const { allSubnets, blsSigner, client, clock, publicAddress, signedIP, tlsCert, trackedSubnets, upgradeTime } =
      this.#options;
    const now = unixSeconds(clock);
    const ip =
      signedIP ??
      signIP(
        { addrPort: publicAddress ?? DEFAULT_PUBLIC_ADDRESS, timestamp: now },
        tlsCert,
        blsSigner ?? newBLSSigner(),
      );
    return this.build.handshake({
      networkID,
      myTime: now,
      ip,
      client: client ?? AVX_APPLICATION,
      upgradeTime: upgradeTime ?? 0n,
      trackedSubnets: (trackedSubnets ?? []).map(idToBytes),
      supportedACPs: [],
      objectedACPs: [],
      knownPeersFilter: EMPTY_FILTER_BYTES,
      knownPeersSalt: new Uint8Array(0),
      requestAllSubnetIPs: allSubnets ?? false,
    });
  }

  /** @returns False when the connection is full: what was given is sent all the same. */
  send(message: OutboundMessage): boolean {
    return this.#connection.write(message.frame);
  }

  /** Sends bytes as they are, also such that are no message. */
  sendRaw(bytes: Uint8Array): boolean {
    return this.#connection.write(bytes);
  }

  /** Stops reading, as a slow peer does. */
  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  /**
   * The next message of an operation, among those that came already and those to come. Each is given out once.
   *
   * @throws {TestPeerError} `timeout` or `closed`.
   */
  next<O extends Op>(op: O, options: WaitOptions<O> = {}): Promise<MessageOf<O>> {
    const { where = () => true, timeoutMs = DEFAULT_WAIT_MS } = options;
    const matches = (message: InboundMessage): boolean => message.op === op && where(message as MessageOf<O>);
    const index = this.#kept.findIndex(matches);
    if (index >= 0) return Promise.resolve(this.#kept.splice(index, 1)[0] as MessageOf<O>);

    const waitedFor = opName(op);
    if (this.#isClosed) return Promise.reject(closedError(waitedFor, this.nodeID));
    const { promise, resolve, reject } = Promise.withResolvers<InboundMessage>();
    const waiter: Waiter = { matches, resolve, reject, waitedFor };
    this.#waiters.add(waiter);
    const timer = this.#options.clock.setTimeout(() => {
      reject(
        new TestPeerError(
          { code: "timeout", waitedFor, timeoutMs },
          `${this.nodeID} sent no such ${waitedFor} within ${timeoutMs} ms`,
        ),
      );
    }, timeoutMs);
    return promise.finally(() => {
      timer.cancel();
      this.#waiters.delete(waiter);
    }) as Promise<MessageOf<O>>;
  }

  /** Ends the connection; resolves when it is over. */
  async close(): Promise<void> {
    this.#connection.close();
    await this.#closed.promise;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #onFrame(body: Uint8Array): void {
    let message: InboundMessage;
    try {
      message = this.#parser.parse(body, this.nodeID, () => {});
    } catch {
      this.failedToParse++;
      return;
    }
    if (message.op === Op.Handshake) this.#handshake = message.message;
    if (message.op === Op.PeerList) this.#peerList = readPeerList(message.message);
    if (message.op === Op.Ping && this.#options.polite !== false) this.send(this.build.pong());
    this.#deliver(message);
  }

  #deliver(message: InboundMessage): void {
    for (const waiter of this.#waiters) {
      if (!waiter.matches(message)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(message);
      return;
    }
    this.#kept.push(message);
    if (this.#kept.length > MAX_KEPT_MESSAGES) this.#kept = this.#kept.slice(-MAX_KEPT_MESSAGES / 2);
  }

  #onClose(reason: CloseReason): void {
    this.#isClosed = true;
    this.#reader.close();
    for (const waiter of this.#waiters) waiter.reject(closedError(waiter.waitedFor, this.nodeID));
    this.#closed.resolve(reason);
  }
}

function closedError(waitedFor: string, nodeID: NodeID): TestPeerError {
  return new TestPeerError(
    { code: "closed", waitedFor },
    `${nodeID} closed the connection before it sent ${waitedFor}`,
  );
}
