/**
 * A network on real sockets of this machine, for tests of what others see of it.
 *
 * @module
 */

import { systemClock } from "../../lib/core/clock.ts";
import type { AddrPort } from "../../lib/core/ip.ts";
import { newBLSSigner } from "../../lib/core/staking/bls.ts";
import { newTLSCert } from "../../lib/core/staking/tls_cert.ts";
import { ValidatorManager } from "../../lib/core/validators/manager.ts";
import { Compatibility } from "../../lib/core/version/compatibility.ts";
import { AVX_APPLICATION, CURRENT_VERSION, MINIMUM_COMPATIBLE_VERSION } from "../../lib/core/version/constants.ts";
import { MessageBuilder } from "../../lib/p2p/message/builder.ts";
import type { InboundMessage } from "../../lib/p2p/message/inbound.ts";
import { MessageParser } from "../../lib/p2p/message/parser.ts";
import { Network } from "../../lib/p2p/network/network.ts";
import type { NetworkOptions } from "../../lib/p2p/network/options.ts";
import { createThrottlers } from "../../lib/p2p/throttling/throttlers.ts";
import { NO_USAGE } from "../../lib/p2p/throttling/tracker/resource_user.ts";
import { TLSTransport } from "../../lib/p2p/transport/tls.ts";

const LOOPBACK: AddrPort = { ip: "127.0.0.1", port: 0 };

export interface TLSNetwork extends AsyncDisposable {
  readonly network: Network;
  readonly validators: ValidatorManager;
  readonly messageBuilder: MessageBuilder;
  readonly address: AddrPort;
  /** What reached the handler. */
  readonly received: InboundMessage[];
}

/** Starts a network layer on loopback. */
export async function startTLSNetwork(options: Partial<NetworkOptions> = {}): Promise<TLSNetwork> {
  const clock = systemClock;
  const tlsCert = newTLSCert();
  const validators = new ValidatorManager();
  const messageBuilder = new MessageBuilder();
  const received: InboundMessage[] = [];
  const network = new Network(
    {
      transport: new TLSTransport({ clock, tlsCert }),
      tlsCert,
      blsSigner: newBLSSigner(),
      validators,
      beacons: new ValidatorManager(),
      handler: {
        handleInbound: (message) => {
          received.push(message);
          message.onFinishedHandling();
        },
        connected: () => {},
        disconnected: () => {},
      },
      messageBuilder,
      messageParser: new MessageParser({ clock }),
      versionCompatibility: new Compatibility(
        {
          current: CURRENT_VERSION,
          minCompatible: MINIMUM_COMPATIBLE_VERSION,
          minCompatibleAfterUpgrade: MINIMUM_COMPATIBLE_VERSION,
          upgradeTime: 0,
        },
        clock,
      ),
      throttlers: createThrottlers({ clock, validators, resources: NO_USAGE }),
    },
    {
      networkID: 88_888,
      listenAddress: LOOPBACK,
      publicAddress: LOOPBACK,
      client: AVX_APPLICATION,
      upgradeTime: 0,
      ...options,
    },
  );
  const address = await network.start();
  return {
    network,
    validators,
    messageBuilder,
    address,
    received,
    [Symbol.asyncDispose]: () => network.close(),
  };
}
