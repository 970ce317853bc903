/**
 * What to do with each field of a message, worked out once from the generated description.
 *
 * @module
 */

import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";

/** Messages while they are read and written without knowing their type. */
export type Fields = Record<string, unknown>;

/** The kinds of values that the protocol's fields have. */
export type ValueKind = "uint32" | "uint64" | "sint32" | "bool" | "enum" | "string" | "bytes" | "message";

/** What to do with one field. */
export interface FieldPlan {
  readonly number: number;
  /** The property that holds it, or its case where it belongs to a oneof. */
  readonly name: string;
  readonly kind: ValueKind;
  readonly repeated: boolean;
  /** The property of the oneof that it belongs to. */
  readonly oneof: string | undefined;
  /** The plan of what it holds, for `message`. */
  readonly message: MessagePlan | undefined;
}

/** What to do with one type of message. */
export interface MessagePlan {
  readonly typeName: string;
  /** In the order of their numbers. */
  readonly fields: readonly FieldPlan[];
  /** By number; with holes. */
  readonly byNumber: readonly (FieldPlan | undefined)[];
  /** Whether any field is repeated. */
  readonly hasLists: boolean;
  /** A message in which nothing is set. */
  create(): Fields;
}

/** What bytes are where nothing is set. Having no bytes, it can be shared. */
export const NO_BYTES: Uint8Array = new Uint8Array(0);

const SCALAR_KINDS: ReadonlyMap<ScalarType, ValueKind> = new Map([
  [ScalarType.UINT32, "uint32"],
  [ScalarType.UINT64, "uint64"],
  [ScalarType.SINT32, "sint32"],
  [ScalarType.BOOL, "bool"],
  [ScalarType.STRING, "string"],
  [ScalarType.BYTES, "bytes"],
]);

const plans = new Map<DescMessage, MessagePlan>();

/** The plan of a type of message; the same object each time. */
export function messagePlan(desc: DescMessage): MessagePlan {
  let plan = plans.get(desc);
  if (plan === undefined) {
    plan = makeMessagePlan(desc);
    plans.set(desc, plan);
  }
  return plan;
}

function makeMessagePlan(desc: DescMessage): MessagePlan {
  const fields = desc.fields.map(makeFieldPlan).sort((a, b) => a.number - b.number);
  const byNumber: (FieldPlan | undefined)[] = [];
  for (const field of fields) byNumber[field.number] = field;
  const hasLists = fields.some(({ repeated }) => repeated);
  return { typeName: desc.typeName, fields, byNumber, hasLists, create: makeCreate(desc) };
}

function makeFieldPlan(field: DescField): FieldPlan {
  const repeated = field.fieldKind === "list";
  const holds = field.fieldKind === "list" ? field.listKind : field.fieldKind;
  const kind = holds === "scalar" ? SCALAR_KINDS.get(field.scalar as ScalarType) : holds;
  if (kind === undefined || kind === "map") throw new Error(`${field.toString()} has a type that is not planned for`);
  return {
    number: field.number,
    name: field.localName,
    kind,
    repeated,
    oneof: field.oneof?.localName,
    message: field.message === undefined ? undefined : messagePlan(field.message),
  };
}

/** Makes messages of the same form as the generated types promise. */
function makeCreate(desc: DescMessage): () => Fields {
  const zeros: [name: string, zero: () => unknown][] = [];
  for (const member of desc.members) {
    if (member.kind === "oneof") zeros.push([member.localName, () => ({ case: undefined })]);
    else if (member.fieldKind === "list") zeros.push([member.localName, () => []]);
    else if (member.fieldKind !== "message") zeros.push([member.localName, scalarZero(member)]);
  }
  return () => {
    const message: Fields = { $typeName: desc.typeName };
    for (const [name, zero] of zeros) message[name] = zero();
    return message;
  };
}

function scalarZero(field: DescField): () => unknown {
  switch (makeFieldPlan(field).kind) {
    case "bytes":
      return () => NO_BYTES;
    case "string":
      return () => "";
    case "uint64":
      return () => 0n;
    case "bool":
      return () => false;
    default:
      return () => 0;
  }
}
