import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { ConfigError } from "../../../lib/node/config/errors.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { base64, nodeConfig } from "../support.ts";

test("config-file-content-type says that a configuration is JSON, which alone is read", () => {
  const content = base64('{"network-id": "local", "http-port": 1}');
  expect(nodeConfig({ "config-file-content": content, "config-file-content-type": "JSON" }).http.port).toBe(1);
  for (const type of ["yaml", "toml", ""]) {
    const flags = { "config-file-content": content, "config-file-content-type": type };
    expect(() => nodeConfig(flags)).toThrow("avx reads configurations in JSON");
  }
});

test.each([
  ["flags.yaml", "network-id: local\n"],
  ["flags.yml", "---\nnetwork-id: local\n"],
  ["flags.toml", 'network-id = "local"\n'],
])("a configuration in %s is refused, with what is read", (name, text) => {
  using directory = temporaryDirectory();
  const path = directory.join(name);
  writeFileSync(path, text);
  let error: unknown;
  try {
    nodeConfig({ "config-file": path });
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(ConfigError);
  expect((error as ConfigError).message).toStartWith(`${path} is not JSON, which alone is read:`);
  expect((error as ConfigError).hint).toBe(`Write ${name} anew as one JSON object of flag names and values`);
});

test("a configuration with a byte order mark or comments is refused, and the last of two values of a key counts", () => {
  using directory = temporaryDirectory();
  const path = directory.join("flags.json");
  const port = (text: string): number => {
    writeFileSync(path, text);
    return nodeConfig({ "config-file": path }).http.port;
  };
  const json = '{"network-id": "local", "http-port": 1, "http-port": "2"}';
  expect(port(json)).toBe(2);
  expect(() => port(`\ufeff${json}`)).toThrow("it begins with a byte order mark");
  expect(() => port(`// mine\n${json}`)).toThrow("is not JSON");
});

test.each([
  ["a port of a word", '{"http-port": "many"}', "http-port"],
  ["a size below 0", '{"log-rotater-max-size": -1}', "log-rotater-max-size"],
  ["half a file", '{"log-rotater-max-files": 1.5}', "log-rotater-max-files"],
  ["a boolean that is none", '{"api-admin-enabled": "yes"}', "api-admin-enabled"],
  ["a duration without a number", '{"network-ping-timeout": "soon"}', "network-ping-timeout"],
])("%s in a configuration is refused by the name of its flag", (_, text, flag) => {
  const read = () => nodeConfig({ "config-file-content": base64(text), "network-id": "local" });
  expect(read).toThrow(`gives ${flag} does not fit`);
});
