/** Flags of nodes, against flags.json files that tmpnet wrote. */

import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../lib/core/clock.ts";
import type { GenesisConfig } from "../../lib/platform/genesis/config.ts";
import { genesisInfo } from "../../lib/platform/genesis/info.ts";
import { parseGenesis } from "../../lib/platform/genesis/text.ts";
import { commonFlags, composeFlags, type NetworkFacts } from "../../lib/tmpnet/compose_flags.ts";
import { formatFile, sortedMap } from "../../lib/tmpnet/disk/json.ts";
import { readNetworkConfig } from "../../lib/tmpnet/disk/network_config.ts";
import { readSubnets } from "../../lib/tmpnet/disk/subnets.ts";
import { type FlagsMap, parseFlag, withDefaults } from "../../lib/tmpnet/flags_map.ts";
import { readNode, type TmpnetNode } from "../../lib/tmpnet/node.ts";
import { fdLimitFlags } from "../../lib/tmpnet/runtime/fd_limit.ts";
import { ProcessRuntime } from "../../lib/tmpnet/runtime/process_runtime.ts";

const FIXTURES = join(import.meta.dirname, "..", "fixtures", "tmpnet");

const RECORDED = ["network-plain", "network-with-subnets"].flatMap((network) =>
  readdirSync(join(FIXTURES, network))
    .filter((name) => name.startsWith("NodeID-"))
    .map((name) => ({ network: join(FIXTURES, network), name })),
);

function facts(network: string, changes: Partial<NetworkFacts> = {}): NetworkFacts {
  const genesis = parseGenesis(readFileSync(join(network, "genesis.json"), "utf8"));
  const config = readNetworkConfig(join(network, "config.json"))!;
  return { config, networkID: 88888, genesis, subnets: readSubnets(network), nodeCount: 5, ...changes };
}

/** What a recorded node was told to bootstrap from. */
function bootstrappersOf(flags: FlagsMap) {
  const list = (name: string) => (flags[name] ?? "").split(",").filter(Boolean);
  const addresses = list("bootstrap-ips");
  return list("bootstrap-ids").map((nodeID, i) => ({ nodeID, stakingAddress: addresses[i] as string }));
}

test.each(RECORDED)("flags.json comes out byte for byte as tmpnet wrote it: $name", ({ network, name }) => {
  const text = readFileSync(join(network, name, "flags.json"), "utf8");
  const recorded = JSON.parse(text) as FlagsMap;
  const read = readNode(join(network, name), facts(network).config.defaultRuntimeConfig)!;
  const node: TmpnetNode = { ...read, dataDir: recorded["data-dir"] as string };
  // The environment's limit keeps this machine's own out of the flags.
  const runtime = new ProcessRuntime({ clock: systemClock }, { env: { AVAGO_FD_LIMIT: "1024" } });
  const flags = composeFlags(
    node,
    88888,
    commonFlags(facts(network)),
    bootstrappersOf(recorded),
    runtime.defaultFlags(node),
  );
  expect(formatFile(sortedMap(flags))).toBe(text);
});

const PLAIN = join(FIXTURES, "network-plain");

test("a node's flags win over the network's, and those over tmpnet's", () => {
  const { config } = facts(PLAIN);
  const defaultFlags = { "index-enabled": "false", "health-check-frequency": "1s" };
  const common = commonFlags(facts(PLAIN, { config: { ...config, defaultFlags } }));
  const node = { nodeID: "NodeID-x" as never, flags: { "index-enabled": "maybe", "http-port": "1" } };
  const flags = composeFlags(node, 88888, common, [], { "http-port": "0", "staking-port": "0" });
  expect(flags["index-enabled"]).toBe("maybe");
  expect(flags["health-check-frequency"]).toBe("1s");
  expect(flags["network-max-reconnect-delay"]).toBe("1s");
  expect(flags["http-port"]).toBe("1");
  expect(flags["staking-port"]).toBe("0");
});

test("a network of one does without sybil protection, unless it is asked for", () => {
  const alone = facts(PLAIN, { nodeCount: 1 });
  const genesis = { ...alone.genesis!, initialStakers: alone.genesis!.initialStakers.slice(0, 1) };
  expect(commonFlags({ ...alone, genesis })["sybil-protection-enabled"]).toBe("false");
  expect(commonFlags(alone)["sybil-protection-enabled"]).toBeUndefined(); // four stakers are elsewhere
  const config = { ...alone.config, defaultFlags: { "sybil-protection-enabled": "true" } };
  expect(commonFlags({ ...alone, genesis, config })["sybil-protection-enabled"]).toBe("true");
});

test("nodes of fuji and mainnet keep the bootstrappers that they have built in", () => {
  const flags = composeFlags({ nodeID: "NodeID-x" as never, flags: {} }, 5, {}, [], {});
  expect(flags).not.toHaveProperty("bootstrap-ids");
});

test("subnet configurations are given by ID, and only where there is one", () => {
  expect(commonFlags(facts(PLAIN))).not.toHaveProperty("subnet-config-content");
  const { config } = facts(PLAIN);
  const common = commonFlags(facts(PLAIN, { config: { ...config, primarySubnetConfig: { validatorOnly: true } } }));
  expect(atob(common["subnet-config-content"] as string)).toBe(
    '{"11111111111111111111111111111111LpoYY":{"validatorOnly":true}}',
  );
});

test("the limit on open files is lowered only where the hard limit is below what avalanchego asks for", () => {
  expect(fdLimitFlags({}, 20_000)).toEqual({ "fd-limit": "20000" });
  expect(fdLimitFlags({}, 32_768)).toEqual({});
  expect(fdLimitFlags({}, Number.POSITIVE_INFINITY)).toEqual({});
  expect(fdLimitFlags({ AVAGO_FD_LIMIT: "16384" }, 20_000)).toEqual({});
});

test("flags are read as they are typed", () => {
  expect(parseFlag("log-level=debug")).toEqual(["log-level", "debug"]);
  expect(parseFlag("--log-level=a=b")).toEqual(["log-level", "a=b"]);
  expect(parseFlag("index-enabled")).toEqual(["index-enabled", "true"]);
  expect(() => parseFlag("=x")).toThrow("not a flag");
  expect(withDefaults({ a: "1" }, { a: "2", b: "2" }, { b: "3", c: "3" })).toEqual({ a: "1", b: "2", c: "3" });
});

test("a chain's configuration of today wins over an older one, whichever of its names that has", () => {
  const network = facts(PLAIN);
  const { cChainID, xChainID } = genesisInfo(network.genesis as GenesisConfig);
  const older = { config: '{"old":true}', upgrade: "{}" };
  const primaryChainConfigs = { C: { today: true } };
  for (const name of ["C", "evm", cChainID]) {
    const olderChainConfigs = new Map([
      [name, older],
      [xChainID as string, older],
    ]);
    const config = { ...network.config, primaryChainConfigs };
    const flags = commonFlags({ ...network, config, olderChainConfigs });
    const content = JSON.parse(Buffer.from(flags["chain-config-content"] ?? "", "base64").toString());
    const text = (value: string) => Buffer.from(value, "base64").toString();
    expect(Object.keys(content).sort()).toEqual([xChainID as string, "C"].sort());
    expect(JSON.parse(text(content.C.Config))).toEqual({ today: true });
    expect(text(content.C.Upgrade)).toBe("{}");
    expect(text(content[xChainID].Config)).toBe('{"old":true}');
  }
});
