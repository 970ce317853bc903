/** IDs against facts recorded from avalanchego: `cb58`, `ids.ID`, `ids.ShortID`, `ids.NodeID`. */

import { describe, expect, test } from "bun:test";
import { toHex } from "../../lib/core/bytes.ts";
import { cb58Decode, cb58Encode } from "../../lib/core/ids/cb58.ts";
import {
  appendID,
  compareIDs,
  type ID,
  idFromBytes,
  idToBytes,
  parseID,
  prefixID,
  xorID,
} from "../../lib/core/ids/id.ts";
import { unmarshalID, unmarshalNodeID, unmarshalShortID } from "../../lib/core/ids/json.ts";
import { nodeIDFromBytes, nodeIDToBytes, parseNodeID } from "../../lib/core/ids/node_id.ts";
import { parseShortID, shortIDFromBytes, shortIDToBytes } from "../../lib/core/ids/short_id.ts";
import { loadVectors } from "../support/vectors.ts";
import { bytesOf, outcome, type Verdict } from "../support/verdict.ts";

type IDType = "id" | "nodeID" | "shortID";

interface IdsVectors {
  readonly cb58: readonly { hex: string; length: number; cb58: string }[];
  readonly cb58Decode: readonly (Verdict & { kind: string; input: string; hex?: string })[];
  readonly id: readonly { hex: string; string: string; json: string }[];
  readonly idDerived: readonly {
    id: string;
    prefixes: readonly string[];
    prefix: string;
    suffixes: readonly number[];
    append: string;
    other: string;
    xor: string;
    compare: number;
  }[];
  readonly shortAndNodeID: readonly { hex: string; shortID: string; nodeID: string; nodeIDJSON: string }[];
  readonly parse: readonly (Verdict & { kind: string; type: IDType; input: string; hex?: string })[];
  readonly unmarshalJSON: readonly (Verdict & {
    type: IDType;
    json: string;
    initialHex: string;
    resultHex?: string;
  })[];
}

const vectors = loadVectors<IdsVectors>("ids");

const idOf = (hex: string): ID => idFromBytes(bytesOf(hex));

const parsers: Record<IDType, (text: string) => Uint8Array> = {
  id: (text) => idToBytes(parseID(text)),
  shortID: (text) => shortIDToBytes(parseShortID(text)),
  nodeID: (text) => nodeIDToBytes(parseNodeID(text)),
};

const unmarshalers: Record<IDType, (json: string, initial: Uint8Array) => Uint8Array> = {
  id: (json, initial) => idToBytes(unmarshalID(json, idFromBytes(initial))),
  shortID: (json, initial) => shortIDToBytes(unmarshalShortID(json, shortIDFromBytes(initial))),
  nodeID: (json, initial) => nodeIDToBytes(unmarshalNodeID(json, nodeIDFromBytes(initial))),
};

describe("cb58", () => {
  test.each(vectors.cb58.map((entry) => [entry.cb58, entry] as const))("%s", (_, entry) => {
    const bytes = bytesOf(entry.hex);
    expect(bytes).toHaveLength(entry.length);
    expect(cb58Encode(bytes)).toBe(entry.cb58);
    expect(toHex(cb58Decode(entry.cb58))).toBe(entry.hex);
  });
});

describe("cb58Decode", () => {
  test.each(vectors.cb58Decode.map((entry) => [entry.kind, entry] as const))("%s", (_, entry) => {
    const result = outcome(() => toHex(cb58Decode(entry.input)));
    expect(result).toEqual(entry.ok ? { ok: true, value: entry.hex as string } : { ok: false, error: entry.error });
  });
});

describe("id", () => {
  test.each(vectors.id.map((entry) => [entry.string, entry] as const))("%s", (_, entry) => {
    const id = idOf(entry.hex);
    expect(id as string).toBe(entry.string);
    expect(JSON.stringify(id)).toBe(entry.json);
    expect(toHex(idToBytes(id))).toBe(entry.hex);
    expect(parseID(entry.string)).toBe(id);
    expect(unmarshalID(entry.json, idFromBytes(new Uint8Array(32)))).toBe(id);
  });
});

describe("idDerived", () => {
  test.each(vectors.idDerived.map((entry) => [entry.id, entry] as const))("%s", (_, entry) => {
    const id = idOf(entry.id);
    const other = idOf(entry.other);
    expect(prefixID(id, ...entry.prefixes.map(BigInt))).toBe(idOf(entry.prefix));
    expect(appendID(id, ...entry.suffixes)).toBe(idOf(entry.append));
    expect(xorID(id, other)).toBe(idOf(entry.xor));
    expect(compareIDs(id, other) as number).toBe(entry.compare);
  });
});

describe("shortAndNodeID", () => {
  test.each(vectors.shortAndNodeID.map((entry) => [entry.nodeID, entry] as const))("%s", (_, entry) => {
    const shortID = shortIDFromBytes(bytesOf(entry.hex));
    const nodeID = nodeIDFromBytes(bytesOf(entry.hex));
    expect(shortID as string).toBe(entry.shortID);
    expect(nodeID as string).toBe(entry.nodeID);
    expect(JSON.stringify(nodeID)).toBe(entry.nodeIDJSON);
    expect(toHex(shortIDToBytes(parseShortID(entry.shortID)))).toBe(entry.hex);
    expect(toHex(nodeIDToBytes(parseNodeID(entry.nodeID)))).toBe(entry.hex);
  });
});

describe("parse", () => {
  test.each(vectors.parse.map((entry) => [`${entry.type}: ${entry.kind}: ${entry.input}`, entry] as const))(
    "%s",
    (_, entry) => {
      const result = outcome(() => toHex(parsers[entry.type](entry.input)));
      expect(result).toEqual(entry.ok ? { ok: true, value: entry.hex as string } : { ok: false, error: entry.error });
    },
  );
});

describe("unmarshalJSON", () => {
  test.each(vectors.unmarshalJSON.map((entry) => [`${entry.type}: ${entry.json}`, entry] as const))(
    "%s",
    (_, entry) => {
      const result = outcome(() => toHex(unmarshalers[entry.type](entry.json, bytesOf(entry.initialHex))));
      expect(result).toEqual(
        entry.ok ? { ok: true, value: entry.resultHex as string } : { ok: false, error: entry.error },
      );
    },
  );
});
