import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { fromBinary, fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { toHex } from "../../lib/core/bytes.ts";
import type { ClaimedIPPort } from "../../lib/core/staking/claimed_ip.ts";
import { MessageBuilder } from "../../lib/p2p/message/builder.ts";
import { ZstdDecompressor } from "../../lib/p2p/message/compression.ts";
import { readMessageLength } from "../../lib/p2p/message/framing.ts";
import { MessageSchema, SimplexSchema } from "../../lib/p2p/message/gen/p2p_pb.ts";
import {
  COMPRESSED_ZSTD_FIELD,
  FAILED_TO_RESPONSE_OPS,
  type Op,
  opFromWireField,
  opName,
  UNREQUESTED_OPS,
} from "../../lib/p2p/message/ops.ts";
import type { OutboundMessage } from "../../lib/p2p/message/outbound.ts";
import {
  describeError,
  describeExpectedError,
  expectedOutcome,
  hexBytes,
  type MessagesConfig,
  ParseBench,
  type ParseResult,
} from "../support/vector_messages.ts";
import { loadVectors, type PayloadRecipe, payload } from "../support/vectors.ts";

interface OpEntry {
  readonly number: number;
  readonly name: string;
  readonly unrequested: boolean;
  readonly failedToResponse?: string;
}

interface WireField {
  readonly field: number;
  readonly protoName: string;
  readonly jsonName: string;
  readonly messageType?: string;
  readonly op?: string;
}

interface Outbound {
  readonly name: string;
  readonly builder: string;
  readonly args: Arguments;
  readonly op: string;
  readonly opNumber: number;
  readonly bypassThrottling: boolean;
  readonly compressible: boolean;
  readonly hex?: string;
  readonly length: number;
  readonly sha256: string;
  readonly proto?: JsonValue;
  readonly parsed: ParseResult;
  readonly zstdHex?: string;
  readonly zstdSha256?: string;
  readonly zstdLength?: number;
  readonly zstdBytesSaved?: number;
  readonly zstdError?: string;
  readonly zstdErrorClass?: string;
  readonly zstdParsed?: ParseResult;
}

interface Peer {
  readonly cert: string;
  readonly ip: string;
  readonly port: number;
  readonly timestamp: string;
  readonly signature: string;
}

/** Arguments of all builders; each uses its own. */
interface Arguments {
  readonly primaryUptime: number;
  readonly networkID: number;
  readonly myTime: string;
  readonly ip: string;
  readonly port: number;
  readonly client: string;
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  readonly upgradeTime: string;
  readonly ipSigningTime: string;
  readonly ipNodeIDSig: string;
  readonly ipBLSSig: string;
  readonly trackedSubnets: readonly string[];
  readonly supportedACPs: readonly number[];
  readonly objectedACPs: readonly number[];
  readonly knownPeersFilter: string;
  readonly knownPeersSalt: string;
  readonly requestAllSubnetIPs: boolean;
  readonly peers: readonly Peer[];
  readonly bypassThrottling: boolean;
  readonly chainID: string;
  readonly requestID: number;
  readonly deadlineNs: string;
  readonly summary: PayloadRecipe;
  readonly heights: readonly string[];
  readonly summaryIDs: readonly string[];
  readonly containerID: string;
  readonly containerIDs: readonly string[];
  readonly engineType: number;
  readonly container: PayloadRecipe;
  readonly containers: readonly PayloadRecipe[];
  readonly requestedHeight: string;
  readonly preferredID: string;
  readonly preferredIDAtHeight: string;
  readonly acceptedID: string;
  readonly acceptedHeight: string;
  readonly msg: PayloadRecipe;
  readonly errorCode: number;
  readonly errorMessage: string;
  readonly simplex: JsonValue;
}

interface Vectors {
  readonly config: MessagesConfig;
  readonly ops: readonly OpEntry[];
  readonly unrequestedOps: readonly string[];
  readonly failedToResponseOps: Readonly<Record<string, string>>;
  readonly wireFields: readonly WireField[];
  readonly outbound: readonly Outbound[];
}

const vectors = loadVectors<Vectors>("messages");

function sha256(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** How Go prints an address that was never set. */
const NO_ADDRESS = "invalid AddrPort";

/** The address of an address with its port. */
function ipOf(text: string): string {
  if (text === NO_ADDRESS) return "";
  const address = text.replace(/:\d+$/, "");
  return address.startsWith("[") ? address.slice(1, -1) : address;
}

function claimedIP({ cert, ip, port, signature, timestamp }: Peer): ClaimedIPPort {
  return {
    certificate: { raw: hexBytes(cert) },
    addrPort: { ip, port },
    timestamp: BigInt(timestamp),
    signature: hexBytes(signature),
  } as ClaimedIPPort;
}

const BUILDERS: Readonly<Record<string, (builder: MessageBuilder, args: Arguments) => OutboundMessage>> = {
  Ping: (builder, { primaryUptime }) => builder.ping(primaryUptime),
  Pong: (builder) => builder.pong(),
  Handshake: (builder, args) =>
    builder.handshake({
      networkID: args.networkID,
      myTime: BigInt(args.myTime),
      ip: {
        addrPort: { ip: ipOf(args.ip), port: args.port },
        timestamp: BigInt(args.ipSigningTime),
        tlsSignature: hexBytes(args.ipNodeIDSig),
        blsSignature: hexBytes(args.ipBLSSig),
      },
      client: { name: args.client, major: args.major, minor: args.minor, patch: args.patch },
      upgradeTime: BigInt(args.upgradeTime),
      trackedSubnets: args.trackedSubnets.map(hexBytes),
      supportedACPs: args.supportedACPs,
      objectedACPs: args.objectedACPs,
      knownPeersFilter: hexBytes(args.knownPeersFilter),
      knownPeersSalt: hexBytes(args.knownPeersSalt),
      requestAllSubnetIPs: args.requestAllSubnetIPs,
    }),
  GetPeerList: (builder, { knownPeersFilter, knownPeersSalt, requestAllSubnetIPs }) =>
    builder.getPeerList(hexBytes(knownPeersFilter), hexBytes(knownPeersSalt), requestAllSubnetIPs),
  PeerList: (builder, { bypassThrottling, peers }) => builder.peerList(peers.map(claimedIP), bypassThrottling),
  GetStateSummaryFrontier: (builder, { chainID, deadlineNs, requestID }) =>
    builder.getStateSummaryFrontier(hexBytes(chainID), requestID, BigInt(deadlineNs)),
  StateSummaryFrontier: (builder, { chainID, requestID, summary }) =>
    builder.stateSummaryFrontier(hexBytes(chainID), requestID, payload(summary)),
  GetAcceptedStateSummary: (builder, { chainID, deadlineNs, heights, requestID }) =>
    builder.getAcceptedStateSummary(hexBytes(chainID), requestID, BigInt(deadlineNs), heights.map(BigInt)),
  AcceptedStateSummary: (builder, { chainID, requestID, summaryIDs }) =>
    builder.acceptedStateSummary(hexBytes(chainID), requestID, summaryIDs.map(hexBytes)),
  GetAcceptedFrontier: (builder, { chainID, deadlineNs, requestID }) =>
    builder.getAcceptedFrontier(hexBytes(chainID), requestID, BigInt(deadlineNs)),
  AcceptedFrontier: (builder, { chainID, containerID, requestID }) =>
    builder.acceptedFrontier(hexBytes(chainID), requestID, hexBytes(containerID)),
  GetAccepted: (builder, { chainID, containerIDs, deadlineNs, requestID }) =>
    builder.getAccepted(hexBytes(chainID), requestID, BigInt(deadlineNs), containerIDs.map(hexBytes)),
  Accepted: (builder, { chainID, containerIDs, requestID }) =>
    builder.accepted(hexBytes(chainID), requestID, containerIDs.map(hexBytes)),
  GetAncestors: (builder, { chainID, containerID, deadlineNs, engineType, requestID }) =>
    builder.getAncestors(hexBytes(chainID), requestID, BigInt(deadlineNs), hexBytes(containerID), engineType),
  Ancestors: (builder, { chainID, containers, requestID }) =>
    builder.ancestors(hexBytes(chainID), requestID, containers.map(payload)),
  Get: (builder, { chainID, containerID, deadlineNs, requestID }) =>
    builder.get(hexBytes(chainID), requestID, BigInt(deadlineNs), hexBytes(containerID)),
  Put: (builder, { chainID, container, requestID }) => builder.put(hexBytes(chainID), requestID, payload(container)),
  PushQuery: (builder, { chainID, container, deadlineNs, requestedHeight, requestID }) =>
    builder.pushQuery(hexBytes(chainID), requestID, BigInt(deadlineNs), payload(container), BigInt(requestedHeight)),
  PullQuery: (builder, { chainID, containerID, deadlineNs, requestedHeight, requestID }) =>
    builder.pullQuery(hexBytes(chainID), requestID, BigInt(deadlineNs), hexBytes(containerID), BigInt(requestedHeight)),
  Chits: (builder, { acceptedHeight, acceptedID, chainID, preferredID, preferredIDAtHeight, requestID }) =>
    builder.chits(
      hexBytes(chainID),
      requestID,
      hexBytes(preferredID),
      hexBytes(preferredIDAtHeight),
      hexBytes(acceptedID),
      BigInt(acceptedHeight),
    ),
  AppRequest: (builder, { chainID, deadlineNs, msg, requestID }) =>
    builder.appRequest(hexBytes(chainID), requestID, BigInt(deadlineNs), payload(msg)),
  AppResponse: (builder, { chainID, msg, requestID }) =>
    builder.appResponse(hexBytes(chainID), requestID, payload(msg)),
  AppError: (builder, { chainID, errorCode, errorMessage, requestID }) =>
    builder.appError(hexBytes(chainID), requestID, errorCode, errorMessage),
  AppGossip: (builder, { chainID, msg }) => builder.appGossip(hexBytes(chainID), payload(msg)),
  SimplexMessage: (builder, { simplex }) => builder.simplex(fromJson(SimplexSchema, simplex)),
};

function build(builder: MessageBuilder, entry: Outbound): OutboundMessage {
  const call = BUILDERS[entry.builder];
  if (call === undefined) throw new Error(`no builder ${entry.builder}`);
  return call(builder, entry.args);
}

/** What is the same for every form of a message. */
function checkFrame(message: OutboundMessage, entry: Outbound): void {
  expect(opName(message.op)).toBe(entry.op);
  expect(message.op as number).toBe(entry.opNumber);
  expect(message.bypassThrottling).toBe(entry.bypassThrottling);
  expect(readMessageLength(message.frame.subarray(0, 4), 2 ** 32)).toBe(message.length);
  expect(message.bytes.length).toBe(message.length);
}

/** The compressed bytes in a message. */
function compressedBytes(body: Uint8Array): Uint8Array {
  const { message } = fromBinary(MessageSchema, body);
  if (message.case !== "compressedZstd") throw new Error(`not compressed: ${message.case}`);
  return message.value;
}

describe("messages.json", () => {
  describe("ops", () => {
    vectors.ops.forEach((entry, i) => {
      test(`#${i}: ${entry.number} is ${entry.name}`, () => {
        const op = entry.number as Op;
        expect(opName(op)).toBe(entry.name);
        expect(UNREQUESTED_OPS.has(op)).toBe(entry.unrequested);
        const response = FAILED_TO_RESPONSE_OPS.get(op);
        expect(response === undefined ? undefined : opName(response)).toBe(entry.failedToResponse);
      });
    });

    test("the operations that come unasked are these", () => {
      expect([...UNREQUESTED_OPS].map(opName).sort()).toEqual([...vectors.unrequestedOps].sort());
    });

    test("the failures stand for these answers", () => {
      const names = [...FAILED_TO_RESPONSE_OPS].map(([failed, response]) => [opName(failed), opName(response)]);
      expect(Object.fromEntries(names)).toEqual(vectors.failedToResponseOps);
    });
  });

  describe("wireFields", () => {
    vectors.wireFields.forEach((entry, i) => {
      test(`#${i}: ${entry.field} is ${entry.protoName}`, () => {
        const field = MessageSchema.fields.find(({ number }) => number === entry.field);
        expect(field?.name).toBe(entry.protoName);
        expect(field?.jsonName).toBe(entry.jsonName);
        expect(field?.oneof?.name).toBe("message");
        expect(field?.message?.name).toBe(entry.messageType as string);
        const op = opFromWireField(entry.field);
        expect(op === undefined ? undefined : opName(op)).toBe(entry.op);
        if (entry.op === undefined) expect(entry.field).toBe(COMPRESSED_ZSTD_FIELD);
      });
    });

    test("the schema has these fields and no others", () => {
      const numbers = (fields: readonly { readonly number: number }[]) => fields.map(({ number }) => number).sort();
      const recorded = vectors.wireFields.map(({ field }) => ({ number: field }));
      expect(numbers(MessageSchema.fields)).toEqual(numbers(recorded));
    });
  });

  describe("outbound", () => {
    const plain = new MessageBuilder({}, { compressionType: "none" });
    const compressing = new MessageBuilder({}, { compressionType: "zstd" });
    const bench = new ParseBench(vectors.config);
    const decompressor = new ZstdDecompressor(vectors.config.maxMessageSize);

    vectors.outbound.forEach((entry, i) => {
      test(`#${i}: ${entry.name} uncompressed`, () => {
        const message = build(plain, entry);
        checkFrame(message, entry);
        expect(message.length).toBe(entry.length);
        expect(message.bytesSavedCompression).toBe(0);
        expect(sha256(message.bytes)).toBe(entry.sha256);
        if (entry.hex !== undefined) expect(toHex(message.bytes)).toBe(entry.hex);
        if (entry.proto !== undefined) {
          expect(toJson(MessageSchema, fromBinary(MessageSchema, message.bytes), { useProtoFieldName: true })).toEqual(
            entry.proto,
          );
        }
        expect(bench.outcome(message.bytes, entry.parsed)).toEqual(expectedOutcome(entry.parsed));
      });

      test(`#${i}: ${entry.name} by a node that compresses`, () => {
        if (entry.zstdError !== undefined) {
          const expected = { ok: false, error: entry.zstdError, errorClass: entry.zstdErrorClass as string };
          expect(errorOf(() => build(compressing, entry))).toEqual(describeExpectedError(expected));
          return;
        }
        const message = build(compressing, entry);
        checkFrame(message, entry);
        if (!entry.compressible) {
          expect(sha256(message.bytes)).toBe(entry.sha256);
          expect(message.bytesSavedCompression).toBe(0);
          return;
        }
        expect(sha256(decompressor.decompress(compressedBytes(message.bytes)))).toBe(entry.sha256);
        expect(message.bytesSavedCompression).toBe(entry.length - message.length);
      });

      test(`#${i}: ${entry.name} as the reference compressed it`, () => {
        if (entry.zstdHex === undefined) {
          // Too long to be written down, or not to be compressed: there are no bytes to read.
          expect(entry.zstdParsed === undefined || entry.zstdSha256 !== undefined).toBe(true);
          return;
        }
        const body = hexBytes(entry.zstdHex);
        expect(body.length).toBe(entry.zstdLength as number);
        expect(entry.length - body.length).toBe(entry.zstdBytesSaved as number);
        expect(sha256(decompressor.decompress(compressedBytes(body)))).toBe(entry.sha256);
        const parsed = entry.zstdParsed as ParseResult;
        expect(bench.outcome(body, parsed)).toEqual(expectedOutcome(parsed));
      });
    });
  });
});

function errorOf(run: () => unknown) {
  try {
    run();
  } catch (error) {
    return describeError(error);
  }
  throw new Error("it did not fail");
}
