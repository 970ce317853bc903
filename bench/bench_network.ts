/**
 * One side of a measurement: a whole network layer, with its throttlers, on loopback.
 *
 * @module
 */

import { systemClock } from "../lib/core/clock.ts";
import type { AddrPort } from "../lib/core/ip.ts";
import { newBLSSigner } from "../lib/core/staking/bls.ts";
import { newTLSCert, type TLSCert } from "../lib/core/staking/tls_cert.ts";
import { ValidatorManager } from "../lib/core/validators/manager.ts";
import { AVX_APPLICATION } from "../lib/core/version/constants.ts";
import { MessageBuilder } from "../lib/p2p/message/builder.ts";
import type { CompressionType } from "../lib/p2p/message/compression.ts";
import { MessageParser } from "../lib/p2p/message/parser.ts";
import { Network, type NetworkHandler } from "../lib/p2p/network/network.ts";
import { NO_INBOUND_MSG_THROTTLER } from "../lib/p2p/throttling/inbound_msg_throttler.ts";
import { createThrottlers, type Throttlers, type ThrottlersOptions } from "../lib/p2p/throttling/throttlers.ts";
import { ResourceManager } from "../lib/p2p/throttling/tracker/resource_manager.ts";
import { TLSTransport } from "../lib/p2p/transport/tls.ts";

const LOOPBACK: AddrPort = { ip: "127.0.0.1", port: 0 };

/** More than any machine does: every throttler is asked, none holds up. */
const PLENTY = 2 ** 40;

/** The throttlers' whole path with limits that are never reached: what is measured is its cost, not its patience. */
const UNLIMITED: ThrottlersOptions = {
  inboundConn: { maxConnsPerSec: PLENTY },
  inboundMsg: { bandwidth: { refillRate: PLENTY, maxBurstSize: PLENTY } },
  cpuTargeter: { vdrAlloc: PLENTY, maxNonVdrUsage: PLENTY, maxNonVdrNodeUsage: PLENTY },
};

/** A network of nobody but its two sides. */
export const BENCH_NETWORK_ID = 88_888;

/** Identity and time of one side. */
export interface BenchIdentity {
  readonly tlsCert: TLSCert;
  readonly validators: ValidatorManager;
}

export function benchIdentity(): BenchIdentity {
  return { tlsCert: newTLSCert(), validators: new ValidatorManager() };
}

export interface BenchNetwork {
  readonly network: Network;
  readonly messageBuilder: MessageBuilder;
  readonly resourceTracker: Throttlers["resourceTracker"];
  readonly address: AddrPort;
}

/**
 * Makes and starts one side.
 *
 * With `AVX_BENCH_THROTTLERS=off` inbound messages pass no throttler: what is left shows what throttlers cost.
 */
export async function startBenchNetwork(
  handler: NetworkHandler,
  compressionType: CompressionType = "none",
  { tlsCert, validators }: BenchIdentity = benchIdentity(),
): Promise<BenchNetwork> {
  const clock = systemClock;
  const messageBuilder = new MessageBuilder({}, { compressionType });
  const resources = new ResourceManager({ clock }, { diskPath: process.cwd(), processID: process.pid });
  const throttlers = createThrottlers({ clock, validators, resources }, UNLIMITED);
  const unthrottled = { inboundMsg: NO_INBOUND_MSG_THROTTLER, outboundMsg: throttlers.outboundMsg };
  const network = new Network(
    {
      transport: new TLSTransport({ clock, tlsCert }),
      tlsCert,
      blsSigner: newBLSSigner(),
      validators,
      handler,
      messageBuilder,
      messageParser: new MessageParser({ clock }),
      throttlers: process.env.AVX_BENCH_THROTTLERS === "off" ? { ...throttlers, ...unthrottled } : throttlers,
    },
    {
      networkID: BENCH_NETWORK_ID,
      listenAddress: LOOPBACK,
      publicAddress: LOOPBACK,
      client: AVX_APPLICATION,
      upgradeTime: 0,
    },
  );
  const { resourceTracker } = throttlers;
  return { network, messageBuilder, resourceTracker, address: await network.start() };
}
