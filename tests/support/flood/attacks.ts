/**
 * What attackers do, by name. Each ends by itself when its time is over.
 *
 * @module
 */

import { EMPTY_FILTER_BYTES } from "../../../lib/core/bloom/filter.ts";
import { concatBytes } from "../../../lib/core/bytes.ts";
import { newBLSSigner } from "../../../lib/core/staking/bls.ts";
import { type ClaimedIPPort, newClaimedIPPort } from "../../../lib/core/staking/claimed_ip.ts";
import { type SignedIP, signIP } from "../../../lib/core/staking/signed_ip.ts";
import { newTLSCert, parseTLSCert, type TLSCert } from "../../../lib/core/staking/tls_cert.ts";
import { MessageBuilder } from "../../../lib/p2p/message/builder.ts";
import { compressZstd } from "../../../lib/p2p/message/compression.ts";
import { MAX_MESSAGE_LENGTH } from "../../../lib/p2p/message/framing.ts";
import { compressed, frame, protobufField, repeated } from "../hostile_messages.ts";
import type { AttackOptions } from "./contract.ts";
import { Flooder, NETWORK_ID, wait } from "./flooder.ts";

interface AttackContext extends AttackOptions {
  /** Whether to stop. */
  readonly isOver: () => boolean;
}

/** @returns What was done, by name. */
type Attack = (context: AttackContext) => Promise<Record<string, number>>;

const KIB = 1024;
const MIB = 1024 * KIB;
const CHAIN_ID = new Uint8Array(32).fill(1);
const ADDRESS = { ip: "127.0.0.1", port: 9 };
const build = new MessageBuilder();
const plain = new MessageBuilder({}, { compressionType: "none" });

/** So many copies of a frame as come to about 64 KiB. */
function chunkOf(message: Uint8Array): Uint8Array {
  return repeated(message, Math.ceil((64 * KIB) / message.length));
}

/** Several peers flood at once, each under a name of its own. */
function floodBy(
  peers: number,
  next: (turn: number, peer: number) => Uint8Array,
  prepare?: (flooder: Flooder) => void,
): Attack {
  return async ({ address, isOver }) => {
    const flooders = await Promise.all(Array.from({ length: peers }, () => Flooder.connect(address)));
    for (const flooder of flooders) prepare?.(flooder);
    const sent = await Promise.all(flooders.map((one, index) => one.flood((turn) => next(turn, index), isOver)));
    await Promise.all(flooders.map(({ peer }) => peer.close()));
    return { chunks: sent.reduce((sum, count) => sum + count, 0), peers };
  };
}

/** Connects so many times, several at a time, and does something that ends the connection. */
function reconnect(
  concurrent: number,
  times: number,
  once: (options: AttackOptions, turn: number) => Promise<"closed" | "refused" | "kept">,
): Attack {
  return async (options) => {
    const counts: Record<string, number> = { closed: 0, refused: 0, kept: 0 };
    let turn = 0;
    const run = async (): Promise<void> => {
      while (turn < times && !options.isOver()) {
        const outcome = await once(options, turn++).catch(() => "refused" as const);
        counts[outcome] = (counts[outcome] ?? 0) + 1;
      }
    };
    await Promise.all(Array.from({ length: concurrent }, run));
    return counts;
  };
}

/** Waits for the node to close the connection. */
async function closedByNode({ peer }: Flooder): Promise<"closed" | "kept"> {
  const outcome = await Promise.race([
    peer.closed.then(() => "closed" as const),
    wait(5_000).then(() => "kept" as const),
  ]);
  if (outcome === "kept") await peer.close();
  return outcome;
}

/** An address that nobody signed. */
function lie(tlsCert: TLSCert, timestamp: bigint, signature = new Uint8Array(71).fill(7)): ClaimedIPPort {
  return newClaimedIPPort(tlsCert.certificate, ADDRESS, timestamp, signature);
}

const now = (): bigint => BigInt(Math.floor(Date.now() / 1000));

/** Identities are made once: making them is the attackers' own cost. */
const pool: TLSCert[] = [];
function identity(index: number): TLSCert {
  const tlsCert = pool[index] ?? newTLSCert();
  pool[index] = tlsCert;
  return tlsCert;
}

/** A Handshake whose signatures are spoilt as wished. */
function spoilt(tlsCert: TLSCert, spoil: (ip: SignedIP) => SignedIP): SignedIP {
  return spoil(signIP({ addrPort: ADDRESS, timestamp: now() }, tlsCert, newBLSSigner()));
}

