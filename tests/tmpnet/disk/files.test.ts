/** Files of a network's directory, against directories that tmpnet wrote. */

import { expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ManualClock } from "../../../lib/core/clock.ts";
import { EMPTY_ID } from "../../../lib/core/ids/id.ts";
import { formatGenesis, parseGenesis } from "../../../lib/platform/genesis/text.ts";
import { makeDirectory, readJSONFile, readTextFile, writeFileWhole } from "../../../lib/tmpnet/disk/files.ts";
import { formatFile } from "../../../lib/tmpnet/disk/json.ts";
import {
  findNetworkDir,
  makeNetworkDir,
  networkDirName,
  pointLink,
  readLink,
  rootNetworkDir,
} from "../../../lib/tmpnet/disk/layout.ts";
import { formatNetworkConfig, readNetworkConfig } from "../../../lib/tmpnet/disk/network_config.ts";
import { formatNodeConfig, readNodeConfig } from "../../../lib/tmpnet/disk/node_config.ts";
import { formatSubnet, readSubnets, writeSubnet } from "../../../lib/tmpnet/disk/subnets.ts";
import { readNode } from "../../../lib/tmpnet/node.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const FIXTURES = join(import.meta.dirname, "..", "..", "fixtures", "tmpnet");
const NETWORKS = ["network-plain", "network-with-subnets"].map((name) => join(FIXTURES, name));
const NODES = NETWORKS.flatMap((network) =>
  readdirSync(network)
    .filter((name) => name.startsWith("NodeID-"))
    .map((name) => join(network, name)),
);

test.each(NETWORKS)("a network's config.json comes back byte for byte: %s", (dir) => {
  const path = join(dir, "config.json");
  const config = readNetworkConfig(path);
  expect(formatNetworkConfig(config!)).toBe(readFileSync(path, "utf8"));
});

test.each(NETWORKS)("a network's genesis.json comes back byte for byte: %s", (dir) => {
  const text = readFileSync(join(dir, "genesis.json"), "utf8");
  expect(formatGenesis(parseGenesis(text), "  ")).toBe(text);
});

test.each(NODES)("a node's config.json comes back byte for byte: %s", (dir) => {
  const path = join(dir, "config.json");
  expect(formatNodeConfig(readNodeConfig(path)!)).toBe(readFileSync(path, "utf8"));
});

test.each(NODES)("a node is known by its keys: %s", (dir) => {
  expect(readNode(dir, {})?.nodeID as string).toBe(dir.slice(dir.indexOf("NodeID-")));
});

test("a runtime that avx does not have is kept as it was read", () => {
  using directory = temporaryDirectory();
  const path = directory.join("config.json");
  const text = '{\n  "uuid": "u",\n  "defaultRuntimeConfig": {\n    "kube": {\n      "image": "x"\n    }\n  }\n}';
  writeFileSync(path, text);
  expect(formatNetworkConfig(readNetworkConfig(path)!)).toBe(text);
});

test("flags of older files, numbers and booleans, become text", () => {
  using directory = temporaryDirectory();
  writeFileSync(directory.join("config.json"), '{"flags": {"http-port": 9650, "index-enabled": true}}');
  expect(readNodeConfig(directory.join("config.json"))?.flags).toEqual({
    "http-port": "9650",
    "index-enabled": "true",
  });
});

test.each([
  ["{", "not JSON"],
  ["[]", "not an object"],
  ['{"flags": 3}', "flags is no map"],
  ['{"flags": {"a": {}}}', "flags is no map"],
  ['{"isEphemeral": "yes"}', "isEphemeral is neither"],
  ['{"runtimeConfig": []}', "no runtime configuration"],
])("a node's config.json that is %s is refused with a word", (text, word) => {
  using directory = temporaryDirectory();
  writeFileSync(directory.join("config.json"), text);
  expect(() => readNodeConfig(directory.join("config.json"))).toThrow(word);
});

