import { describe, expect, test } from "bun:test";
import {
  decodeArray,
  decodeInteger,
  decodeObject,
  decodeString,
  type FieldDecoder,
  unmarshal,
} from "../../../lib/platform/go_json/decode.ts";
import { GoJSONError } from "../../../lib/platform/go_json/errors.ts";
import { formatGoJSON } from "../../../lib/platform/go_json/format.ts";
import { parseGoJSON } from "../../../lib/platform/go_json/parse.ts";

describe("reading", () => {
  // Texts as Go 1.25 gives them.
  test.each([
    ["", "unexpected end of JSON input"],
    [" ", "unexpected end of JSON input"],
    ["{", "unexpected end of JSON input"],
    ['{"a"', "unexpected end of JSON input"],
    ["[1,", "unexpected end of JSON input"],
    ['"', "unexpected end of JSON input"],
    ['"\\', "invalid character ' ' in string escape code"],
    ['"\\u12', "invalid character ' ' in \\u hexadecimal character escape"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\u0001"', "invalid character '\\x01' in string literal"],
    ["-", "invalid character ' ' in numeric literal"],
    ["-x", "invalid character 'x' in numeric literal"],
    ["1.", "invalid character ' ' after decimal point in numeric literal"],
    ["1e", "invalid character ' ' in exponent of numeric literal"],
    ["1e+x", "invalid character 'x' in exponent of numeric literal"],
    ["01", "invalid character '1' after top-level value"],
    ["1.5.5", "invalid character '.' after top-level value"],
    ["tru", "invalid character ' ' in literal true (expecting 'e')"],
    ["nulx", "invalid character 'x' in literal null (expecting 'l')"],
    ["[1,]", "invalid character ']' looking for beginning of value"],
    ["{,}", "invalid character ',' looking for beginning of object key string"],
    ['{"a"}', "invalid character '}' after object key"],
    ['{"a":1 2}', "invalid character '2' after object key:value pair"],
    ["[1 2]", "invalid character '2' after array element"],
    ["{'a'", "invalid character '\\'' looking for beginning of object key string"],
    ['1"', "invalid character '\"' after top-level value"],
    ["é", "invalid character 'Ã' looking for beginning of value"],
    ["\ufeff{}", "invalid character 'ï' looking for beginning of value"],
    ["[".repeat(10_001), "invalid character '[' exceeded max depth"],
  ])("%j is refused: %s", (text, message) => {
    expect(() => parseGoJSON(text)).toThrow(new GoJSONError({ code: "syntax" }, message));
  });

  test("what nests as deep as Go allows is read", () => {
    expect(parseGoJSON("[".repeat(10_000) + "]".repeat(10_000)).kind).toBe("array");
  });

  test("values keep what was written", () => {
    const root = parseGoJSON(' {"a": [18446744073709551615, -0.5e+10, true, null], "b": "\\u0041\\n\\ud800"} ');
    const [a, b] = root.entries ?? [];
    expect(a?.[1].items?.map(({ kind, raw }) => [kind, raw])).toEqual([
      ["number", "18446744073709551615"],
      ["number", "-0.5e+10"],
      ["bool", "true"],
      ["null", "null"],
    ]);
    expect(b?.[1].text).toBe("A\n\ufffd");
    expect(b?.[1].raw).toBe('"\\u0041\\n\\ud800"');
    expect(root.raw.startsWith("{")).toBe(true);
  });
});

describe("decoding", () => {
  function decode(text: string): { count: bigint; name: string; list: string[] } {
    const value = { count: 7n, name: "before", list: ["before"] };
    const fields: Record<string, FieldDecoder> = {
      count: (node, place) => {
        value.count = decodeInteger(node, place, "uint64", value.count);
      },
      nameOfIt: (node, place) => {
        value.name = decodeString(node, place, value.name);
      },
      list: (node, place) => {
        value.list = decodeArray(node, place, "[]string").map((item) => decodeString(item, place, ""));
      },
    };
    unmarshal((place) => decodeObject(parseGoJSON(text), place, "thing.Thing", fields));
    return value;
  }

  test("names are found in any case of letters, the last one counts, unknown ones are passed over", () => {
    expect(decode('{"count":1,"COUNT":2,"nameofit":"x","other":{}}')).toEqual({
      count: 2n,
      name: "x",
      list: ["before"],
    });
    expect(decode('{"li\u017ft":[]}').list).toEqual([]);
  });

  test("null leaves what was there, and empties a list", () => {
    expect(decode('{"count":null,"nameOfIt":null}')).toEqual({ count: 7n, name: "before", list: ["before"] });
    expect(decode('{"list":null}').list).toEqual([]);
    expect(decode('{"list":["a",null]}').list).toEqual(["a", ""]);
    expect(decode("null").count).toBe(7n);
  });

  test.each([
    ["5", "json: cannot unmarshal number into Go value of type thing.Thing"],
    ['{"count":"1"}', "json: cannot unmarshal string into Go struct field Thing.count of type uint64"],
    ['{"count":1.0}', "json: cannot unmarshal number 1.0 into Go struct field Thing.count of type uint64"],
    ['{"count":-0}', "json: cannot unmarshal number -0 into Go struct field Thing.count of type uint64"],
    ['{"count":1e3}', "json: cannot unmarshal number 1e3 into Go struct field Thing.count of type uint64"],
    [
      '{"count":18446744073709551616}',
      "json: cannot unmarshal number 18446744073709551616 into Go struct field Thing.count of type uint64",
    ],
    ['{"nameOfIt":{}}', "json: cannot unmarshal object into Go struct field Thing.nameOfIt of type string"],
    ['{"list":true}', "json: cannot unmarshal bool into Go struct field Thing.list of type []string"],
    ['{"list":[[]],"count":"1"}', "json: cannot unmarshal array into Go struct field Thing.list of type string"],
  ])("%s is refused: %s", (text, message) => {
    expect(() => decode(text)).toThrow(new GoJSONError({ code: "type" }, message));
  });
});

describe("writing", () => {
  test("as Go's json.Marshal", () => {
    const value = {
      a: 18446744073709551615n,
      b: '<&>\u2028"\\\n\u0001é',
      c: [],
      d: {},
      e: undefined,
      f: [null, true, 1],
    };
    expect(formatGoJSON(value)).toBe(
      '{"a":18446744073709551615,"b":"\\u003c\\u0026\\u003e\\u2028\\"\\\\\\n\\u0001é","c":[],"d":{},"f":[null,true,1]}',
    );
  });

  test("as Go's json.MarshalIndent", () => {
    expect(formatGoJSON({ a: [1, { b: "x" }], c: [], d: {} }, "  ")).toBe(
      '{\n  "a": [\n    1,\n    {\n      "b": "x"\n    }\n  ],\n  "c": [],\n  "d": {}\n}',
    );
  });
});
