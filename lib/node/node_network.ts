/**
 * The network of one node, put together from its configuration.
 *
 * @module
 */

import type { Clock } from "../core/clock.ts";
import { EMPTY_ID, PRIMARY_NETWORK_ID } from "../core/ids/id.ts";
import type { AddrPort } from "../core/ip.ts";
import type { Logger } from "../core/log.ts";
import type { Random } from "../core/random.ts";
import type { BLSSigner } from "../core/staking/bls.ts";
import type { TLSCert } from "../core/staking/tls_cert.ts";
import { ValidatorManager } from "../core/validators/manager.ts";
import { AVX_APPLICATION } from "../core/version/constants.ts";
import { MessageBuilder } from "../p2p/message/builder.ts";
import { createMessageMetrics } from "../p2p/message/metrics.ts";
import { MessageParser } from "../p2p/message/parser.ts";
import { Network, type NetworkHandler } from "../p2p/network/network.ts";
import type { Engine } from "../p2p/routing/engine/engine.ts";
import { ObservingEngine } from "../p2p/routing/engine/observing_engine.ts";
import type { ChainContext } from "../p2p/routing/handler/handler.ts";
import type { ChainHandlerOptions } from "../p2p/routing/handler/options.ts";
import type { Router } from "../p2p/routing/router/router.ts";
import { type Chain, Routing } from "../p2p/routing/routing.ts";
import type { Sender } from "../p2p/routing/sender/sender.ts";
import { createThrottlers } from "../p2p/throttling/throttlers.ts";
import { ResourceManager } from "../p2p/throttling/tracker/resource_manager.ts";
import type { Transport } from "../p2p/transport/contract.ts";
import { TLSTransport } from "../p2p/transport/tls.ts";
import { bootstrappers } from "../platform/bootstrappers.ts";
import type { GenesisValidator } from "../platform/genesis/info.ts";
import { recentValidators } from "../platform/genesis/recent_validators.ts";
import { isProductionNetwork } from "../platform/networks.ts";
import type { NamedChain } from "./chain_facts.ts";
import { closestDirectory } from "./closest_directory.ts";
import type { NodeConfig } from "./config/node_config.ts";
import type { NodeMetrics } from "./metrics.ts";
import { OverriddenValidatorManager } from "./overridden_validators.ts";
import { dummyTxID, PeerEvents } from "./peer_events.ts";

/** What a node's network needs. */
export interface NodeNetworkModules {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Gives the log of a chain, by its alias. */
  readonly chainLog?: ((alias: string) => Logger) | undefined;
  readonly metrics: NodeMetrics;
  readonly tlsCert: TLSCert;
  readonly blsSigner: BLSSigner;
  /** Whether other nodes run in this process. */
  readonly sharesProcess?: boolean | undefined;
  /** Mutual TLS without one. */
  readonly transport?: Transport | undefined;
  /** Takes the secrets of TLS connections. */
  readonly keyLog?: ((line: Uint8Array) => void) | undefined;
}

/** What only a starting node knows. */
export interface NodeNetworkOptions {
  readonly listenAddress: AddrPort;
  /** Port 0 is that which is listened on. */
  readonly publicAddress: AddrPort;
  readonly genesisValidators: readonly GenesisValidator[];
  /** The chains that the node answers for, as far as one can that does not run them. */
  readonly chains: readonly NamedChain[];
  /** Called once, when enough of the bootstrappers were connected at one time. */
  readonly onSufficientlyConnected: () => void;
}

/** A network that does not listen yet, and what belongs to it. */
export interface NodeNetwork {
  readonly network: Network;
  readonly validators: ValidatorManager;
  readonly events: PeerEvents;
  readonly resources: ResourceManager;
  readonly routing: Routing;
  /** Runs a chain on the network. */
  addChain(context: ChainContext, makeEngine: (sender: Sender) => Engine, options?: ChainHandlerOptions): Chain;
}

