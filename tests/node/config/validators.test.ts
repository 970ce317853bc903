import { expect, test } from "bun:test";
import { nodeConfig, refusal } from "../support.ts";

test("nobody is asked for validators unless it is said whom", () => {
  expect(nodeConfig({}).validators).toBeUndefined();
  expect(nodeConfig({ "validators-uri": " " }).validators).toBeUndefined();
});

test.each([
  ["http://127.0.0.1:9650", "http://127.0.0.1:9650"],
  ["http://127.0.0.1:9650/", "http://127.0.0.1:9650"],
  ["HTTPS://api.avax-test.network", "https://api.avax-test.network"],
  ["https://gateway.example/avalanche/", "https://gateway.example/avalanche"],
  ["https://api.avax.network/ext/bc/P", "https://api.avax.network"],
  ["http://[::1]:9650/ext/P/", "http://[::1]:9650"],
])("%s is asked", (text, uri) => {
  expect(nodeConfig({ "validators-uri": text }).validators).toEqual({ uri, frequencyMs: 10_000 });
});

test("the environment sets it, too", () => {
  const env = { AVAGO_VALIDATORS_URI: "http://10.0.0.1:9650", AVAGO_VALIDATORS_FREQUENCY: "2s" };
  expect(nodeConfig({}, env).validators).toEqual({ uri: "http://10.0.0.1:9650", frequencyMs: 2_000 });
});

test.each(["127.0.0.1:9650", "localhost:9650", "ftp://x", "http://", "http://u:p@x", "http://x/?a=b", "http://x/#a"])(
  "%s is refused",
  (text) => {
    const error = refusal({ "validators-uri": text });
    expect(error.type).toEqual({ code: "invalid-value", flag: "validators-uri", source: "flag" });
    expect(error.hint).toContain("http://127.0.0.1:9650");
  },
);

test("it is refused without sybil protection, and where it would be asked all the time", () => {
  const uri = { "validators-uri": "http://127.0.0.1:9650" };
  expect(refusal({ ...uri, "sybil-protection-enabled": "false" }).type.code).toBe("conflict");
  expect(refusal({ ...uri, "validators-frequency": "0s" }).type).toMatchObject({ flag: "validators-frequency" });
});

test("all subnets' validators are connected to where that is asked for", () => {
  expect(nodeConfig({}).network.network.connectToAllValidators).toBe(false);
  const all = nodeConfig({ "network-connect-to-all-validators": "true" });
  expect(all.network.network.connectToAllValidators).toBe(true);
});
