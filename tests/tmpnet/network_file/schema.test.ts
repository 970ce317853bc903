import { expect, test } from "bun:test";
import { formatPath } from "../../../lib/tmpnet/network_file/document.ts";
import { networkSchemaText, schemaFaults } from "../../../lib/tmpnet/network_file/schema.ts";

function faults(value: unknown): string[] {
  return schemaFaults(value).map(({ path, message }) => `${formatPath(path)}: ${message}`);
}

test("an empty file is a network", () => {
  expect(faults({})).toEqual([]);
});

test("a whole file is allowed", () => {
  const chain = { vmName: "xsvm", genesis: { file: "g.bin" }, config: { a: 1 }, versionArgs: ["version-json"] };
  const l1 = { managerChain: 0, managerAddress: "0x00ff", validators: [{ node: 0, weight: 1, balance: "5" }] };
  expect(
    faults({
      $schema: "network.schema.json",
      owner: "me",
      networkID: 7,
      avalanchegoVersion: "v1.14.2",
      pluginDir: "plugins",
      nodeCount: 3,
      nodes: [{ flags: { "log-level": "debug", "http-port": 1, "index-enabled": true } }],
      lightNodeCount: 2,
      flags: {},
      basePort: 9650,
      fund: ["0x00"],
      apps: ["a.ts"],
      subnets: [
        { name: "a", validators: 2, chains: [chain, { vmID: "x", genesis: "text" }], l1: true },
        { name: "b", validators: [0, "NodeID-x"], config: {}, l1 },
      ],
    }),
  ).toEqual([]);
});

test.each([
  [[], ": it is a list, and is to be an object"],
  [{ nodeCont: 3 }, 'nodeCont: there is no such field; "nodeCount" is meant, perhaps'],
  [{ nodes: [{ flgs: 3 }] }, 'nodes[0].flgs: there is no such field; "flags" is meant, perhaps'],
  [{ nodeCount: 0 }, "nodeCount: it is less than 1"],
  [{ nodeCount: 1.5 }, "nodeCount: it is a number, and is to be a whole number"],
  [{ nodeCount: "3" }, "nodeCount: it is a text, and is to be a whole number"],
  [{ basePort: 70_000 }, "basePort: it is more than 65535"],
  [{ flags: { a: null } }, "flags.a: it is null, and is to be a text or a number or true or false"],
  [{ flags: { "--a": "1" } }, "flags.--a: it does not fit: a flag's name: small letters, digits and dashes"],
  [{ subnets: [{}] }, "subnets[0]: the field name is missing"],
  [
    { subnets: [{ name: "a/b" }] },
    "subnets[0].name: it does not fit: what the subnet is called: letters, digits and . _ @ + -",
  ],
  [{ subnets: [{ name: "a", l1: { validators: [] } }] }, "subnets[0].l1.validators: it is empty"],
  [{ apps: [""] }, "apps[0]: it is empty"],
])("%j is refused: %s", (value, message) => {
  expect(faults(value)).toEqual([message]);
});

test("a genesis comes from one place", () => {
  const genesis = { file: "a", json: {} };
  expect(faults({ subnets: [{ name: "a", chains: [{ genesis }] }] })).toEqual([
    "subnets[0].chains[0].genesis: it is to have one field of file, json, command",
  ]);
});

test("the schema is one, for editors too", () => {
  expect(JSON.parse(networkSchemaText())).toMatchObject({ $schema: "http://json-schema.org/draft-07/schema#" });
});
