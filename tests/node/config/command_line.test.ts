import { expect, test } from "bun:test";
import { parseCommandLine } from "../../../lib/node/config/command_line.ts";
import { ConfigError, isWrongUsage } from "../../../lib/node/config/errors.ts";

function parse(...args: string[]): Record<string, unknown> {
  return Object.fromEntries(parseCommandLine(args).flags);
}

function refusal(...args: string[]): ConfigError {
  try {
    parseCommandLine(args);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error(`${args.join(" ")} was taken`);
}

test("a value stands after an equals sign or as the next argument", () => {
  expect(parse("--http-port=0", "--public-ip", "127.0.0.1")).toEqual({ "http-port": 0, "public-ip": "127.0.0.1" });
});

test("a boolean stands alone or has a value after an equals sign, never as the next argument", () => {
  expect(parse("--http-tls-enabled", "--api-info-enabled=false", "--api-health-enabled=T")).toEqual({
    "http-tls-enabled": true,
    "api-info-enabled": false,
    "api-health-enabled": true,
  });
  expect(refusal("--api-info-enabled", "false").type.code).toBe("bad-syntax");
});

test("a value may begin with a dash or be empty", () => {
  expect(parse("--log-dir", "--help", "--bootstrap-ips=", "--public-ip=a=b")).toEqual({
    "log-dir": "--help",
    "bootstrap-ips": "",
    "public-ip": "a=b",
  });
});

test("the last of a repeated flag counts, and lists add up", () => {
  expect(
    parse("--http-port=1", "--http-port=2", "--acp-support=23,24", "--acp-support=77", '--http-allowed-hosts="a,b",c'),
  ).toEqual({ "http-port": 2, "acp-support": [23, 24, 77], "http-allowed-hosts": ["a,b", "c"] });
});

test("every type is read as Go reads it", () => {
  expect(
    parse(
      "--network-ping-frequency=22.5s",
      "--uptime-requirement=.8",
      "--snow-sample-size=0x14",
      "--stake-supply-cap=18446744073709551615",
      "--tracing-headers=a=1,b=2",
      "--http-allowed-origins=https://a https://b",
    ),
  ).toEqual({
    "network-ping-frequency": 22_500,
    "uptime-requirement": 0.8,
    "snow-sample-size": 20,
    "stake-supply-cap": 18_446_744_073_709_551_615n,
    "tracing-headers": { a: "1", b: "2" },
    "http-allowed-origins": ["https://a", "https://b"],
  });
});

test("a map with one sign of equality has one value, commas and all", () => {
  expect(parse("--tracing-headers=a=b,c")).toEqual({ "tracing-headers": { a: "b,c" } });
});

test("help is found among other flags, and two dashes end them", () => {
  expect(parseCommandLine(["--http-port=0", "-h"]).help).toBe(true);
  expect(parseCommandLine(["--http-port=0", "--"]).help).toBe(false);
});

test("an unknown flag is refused with the nearest one", () => {
  const error = refusal("--http-prot=0");
  expect(error.type).toEqual({ code: "unknown-flag", flag: "http-prot", suggestion: "http-port" });
  expect(error.hint).toBe("Did you mean --http-port?");
  expect(refusal("--bootstrap-ip=x").hint).toBe("Did you mean --bootstrap-ips?");
  expect(refusal("--HTTP_PORT=x").hint).toBe("Did you mean --http-port?");
  expect(refusal("--tls-key-file=x").hint).toContain("tls-key-file");
  expect(refusal("--sendmail").hint).toBe("avx node run --help shows all flags");
});

test("a single dash is an error that says how to write it", () => {
  expect(refusal("-http-port=0")).toMatchObject({ type: { code: "bad-syntax" }, hint: "Write --http-port=0" });
});

test.each([
  [["--http-port=abc"], "invalid-value"],
  [["--http-port=-1"], "invalid-value"],
  [["--http-port=1.5"], "invalid-value"],
  [["--http-port="], "invalid-value"],
  [["--stake-supply-cap=18446744073709551616"], "invalid-value"],
  [["--health-check-frequency=5"], "invalid-value"],
  [["--db-read-only=maybe"], "invalid-value"],
  [["--acp-support=a"], "invalid-value"],
  [["--uptime-requirement=NaN"], "invalid-value"],
  [["--tracing-headers=a"], "invalid-value"],
  [["--http-port"], "missing-value"],
  [["--=1"], "bad-syntax"],
  [["---http-port=1"], "bad-syntax"],
  [["start"], "bad-syntax"],
  [["--", "start"], "bad-syntax"],
])("%p is wrong usage: %s", (args, code) => {
  const error = refusal(...args);
  expect(error.type.code as string).toBe(code);
  expect(isWrongUsage(error, new Set())).toBe(true);
});
