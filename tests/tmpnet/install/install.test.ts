/** A release is installed, found, and removed. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { type InstallProgress, installAvalanchego } from "../../../lib/tmpnet/install/install.ts";
import { installedProgram, removeVersion } from "../../../lib/tmpnet/install/store.ts";
import { parseVersion } from "../../../lib/tmpnet/install/version.ts";
import { CAN_MOUNT, needsMount, smallDisk } from "../../support/small_disk.ts";
import { tarGz } from "../archive/support.ts";
import { zip } from "../archive/zip_writer.ts";
import { homeForEachTest } from "../home.ts";
import { playedProgram, playedRelease, sendFile, sha256 } from "./release_server.ts";
import { ASSET, archive, installsOf, LINUX } from "./support.ts";

// Each test moves files and starts programs: on a busy machine that takes its time.
setDefaultTimeout(60_000);

const home = homeForEachTest();
const { failure, install, place, serve } = installsOf(home);

test("a release is downloaded, checked, unpacked, tried, and found", async () => {
  await using server = await serve();
  const phases: InstallProgress["phase"][] = [];
  const result = await install(server, { onProgress: ({ phase }) => phases.push(phase) });
  expect(result).toMatchObject({
    version: "v1.14.2",
    path: place("v1.14.2", "avalanchego"),
    wasInstalled: false,
    checked: true,
  });
  expect(result.sha256).toBe(sha256(archive));
  expect([...new Set(phases)]).toEqual(["downloading", "checking", "unpacking", "trying"]);
  expect(statSync(result.path).mode & 0o777).toBe(0o755);
  expect(readdirSync(place("v1.14.2")).sort()).toEqual(["avalanchego", "install.json"]);
  expect(readdirSync(place(".downloads", "v1.14.2"))).toEqual([]);
  expect(installedProgram("1.14.2", home.env)).toBe(result.path);
  expect(installedProgram("latest", home.env)).toBe(result.path);

  const requests = server.seen.length;
  expect(await install(server)).toMatchObject({ wasInstalled: true });
  expect(server.seen.length).toBe(requests);
});

test("the latest release, and one from a directory that AVX_HOME names", async () => {
  await using server = await serve();
  home.env["AVX_HOME"] = home.directory.join("elsewhere");
  home.env["AVX_RELEASES_URL"] = `${server.url}/`;
  const result = await installAvalanchego({}, { env: home.env, machine: LINUX });
  expect(result.path).toBe(home.directory.join("elsewhere", "avalanchego", "v1.14.2", "avalanchego"));
  expect(await installAvalanchego({ version: "latest" }, { env: home.env, machine: LINUX })).toMatchObject({
    wasInstalled: true,
  });
});

test("a zip for macOS", async () => {
  const content = Buffer.from(playedProgram("1.14.2")).toString();
  await using server = await serve({
    files: { "avalanchego-macos-v1.14.2.zip": zip([{ path: "build/avalanchego", content, mode: 0o100755 }]) },
  });
  const result = await install(server, {}, { machine: { platform: "darwin", arch: "arm64" } });
  expect(readFileSync(result.path, "utf8")).toBe(content);
});

test("a version that is removed is gone; one that is not there is no fault", async () => {
  await using server = await serve();
  await install(server);
  expect(await removeVersion(parseVersion("1.14.2"), home.env)).toBe(true);
  expect(await removeVersion(parseVersion("1.14.2"), home.env)).toBe(false);
  expect(() => installedProgram("1.14.2", home.env)).toThrow("avalanchego v1.14.2 is not installed");
  expect(readdirSync(place())).toEqual([".downloads"]);
  expect(readdirSync(place(".downloads"))).toEqual([]);
});

test("a version that processes run is not removed", async () => {
  await using server = await serve({
    files: {
      [ASSET]: await tarGz([
        {
          path: "a/avalanchego",
          kind: "file",
          mode: 0o755,
          content: `#!/bin/sh\nif [ "$1" = --version-json ]; then echo avalanchego/1.14.2; else exec sleep 60; fi\n`,
        },
      ]),
    },
  });
  const { path } = await install(server);
  const table = {
    read: () => undefined,
    list: (wanted: (line: string) => boolean) => (wanted(`${path} --config-file x`) ? [{ pid: 7 }] : []),
  };
  await expect(removeVersion(parseVersion("1.14.2"), home.env, table as never)).rejects.toThrow("is run by process 7");
  expect(existsSync(path)).toBe(true);
});

test("two installations at once download once", async () => {
  await using server = await serve();
  server.misbehave = (request, response, file) => {
    if (file === undefined) return false;
    setTimeout(() => sendFile(request, response, file), 200);
    return true;
  };
  const waits: InstallProgress[] = [];
  const onProgress = (progress: InstallProgress) => progress.phase === "waiting" && waits.push(progress);
  const both = await Promise.all([install(server, { onProgress }), install(server, { onProgress })]);
  expect(both.map(({ wasInstalled }) => wasInstalled).sort()).toEqual([false, true]);
  expect(server.downloads()).toHaveLength(1);
  expect(waits).toHaveLength(1);
});

test("installing anew replaces what is there", async () => {
  await using server = await serve();
  const { path } = await install(server);
  writeFileSync(path, "spoilt");
  await install(server, { force: true });
  expect(readFileSync(path, "utf8")).toContain("avalanchego/1.14.2");
});

test("a directory that cannot be written to is told", async () => {
  await using server = await serve();
  writeFileSync(home.directory.join(".avx"), "a file");
  await expect(install(server)).rejects.toThrow("Cannot write");
});

test.skipIf(!CAN_MOUNT)(
  needsMount("a disk that is full or read-only is told; with room again it goes on where it stopped"),
  async () => {
    using disk = smallDisk(16 * 1024 * 1024);
    home.env["AVX_HOME"] = disk.path;
    const release = await playedRelease("1.14.2", 4_000_000);
    await using server = await serve(release);
    disk.fill(600_000);
    const error = await failure(server);
    expect([error.type.code, error.message]).toEqual(["unwritable", expect.stringContaining("the disk is full")]);
    disk.clear();
    const left = statSync(disk.join("avalanchego", ".downloads", "v1.14.2", ASSET)).size;
    expect(left).toBeGreaterThan(0);
    await install(server);
    expect(server.downloads().at(-1)?.headers.range).toBe(`bytes=${left}-`);
    await removeVersion(parseVersion("1.14.2"), home.env);
    disk.readOnly(true);
    expect((await failure(server)).type.code).toBe("unwritable");
    disk.readOnly(false);
  },
);