/** Residents are validators that are known to be connected: whoever asks is told of them. */
async function settle({ address, identities }: AttackOptions): Promise<Flooder[]> {
  const residents: Flooder[] = [];
  for (const { keyPEM, certPEM } of identities) {
    residents.push(await Flooder.connect(address, { tlsCert: parseTLSCert(keyPEM, certPEM) }));
  }
  return residents;
}

/** Well-formed certificates, none of which the node has heard of: the key's point lies where it lies. */
function strangers(count: number): Uint8Array<ArrayBuffer> {
  const { certificate } = identity(0);
  const claims = Array.from({ length: count }, (_, index) => {
    const raw = certificate.raw.slice();
    // The serial number and what follows the key are anybody's to choose; each makes another node ID.
    new DataView(raw.buffer).setUint32(raw.length - 4, index);
    return newClaimedIPPort(
      {
        ...certificate,
        raw,
        keyType: certificate.keyType,
        nodeID: certificate.nodeID,
        publicKey: certificate.publicKey,
      },
      ADDRESS,
      now(),
      new Uint8Array(0),
    );
  });
  return plain.peerList(claims, false).bytes.slice();
}

const asksForPeers = plain.getPeerList(EMPTY_FILTER_BYTES, new Uint8Array(32), true).frame;

export const ATTACKS: Readonly<Record<string, Attack>> = {
  "small messages": floodBy(8, (turn) => SMALL[turn % SMALL.length] as Uint8Array),

  "large messages": floodBy(8, () => LARGE),

  "well-compressed gossip": floodBy(8, () => BOMBS),

  "well-compressed peer lists": async (options) => {
    // Before the handshake they are read and passed over; after it the first one ends the peer.
    const { address, isOver } = options;
    const impolite = await Promise.all(Array.from({ length: 6 }, () => Flooder.connect(address, { polite: false })));
    const floods = impolite.map((one) => one.flood(() => EMPTY_LISTS, isOver));
    const after = await reconnect(2, Infinity, async () => {
      const flooder = await Flooder.connect(address);
      flooder.peer.sendRaw(EMPTY_LISTS);
      return closedByNode(flooder);
    })(options);
    const sent = await Promise.all(floods);
    await Promise.all(impolite.map(({ peer }) => peer.close()));
    return { ...after, chunks: sent.reduce((sum, count) => sum + count, 0) };
  },

  "pings without reading": floodBy(
    4,
    () => PINGS,
    ({ peer }) => peer.pause(),
  ),

  "requests for peers": async (options) => {
    const residents = await settle(options);
    const counts = await floodBy(4, () => ASKS)(options);
    await Promise.all(residents.map(({ peer }) => peer.close()));
    return counts;
  },

  "requests for peers without reading": async (options) => {
    const residents = await settle(options);
    const counts = await floodBy(
      4,
      () => ASKS,
      ({ peer }) => peer.pause(),
    )(options);
    await Promise.all(residents.map(({ peer }) => peer.close()));
    return counts;
  },

  "deaf ears": async ({ address, isOver }) => {
    const deaf = await Promise.all(Array.from({ length: 8 }, () => Flooder.connect(address)));
    for (const { peer } of deaf) peer.pause();
    const keepAlive = setInterval(() => {
      for (const { peer } of deaf) peer.send(build.ping(100));
    }, 100);
    while (!isOver()) await wait(10);
    clearInterval(keepAlive);
    for (const { peer } of deaf) peer.resume();
    await Promise.all(deaf.map((one) => closedByNode(one)));
    return { peers: deaf.length };
  },

  "strangers in peer lists": (options) => {
    const list = strangers(5_000);
    const chunk = repeated(frame(compressed(compressZstd(list))), 4);
    return floodBy(8, () => chunk)(options);
  },

  "one stranger thousands of times": (options) => {
    const claim = lie(identity(0), now());
    const list = plain.peerList(new Array<ClaimedIPPort>(5_000).fill(claim), false).bytes.slice();
    const chunk = repeated(frame(compressed(compressZstd(list))), 4);
    return floodBy(8, () => chunk)(options);
  },

  "lies about validators": (options) => {
    const certs = options.identities.map(({ keyPEM, certPEM }) => parseTLSCert(keyPEM, certPEM));
    const lists: ((turn: number) => Uint8Array)[] = [
      // Thousands of entries, the first of which is not signed by whom it names.
      (turn) =>
        build.peerList(
          Array.from({ length: 4_000 }, (_, i) => lie(certs[i % certs.length] as TLSCert, now() + BigInt(turn % 50))),
          false,
        ).frame,
      // Port 0 is no port.
      () =>
        build.peerList(
          [newClaimedIPPort((certs[0] as TLSCert).certificate, { ip: "1.1.1.1", port: 0 }, now(), new Uint8Array(71))],
          false,
        ).frame,
      // A certificate that is none.
      () =>
        frame(
          protobufField(
            14,
            protobufField(
              1,
              concatBytes(
                protobufField(1, new Uint8Array(300).fill(0x30)),
                protobufField(2, Uint8Array.of(1, 1, 1, 1)),
              ),
            ),
          ),
        ),
      // A signature of somebody else.
      () =>
        build.peerList(
          [
            lie(
              certs[0] as TLSCert,
              now(),
              signIP({ addrPort: ADDRESS, timestamp: now() }, identity(0), newBLSSigner()).tlsSignature.slice(),
            ),
          ],
          false,
        ).frame,
    ];
    const made = lists.map((make, index) => make(index));
    return reconnect(8, Infinity, async ({ address }, turn) => {
      const flooder = await Flooder.connect(address, { tlsCert: identity(turn % 64) });
      flooder.peer.sendRaw(made[turn % made.length] as Uint8Array);
      return closedByNode(flooder);
    })(options);
  },

  "pings of 101 percent": reconnect(8, Infinity, async ({ address }, turn) => {
    const flooder = await Flooder.connect(address, { tlsCert: identity(turn % 64) });
    flooder.peer.send(build.ping(101));
    return closedByNode(flooder);
  }),

  "invalid signatures": reconnect(16, 1_000, async ({ address }, turn) => {
    const tlsCert = identity(turn % 64);
    const other = identity((turn + 1) % 64);
    const signedIP = spoilt(tlsCert, (ip) => {
      switch (turn % 4) {
        case 0:
          return { ...ip, tlsSignature: signIP(ip, other, newBLSSigner()).tlsSignature };
        case 1:
          return { ...ip, tlsSignature: new Uint8Array(72).fill(0x30) };
        case 2:
          return { ...ip, blsSignature: new Uint8Array(96).fill(0xa5) };
        default:
          return { ...ip, timestamp: ip.timestamp + 30n };
      }
    });
    const flooder = await Flooder.connect(address, { tlsCert, signedIP, polite: false });
    flooder.peer.send(flooder.peer.makeHandshake(NETWORK_ID));
    return closedByNode(flooder);
  }),

  "proofs by validators that do not fit": reconnect(8, Infinity, async ({ address, identities }, turn) => {
    const { keyPEM, certPEM } = identities[turn % identities.length] as AttackOptions["identities"][number];
    const flooder = await Flooder.connect(address, { tlsCert: parseTLSCert(keyPEM, certPEM), polite: false });
    flooder.peer.send(flooder.peer.makeHandshake(NETWORK_ID));
    return closedByNode(flooder);
  }),

  "many identities": async ({ address, isOver }) => {
    const crowd: Flooder[] = [];
    let failed = 0;
    const run = async (): Promise<void> => {
      while (!isOver() && crowd.length < 1_000) {
        await Flooder.connect(address).then(
          (one) => crowd.push(one),
          () => failed++,
        );
      }
    };
    await Promise.all(Array.from({ length: 16 }, run));
    await Promise.all(crowd.map(({ peer }) => peer.close()));
    return { peers: crowd.length, failed };
  },
};

const SMALL = [
  chunkOf(plain.ping(100).frame),
  chunkOf(plain.appGossip(CHAIN_ID, new Uint8Array(1)).frame),
  chunkOf(frame(Uint8Array.of(1))),
];
const LARGE = plain.appGossip(CHAIN_ID, crypto.getRandomValues(new Uint8Array(MIB))).frame;
const BOMBS = repeated(build.appGossip(CHAIN_ID, new Uint8Array(MAX_MESSAGE_LENGTH - 64)).frame, 16);
const EMPTY_LISTS = repeated(
  frame(compressed(compressZstd(protobufField(14, repeated(Uint8Array.of(0x0a, 0), 1_000_000))))),
  16,
);
const PINGS = chunkOf(plain.ping(100).frame);
const ASKS = repeated(asksForPeers, 256);
