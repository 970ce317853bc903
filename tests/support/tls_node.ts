/**
 * One node's network layer as it really runs: TLS on a real socket, and the throttlers with their defaults.
 *
 * @module
 */

import { type Clock, ManualClock } from "../../lib/core/clock.ts";
import type { AddrPort } from "../../lib/core/ip.ts";
import type { MetricsNamespace } from "../../lib/core/metrics.ts";
import { seededRandom } from "../../lib/core/random.ts";
import { newBLSSigner } from "../../lib/core/staking/bls.ts";
import { newTLSCert, type TLSCert } from "../../lib/core/staking/tls_cert.ts";
import { ValidatorManager } from "../../lib/core/validators/manager.ts";
import { AVX_APPLICATION } from "../../lib/core/version/constants.ts";
import { MessageBuilder } from "../../lib/p2p/message/builder.ts";
import type { InboundMessage } from "../../lib/p2p/message/inbound.ts";
import { MessageParser } from "../../lib/p2p/message/parser.ts";
import { Network } from "../../lib/p2p/network/network.ts";
import { DEFAULT_PING_FREQUENCY_MS } from "../../lib/p2p/peer/config.ts";
import { type ConnectPeerOptions, connectPeer, type TestPeer } from "../../lib/p2p/peer/connect_peer.ts";
import {
  type InboundMsgThrottlerState,
  SybilInboundMsgThrottler,
} from "../../lib/p2p/throttling/inbound_msg_throttler.ts";
import { createThrottlers, type ThrottlersOptions } from "../../lib/p2p/throttling/throttlers.ts";
import { NO_USAGE, type ResourceUser } from "../../lib/p2p/throttling/tracker/resource_user.ts";
import { TLSTransport, type TLSTransportOptions } from "../../lib/p2p/transport/tls.ts";

const NETWORK_ID = 88_888;
export const PONG_TIMEOUT_MS = 1_000;

export interface TLSNodeOptions<C extends Clock> {
  /** Time of all that the node does. */
  readonly clock: C;
  /** What the process uses of the machine; nothing where it is not given. */
  readonly resources?: ResourceUser;
  /** @default {1000} On time that stands still a test moves it; on any other it must be more than a busy machine takes. */
  readonly pongTimeoutMs?: number;
  /** @default {88888} */
  readonly networkID?: number;
  /** How connections come about. */
  readonly transport?: TLSTransportOptions;
  readonly throttling?: ThrottlersOptions;
  /** `avalanche_network`. */
  readonly metrics?: MetricsNamespace;
  /** @default {22500} Upstream's. */
  readonly pingFrequencyMs?: number;
  /** What becomes of a message, in place of keeping it in `received`; it must release it. */
  readonly handle?: (message: InboundMessage) => void;
}

/** See {@link startTLSNode}. */
export interface TLSNode<C extends Clock = ManualClock> extends AsyncDisposable {
  readonly network: Network;
  readonly validators: ValidatorManager;
  /** Makes what the node sends. */
  readonly messageBuilder: MessageBuilder;
  readonly identity: TLSCert;
  /** Where it listens. */
  readonly address: AddrPort;
  readonly clock: C;
  /** What reached the node's handler; each is released as it comes. */
  readonly received: InboundMessage[];
  /** What the inbound throttlers hold at the moment. */
  throttled(): InboundMsgThrottlerState;
  /** Connects to it, on the machine's own time. */
  connect(options?: ConnectPeerOptions): Promise<TestPeer>;
}

/** Starts a node on 127.0.0.1 whose time stands still, unless it is given another. */
export function startTLSNode(): Promise<TLSNode>;
export function startTLSNode<C extends Clock>(options: TLSNodeOptions<C>): Promise<TLSNode<C>>;
export async function startTLSNode(options?: TLSNodeOptions<Clock>): Promise<TLSNode<Clock>> {
  // Peers are on the machine's time, so the node's must be near it.
  const {
    clock,
    networkID = NETWORK_ID,
    pingFrequencyMs = DEFAULT_PING_FREQUENCY_MS,
    pongTimeoutMs = PONG_TIMEOUT_MS,
    resources = NO_USAGE,
    handle,
    metrics,
    throttling,
    transport,
  }: TLSNodeOptions<Clock> = options ?? { clock: new ManualClock(Date.now()) };
  const identity = newTLSCert();
  const validators = new ValidatorManager();
  const messageBuilder = new MessageBuilder();
  const received: InboundMessage[] = [];
  const throttlers = createThrottlers({ clock, validators, resources, metrics }, throttling);
  const { inboundMsg } = throttlers;
  if (!(inboundMsg instanceof SybilInboundMsgThrottler)) throw new Error("the throttlers are not the node's own");
  const network = new Network(
    {
      clock,
      random: seededRandom(1),
      ...(metrics === undefined ? {} : { metrics }),
      transport: new TLSTransport({ clock, tlsCert: identity }, transport),
      tlsCert: identity,
      blsSigner: newBLSSigner(),
      validators,
      handler: {
        handleInbound:
          handle ??
          ((message) => {
            received.push(message);
            message.onFinishedHandling();
          }),
        connected: () => {},
        disconnected: () => {},
      },
      messageBuilder,
      messageParser: new MessageParser({ clock }),
      throttlers,
    },
    {
      networkID,
      listenAddress: { ip: "127.0.0.1", port: 0 },
      publicAddress: { ip: "127.0.0.1", port: 0 },
      client: AVX_APPLICATION,
      upgradeTime: 0,
      pingFrequencyMs,
      pongTimeoutMs,
    },
  );
  const address = await network.start();
  return {
    network,
    validators,
    messageBuilder,
    identity,
    address,
    clock,
    received,
    throttled: () => inboundMsg.state(),
    connect: (peerOptions = {}) => connectPeer(address, { networkID, ...peerOptions }),
    [Symbol.asyncDispose]: () => network.close(),
  };
}
