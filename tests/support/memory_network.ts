/**
 * Nodes of one network in this process, on virtual time: the real network layer on the in-memory transport.
 *
 * @module
 */

import { ManualClock } from "../../lib/core/clock.ts";
import { type ID, PRIMARY_NETWORK_ID } from "../../lib/core/ids/id.ts";
import type { NodeID } from "../../lib/core/ids/node_id.ts";
import type { AddrPort } from "../../lib/core/ip.ts";
import { seededRandom } from "../../lib/core/random.ts";
import { newBLSSigner } from "../../lib/core/staking/bls.ts";
import { newTLSCert } from "../../lib/core/staking/tls_cert.ts";
import { ValidatorManager } from "../../lib/core/validators/manager.ts";
import { AVX_APPLICATION } from "../../lib/core/version/constants.ts";
import { MessageBuilder } from "../../lib/p2p/message/builder.ts";
import type { InboundMessage } from "../../lib/p2p/message/inbound.ts";
import { MessageParser } from "../../lib/p2p/message/parser.ts";
import { Network, type NetworkModules } from "../../lib/p2p/network/network.ts";
import type { NetworkOptions } from "../../lib/p2p/network/options.ts";
import { createThrottlers } from "../../lib/p2p/throttling/throttlers.ts";
import { NO_USAGE } from "../../lib/p2p/throttling/tracker/resource_user.ts";
import type { Transport } from "../../lib/p2p/transport/contract.ts";
import { type MemoryLink, MemoryNet } from "../../lib/p2p/transport/memory.ts";

export interface MemoryNode {
  readonly network: Network;
  readonly validators: ValidatorManager;
  readonly address: AddrPort;
  readonly messageBuilder: MessageBuilder;
  /** What reached the node's handler. */
  readonly received: InboundMessage[];
  /** Whom the handler was told of, in order: `+` and `-` with subnet and node. */
  readonly events: string[];
  readonly connectedTo: () => NodeID[];
}

/** Makes nodes that share one clock and one net. */
export class MemoryNetwork implements AsyncDisposable {
  readonly clock = new ManualClock(1_763_600_000_000);
  readonly net: MemoryNet;
  readonly nodes: MemoryNode[] = [];

  constructor(link?: MemoryLink) {
    this.net = new MemoryNet(this.clock, link);
  }

  /**
   * @param wrap Puts something between the node and its transport.
   * @param modules A clock or a log of the node's own.
   */
  async addNode(
    options: Partial<NetworkOptions> = {},
    identity = newTLSCert(),
    wrap = (transport: Transport): Transport => transport,
    modules: Pick<NetworkModules, "clock" | "log"> = {},
  ): Promise<MemoryNode> {
    const { clock } = this;
    const validators = new ValidatorManager();
    const messageBuilder = new MessageBuilder();
    const received: InboundMessage[] = [];
    const events: string[] = [];
    const network = new Network(
      {
        clock,
        random: seededRandom(this.nodes.length + 1),
        transport: wrap(this.net.transport(identity.certificate)),
        tlsCert: identity,
        blsSigner: newBLSSigner(),
        validators,
        handler: {
          handleInbound: (message) => {
            received.push(message);
            message.onFinishedHandling();
          },
          connected: (nodeID, _, subnetID) => events.push(`+${subnetID}/${nodeID}`),
          disconnected: (nodeID) => events.push(`-${nodeID}`),
        },
        messageBuilder,
        messageParser: new MessageParser({ clock }),
        throttlers: createThrottlers({ clock, validators, resources: NO_USAGE }),
        ...modules,
      },
      {
        networkID: 88_888,
        listenAddress: { ip: "127.0.0.1", port: 0 },
        publicAddress: { ip: "127.0.0.1", port: 0 },
        client: AVX_APPLICATION,
        upgradeTime: 0,
        ...options,
      },
    );
    const address = await network.start();
    const node: MemoryNode = {
      network,
      validators,
      address,
      messageBuilder,
      received,
      events,
      connectedTo: () =>
        network
          .peerInfo()
          .map(({ nodeID }) => nodeID)
          .sort(),
    };
    this.nodes.push(node);
    return node;
  }

  /** Makes a node a validator in the eyes of all, those that come later excepted. */
  makeValidator(nodeID: NodeID, weight = 1n, subnetID: ID = PRIMARY_NETWORK_ID): void {
    for (const { validators } of this.nodes) {
      validators.addStaker(subnetID, { nodeID, publicKey: undefined, txID: PRIMARY_NETWORK_ID, weight });
    }
  }

  /** Lets virtual time pass. */
  run(ms: number): Promise<void> {
    return this.clock.runFor(ms);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = Promise.all(this.nodes.map(({ network }) => network.close()));
    await this.run(1_000);
    await closed;
  }
}
