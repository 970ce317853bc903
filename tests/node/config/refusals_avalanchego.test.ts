/** What avalanchego refuses is refused, in words in which its own are found. */

import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { AvxError } from "../../../lib/core/errors.ts";
import { AVALANCHEGO, needsAvalanchego } from "../../support/avalanchego.ts";
import { runAvx } from "../../support/cli.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { nodeConfig } from "../support.ts";

/** avalanchego takes a second to begin with anything, on a machine that has nothing else to do. */
const SLOW_MS = 300_000;

/** Flags that are refused, and what both say of it. */
const REFUSED: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
  [{ "no-such-flag": "1" }, "unknown flag: --no-such-flag"],
  [{ "http-port": "many" }, 'invalid argument "many" for "--http-port" flag'],
  [{ "http-port": "-1" }, 'invalid argument "-1" for "--http-port" flag'],
  [{ "network-ping-timeout": "100" }, 'invalid argument "100" for "--network-ping-timeout" flag'],
  [{ "api-admin-enabled": "maybe" }, 'invalid argument "maybe" for "--api-admin-enabled" flag'],
  [{ "log-rotater-max-size": "18446744073709551616" }, 'for "--log-rotater-max-size" flag'],
  [{ "network-id": "nowhere" }, 'failed to parse network name: "nowhere"'],
  [{ "log-level": "loud" }, 'unknown log level: "loud"'],
  [{ "log-display-level": "loud" }, 'unknown log level: "loud"'],
  [{ "log-format": "xml" }, "unknown format mode: xml"],
  [{ "network-compression-type": "gzip" }, "unknown compression type"],
  [{ "network-ping-frequency": "30s" }, "network-ping-timeout must be > network-ping-frequency"],
  [{ "network-ping-timeout": "-1s" }, "network-ping-timeout must be >= 0"],
  [{ "network-max-reconnect-delay": "0s" }, "network-max-reconnect-delay must be >= network-initial-reconnect-delay"],
  [{ "network-max-clock-difference": "-1s" }, "network-max-clock-difference must be >= 0"],
  [{ "network-read-handshake-timeout": "-1s" }, "network-read-handshake-timeout must be >= 0"],
  [{ "network-health-max-time-since-msg-sent": "-1s" }, "network-health-max-time-since-msg-sent must be >= 0"],
  [{ "network-health-max-send-fail-rate": "1.5" }, "network-health-max-send-fail-rate must be in [0,1]"],
  [
    { "network-health-max-portion-send-queue-full": "2" },
    "network-health-max-portion-send-queue-full must be in [0,1]",
  ],
  [{ "health-check-frequency": "-1s" }, "health-check-frequency must be positive"],
  [{ "health-check-averager-halflife": "0s" }, "health-check-averager-halflife must be positive"],
  [{ "throttler-inbound-cpu-max-recheck-delay": "0s" }, "throttler-inbound-cpu-max-recheck-delay must be >= 1"],
  [{ "profile-continuous-freq": "-1s" }, "profile-continuous-freq must be >= 0"],
  [
    { "public-ip": "127.0.0.1", "public-ip-resolution-service": "opendns" },
    "only one of --public-ip and --public-ip-resolution-service can be given",
  ],
  [{ "acp-support": "-1" }, "invalid ACP: -1"],
  [{ "acp-support": "1", "acp-object": "1" }, "supporting and objecting to the same ACP"],
  [{ "bootstrap-ips": "127.0.0.1:1" }, 'set "bootstrap-ips" but didn\'t set "bootstrap-ids"'],
  [{ "bootstrap-ids": "" }, 'set "bootstrap-ids" but didn\'t set "bootstrap-ips"'],
  [{ "bootstrap-ips": "127.0.0.1", "bootstrap-ids": "x" }, "not an ip:port"],
  [{ "bootstrap-ips": "127.0.0.1:9", "bootstrap-ids": "x" }, "ID: x is missing the prefix: NodeID-"],
  [{ "track-subnets": "abc" }, "input string is smaller than the checksum size"],
  [
    { "staking-ephemeral-signer-enabled": "true", "staking-signer-key-file": "x" },
    "only one of the following flags can",
  ],
  [{ "staking-tls-key-file-content": "eA==" }, "set but staking-tls-cert-file-content not set"],
  [{ "sybil-protection-enabled": "false", "network-id": "fuji" }, "sybil protection disabled on public network"],
  [
    { "min-validator-stake": "9000000000000000" },
    "minimum validator stake can't be greater than maximum validator stake",
  ],
  [{ "max-stake-duration": "1h" }, "max stake duration can't be less than"],
  [{ "tracing-exporter-type": "smoke" }, "unknown exporter type"],
  [{ "db-type": "nosql" }, "db-type must be one of {leveldb, memdb, pebbledb}"],
  [{ "db-config-file-content": "!!" }, "base64"],
  [{ "chain-config-content": "!!" }, "base64"],
  [{ "chain-config-content": "eA==" }, "JSON"],
  [{ "vm-aliases-file-content": "!!" }, "base64"],
  [{ "vm-aliases-file-content": "eA==" }, "aliases"],
];

