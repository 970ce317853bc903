/**
 * ACP-118 on the wire: requests for a signature of a warp message, and the answer.
 *
 * @module
 */

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { SignatureRequestSchema, SignatureResponseSchema } from "../../message/gen/sdk/sdk_pb.ts";

/** What is to be signed, and why. */
export interface SignatureRequest {
  /** The unsigned warp message. */
  readonly message: Uint8Array;
  /** What shows that it should be signed, where the message alone does not; often empty. */
  readonly justification: Uint8Array;
}

export function marshalSignatureRequest({ justification, message }: SignatureRequest): Uint8Array {
  return toBinary(SignatureRequestSchema, create(SignatureRequestSchema, { justification, message }));
}

/** @throws {Error} Where it is no such message. */
export function parseSignatureRequest(bytes: Uint8Array): SignatureRequest {
  const { justification, message } = fromBinary(SignatureRequestSchema, bytes);
  return { justification, message };
}

/** @param signature 96 bytes. */
export function marshalSignatureResponse(signature: Uint8Array): Uint8Array {
  return toBinary(SignatureResponseSchema, create(SignatureResponseSchema, { signature }));
}

/** @throws {Error} Where it is no such message. */
export function parseSignatureResponse(bytes: Uint8Array): Uint8Array {
  return fromBinary(SignatureResponseSchema, bytes).signature;
}
