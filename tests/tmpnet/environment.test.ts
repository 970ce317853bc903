import { expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { formatEnvironment, networkEnvironment } from "../../lib/tmpnet/environment.ts";
import { TmpnetError } from "../../lib/tmpnet/errors.ts";
import type { NetworkReport } from "../../lib/tmpnet/report.ts";

/** Paths that a shell would take for something else. */
const ODD = [
  "/plain/path",
  "/with blanks/and\ttabs",
  '/it\'s "quoted"',
  "/$(touch pwned)/`id`/$HOME",
  "/line\nend",
  "/back\\slash\\",
  "/ünï/😀",
  "/;&|<>*?[]!#~",
  "",
  "-n",
];

test.each(ODD)("a shell gets the very value back: %j", (value) => {
  const text = formatEnvironment({ VALUE: value }, "sh");
  const read = execFileSync("/bin/sh", ["-c", `eval "$0"; printf %s "$VALUE"`, text], { encoding: "utf8", env: {} });
  expect(read).toBe(value);
});

test("other shells' quotes", () => {
  const value = "it's \\ ’here’";
  expect(formatEnvironment({ V: value }, "fish")).toBe("set -gx V 'it\\'s \\\\ ’here’';\n");
  expect(formatEnvironment({ V: value }, "powershell")).toBe("$Env:V = 'it''s \\ ’’here’’'\n");
  expect(formatEnvironment({ V: "a b", W: "plain" }, "dotenv")).toBe("V='a b'\nW=plain\n");
});

test("GitHub's file takes values of several lines between marks, and nothing in a value can end them", () => {
  expect(formatEnvironment({ V: "a=b c" }, "github")).toBe("V=a=b c\n");
  const [first = "", ...rest] = formatEnvironment({ V: "a\nPATH=/evil\nEOF" }, "github").split("\n");
  const mark = first.replace("V<<", "");
  expect(mark).toMatch(/^avx_[0-9a-f-]{36}$/);
  expect(rest).toEqual(["a", "PATH=/evil", "EOF", mark, ""]);
});

test("a form that cannot hold a value refuses it", () => {
  expect(() => formatEnvironment({ V: "a\nb" }, "dotenv")).toThrow(TmpnetError);
});

const STOPPED: NetworkReport = {
  dir: "/n",
  uuid: "u",
  owner: "",
  networkID: 88_888,
  nodes: [],
  fundedKeyCount: 0,
  envFile: "/n/network.env",
  env: {},
};

test("of a network that does not run, what only nodes know is left out", () => {
  expect(networkEnvironment(STOPPED)).toEqual({
    TMPNET_NETWORK_DIR: "/n",
    AVX_NETWORK_UUID: "u",
    AVX_NETWORK_ID: "88888",
  });
});

test("nodes that are not meant to last are not named", () => {
  const node = { nodeID: "NodeID-A", stakingAddress: "", pid: 1, dataDir: "" } as unknown as NetworkReport["nodes"][0];
  const nodes = [
    { ...node, uri: "http://127.0.0.1:1", isEphemeral: true },
    { ...node, uri: "http://127.0.0.1:2", isEphemeral: false },
    { ...node, uri: "http://127.0.0.1:3", isEphemeral: false },
  ];
  const cChain = { rpcURL: "r", websocketURL: "w", chainID: 7, blockchainID: "b" };
  expect(networkEnvironment({ ...STOPPED, nodes, cChain } as NetworkReport)).toMatchObject({
    AVX_NODE_URI: "http://127.0.0.1:2",
    AVX_NODE_URIS: "http://127.0.0.1:2,http://127.0.0.1:3",
    AVX_C_CHAIN_RPC_URL: "r",
    AVX_C_CHAIN_ID: "7",
  });
});
