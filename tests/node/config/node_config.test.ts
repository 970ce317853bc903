import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import type { ConfigError } from "../../../lib/node/config/errors.ts";
import { GenesisError } from "../../../lib/platform/genesis/errors.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { base64, nodeConfig, refusal, testNetwork } from "../support.ts";

test("the defaults make a configuration of mainnet", () => {
  const config = nodeConfig({});
  expect(config.networkID).toBe(1);
  expect(config.bootstrappers).toHaveLength(5);
  expect(config.genesis).toBeUndefined();
  expect(config.network.network.allowPrivateIPs).toBe(false);
  expect(config.http).toMatchObject({
    host: "127.0.0.1",
    port: 9650,
    allowedHosts: ["localhost"],
    allowedOrigins: ["*"],
  });
  expect(config.staking).toMatchObject({ host: "", port: 9651, requiredConnectedStake: 0.8 });
  expect(config.dataDir).toEndWith("/.avalanchego");
  expect(config.fdLimit).toEqual({ limit: 32_768, required: false });
  expect(config.fees).toEqual({ txFee: 1_000_000n, createAssetTxFee: 10_000_000n });
  expect(config.inertFlags).toEqual([]);
});

test("a network of one's own dials private addresses and no built-in nodes", () => {
  const config = nodeConfig({ "network-id": "network-77" });
  expect(config.networkID).toBe(77);
  expect(config.network.network.allowPrivateIPs).toBe(true);
  expect(config.bootstrappers).toEqual([]);
  expect(nodeConfig({ "network-id": "77", "network-allow-private-ips": "false" }).network.network.allowPrivateIPs).toBe(
    false,
  );
});

test("every flag of a room reaches it", () => {
  const { network } = nodeConfig({
    "network-id": "local",
    "network-ping-frequency": "1s",
    "network-ping-timeout": "2s",
    "network-max-clock-difference": "90s",
    "network-compression-type": "none",
    "network-outbound-connection-timeout": "3s",
    "network-read-handshake-timeout": "4s",
    "network-health-min-conn-peers": "3",
    "health-check-averager-halflife": "5s",
    "throttler-inbound-bandwidth-refill-rate": "7",
    "throttler-inbound-cpu-validator-alloc": "0.5",
    "network-inbound-connection-throttling-cooldown": "2s",
    "network-inbound-connection-throttling-max-conns-per-sec": "10",
    "network-outbound-connection-throttling-rps": "11",
    "network-tcp-proxy-enabled": "true",
    "network-tcp-proxy-read-timeout": "5s",
  });
  expect(network.compressionType).toBe("none");
  expect(network.transport).toEqual({
    dialTimeoutMs: 3_000,
    handshakeTimeoutMs: 4_000,
    proxyEnabled: true,
    proxyReadTimeoutMs: 5_000,
  });
  expect(network.network).toMatchObject({ pingFrequencyMs: 1_000, pongTimeoutMs: 2_000, maxClockDifference: 90 });
  expect(network.network.health).toMatchObject({ minConnectedPeers: 3, sendFailRateHalflifeMs: 5_000 });
  expect(network.throttling).toMatchObject({
    inboundMsg: { bandwidth: { refillRate: 7 } },
    cpuTargeter: { vdrAlloc: 0.5 },
    inboundConnUpgrade: { upgradeCooldownMs: 2_000, maxRecentConnsUpgraded: 20 },
    inboundConn: { maxConnsPerSec: 10 },
    dial: { throttleRps: 11 },
  });
});

test.each([
  ["0s", 200],
  ["-1s", Number.POSITIVE_INFINITY],
])("a time-out of %s for PROXY headers is what upstream's library makes of it", (value, ms) => {
  const { network } = nodeConfig({ "network-tcp-proxy-read-timeout": value });
  expect(network.transport.proxyReadTimeoutMs).toBe(ms);
});

test("a quorum decides how much stake must be connected", () => {
  expect(
    nodeConfig({ "network-id": "local", "snow-sample-size": "10", "snow-quorum-size": "10" }).staking
      .requiredConnectedStake,
  ).toBe(1);
});

test("activated proposals are not told of, others are once", () => {
  const { network } = nodeConfig({ "network-id": "local", "acp-support": "23,500,500", "acp-object": "181,501" });
  expect(network.network).toMatchObject({ supportedACPs: [500], objectedACPs: [501] });
});

test("what has no effect on a light node is known, and contents are not repeated", () => {
  const { inertFlags, providedFlags } = nodeConfig({
    "network-id": "local",
    "db-type": "memdb",
    "chain-config-content": "eyJDIjp7fX0=",
  });
  expect(inertFlags).toEqual([
    { name: "chain-config-content", reason: "avx runs no chains" },
    { name: "db-type", reason: "avx keeps no database" },
  ]);
  expect(providedFlags).toEqual({
    "network-id": "local",
    "chain-config-content": "(12 characters)",
    "db-type": "memdb",
  });
});

