import { expect, test } from "bun:test";
import { dispatch } from "../../cmd/dispatch.ts";

test.each([
  ["the command itself", "avx", ["node", "run", "--http-port=0"], ["--http-port=0"]],
  ["the command's help", "avx", ["node", "run", "--help"], ["--help"]],
  ["tmpnet's call", "avx", ["--config-file", "/data/flags.json"], ["--config-file", "/data/flags.json"]],
  ["tmpnet's call with a sign", "avx", ["--config-file=/data/flags.json"], ["--config-file=/data/flags.json"]],
  ["the question for the version in JSON", "avx", ["--version-json"], ["--version-json"]],
  ["any flag first, also an unknown one", "avx", ["--http-prot", "1"], ["--http-prot", "1"]],
  ["the file's name", "avalanchego", ["--http-port", "0"], ["--http-port", "0"]],
  ["the file's name without arguments", "avalanchego", [], []],
  ["the file's name with --version", "avalanchego", ["--version"], ["--version"]],
  ["the file's name with --help", "avalanchego", ["--help"], ["--help"]],
  ["the file's name with words", "avalanchego", ["net", "start"], ["net", "start"]],
])("a node is meant by %s", (_, invokedAs, args: string[], nodeArgs: string[]) => {
  expect(dispatch(args, invokedAs)).toEqual({ to: "node", args: nodeArgs });
});

test.each([
  ["nothing", []],
  ["help", ["--help"]],
  ["short help", ["-h"]],
  ["the version", ["--version"]],
  ["a group", ["net", "start", "--node-count", "5"]],
  ["a group's help", ["node", "--help"]],
  ["a flag that is not first", ["net", "--config-file", "x"]],
  ["an unknown short option", ["-x"]],
  ["the end of options", ["--", "x"]],
])("the tree of commands is meant by %s", (_, args: string[]) => {
  expect(dispatch(args, "avx")).toEqual({ to: "tree", args });
});

test.each([
  ["nothing", []],
  ["its commands", ["start-network", "--node-count", "5"]],
  ["a flag first", ["--network-dir", "d", "stop-network"]],
  ["what is nobody's", ["net", "list"]],
])("a file named tmpnetctl is tmpnetctl, called with %s", (_, args: string[]) => {
  expect(dispatch(args, "tmpnetctl")).toEqual({ to: "tmpnetctl", args });
});

test("a file named tmpnetctl is a node when tmpnet calls it as one", () => {
  const args = ["--config-file", "/data/flags.json"];
  expect(dispatch(args, "tmpnetctl")).toEqual({ to: "node", args });
});

test("another name is no node", () => {
  expect(dispatch(["net", "list"], "avalanchego-old")).toEqual({ to: "tree", args: ["net", "list"] });
});
