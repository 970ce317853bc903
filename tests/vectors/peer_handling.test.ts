import { describe, expect, test } from "bun:test";
import { fromHex, toHex } from "../../lib/core/bytes.ts";
import { ManualClock } from "../../lib/core/clock.ts";
import { type EMPTY_ID, idToBytes, PRIMARY_NETWORK_ID } from "../../lib/core/ids/id.ts";
import type { NodeID } from "../../lib/core/ids/node_id.ts";
import { formatAddrPort, parseIP } from "../../lib/core/ip.ts";
import { createLogger, type LogFields } from "../../lib/core/log.ts";
import { newBLSSigner } from "../../lib/core/staking/bls.ts";
import { parseCertificate } from "../../lib/core/staking/certificate.ts";
import { newClaimedIPPort } from "../../lib/core/staking/claimed_ip.ts";
import { IPSigner } from "../../lib/core/staking/ip_signer.ts";
import { newTLSCert } from "../../lib/core/staking/tls_cert.ts";
import { ValidatorManager } from "../../lib/core/validators/manager.ts";
import { formatApplication } from "../../lib/core/version/application.ts";
import { Compatibility } from "../../lib/core/version/compatibility.ts";
import { MessageBuilder } from "../../lib/p2p/message/builder.ts";
import { writeMessageLength } from "../../lib/p2p/message/framing.ts";
import { Op, opName } from "../../lib/p2p/message/ops.ts";
import { MessageParser } from "../../lib/p2p/message/parser.ts";
import type { PeerNetwork } from "../../lib/p2p/peer/contract.ts";
import { CURRENT_ACPS, MAX_BLOOM_SALT_LENGTH, MAX_TRACKED_SUBNETS } from "../../lib/p2p/peer/handshake.ts";
import { PeerMetrics } from "../../lib/p2p/peer/metrics.ts";
import { Peer } from "../../lib/p2p/peer/peer.ts";
import { FakeConnection } from "../support/fake_connection.ts";
import { noThrottling } from "../support/no_throttling.ts";
import { loadVectors } from "../support/vectors.ts";

interface NetworkCall {
  readonly call: "connected" | "track" | "peers";
  readonly ips?: readonly Record<string, unknown>[];
}

interface Step {
  readonly op: string;
  readonly inbound: string;
  readonly sent: readonly { readonly op: string; readonly hex: string; readonly bypassThrottling: boolean }[];
  readonly forwarded: readonly string[];
  readonly networkCalls: readonly NetworkCall[];
  readonly closed: boolean;
  readonly gotHandshake: boolean;
  readonly finishedHandshake: boolean;
  readonly observedUptime?: number;
  readonly logs: readonly { msg: string; field?: string; reason?: string; error?: string }[];
  readonly peer?: Record<string, unknown>;
}

interface Scenario {
  readonly name: string;
  readonly networkID: number;
  readonly maxClockDifferenceSeconds: number;
  readonly now: number;
  readonly peerCertDER: string;
  readonly peerNodeID: NodeID;
  readonly peerIsPrimaryValidator: boolean;
  readonly validatorBLSPublicKey?: string;
  readonly networkPeersResult: readonly {
    certDER: string;
    ip: string;
    port: number;
    timestamp: string;
    signature: string;
  }[];
  readonly networkTrackError?: string;
  readonly version: {
    readonly current: string;
    readonly minCompatible: string;
    readonly minCompatibleAfterUpgrade: string;
    readonly upgradeTime: number;
  };
  readonly steps: readonly Step[];
}

const vectors = loadVectors<{
  constants: { maxBloomSaltLen: number; maxNumTrackedSubnets: number };
  scenarios: Scenario[];
}>("peer_handling");

/** Lines that say in other words what upstream says. */
const OUR_WORDS: Readonly<Record<string, string>> = {
  "peer attempting to connect with newer version. You may want to update your client": "peer runs a newer version",
  "skipping sending of empty peer list": "no peers to tell of",
};

function hex(text: string): Uint8Array {
  const bytes = fromHex(text);
  if (bytes === undefined) throw new Error(`Not hex: ${text}`);
  return bytes;
}

function application(text: string) {
  const [, name = "", major, minor, patch] = /^(.*)\/(\d+)\.(\d+)\.(\d+)$/.exec(text) ?? [];
  return { name, major: Number(major), minor: Number(minor), patch: Number(patch) };
}

const OUR_CERT = newTLSCert();
const OUR_SIGNER = newBLSSigner();