const REFUSED: readonly [Record<string, string>, ConfigError["type"]["code"], string][] = [
  [{ "bootstrap-ips": "127.0.0.1:1" }, "conflict", 'set "bootstrap-ips" but didn\'t set "bootstrap-ids"'],
  [{ "bootstrap-ids": "" }, "conflict", 'set "bootstrap-ids" but didn\'t set "bootstrap-ips"'],
  [
    { "bootstrap-ips": "127.0.0.1:1,127.0.0.1:2", "bootstrap-ids": "NodeID-111111111111111111116DBWJs" },
    "conflict",
    "bootstrap-ips has 2 entries and bootstrap-ids has 1 entry",
  ],
  [{ "bootstrap-ips": "nowhere", "bootstrap-ids": "x" }, "invalid-value", 'bootstrap-ips has "nowhere"'],
  [{ "bootstrap-ips": "", "bootstrap-ids": "NodeID-x" }, "invalid-value", 'bootstrap-ids has "NodeID-x"'],
  [{ "state-sync-ips": "127.0.0.1:1" }, "conflict", "state-sync-ips has 1 entry and state-sync-ids has 0 entries"],
  [{ "track-subnets": "x" }, "invalid-value", 'track-subnets has "x"'],
  [{ "track-subnets": "11111111111111111111111111111111LpoYY" }, "invalid-value", "the Primary Network"],
  [{ "http-port": "70000" }, "invalid-value", "http-port must be a port"],
  [{ "staking-port": "65536" }, "invalid-value", "staking-port must be a port"],
  [{ "log-level": "loud" }, "invalid-value", 'unknown log level: "loud"'],
  [{ "log-format": "xml" }, "invalid-value", "unknown format mode: xml"],
  [{ "network-compression-type": "gzip" }, "invalid-value", 'unknown compression type: "gzip"'],
  [{ "public-ip": "127.0.0.1:9651" }, "invalid-value", "invalid public IP address"],
  [{ "public-ip": "1.2.3.4", "public-ip-resolution-service": "opendns" }, "conflict", "only one of --public-ip and"],
  [{ "public-ip-resolution-service": "someone" }, "invalid-value", "unknown resolver: someone"],
  [{ "public-ip-resolution-frequency": "0s" }, "invalid-value", "must be positive"],
  [{ "network-ping-frequency": "30s" }, "conflict", "network-ping-timeout must be > network-ping-frequency"],
  [
    { "network-max-reconnect-delay": "0s" },
    "conflict",
    "network-max-reconnect-delay must be >= network-initial-reconnect-delay",
  ],
  [
    { "network-initial-timeout": "1s" },
    "conflict",
    "network-initial-timeout must be in [network-minimum-timeout, network-maximum-timeout]",
  ],
  [{ "network-minimum-timeout": "0s" }, "invalid-value", "network-minimum-timeout must be positive, and is 0s"],
  [{ "network-timeout-coefficient": "0.5" }, "invalid-value", ">= 1, and is 0.5"],
  [{ "network-health-max-send-fail-rate": "1.1" }, "invalid-value", "in [0,1], and is 1.1"],
  [{ "network-health-max-time-since-msg-sent": "-1s" }, "invalid-value", ">= 0, and is -1s"],
  [{ "health-check-frequency": "0s" }, "invalid-value", "positive"],
  [{ "network-ping-frequency": "0s" }, "invalid-value", "positive"],
  [{ "uptime-metric-freq": "0s" }, "invalid-value", "positive"],
  [{ "network-peer-list-pull-gossip-frequency": "0s" }, "invalid-value", "positive"],
  [{ "network-peer-list-bloom-reset-frequency": "-1s" }, "invalid-value", "positive"],
  [{ "network-id": "nowhere" }, "invalid-value", 'failed to parse network name: "nowhere"'],
  [{ "health-check-averager-halflife": "0s" }, "invalid-value", "positive"],
  [{ "throttler-inbound-cpu-max-recheck-delay": "0s" }, "invalid-value", ">= 1ms"],
  [{ "throttler-inbound-disk-validator-alloc": "-1" }, "invalid-value", ">= 0"],
  [{ "router-health-max-drop-rate": "2" }, "invalid-value", "in [0,1]"],
  [{ "acp-support": "500", "acp-object": "500" }, "conflict", "supporting and objecting to the same ACP: 500"],
  [{ "acp-support": "-1" }, "invalid-value", "invalid ACP: -1"],
  [{ "sybil-protection-enabled": "false", "sybil-protection-disabled-weight": "0" }, "invalid-value", "positive"],
  [
    { "network-id": "fuji", "sybil-protection-enabled": "false" },
    "conflict",
    "sybil protection disabled on public network: fuji",
  ],
  [{ "uptime-requirement": "1.5" }, "invalid-value", "in [0,1]"],
  [{ "min-validator-stake": "9000000000000000" }, "conflict", "minimum validator stake can't be greater"],
  [{ "min-delegation-fee": "1000001" }, "invalid-value", "in [0,1000000]"],
  [{ "max-stake-duration": "1h" }, "conflict", "max-stake-duration can't be less than min-stake-duration"],
  [{ "stake-max-consumption-rate": "1000001" }, "invalid-value", "at most 1000000"],
  [{ "stake-minting-period": "1h" }, "conflict", "stake-minting-period can't be less than max-stake-duration"],
  [{ "snow-quorum-size": "10" }, "invalid-value", "more than half of snow-sample-size"],
  [{ "snow-quorum-size": "21" }, "invalid-value", "at most snow-sample-size"],
  [{ "snow-confidence-quorum-size": "14" }, "invalid-value", "at least snow-preference-quorum-size"],
  [{ "snow-concurrent-repolls": "0" }, "invalid-value", "positive"],
  [{ "system-tracker-disk-warning-available-space-percentage": "51" }, "invalid-value", "in [0,50]"],
  [{ "system-tracker-disk-warning-available-space-percentage": "2" }, "conflict", "2% < 3%"],
  [
    { "staking-tls-key-file-content": "eA==" },
    "conflict",
    "staking-tls-key-file-content set but staking-tls-cert-file-content not set",
  ],
  [
    { "staking-tls-cert-file-content": "eA==" },
    "conflict",
    "staking-tls-cert-file-content set but staking-tls-key-file-content not set",
  ],
  [
    { "staking-ephemeral-signer-enabled": "true", "staking-signer-key-file": "x" },
    "conflict",
    "only one of the following flags can be set: staking-ephemeral-signer-enabled, staking-signer-key-file",
  ],
  [{ "staking-rpc-signer-endpoint": "127.0.0.1:1" }, "unsupported", "no remote signer"],
  [{ "http-tls-enabled": "true" }, "conflict", "needs http-tls-key-file too"],
  [{ "http-tls-enabled": "true", "http-tls-key-file": "/none" }, "bad-file", "Cannot read /none"],
  [{ "genesis-file": "/none", "network-id": "77" }, "bad-file", "Cannot read /none: there is no such file"],
  [{ "chain-aliases-file": "/none" }, "bad-file", "Cannot read /none"],
  [{ "chain-aliases-file-content": base64("[]") }, "bad-file", "it is no JSON object"],
  [{ "chain-aliases-file-content": base64('{"x":["y"]}') }, "bad-file", "cannot be read"],
  [{ "tracing-exporter-type": "smoke" }, "invalid-value", "unknown exporter type"],
  [{ "consensus-app-concurrency": "0" }, "invalid-value", "positive"],
];