/** Puts the network together. Disposing of `resources`, closing `routing` and then `network` ends it. */
export async function createNodeNetwork(
  config: NodeConfig,
  modules: NodeNetworkModules,
  options: NodeNetworkOptions,
): Promise<NodeNetwork> {
  const { clock, random, log, metrics, tlsCert, blsSigner, sharesProcess = false } = modules;
  const { network: section, staking } = config;
  const validators = createValidators(config, modules, options.genesisValidators);
  const beacons = new ValidatorManager();
  for (const nodeID of new Set(config.bootstrappers.map(({ id }) => id))) {
    beacons.addStaker(PRIMARY_NETWORK_ID, { nodeID, publicKey: undefined, txID: EMPTY_ID, weight: 1n });
  }
  const events = new PeerEvents(
    { log, validators, beacons },
    {
      peerWeight: staking.sybilProtectionEnabled ? undefined : staking.sybilProtectionDisabledWeight,
      onSufficientlyConnected: options.onSufficientlyConnected,
    },
  );
  const resources = new ResourceManager(
    { clock, log, metrics: metrics.namespace("system_resources") },
    { diskPath: closestDirectory(config.dataDir), processID: process.pid, ...config.resources },
  );
  const { trackedSubnets } = config;
  const routing = new Routing(
    {
      clock,
      log,
      chainLog: modules.chainLog,
      validators,
      metrics: {
        requests: metrics.namespace("requests"),
        responses: metrics.namespace("responses"),
        handler: metrics.namespace("handler"),
        benchlist: metrics.namespace("benchlist"),
      },
    },
    {
      ...section.routing,
      myNodeID: tlsCert.certificate.nodeID,
      myVersion: AVX_APPLICATION,
      trackedSubnets,
      sybilProtectionEnabled: staking.sybilProtectionEnabled,
    },
  );
  const networkMetrics = metrics.namespace("network");
  const messageMetrics = createMessageMetrics(networkMetrics);
  const upgradeTime = config.upgrades.graniteTime;
  const messageBuilder = new MessageBuilder({ metrics: messageMetrics }, { compressionType: section.compressionType });
  const throttlers = createThrottlers(
    {
      clock,
      validators,
      log,
      resources,
      metrics: networkMetrics,
      trackerMetrics: metrics.namespace("resource_tracker"),
    },
    { ...section.throttling, tracker: { ...section.throttling.tracker, sharesProcess } },
  );
  const network = new Network(
    {
      clock,
      random,
      log,
      tlsCert,
      blsSigner,
      validators,
      beacons,
      metrics: networkMetrics,
      handler: handlerOf(events, routing.router),
      transport: modules.transport ?? new TLSTransport({ clock, tlsCert, keyLog: modules.keyLog }, section.transport),
      messageBuilder,
      messageParser: new MessageParser(
        { clock, metrics: messageMetrics },
        { maxMessageTimeoutMs: section.maxInboundTimeoutMs },
      ),
      throttlers,
    },
    {
      ...section.network,
      networkID: config.networkID,
      listenAddress: options.listenAddress,
      publicAddress: options.publicAddress,
      client: AVX_APPLICATION,
      upgradeTime,
      trackedSubnets,
      subnetRules: config.subnets,
      // On the public networks others are told of the built-in nodes too, and who validated lately is worth connecting
      // to before the validators of now are known (upstream `network/network.go`, `NewNetwork`).
      gossipedNodes: bootstrappers(config.networkID).map(({ id }) => id),
      wantedNodes: isProductionNetwork(config.networkID) ? await recentValidators(config.networkID) : [],
    },
  );
  const { resourceTracker } = throttlers;
  const addChain: NodeNetwork["addChain"] = (context, makeEngine, chainOptions) => {
    const merged = { ...section.routing.chains, ...chainOptions };
    return routing.addChain({ network, messageBuilder, resourceTracker }, context, makeEngine, merged);
  };
  for (const { alias, chainID } of options.chains) {
    addChain({ alias, chainID, subnetID: PRIMARY_NETWORK_ID }, (sender) => new ObservingEngine(sender));
    modules.chainLog?.(alias).info("the chain is observed, and not run", { chainID });
  }
  return { network, validators, events, resources, routing, addChain };
}

/** The node hears of peers before its chains do: what these ask then is answered with what is so. */
function handlerOf(events: PeerEvents, router: Router): NetworkHandler {
  return {
    handleInbound: (message) => router.handleInbound(message),
    connected: (nodeID, version, subnetID) => {
      events.connected(nodeID, version, subnetID);
      router.connected(nodeID, version, subnetID);
    },
    disconnected: (nodeID) => {
      events.disconnected(nodeID);
      router.disconnected(nodeID);
    },
  };
}

/** The stake of the genesis, or, without sybil protection, this node and whoever connects. */
function createValidators(
  { staking }: NodeConfig,
  { tlsCert, blsSigner }: NodeNetworkModules,
  genesisValidators: readonly GenesisValidator[],
): ValidatorManager {
  if (staking.sybilProtectionEnabled) {
    const validators = new ValidatorManager();
    for (const { nodeID, publicKey, txID, weight } of genesisValidators) {
      validators.addStaker(PRIMARY_NETWORK_ID, { nodeID, publicKey, txID, weight });
    }
    return validators;
  }
  const validators = new OverriddenValidatorManager();
  const { nodeID } = tlsCert.certificate;
  validators.addStaker(PRIMARY_NETWORK_ID, {
    nodeID,
    publicKey: blsSigner.publicKey,
    txID: dummyTxID(nodeID),
    weight: staking.sybilProtectionDisabledWeight,
  });
  return validators;
}
