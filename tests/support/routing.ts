/**
 * Routing without a network: what is sent is written down, what comes in is made here, and time stands still until it
 * is told to move.
 *
 * @module
 */

import { ManualClock } from "../../lib/core/clock.ts";
import { type ID, idFromBytes, idToBytes, PRIMARY_NETWORK_ID } from "../../lib/core/ids/id.ts";
import type { NodeID } from "../../lib/core/ids/node_id.ts";
import { AVX_APPLICATION } from "../../lib/core/version/constants.ts";
import { MessageBuilder } from "../../lib/p2p/message/builder.ts";
import type { InboundMessage, MessageByOp } from "../../lib/p2p/message/inbound.ts";
import type { Op } from "../../lib/p2p/message/ops.ts";
import type { OutboundMessage } from "../../lib/p2p/message/outbound.ts";
import type { SendConfig } from "../../lib/p2p/network/peer_set.ts";
import type { Engine } from "../../lib/p2p/routing/engine/engine.ts";
import type { ChainContext } from "../../lib/p2p/routing/handler/handler.ts";
import type { ChainHandlerOptions } from "../../lib/p2p/routing/handler/options.ts";
import { type Chain, Routing, type RoutingOptions } from "../../lib/p2p/routing/routing.ts";
import type { ExternalSender, Sender } from "../../lib/p2p/routing/sender/sender.ts";
import type { SybilInboundMsgThrottler } from "../../lib/p2p/throttling/inbound_msg_throttler.ts";
import { createThrottlers } from "../../lib/p2p/throttling/throttlers.ts";
import { NO_USAGE } from "../../lib/p2p/throttling/tracker/resource_user.ts";
import { node, validatorsOf } from "./throttling.ts";

/** A chain ID that tells its number. */
export function testChainID(number: number): ID {
  return idFromBytes(new Uint8Array(32).fill(number));
}

/** A chain of the primary network. */
export function testChain(number = 1, subnetID: ID = PRIMARY_NETWORK_ID): ChainContext {
  return { chainID: testChainID(number), subnetID, alias: `chain-${number}` };
}

/** What was handed to the network. */
export interface Sent {
  readonly message: OutboundMessage;
  readonly to: SendConfig;
  readonly subnetID: ID;
}

/** What a message says, all but its chain and whose request it answers having a default. */
export interface InboundFields {
  readonly chain?: ID;
  readonly requestID?: number;
  /** Wall milliseconds. */
  readonly expiration?: number;
  readonly content?: object;
}

/** How large a message is taken to be, bytes. */
const MESSAGE_SIZE = 100;

const EMPTY = new Uint8Array();

/** What any message may hold. */
const DEFAULT_CONTENT = {
  appBytes: EMPTY,
  errorCode: 7,
  errorMessage: "no",
  summary: EMPTY,
  summaryIds: [],
  heights: [],
  container: EMPTY,
  containers: [],
  containerIds: [],
  containerId: new Uint8Array(32),
  preferredId: new Uint8Array(32),
  preferredIdAtHeight: new Uint8Array(32),
  acceptedId: new Uint8Array(32),
  acceptedHeight: 0n,
  requestedHeight: 0n,
};

export class TestRouting implements AsyncDisposable {
  readonly clock = new ManualClock(1_763_600_000_000);
  readonly me: NodeID = node("me");
  readonly validators = validatorsOf({ me: 1_000, a: 10, b: 10, c: 10 });
  readonly throttlers = createThrottlers({
    clock: this.clock,
    validators: this.validators,
    resources: { ...NO_USAGE, cpuUsage: () => 1 },
  });
  readonly messageBuilder = new MessageBuilder({}, { compressionType: "none" });
  readonly routing: Routing;
  readonly sent: Sent[] = [];
  /** Nodes that messages can be queued for. */
  readonly reachable = new Set<NodeID>([node("a"), node("b"), node("c")]);
  /** How often each message was released, by its order of coming in. */
  readonly released: number[] = [];

  constructor(options: Partial<RoutingOptions> = {}) {
    this.routing = new Routing(
      { clock: this.clock, validators: this.validators },
      { myNodeID: this.me, myVersion: AVX_APPLICATION, trackedSubnets: [], sybilProtectionEnabled: true, ...options },
    );
  }

  get router() {
    return this.routing.router;
  }

  addChain(
    makeEngine: (sender: Sender) => Engine,
    context: ChainContext = testChain(),
    options?: ChainHandlerOptions,
  ): Chain {
    const network: ExternalSender = {
      send: (message, to, subnetID) => {
        this.sent.push({ message, to, subnetID });
        return new Set([...(to.nodeIDs ?? [])].filter((nodeID) => this.reachable.has(nodeID)));
      },
    };
    const { messageBuilder, throttlers } = this;
    const modules = { network, messageBuilder, resourceTracker: throttlers.resourceTracker };
    return this.routing.addChain(modules, context, makeEngine, options);
  }

  /** A message comes in from a peer: room for it is taken, and given back when it is released. */
  inbound<O extends Op>(op: O, from: string, fields: InboundFields = {}): number {
    const { chain = testChainID(1), content, expiration = Number.POSITIVE_INFINITY, requestID = 0 } = fields;
    const number = this.released.push(0) - 1;
    const room = this.throttlers.inboundMsg.acquire(MESSAGE_SIZE, node(from), () => {});
    const message = {
      ...DEFAULT_CONTENT,
      chainId: idToBytes(chain),
      requestId: requestID,
      ...content,
    } as unknown as MessageByOp[O];
    this.router.handleInbound({
      nodeID: node(from),
      op,
      message,
      expiration,
      bytesSavedCompression: 0,
      onFinishedHandling: () => {
        this.released[number] = (this.released[number] as number) + 1;
        room.release();
      },
    } as InboundMessage);
    return number;
  }

  /** Whether a throttler holds anything for anyone. */
  get holdsNothing(): boolean {
    const { buffer, bytes } = (this.throttlers.inboundMsg as SybilInboundMsgThrottler).state();
    return [buffer.nodeToNumProcessingMsgs, bytes.nodeToAtLargeBytesUsed, bytes.nodeToVdrBytesUsed].every(
      (held) => Object.keys(held).length === 0,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.routing.close();
    await this.clock.runFor(120_000);
    await closed;
  }
}
