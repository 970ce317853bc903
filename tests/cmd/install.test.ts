import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { main } from "../../cmd/main.ts";
import { installedVersions } from "../../lib/tmpnet/install/store.ts";
import { AVALANCHEGO, needsAvalanchego } from "../support/avalanchego.ts";
import { AVX_SOURCE, runAvx } from "../support/cli.ts";
import { capturedContext } from "../support/context.ts";
import { tarGz } from "../tmpnet/archive/support.ts";
import { homeForEachTest } from "../tmpnet/home.ts";
import { playedRelease, ReleaseServer } from "../tmpnet/install/release_server.ts";

setDefaultTimeout(60_000);

const IS_LINUX_X64 = process.platform === "linux" && process.arch === "x64";
const ASSET = "avalanchego-linux-amd64-v1.14.2.tar.gz";

const home = homeForEachTest();

async function avx(...args: string[]) {
  const context = capturedContext({ env: home.env });
  const code = await main(args, context);
  return { code, stdout: context.stdout.text, stderr: context.stderr.text };
}

test("what cannot be understood is told, with how it is written", async () => {
  for (const args of [
    [],
    ["avalanche"],
    ["avalanchego@"],
    ["avalanchego@../../x"],
    ["avalanchego@1.2"],
    ["--list", "--remove"],
    ["--remove", "avalanchego"],
    ["avalanchego", "--sha256", "12"],
    ["--list", "subnet-evm"],
  ]) {
    const { code, stdout, stderr } = await avx("install", ...args);
    expect([args, code, stdout]).toEqual([args, 2, ""]);
    expect(stderr).toStartWith("avx: ");
  }
});

test("nothing is installed: lists are empty, and a network says how to install", async () => {
  expect((await avx("install", "--list")).stdout).toContain("No version of avalanchego is installed in");
  expect((await avx("install", "--list", "--json")).stdout).toBe("[]\n");
  const { code, stderr } = await avx("net", "start", "--avalanchego-version", "1.14.2");
  expect(code).toBe(1);
  expect(stderr).toBe("avx: avalanchego v1.14.2 is not installed\nRun avx install avalanchego@v1.14.2.\n");
  expect((await avx("net", "start", "--avalanchego-version", "1.14.2", "--avalanchego-path", "/x")).code).toBe(2);
  expect((await avx("net", "start", "--avalanchego-version", "new")).code).toBe(2);
  expect((await avx("install", "--remove", "avalanchego@1.14.2")).code).toBe(1);
  expect(readdirSync(home.directory.path)).toEqual([]);
});

test.skipIf(!IS_LINUX_X64)("a release is installed, listed and removed", async () => {
  await using server = await ReleaseServer.start({ "v1.14.2": await playedRelease("1.14.2", 50_000) });
  home.env["AVX_RELEASES_URL"] = server.url;
  const installed = await avx("install", "avalanchego@1.14.2");
  expect(installed).toMatchObject({ code: 0 });
  expect(installed.stdout).toContain(`Installed avalanchego v1.14.2: ${home.directory.join(".avx")}`);
  expect(installed.stderr).toContain(`Downloading ${ASSET}: `);
  expect(installed.stderr).toContain("(100 %)");
  expect((await avx("install", "avalanchego")).stdout).toContain("is installed already");
  expect(JSON.parse((await avx("install", "avalanchego", "--json")).stdout)).toMatchObject({ wasInstalled: true });
  expect(JSON.parse((await avx("install", "--list", "--json")).stdout)).toMatchObject([{ version: "v1.14.2" }]);
  expect((await avx("install", "--available")).stdout).toBe("v1.14.2  installed\n");
  expect((await avx("install", "--remove", "avalanchego@v1.14.2")).stdout).toBe("Removed avalanchego v1.14.2\n");
  expect((await avx("install", "--list", "--json")).stdout).toBe("[]\n");
});

test.skipIf(!IS_LINUX_X64)("a release page by flag; the bar of a terminal stays in its line", async () => {
  await using server = await ReleaseServer.start({ "v1.14.2": await playedRelease("1.14.2", 50_000) });
  const context = capturedContext({ env: home.env, isTTY: true });
  expect(await main(["install", "avalanchego", "--release-url", server.url], context)).toBe(0);
  const [bars = ""] = context.stderr.text.split("\nChecking");
  expect(bars.split("\n")).toHaveLength(1);
  expect(bars.split("\r\u001b[2K").at(-1)).toMatch(/^\[#{30}\] .*\(100 %\)$/);
});

test.skipIf(!IS_LINUX_X64)(
  "killed at any moment it leaves nothing that looks installed, and goes on the next time",
  async () => {
    await using server = await ReleaseServer.start({ "v1.14.2": await playedRelease("1.14.2", 3_000_000) });
    home.env["AVX_RELEASES_URL"] = server.url;
    for (let i = 0; i < 6; i++) {
      const child = Bun.spawn([...AVX_SOURCE, "install", "avalanchego@1.14.2"], {
        env: home.env,
        stdout: "ignore",
        stderr: "ignore",
      });
      await Bun.sleep(120 + i * 45);
      child.kill("SIGKILL");
      await child.exited;
      for (const { path } of installedVersions(home.env))
        expect(readFileSync(path, "utf8")).toContain("avalanchego/1.14.2");
    }
    expect(await runAvx(["install", "avalanchego@1.14.2"], { env: home.env })).toMatchObject({ code: 0 });
    expect(readdirSync(home.directory.join(".avx", "avalanchego", ".downloads", "v1.14.2"))).toEqual([]);
  },
);

test.skipIf(AVALANCHEGO === undefined || !IS_LINUX_X64)(
  needsAvalanchego("a real avalanchego is installed from a release, and a network runs it"),
  async () => {
    const content = readFileSync(AVALANCHEGO as string);
    const [, version] =
      /avalanchego\/(\d+\.\d+\.\d+)/.exec(Bun.spawnSync([AVALANCHEGO as string, "--version"]).stdout.toString()) ?? [];
    const name = `avalanchego-linux-amd64-v${version}.tar.gz`;
    const archive = await tarGz([{ path: `avalanchego-v${version}/avalanchego`, kind: "file", mode: 0o755, content }]);
    await using server = await ReleaseServer.start({ [`v${version}`]: { files: { [name]: archive } } });
    home.env["AVX_RELEASES_URL"] = server.url;
    expect(await avx("install", "avalanchego")).toMatchObject({ code: 0 });
    const started = await avx("net", "start", "--avalanchego-version", "latest", "--json");
    expect(started.stderr + started.code).toEndWith("0");
    expect(JSON.parse(started.stdout).nodes).toHaveLength(2);
    expect(existsSync(home.directory.join("networks", "latest", "config.json"))).toBe(true);
    expect(readFileSync(home.directory.join("networks", "latest", "config.json"), "utf8")).toContain(
      home.directory.join(".avx", "avalanchego", `v${version}`, "avalanchego"),
    );
    const refused = await avx("install", "--remove", `avalanchego@${version}`);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("is run by process")]);
    expect((await avx("net", "stop")).code).toBe(0);
  },
);
