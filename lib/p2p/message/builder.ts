/**
 * Builds the messages that go to peers: one method for each, as upstream's `message/outbound_msg_builder.go` has them.
 *
 * A message is encoded once, straight into the frame that it is sent in, however many peers it goes to. What may be
 * large is compressed where the node compresses at all; the rest never is.
 *
 * Chain IDs, container IDs and the like are their 32 bytes. Deadlines are nanoseconds, as on the wire: how long the
 * answer is waited for.
 *
 * @module
 */

import { ipTo16 } from "../../core/ip.ts";
import type { ClaimedIPPort } from "../../core/staking/claimed_ip.ts";
import type { SignedIP } from "../../core/staking/signed_ip.ts";
import type { Application } from "../../core/version/application.ts";
import { type CompressionType, compressZstd, DEFAULT_COMPRESSION_TYPE } from "./compression.ts";
import { LENGTH_PREFIX_BYTES } from "./framing.ts";
import { type EngineType, MessageSchema, type Simplex } from "./gen/p2p_pb.ts";
import type { MessageByOp } from "./inbound.ts";
import type { MessageMetrics } from "./metrics.ts";
import { Op, WIRE_FIELDS, type WireCase } from "./ops.ts";
import { OutboundMessage } from "./outbound.ts";
import { type AppFields, AppTag, appMessageLength, writeAppMessage } from "./wire/app_messages.ts";
import { compressedMessageLength, writeCompressedMessage } from "./wire/compressed.ts";
import { encodeBefore, encodedLength } from "./wire/encode.ts";
import { type Fields, messagePlan, NO_BYTES } from "./wire/plan.ts";

/** What a builder needs. */
export interface MessageBuilderModules {
  readonly metrics?: MessageMetrics;
}

/** How a builder builds. */
export interface MessageBuilderOptions {
  /** @default {"zstd"} Upstream `network-compression-type`. */
  readonly compressionType?: CompressionType;
}

/** Nanoseconds; a number where it is a whole one below 2^53. A negative one goes out as upstream's `int64` does. */
export type DeadlineNs = number | bigint;

/** What a Handshake says. */
export interface HandshakeFields {
  readonly networkID: number;
  /** Unix seconds. */
  readonly myTime: bigint;
  /** An empty `ip` where the node does not know its address. */
  readonly ip: SignedIP;
  readonly client: Application;
  /** Unix seconds. */
  readonly upgradeTime: bigint;
  /** Subnet IDs, 32 bytes each, without the primary network's. */
  readonly trackedSubnets: readonly Uint8Array[];
  readonly supportedACPs: readonly number[];
  readonly objectedACPs: readonly number[];
  readonly knownPeersFilter: Uint8Array;
  readonly knownPeersSalt: Uint8Array;
  readonly requestAllSubnetIPs: boolean;
}

/** The fields of a message, without its type's name; lists are only read. */
type Content<C extends WireCase> = {
  readonly [K in keyof Omit<MessageByOp[(typeof WIRE_FIELDS)[C]["op"]], "$typeName" | "$unknown">]: Readonly<
    MessageByOp[(typeof WIRE_FIELDS)[C]["op"]][K]
  >;
};

/** How a message goes out. */
interface Way {
  readonly compressible?: boolean;
  readonly bypassThrottling?: boolean;
}

const PLAIN: Way = {};
const COMPRESSIBLE: Way = { compressible: true };

/** `ClaimedIpPort.tx_id`, which is no longer told. */
const NO_TX_ID = new Uint8Array(32);

/** Above this a message is not encoded into the scratch buffer, so that the buffer stays small. */
const MAX_SCRATCH_BYTES = 64 * 1024;

/**
 * Makes the messages of the protocol: each is encoded and compressed once, for however many it is sent to.
 *
 * @example
 * ```ts
 * const build = new MessageBuilder();
 * const ping = build.ping(100);
 * ping.frame; // its length and its body, as they go over the wire
 * ```
 */
export class MessageBuilder {
  readonly #metrics: MessageMetrics | undefined;
  readonly #compresses: boolean;
  /** Where messages are encoded that are then compressed. */
  readonly #scratch = new Uint8Array(MAX_SCRATCH_BYTES);
  #pong: OutboundMessage | undefined;
  /** The answer to a Handshake of a peer that knows all: most of a network's peer lists while it starts. */
  #nothingNew: OutboundMessage | undefined;

