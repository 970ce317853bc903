/**
 * Gossip on the wire (upstream `network/p2p/gossip/message.go`).
 *
 * @module
 */

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ReadFilter } from "../../../core/bloom/filter.ts";
import { idFromBytes, idToBytes } from "../../../core/ids/id.ts";
import { PullGossipRequestSchema, PullGossipResponseSchema, PushGossipSchema } from "../../message/gen/sdk/sdk_pb.ts";

/** Asks for what is not in a filter. */
export function marshalPullRequest(filter: Uint8Array, salt: Uint8Array): Uint8Array {
  return toBinary(PullGossipRequestSchema, create(PullGossipRequestSchema, { filter, salt }));
}

/** @throws {Error} Where it is no such message, its salt is not 32 bytes, or its filter is none. */
export function parsePullRequest(bytes: Uint8Array): { readonly filter: ReadFilter; readonly salt: Uint8Array } {
  const { filter, salt } = fromBinary(PullGossipRequestSchema, bytes);
  return { salt: idToBytes(idFromBytes(salt)), filter: ReadFilter.parse(filter) };
}

export function marshalPullResponse(gossip: Uint8Array[]): Uint8Array {
  return toBinary(PullGossipResponseSchema, create(PullGossipResponseSchema, { gossip }));
}

/** @throws {Error} Where it is no such message. */
export function parsePullResponse(bytes: Uint8Array): readonly Uint8Array[] {
  return fromBinary(PullGossipResponseSchema, bytes).gossip;
}

export function marshalPushGossip(gossip: Uint8Array[]): Uint8Array {
  return toBinary(PushGossipSchema, create(PushGossipSchema, { gossip }));
}

/** @throws {Error} Where it is no such message. */
export function parsePushGossip(bytes: Uint8Array): readonly Uint8Array[] {
  return fromBinary(PushGossipSchema, bytes).gossip;
}