test.each([
  ['{"uuid": 3}', "uuid"],
  ['{"owner": []}', "owner"],
  ['{"networkID": "x"}', "networkID"],
  ['{"defaultFlags": []}', "defaultFlags"],
  ['{"defaultRuntimeConfig": 1}', "defaultRuntimeConfig"],
  ['{"preFundedKeys": [1]}', "preFundedKeys"],
  ['{"primaryChainConfigs": 1}', "primaryChainConfigs"],
])("a network's config.json with %s is refused with the field's name", (text, field) => {
  using directory = temporaryDirectory();
  writeFileSync(directory.join("config.json"), text);
  expect(() => readNetworkConfig(directory.join("config.json"))).toThrow(field);
});

test("subnets' files come back byte for byte", () => {
  const subnets = readSubnets(NETWORKS[1]!);
  expect(subnets.map(({ name, chains }) => [name, chains.length])).toEqual([
    ["xsvm-a", 1],
    ["xsvm-b", 1],
  ]);
  for (const subnet of subnets) {
    expect(formatSubnet(subnet)).toBe(readFileSync(join(NETWORKS[1]!, "subnets", `${subnet.name}.json`), "utf8"));
  }
});

test("a subnet that was not created, and fields that avx does not know, are kept", () => {
  using directory = temporaryDirectory();
  mkdirSync(directory.join("subnets"));
  const text = formatFile({
    Name: "new",
    Config: { validatorOnly: true, big: 12345678901234567890n },
    SubnetID: EMPTY_ID,
    OwningKey: null,
    ValidatorIDs: null,
    Chains: [
      { VMID: "vm", Config: "", Genesis: null, VersionArgs: null, ChainID: EMPTY_ID, PreFundedKey: null, New: 1 },
    ],
    Newer: ["x"],
  });
  writeFileSync(directory.join("subnets", "new.json"), text);
  writeFileSync(directory.join("subnets", ".new.json.1.0.tmp.json"), "{");
  const [subnet, ...rest] = readSubnets(directory.path);
  expect(rest).toEqual([]);
  writeSubnet(directory.path, subnet!);
  // The keys of a configuration are written sorted, as Go writes maps.
  expect(readFileSync(directory.join("subnets", "new.json"), "utf8")).toBe(
    text.replace(
      '"validatorOnly": true,\n    "big": 12345678901234567890',
      '"big": 12345678901234567890,\n    "validatorOnly": true',
    ),
  );
  expect(() => writeSubnet(directory.path, { ...subnet!, name: "../x" })).toThrow("A subnet's name is a file's");
});

test("what is no plain file, or too long, is refused and not waited for", () => {
  using directory = temporaryDirectory();
  execFileSync("mkfifo", [directory.join("pipe")]);
  expect(() => readTextFile(directory.join("pipe"))).toThrow("it is no plain file");
  expect(() => readTextFile(directory.path)).toThrow("it is a directory");
  writeFileSync(directory.join("long"), "12345");
  expect(() => readTextFile(directory.join("long"), 4)).toThrow("it has 5 bytes, and 4 are the most");
});

test("a link that has a file's name is replaced, and what it points to is not touched", () => {
  using directory = temporaryDirectory();
  writeFileSync(directory.join("precious"), "mine");
  symlinkSync(directory.join("precious"), directory.join("config.json"));
  writeFileWhole(directory.join("config.json"), "{}");
  expect(readFileSync(directory.join("precious"), "utf8")).toBe("mine");
  expect(readFileSync(directory.join("config.json"), "utf8")).toBe("{}");
});

test("files are the owner's alone, and appear whole", () => {
  using directory = temporaryDirectory();
  makeDirectory(directory.join("a", "b"));
  const path = directory.join("a", "b", "keys.json");
  writeFileWhole(path, "{}");
  writeFileWhole(path, '{"a": 1}');
  expect(readJSONFile(path)).toEqual({ a: 1 });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(directory.join("a")).mode & 0o777).toBe(0o700);
  expect(readdirSync(directory.join("a", "b"))).toEqual(["keys.json"]);
});

const IS_ROOT = process.getuid?.() === 0;