  constructor(modules: MessageBuilderModules = {}, options: MessageBuilderOptions = {}) {
    this.#metrics = modules.metrics;
    this.#compresses = (options.compressionType ?? DEFAULT_COMPRESSION_TYPE) === "zstd";
  }

  /** @param primaryUptime How much of the time the receiver was seen connected, in percent from 0 to 100. */
  ping(primaryUptime: number): OutboundMessage {
    return this.#build("ping", { uptime: primaryUptime }, PLAIN);
  }

  /** The same each time: of a peer that pings and does not read a million may wait, as they are counted by their bytes. */
  pong(): OutboundMessage {
    this.#pong ??= this.#build("pong", {}, PLAIN);
    return this.#pong;
  }

  handshake(fields: HandshakeFields): OutboundMessage {
    const { client, ip } = fields;
    return this.#build(
      "handshake",
      {
        networkId: fields.networkID,
        myTime: fields.myTime,
        ipAddr: ipBytes(ip.addrPort.ip),
        ipPort: ip.addrPort.port,
        upgradeTime: fields.upgradeTime,
        ipSigningTime: ip.timestamp,
        ipNodeIdSig: ip.tlsSignature,
        trackedSubnets: fields.trackedSubnets,
        client: {
          $typeName: "p2p.Client",
          name: client.name,
          major: client.major,
          minor: client.minor,
          patch: client.patch,
        },
        supportedAcps: fields.supportedACPs,
        objectedAcps: fields.objectedACPs,
        knownPeers: bloomFilter(fields.knownPeersFilter, fields.knownPeersSalt),
        ipBlsSig: ip.blsSignature,
        allSubnets: fields.requestAllSubnetIPs,
      },
      { bypassThrottling: true },
    );
  }

  getPeerList(knownPeersFilter: Uint8Array, knownPeersSalt: Uint8Array, requestAllSubnetIPs: boolean): OutboundMessage {
    const knownPeers = bloomFilter(knownPeersFilter, knownPeersSalt);
    return this.#build("getPeerList", { knownPeers, allSubnets: requestAllSubnetIPs }, COMPRESSIBLE);
  }

  /** @param bypassThrottling For the answer to a Handshake, which must not be lost. */
  peerList(peers: readonly ClaimedIPPort[], bypassThrottling: boolean): OutboundMessage {
    if (peers.length > 0 || !bypassThrottling) return this.#peerList(peers, bypassThrottling);
    this.#nothingNew ??= this.#peerList(peers, bypassThrottling);
    return this.#nothingNew;
  }

  #peerList(peers: readonly ClaimedIPPort[], bypassThrottling: boolean): OutboundMessage {
    const claimedIpPorts = peers.map(({ addrPort, certificate, signature, timestamp }) => ({
      $typeName: "p2p.ClaimedIpPort" as const,
      x509Certificate: certificate.raw,
      ipAddr: ipBytes(addrPort.ip),
      ipPort: addrPort.port,
      timestamp,
      signature,
      txId: NO_TX_ID,
    }));
    return this.#build("peerList", { claimedIpPorts }, { compressible: true, bypassThrottling });
  }

  getStateSummaryFrontier(chainID: Uint8Array, requestID: number, deadline: DeadlineNs): OutboundMessage {
    return this.#build("getStateSummaryFrontier", request(chainID, requestID, deadline), PLAIN);
  }

  stateSummaryFrontier(chainID: Uint8Array, requestID: number, summary: Uint8Array): OutboundMessage {
    return this.#build("stateSummaryFrontier", { ...response(chainID, requestID), summary }, COMPRESSIBLE);
  }

  getAcceptedStateSummary(
    chainID: Uint8Array,
    requestID: number,
    deadline: DeadlineNs,
    heights: readonly bigint[],
  ): OutboundMessage {
    return this.#build("getAcceptedStateSummary", { ...request(chainID, requestID, deadline), heights }, COMPRESSIBLE);
  }

  acceptedStateSummary(chainID: Uint8Array, requestID: number, summaryIds: readonly Uint8Array[]): OutboundMessage {
    return this.#build("acceptedStateSummary", { ...response(chainID, requestID), summaryIds }, COMPRESSIBLE);
  }

  getAcceptedFrontier(chainID: Uint8Array, requestID: number, deadline: DeadlineNs): OutboundMessage {
    return this.#build("getAcceptedFrontier", request(chainID, requestID, deadline), PLAIN);
  }

  acceptedFrontier(chainID: Uint8Array, requestID: number, containerId: Uint8Array): OutboundMessage {
    return this.#build("acceptedFrontier", { ...response(chainID, requestID), containerId }, PLAIN);
  }

  getAccepted(
    chainID: Uint8Array,
    requestID: number,
    deadline: DeadlineNs,
    containerIds: readonly Uint8Array[],
  ): OutboundMessage {
    return this.#build("getAccepted", { ...request(chainID, requestID, deadline), containerIds }, PLAIN);
  }

  accepted(chainID: Uint8Array, requestID: number, containerIds: readonly Uint8Array[]): OutboundMessage {
    return this.#build("accepted", { ...response(chainID, requestID), containerIds }, PLAIN);
  }

  getAncestors(
    chainID: Uint8Array,
    requestID: number,
    deadline: DeadlineNs,
    containerId: Uint8Array,
    engineType: EngineType,
  ): OutboundMessage {
    const content = { ...request(chainID, requestID, deadline), containerId, engineType };
    return this.#build("getAncestors", content, PLAIN);
  }

  ancestors(chainID: Uint8Array, requestID: number, containers: readonly Uint8Array[]): OutboundMessage {
    return this.#build("ancestors", { ...response(chainID, requestID), containers }, COMPRESSIBLE);
  }

  get(chainID: Uint8Array, requestID: number, deadline: DeadlineNs, containerId: Uint8Array): OutboundMessage {
    return this.#build("get", { ...request(chainID, requestID, deadline), containerId }, PLAIN);
  }

  put(chainID: Uint8Array, requestID: number, container: Uint8Array): OutboundMessage {
    return this.#build("put", { ...response(chainID, requestID), container }, COMPRESSIBLE);
  }

  pushQuery(
    chainID: Uint8Array,
    requestID: number,
    deadline: DeadlineNs,
    container: Uint8Array,
    requestedHeight: bigint,
  ): OutboundMessage {
    const content = { ...request(chainID, requestID, deadline), container, requestedHeight };
    return this.#build("pushQuery", content, COMPRESSIBLE);
  }

  pullQuery(
    chainID: Uint8Array,
    requestID: number,
    deadline: DeadlineNs,
    containerId: Uint8Array,
    requestedHeight: bigint,
  ): OutboundMessage {
    const content = { ...request(chainID, requestID, deadline), containerId, requestedHeight };
    return this.#build("pullQuery", content, PLAIN);
  }

  chits(
    chainID: Uint8Array,
    requestID: number,
    preferredId: Uint8Array,
    preferredIdAtHeight: Uint8Array,
    acceptedId: Uint8Array,
    acceptedHeight: bigint,
  ): OutboundMessage {
    const content = { preferredId, preferredIdAtHeight, acceptedId, acceptedHeight };
    return this.#build("chits", { ...response(chainID, requestID), ...content }, PLAIN);
  }

  appRequest(chainID: Uint8Array, requestID: number, deadline: DeadlineNs, appBytes: Uint8Array): OutboundMessage {
    const deadlineNs = Number(deadline);
    if (deadlineNs < 0 || deadlineNs > Number.MAX_SAFE_INTEGER) {
      return this.#build("appRequest", { ...request(chainID, requestID, deadline), appBytes }, COMPRESSIBLE);
    }
    return this.#buildApp(Op.AppRequest, AppTag.Request, { chainID, requestID, deadlineNs, appBytes });
  }

  appResponse(chainID: Uint8Array, requestID: number, appBytes: Uint8Array): OutboundMessage {
    return this.#buildApp(Op.AppResponse, AppTag.Response, { chainID, requestID, deadlineNs: 0, appBytes });
  }

  appError(chainID: Uint8Array, requestID: number, errorCode: number, errorMessage: string): OutboundMessage {
    return this.#build("appError", { ...response(chainID, requestID), errorCode, errorMessage }, COMPRESSIBLE);
  }

  appGossip(chainID: Uint8Array, appBytes: Uint8Array): OutboundMessage {
    return this.#buildApp(Op.AppGossip, AppTag.Gossip, { chainID, requestID: 0, deadlineNs: 0, appBytes });
  }

  simplex(message: Simplex): OutboundMessage {
    return this.#build("simplex", message, COMPRESSIBLE);
  }

  /** @throws {MessageError} `too-large-to-compress`, and `protobuf` for text that is not well-formed Unicode. */
  #build<C extends WireCase>(name: C, content: Content<C>, way: Way): OutboundMessage {
    const { op } = WIRE_FIELDS[name];
    const message: Fields = { message: { case: name, value: content } };
    const plan = messagePlan(MessageSchema);
    const write = (into: Uint8Array, end: number) => encodeBefore(plan, message, into, end);
    return this.#finish(op, encodedLength(plan, message), write, way);
  }

  #buildApp(op: Op, tag: AppTag, fields: AppFields): OutboundMessage {
    const length = appMessageLength(fields);
    if (this.#compresses) {
      return this.#finish(op, length, (into, end) => writeAppMessage(tag, fields, into, end - length), COMPRESSIBLE);
    }
    const frame = makeFrame(length);
    writeAppMessage(tag, fields, frame, LENGTH_PREFIX_BYTES);
    return new OutboundMessage({ op, frame, bypassThrottling: false, bytesSavedCompression: 0 });
  }

  /**
   * Puts a body into a frame.
   *
   * @param length Bytes of the body, uncompressed.
   * @param write Writes it so that it ends before `end`.
   */
  #finish(op: Op, length: number, write: (into: Uint8Array, end: number) => void, way: Way): OutboundMessage {
    const { bypassThrottling = false, compressible = false } = way;
    if (compressible && this.#compresses) {
      const frame = this.#compress(op, length, write);
      const bytesSavedCompression = length - (frame.length - LENGTH_PREFIX_BYTES);
      return new OutboundMessage({ op, frame, bypassThrottling, bytesSavedCompression });
    }
    const frame = makeFrame(length);
    write(frame, frame.length);
    return new OutboundMessage({ op, frame, bypassThrottling, bytesSavedCompression: 0 });
  }

  #compress(op: Op, length: number, write: (into: Uint8Array, end: number) => void): Uint8Array {
    const scratch = length <= MAX_SCRATCH_BYTES ? this.#scratch : new Uint8Array(length);
    write(scratch, length);
    const compressed = this.#metered(op, () => compressZstd(scratch.subarray(0, length)));

    const frame = makeFrame(compressedMessageLength(compressed));
    writeCompressedMessage(compressed, frame, LENGTH_PREFIX_BYTES);
    return frame;
  }

  #metered<T>(op: Op, run: () => T): T {
    if (this.#metrics === undefined) return run();
    const startedAt = performance.now();
    const result = run();
    this.#metrics.compressed(op, performance.now() - startedAt);
    return result;
  }
}

/** Room for a body, with its length before it. */
function makeFrame(length: number): Uint8Array {
  const frame = new Uint8Array(LENGTH_PREFIX_BYTES + length);
  frame[0] = length >>> 24;
  frame[1] = length >>> 16;
  frame[2] = length >>> 8;
  frame[3] = length;
  return frame;
}

function bloomFilter(filter: Uint8Array, salt: Uint8Array) {
  return { $typeName: "p2p.BloomFilter" as const, filter, salt };
}

function request(chainId: Uint8Array, requestId: number, deadline: DeadlineNs) {
  return { chainId, requestId, deadline: BigInt.asUintN(64, BigInt(deadline)) };
}

function response(chainId: Uint8Array, requestId: number) {
  return { chainId, requestId };
}

/** 4 bytes for IPv4, 16 for IPv6, none for no address at all (`""`), as Go's `netip.Addr.AsSlice`. */
function ipBytes(ip: string): Uint8Array {
  if (ip === "") return NO_BYTES;
  const bytes = ipTo16(ip);
  return ip.includes(":") ? bytes : bytes.subarray(12);
}