/** avx' own words for what it says otherwise. */
const OWN_WORDS: Readonly<Record<string, string>> = {
  "max stake duration can't be less than": "max-stake-duration can't be less than",
};

test.each(REFUSED)("%j is refused with what people search for", (flags, words) => {
  let message = "";
  try {
    nodeConfig({ ...(flags["network-id"] === undefined ? { "network-id": "local" } : {}), ...flags });
  } catch (error) {
    if (!(error instanceof AvxError)) throw error;
    message = error.message;
  }
  expect(message).toContain(OWN_WORDS[words] ?? words);
});

test.skipIf(AVALANCHEGO === undefined)(
  needsAvalanchego("avalanchego refuses the same, in the same words"),
  async () => {
    using directory = temporaryDirectory();
    const refuse = async ([flags, words]: (typeof REFUSED)[number]): Promise<void> => {
      const all = {
        "network-id": "local",
        "data-dir": directory.path,
        "http-port": "0",
        "staking-port": "0",
        "fd-limit": "1024",
        ...flags,
      };
      const args = Object.entries(all).map(([name, value]) => `--${name}=${value}`);
      const { code, stdout, stderr } = await runAvx(args, {
        command: [AVALANCHEGO as string],
        env: { HOME: directory.path },
        cwd: directory.path,
        timeoutMs: SLOW_MS,
      });
      const said = `${stdout}${stderr}`;
      expect(code, JSON.stringify(flags)).toBe(1);
      expect(said.includes(words), `${JSON.stringify(flags)}: ${said.slice(-300)}`).toBe(true);
    };
    const left = [...REFUSED];
    const runner = async (): Promise<void> => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) await refuse(next);
    };
    await Promise.all([runner(), runner(), runner()]);
  },
  SLOW_MS,
);

test.skipIf(AVALANCHEGO === undefined)(
  needsAvalanchego("avalanchego reads no configuration that avx refuses for its form"),
  async () => {
    using directory = temporaryDirectory();
    const path = directory.join("flags.json");
    for (const text of ["", "[]", '{"log-level": "info",}', "// mine\n{}", "\ufeff{}", '{"log-level"}']) {
      writeFileSync(path, text);
      const args = [`--config-file=${path}`, `--data-dir=${directory.path}`, "--version"];
      const { code, stdout } = await runAvx(args, { command: [AVALANCHEGO as string], env: { HOME: directory.path } });
      expect([text, code]).toEqual([text, 1]);
      expect(stdout).toContain("couldn't configure flags");
      expect(() => nodeConfig({ "config-file": path })).toThrow(path);
    }
  },
  SLOW_MS,
);