test.each(REFUSED.map(([flags, ...expected]) => [JSON.stringify(flags), flags, ...expected] as const))(
  "%s is refused",
  (_, flags, code, message) => {
    const error = refusal(flags);
    expect(error.message).toContain(message);
    expect(error.type.code).toBe(code);
  },
);

test("a genesis that does not parse is refused, from content and from a file", () => {
  using directory = temporaryDirectory();
  const path = directory.join("genesis.json");
  writeFileSync(path, "{");
  const own = { "network-id": "77" };
  expect(() => nodeConfig({ ...own, "genesis-file": path })).toThrow(GenesisError);
  expect(() => nodeConfig({ ...own, "genesis-file": path })).toThrow(path);
  expect(() => nodeConfig({ ...own, "genesis-file-content": base64("{") })).toThrow(GenesisError);
  expect(() => nodeConfig({ ...own, "genesis-file-content": "%" })).toThrow("base64");
});

test("a genesis is for its own network, and for none that has one built in", () => {
  const { flags } = testNetwork(1);
  expect(nodeConfig(flags).genesis?.networkID).toBe(88_888);
  expect(() => nodeConfig({ ...flags, "network-id": "77" })).toThrow("conflicting networkIDs");
  expect(() => nodeConfig({ ...flags, "network-id": "local" })).toThrow("overrides standard network genesis");
});

test("upgrade times are read from content", () => {
  const times = { graniteTime: "2030-01-01T00:00:00Z" };
  const config = nodeConfig({ "network-id": "77", "upgrade-file-content": base64(JSON.stringify(times)) });
  expect(config.upgrades.graniteTime).toBe(Date.UTC(2030, 0, 1) / 1_000);
  expect(() => nodeConfig({ "network-id": "77", "upgrade-file-content": base64("[") })).toThrow("upgrade");
});

test("further names of chains are read", () => {
  const id = "2q9e4r6Mu3U68nU1fYjgbR6JvwrRx36CohpAX5UQxse55x1Q5";
  const config = nodeConfig({ "chain-aliases-file-content": base64(JSON.stringify({ [id]: ["mine"] })) });
  expect(config.chainAliases.get("mine") as string).toBe(id);
});
