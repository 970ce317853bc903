/**
 * Complete handshakes a second: TCP, mutual TLS, Handshake and PeerList both ways, then the end of the connection.
 *
 * @module
 */

import { systemClock, unixSeconds } from "../lib/core/clock.ts";
import { newBLSSigner } from "../lib/core/staking/bls.ts";
import { signIP } from "../lib/core/staking/signed_ip.ts";
import { newTLSCert } from "../lib/core/staking/tls_cert.ts";
import { connectPeer } from "../lib/p2p/peer/connect_peer.ts";
import { TLSTransport } from "../lib/p2p/transport/tls.ts";
import { BENCH_NETWORK_ID, startBenchNetwork } from "./bench_network.ts";
import { type Measurement, measure, sleep, WARM_UP_MS } from "./measure.ts";
import { spawnSelf } from "./self.ts";

/** Dialled at the same time, each by an identity of its own. */
const CONCURRENT_PEERS = 16;
const OWN_ADDRESS = { ip: "127.0.0.1", port: 9651 };

export async function measureHandshakes(seconds: number): Promise<Measurement> {
  let connected = 0;
  const { network, address } = await startBenchNetwork({
    handleInbound: (message) => message.onFinishedHandling(),
    connected: () => {
      connected++;
    },
    disconnected: () => {},
  });
  const dialler = spawnSelf(["handshake-dialler", `${address.ip}:${address.port}`]);
  try {
    while (connected === 0) await sleep(10);
    await sleep(WARM_UP_MS);
    return await measure(() => connected, seconds);
  } finally {
    dialler.kill();
    await network.close();
  }
}

/** The other process: connects and disconnects until it is killed or nobody answers. */
export async function dialHandshakes([address = ""]: readonly string[]): Promise<void> {
  const dialForever = async (): Promise<void> => {
    // As a node does: one key, one context, and an IP that is signed once.
    const tlsCert = newTLSCert();
    const options = {
      tlsCert,
      transport: new TLSTransport({ clock: systemClock, tlsCert }),
      signedIP: signIP({ addrPort: OWN_ADDRESS, timestamp: unixSeconds(systemClock) }, tlsCert, newBLSSigner()),
      networkID: BENCH_NETWORK_ID,
    };
    for (;;) {
      const peer = await connectPeer(address, options);
      await peer.close();
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_PEERS }, dialForever)).catch(() => process.exit(0));
}
