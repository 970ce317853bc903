/**
 * Any message of the protocol, for properties.
 *
 * @module
 */

import { create, type DescField, type DescMessage, type MessageShape, ScalarType } from "@bufbuild/protobuf";
import fc from "fast-check";
import { MessageSchema } from "../../lib/p2p/message/gen/p2p_pb.ts";

/** Messages within messages are cut here; the protocol's go five deep. */
const MAX_DEPTH = 5;

function scalar(type: ScalarType): fc.Arbitrary<unknown> {
  switch (type) {
    case ScalarType.BYTES:
      return fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 126, maxLength: 130 }));
    case ScalarType.STRING:
      return fc.string({ unit: "binary", maxLength: 20 });
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.UINT64:
      return fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 300n }));
    case ScalarType.SINT32:
      return fc.oneof(fc.integer(), fc.integer({ min: -100, max: 100 }));
    default:
      return fc.oneof(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 300 }));
  }
}

function single(field: DescField, depth: number): fc.Arbitrary<unknown> {
  if (field.message !== undefined) return shape(field.message, depth + 1);
  if (field.enum !== undefined) return fc.oneof(fc.integer({ min: 0, max: 2 }), fc.integer());
  return scalar(field.scalar as ScalarType);
}

function value(field: DescField, depth: number): fc.Arbitrary<unknown> {
  const one = single(field, depth);
  if (field.fieldKind === "list") return fc.array(one, { maxLength: 4 });
  return field.fieldKind === "message" ? fc.option(one, { nil: undefined }) : one;
}

/** @param depth How deep the message lies. */
function shape<Desc extends DescMessage>(desc: Desc, depth: number): fc.Arbitrary<MessageShape<Desc>> {
  if (depth > MAX_DEPTH) return fc.constant(create(desc));
  const fields: Record<string, fc.Arbitrary<unknown>> = {};
  for (const member of desc.members) {
    if (member.kind === "oneof") {
      const cases = member.fields.map((field) =>
        single(field, depth).map((held) => ({ case: field.localName, value: held })),
      );
      fields[member.localName] = fc.oneof(fc.constant({ case: undefined }), ...cases);
    } else {
      fields[member.localName] = value(member, depth);
    }
  }
  return fc.record(fields).map((init) => create(desc, init as never));
}

/** Any `p2p.Message`. */
export const messages = shape(MessageSchema, 0);