/** A peer on a connection that the test holds the other end of. */
function setUp(scenario: Scenario) {
  const clock = new ManualClock(scenario.now * 1000);
  const connection = new FakeConnection(parseCertificate(hex(scenario.peerCertDER)));
  const logs: (LogFields & { msg: string })[] = [];
  const log = createLogger(
    (level, msg, fields) => {
      if (level !== "verbo" && msg !== "peer closed") logs.push({ msg, ...fields });
    },
    (level) => level !== "verbo",
  );
  const calls: Record<string, unknown>[] = [];
  const forwarded: string[] = [];
  const bypasses: boolean[] = [];
  const validators = new ValidatorManager();
  if (scenario.peerIsPrimaryValidator) {
    validators.addStaker(PRIMARY_NETWORK_ID, {
      nodeID: scenario.peerNodeID,
      publicKey: scenario.validatorBLSPublicKey === undefined ? undefined : hex(scenario.validatorBLSPublicKey),
      txID: "2Z36RnQuk1hvsnFeGWzfZUfXNr7w1SjzmDQ78YxfTVNAkDq3nZ" as typeof EMPTY_ID,
      weight: 1n,
    });
  }
  const network: PeerNetwork = {
    connected: () => calls.push({ call: "connected" }),
    disconnected: () => {},
    allowConnection: () => true,
    knownPeers: () => ({ filter: new Uint8Array(), salt: new Uint8Array() }),
    track: (ips) => {
      calls.push({
        call: "track",
        ips: ips.map((ip) => ({
          ip: ip.addrPort.ip,
          nodeID: ip.nodeID,
          port: ip.addrPort.port,
          signature: toHex(ip.signature),
          timestamp: String(ip.timestamp),
        })),
      });
      if (scenario.networkTrackError !== undefined) throw new Error(scenario.networkTrackError);
    },
    peers: (_, trackedSubnets, requestAllSubnets, filter, salt) => {
      calls.push({
        call: "peers",
        filter: toHex(filter.bytes()),
        requestAllSubnets,
        salt: toHex(salt),
        trackedSubnets: [...trackedSubnets].map((id) => toHex(idToBytes(id))).sort(),
      });
      return scenario.networkPeersResult.map((peer) =>
        newClaimedIPPort(
          parseCertificate(hex(peer.certDER)),
          { ip: parseIP(peer.ip) as string, port: peer.port },
          BigInt(peer.timestamp),
          hex(peer.signature),
        ),
      );
    },
  };
  const { version } = scenario;
  const peer = new Peer(
    {
      clock,
      log,
      metrics: new PeerMetrics(),
      // The vectors hold messages before compression.
      messageBuilder: new MessageBuilder({}, { compressionType: "none" }),
      messageParser: new MessageParser({ clock }),
      ...noThrottling,
      outboundMsgThrottler: {
        acquire: (_size, _nodeID, bypassThrottling) => {
          bypasses.push(bypassThrottling);
          return true;
        },
        release: () => {},
      },
      network,
      inboundHandler: {
        handleInbound: (message) => {
          forwarded.push(opName(message.op));
          message.onFinishedHandling();
        },
      },
      uptimeCalculator: { uptime: () => 1 },
      versionCompatibility: new Compatibility(
        {
          current: application(version.current),
          minCompatible: application(version.minCompatible),
          minCompatibleAfterUpgrade: application(version.minCompatibleAfterUpgrade),
          upgradeTime: version.upgradeTime,
        },
        clock,
      ),
      validators,
      beacons: new ValidatorManager(),
      ipSigner: new IPSigner({
        clock,
        tlsCert: OUR_CERT,
        blsSigner: OUR_SIGNER,
        getAddrPort: () => ({ ip: "127.0.0.1", port: 9651 }),
      }),
    },
    {
      networkID: scenario.networkID,
      myNodeID: OUR_CERT.certificate.nodeID,
      client: application(version.current),
      trackedSubnets: new Set(),
      supportedACPs: [],
      objectedACPs: [],
      connectToAllValidators: false,
      pingFrequencyMs: 1_000_000,
      pongTimeoutMs: 1_000_000,
      maxClockDifference: scenario.maxClockDifferenceSeconds,
    },
    connection,
  );
  return { peer, connection, logs, calls, forwarded, bypasses };
}

test("limits are the reference's", () => {
  expect(MAX_BLOOM_SALT_LENGTH).toBe(vectors.constants.maxBloomSaltLen);
  expect(MAX_TRACKED_SUBNETS).toBe(vectors.constants.maxNumTrackedSubnets);
  expect(CURRENT_ACPS.size).toBe(0);
});

describe("a peer handles messages as the reference does", () => {
  test.each(vectors.scenarios.map((scenario) => [scenario.name, scenario] as const))("%s", async (_, scenario) => {
    const { peer, connection, logs, calls, forwarded, bypasses } = setUp(scenario);
    peer.start();
    await connection.flushed();
    expect(connection.takeMessages().map(({ op }) => op)).toEqual([Op.Handshake]);

    for (const step of scenario.steps) {
      logs.length = 0;
      calls.length = 0;
      forwarded.length = 0;
      bypasses.length = 0;
      const body = hex(step.inbound);
      connection.receive(writeMessageLength(body.length));
      connection.receive(body);
      const { closed } = connection;
      await connection.flushed();

      expect(closed).toBe(step.closed);
      expect(peer.gotHandshake).toBe(step.gotHandshake);
      expect(peer.finishedHandshake).toBe(step.finishedHandshake);
      expect(forwarded).toEqual([...step.forwarded]);
      expect(calls).toEqual(step.networkCalls.map((call) => ({ ...call })));
      if (step.observedUptime !== undefined) expect(peer.observedUptime).toBe(step.observedUptime);
      expect(
        connection.takeMessages().map(({ op, body: sent }, index) => ({
          op: opName(op),
          hex: toHex(sent),
          bypassThrottling: bypasses[index],
        })),
      ).toEqual(step.sent.map((sent) => ({ ...sent })));
      expect(
        logs.map(({ msg, field, reason, error }) => JSON.parse(JSON.stringify({ msg, field, reason, error }))),
      ).toEqual(
        step.logs.map((line) => {
          const { msg, field, reason, error } = line;
          return JSON.parse(JSON.stringify({ msg: OUR_WORDS[msg] ?? msg, field, reason, error }));
        }),
      );
      if (step.peer !== undefined) {
        const claims = peer.claims;
        if (claims === undefined) throw new Error("The peer's handshake was not accepted");
        expect({
          ip: formatAddrPort(claims.ip.addrPort),
          objectedACPs: claims.objectedACPs.size,
          supportedACPs: claims.supportedACPs.size,
          trackedSubnets: [...claims.trackedSubnets].map((id) => toHex(idToBytes(id))).sort(),
          upgradeTime: String(claims.upgradeTime),
          version: formatApplication(claims.version),
        }).toEqual({ ...step.peer, trackedSubnets: [...(step.peer["trackedSubnets"] as string[])].sort() } as never);
      }
    }
  });
});
