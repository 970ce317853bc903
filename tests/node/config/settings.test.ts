import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseCommandLine } from "../../../lib/node/config/command_line.ts";
import { ConfigError } from "../../../lib/node/config/errors.ts";
import { decodeContent, loadSettings, type Settings } from "../../../lib/node/config/settings.ts";

const directory = mkdtempSync(join(tmpdir(), "avx-settings-"));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
function file(content: unknown): string {
  const path = join(directory, `${files++}.json`);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

function load(args: readonly string[] = [], env: Record<string, string> = {}): Settings {
  return loadSettings({ commandLine: parseCommandLine(args), env, cwd: directory });
}

function refusal(args: readonly string[], env: Record<string, string> = {}): ConfigError {
  try {
    load(args, env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("was taken");
}

test("a flag goes before the environment, that before the configuration file, that before the default", () => {
  const config = file({ "http-port": 1, "staking-port": 2, "log-level": "debug" });
  const settings = load(["--http-port=3", `--config-file=${config}`], {
    AVAGO_HTTP_PORT: "4",
    AVAGO_STAKING_PORT: "5",
  });
  expect(settings.get("http-port")).toBe(3);
  expect(settings.get("staking-port")).toBe(5);
  expect(settings.get("log-level")).toBe("debug");
  expect(settings.get("http-host")).toBe("127.0.0.1");
  expect(settings.isSet("http-host")).toBe(false);
  expect(settings.provided.get("staking-port")).toEqual({ value: 5, source: "environment" });
  expect(settings.provided.get("log-level")?.source).toBe("config file");
});

test("an empty variable sets nothing, an empty value of a configuration file does", () => {
  const config = file({ "bootstrap-ips": "", "bootstrap-ids": "" });
  const settings = load([`--config-file=${config}`], { AVAGO_PUBLIC_IP: "" });
  expect(settings.isSet("public-ip")).toBe(false);
  expect(settings.isSet("bootstrap-ips")).toBe(true);
});

test("a configuration file has values as strings too, and its keys in any case", () => {
  const config = file({
    "http-port": "0",
    "API-Admin-Enabled": "true",
    "network-id": 88888,
    "health-check-frequency": "250ms",
    "network-ping-timeout": 1_000_000_000,
    "network-ping-frequency": "1000000",
    "acp-support": [23, "24"],
    "tracing-headers": { a: 1, b: "2" },
    "http-allowed-hosts": "a.example b.example",
    "http-allowed-origins": ["https://a", 5],
    "stake-supply-cap": "720000000000000001",
    "uptime-requirement": "0.9",
    "public-ip": null,
  });
  const settings = load([`--config-file=${config}`]);
  expect(settings.get("http-port")).toBe(0);
  expect(settings.get("api-admin-enabled")).toBe(true);
  expect(settings.get("network-id")).toBe("88888");
  expect(settings.get("health-check-frequency")).toBe(250);
  expect(settings.get("network-ping-timeout")).toBe(1_000);
  expect(settings.get("network-ping-frequency")).toBe(1);
  expect(settings.get("acp-support")).toEqual([23, 24]);
  expect(settings.get("http-allowed-hosts")).toEqual(["a.example", "b.example"]);
  expect(settings.get("http-allowed-origins")).toEqual(["https://a", "5"]);
  expect(settings.get("tracing-headers")).toEqual({ a: "1", b: "2" });
  expect(settings.get("stake-supply-cap")).toBe(720_000_000_000_000_001n);
  expect(settings.get("uptime-requirement")).toBe(0.9);
  expect(settings.isSet("public-ip")).toBe(false);
});

test("the content of a configuration goes before its file", () => {
  const content = Buffer.from(JSON.stringify({ "http-port": 7 })).toString("base64");
  const settings = load([`--config-file=${join(directory, "none.json")}`, `--config-file-content=${content}`]);
  expect(settings.get("http-port")).toBe(7);
});

test("the environment can name the configuration file, with variables in the path", () => {
  const config = file({ "http-port": 8 });
  const [name = ""] = config.split("/").slice(-1);
  expect(load([], { AVAGO_CONFIG_FILE: `$WHERE/${name}`, WHERE: directory }).get("http-port")).toBe(8);
});

test("$AVALANCHEGO_DATA_DIR stands for the data directory, itself with variables", () => {
  const settings = load(["--data-dir=$BASE/node"], { BASE: "/srv" });
  expect(settings.path("log-dir")).toBe("/srv/node/logs");
  expect(settings.path("staking-tls-key-file")).toBe("/srv/node/staking/staker.key");
  expect(load([], { HOME: "/home/ada" }).path("process-context-file")).toBe("/home/ada/.avalanchego/process.json");
  expect(load(["--log-dir=$" + "{BASE}x"], { BASE: "/l" }).path("log-dir")).toBe("/lx");
  expect(load(["--log-dir=logs"]).path("log-dir")).toBe(join(directory, "logs"));
});

test("an unknown key of a configuration file is refused with the nearest flag", () => {
  const error = refusal([`--config-file=${file({ "http-prot": "0" })}`]);
  expect(error.type).toEqual({ code: "unknown-flag", flag: "http-prot", suggestion: "http-port" });
});

test("an unknown AVAGO_ variable only warns", () => {
  const { warnings } = load([], { AVAGO_HTTP_PROT: "1" });
  expect(warnings).toEqual(["The environment variable AVAGO_HTTP_PROT sets no flag; did you mean AVAGO_HTTP_PORT?"]);
});

test("a deprecated flag warns and names its successor", () => {
  const { warnings } = load(["--system-tracker-disk-required-available-space=1"]);
  expect(warnings[0]).toContain("use system-tracker-disk-required-available-space-percentage");
});

test.each([
  ["a value that does not fit", () => [`--config-file=${file({ "http-port": "many" })}`], "invalid-value", "http-port"],
  ["a value of the wrong JSON type", () => [`--config-file=${file({ "log-dir": {} })}`], "invalid-value", "log-dir"],
  ["a file that is not JSON", () => [`--config-file=${file("{")}`], "bad-file", "config-file"],
  ["a file that holds a list", () => [`--config-file=${file("[]")}`], "bad-file", "config-file"],
  ["a file that is not there", () => ["--config-file=none.json"], "bad-file", "config-file"],
  ["content that is not base64", () => ["--config-file-content=%"], "invalid-value", "config-file-content"],
  [
    "content in YAML",
    () => ["--config-file-content=YTogMQ==", "--config-file-content-type=yaml"],
    "unsupported",
    "config-file-content-type",
  ],
])("%s is refused", (_, args, code, flag) => {
  expect(refusal(args()).type as object).toMatchObject({ code, flag });
});

test("a variable that does not fit is refused by its name", () => {
  expect(refusal([], { AVAGO_HTTP_PORT: "many" }).message).toContain("AVAGO_HTTP_PORT");
});

test("content is decoded, line breaks passed over", () => {
  const settings = load(["--genesis-file-content=aGVs\nbG8="]);
  expect(decodeContent(settings, "genesis-file-content").toString()).toBe("hello");
});
