/**
 * What can be wrong with a message. The texts are avalanchego's, so that logs of both can be searched alike.
 *
 * @module
 */

import { AvxError } from "../../core/errors.ts";

/** How a message can fail to be read or built. */
export type MessageErrorType =
  /** The bytes are not protobuf. */
  | { readonly code: "protobuf" }
  /** A string field is not UTF-8. */
  | { readonly code: "invalid-utf8" }
  /** Protobuf, but none of the messages that this protocol has. `field` names what was there instead, if anything. */
  | { readonly code: "unknown-message-type"; readonly field: string | undefined }
  /** The compressed bytes are damaged. */
  | { readonly code: "zstd" }
  /** What was compressed is longer than a message may be. */
  | { readonly code: "decompressed-too-large"; readonly length: number; readonly maxLength: number }
  /** What is to be compressed is longer than a message may be. */
  | { readonly code: "too-large-to-compress"; readonly length: number; readonly maxLength: number }
  /** A field was asked for that this kind of message does not have. */
  | { readonly code: "missing-field" };

/** A message that cannot be read or built. */
export class MessageError extends AvxError<MessageErrorType> {}

/** Bytes that are not protobuf. */
export function malformedProtobuf(): MessageError {
  return new MessageError({ code: "protobuf" }, "proto: cannot parse invalid wire-format data");
}

/** A string that is not UTF-8. */
export function invalidUTF8(): MessageError {
  return new MessageError({ code: "invalid-utf8" }, "string field contains invalid UTF-8");
}

/** @param field The field that was there, in Go's name for it, or `<nil>`. */
export function unknownMessageType(field: string | undefined): MessageError {
  return new MessageError({ code: "unknown-message-type", field }, `unknown message type: ${field ?? "<nil>"}`);
}