test.skipIf(IS_ROOT)(`what may not be written is named${IS_ROOT ? " (skipped: root may write anywhere)" : ""}`, () => {
  using directory = temporaryDirectory();
  mkdirSync(directory.join("closed"), { mode: 0o500 });
  expect(() => writeFileWhole(directory.join("closed", "x"), "")).toThrow("permission denied");
  expect(() => makeDirectory(directory.join("closed", "d"))).toThrow("permission denied");
  chmodSync(directory.join("closed"), 0o700);
});

test("a path through a file is named as such", () => {
  using directory = temporaryDirectory();
  writeFileSync(directory.join("file"), "");
  expect(() => makeDirectory(directory.join("file", "d"))).toThrow(`Cannot write ${directory.join("file", "d")}: `);
});

test("a network's directory is named as tmpnet names it", () => {
  const at = new Date(2026, 10, 21, 6, 14, 21, 321).getTime();
  expect(networkDirName(at + 0.905, "refcap")).toBe("20261121-061421.321905-refcap");
  expect(networkDirName(at, "")).toBe("20261121-061421.321");
  expect(networkDirName(at - 321, "me")).toBe("20261121-061421-me");
});

test("networks of one moment get directories of their own", () => {
  using directory = temporaryDirectory();
  const clock = new ManualClock(1_760_000_000_000);
  const dirs = [1, 2, 3].map(() => makeNetworkDir(directory.join("networks"), "me", clock));
  expect(new Set(dirs).size).toBe(3);
});

test("a link points to the network, and goes back to where it was", () => {
  using directory = temporaryDirectory();
  for (const name of ["one", "two", "three"]) mkdirSync(directory.join(name));
  const link = directory.join("latest");
  pointLink(directory.join("one"), "latest");
  const restore = pointLink(directory.join("two"), "latest");
  expect(readLink(link)).toBe("two");
  restore();
  expect(readLink(link)).toBe("one");

  const late = pointLink(directory.join("two"), "latest");
  pointLink(directory.join("three"), "latest");
  late();
  expect(readLink(link)).toBe("three"); // another network has taken it: it is left alone
});

test("the root directory comes from the option, the new name, the old name, the home directory", () => {
  const env = { TMPNET_ROOT_NETWORK_DIR: "/new", TMPNET_ROOT_DIR: "/old", HOME: "/home/me" };
  expect(rootNetworkDir("/asked", env)).toBe("/asked");
  expect(rootNetworkDir(undefined, env)).toBe("/new");
  expect(rootNetworkDir(undefined, { ...env, TMPNET_ROOT_NETWORK_DIR: "" })).toBe("/old");
  expect(rootNetworkDir(undefined, { HOME: "/home/me" })).toBe("/home/me/.tmpnet/networks");
});

test("the network comes from the option, the environment, the latest link", () => {
  using directory = temporaryDirectory();
  for (const name of ["asked", "env", "last"]) mkdirSync(directory.join("root", name), { recursive: true });
  symlinkSync("last", directory.join("root", "latest"));
  const env = { TMPNET_NETWORK_DIR: directory.join("root", "env"), TMPNET_ROOT_NETWORK_DIR: directory.join("root") };
  expect(findNetworkDir({ networkDir: directory.join("root", "asked") }, env)).toBe(directory.join("root", "asked"));
  expect(findNetworkDir({}, env)).toBe(directory.join("root", "env"));
  expect(findNetworkDir({ rootNetworkDir: directory.join("root") }, env)).toBe(directory.join("root", "last"));
  expect(findNetworkDir({}, { ...env, TMPNET_NETWORK_DIR: "" })).toBe(directory.join("root", "last"));
  expect(() => findNetworkDir({ networkDir: directory.join("none") }, env)).toThrow("no network directory at");
  expect(() => findNetworkDir({ rootNetworkDir: directory.join("empty") }, {})).toThrow("No network was started in");
  writeFileSync(directory.join("file"), "");
  expect(() => findNetworkDir({ networkDir: directory.join("file") }, {})).toThrow("is not a directory");
});
