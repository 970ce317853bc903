/**
 * Nodes as their flags make them, on a network in memory and a clock that the test moves.
 *
 * @module
 */

import { ManualClock } from "../../../lib/core/clock.ts";
import { idFromBytes, PRIMARY_NETWORK_ID } from "../../../lib/core/ids/id.ts";
import type { AddrPort } from "../../../lib/core/ip.ts";
import { newTLSCert, type TLSCert } from "../../../lib/core/staking/tls_cert.ts";
import { type ConnectPeerOptions, connectPeer, type TestPeer } from "../../../lib/p2p/peer/connect_peer.ts";
import type { Transport } from "../../../lib/p2p/transport/contract.ts";
import { MemoryNet } from "../../../lib/p2p/transport/memory.ts";
import { closeNodes, genesisValidator, type ListeningNode, listeningNode } from "../../support/virtual_node.ts";
import { nodeConfig } from "../support.ts";

/** A chain of the Primary Network that nobody else knows. */
export const CHAIN = { chainID: idFromBytes(new Uint8Array(32).fill(5)), subnetID: PRIMARY_NETWORK_ID, alias: "Q" };

export const NETWORK_ID = 88_888;

/** Far enough for a dial, a handshake and what follows at once. */
const SETTLE_MS = 300;

/** A dial that a node made. */
export interface Dial {
  readonly to: AddrPort;
  /** Milliseconds since the world began. */
  readonly atMs: number;
}

/** A node of the world. */
export interface WorldNode extends ListeningNode {
  readonly dials: readonly Dial[];
}

/** Who a node is, and who validates. */
export interface WorldNodeOptions {
  readonly tlsCert?: TLSCert;
  /** Validators of the genesis and their weights. */
  readonly validators?: ReadonlyMap<TLSCert, bigint>;
  readonly ip?: string;
}

/** Nodes and peers on one network and one clock; all are closed with it. */
export class World implements AsyncDisposable {
  readonly clock = new ManualClock(Date.UTC(2026, 10, 21));
  readonly net = new MemoryNet(this.clock);
  readonly #nodes: WorldNode[] = [];
  readonly #peers: TestPeer[] = [];
  #seed = 1;

  /** Starts a node of a network of its own, with these flags. */
  async node(flags: Readonly<Record<string, string>> = {}, options: WorldNodeOptions = {}): Promise<WorldNode> {
    const { clock } = this;
    const { ip = "127.0.0.1", tlsCert = newTLSCert(), validators = new Map<TLSCert, bigint>() } = options;
    const dials: Dial[] = [];
    const inner = this.net.transport(tlsCert.certificate, ip);
    const transport: Transport = {
      dial: (to, dialOptions) => {
        dials.push({ to, atMs: clock.monotonic() });
        return inner.dial(to, dialOptions);
      },
      listen: (address, handler) => inner.listen(address, handler),
    };
    const node = await listeningNode(nodeConfig({ "network-id": String(NETWORK_ID), ...flags }), {
      clock,
      transport,
      tlsCert,
      seed: this.#seed++,
      genesisValidators: [...validators].map(([validator, weight]) => genesisValidator(validator, weight)),
      ip,
    });
    const started = { ...node, dials };
    this.#nodes.push(started);
    return started;
  }

  /** Connects a peer to a node; `polite: false` leaves out the handshake. The world closes it: that takes time. */
  async peer(
    { address }: Pick<WorldNode, "address">,
    { ip = "127.0.0.1", ...options }: ConnectPeerOptions & { readonly ip?: string } = {},
  ): Promise<TestPeer> {
    const tlsCert = options.tlsCert ?? newTLSCert();
    const transport = this.net.transport(tlsCert.certificate, ip);
    const peer = await this.during(
      connectPeer(address, { clock: this.clock, networkID: NETWORK_ID, ...options, tlsCert, transport }),
    );
    this.#peers.push(peer);
    return peer;
  }

  /** Lets time pass until something has happened; what fails is known at once. */
  async during<T>(happening: Promise<T>): Promise<T> {
    happening.catch(() => {});
    await this.clock.runFor(SETTLE_MS);
    return happening;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return closeNodes(this.clock, this.#nodes, this.#peers);
  }
}

/** Keeps the messages of one operation that a peer is sent, from now on. */
export function countOf(peer: TestPeer, op: Parameters<TestPeer["next"]>[0]): { readonly count: number } {
  const counter = { count: 0 };
  const next = (): void => {
    void peer.next(op, { timeoutMs: Number.MAX_SAFE_INTEGER }).then(
      () => {
        counter.count++;
        next();
      },
      () => {},
    );
  };
  next();
  return counter;
}
