import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { AvxError } from "../../../lib/core/errors.ts";
import { InstallError } from "../../../lib/tmpnet/install/errors.ts";
import {
  type InstallModules,
  type InstallOptions,
  type InstallProgress,
  installAvalanchego,
} from "../../../lib/tmpnet/install/install.ts";
import { installedProgram, installedVersions, removeVersion } from "../../../lib/tmpnet/install/store.ts";
import { parseVersion } from "../../../lib/tmpnet/install/version.ts";
import { CAN_MOUNT, needsMount, smallDisk } from "../../support/small_disk.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../support/temporary.ts";
import { tarGz } from "../archive/support.ts";
import { zip } from "../archive/zip_writer.ts";
import { type PlayedRelease, playedProgram, playedRelease, ReleaseServer, sendFile, sha256 } from "./release_server.ts";

const ASSET = "avalanchego-linux-amd64-v1.14.2.tar.gz";
const LINUX = { platform: "linux", arch: "x64" };
// Each test moves files and starts programs: on a busy machine that takes its time.
setDefaultTimeout(60_000);

const TIMES = { retryDelaysMs: [1, 1, 1] };

let directory: TemporaryDirectory;
let env: Record<string, string>;
let release: PlayedRelease;
let archive: Uint8Array;

beforeEach(async () => {
  directory = temporaryDirectory();
  env = { HOME: directory.path };
  release = await playedRelease("1.14.2", 300_000);
  archive = release.files[ASSET]!;
});
afterEach(() => directory[Symbol.dispose]());

const home = (...parts: string[]) => directory.join(".avx", "avalanchego", ...parts);

function install(server: ReleaseServer, options: InstallOptions = {}, modules: InstallModules = {}) {
  const asked = { version: "v1.14.2", releasesUrl: server.url, ...options };
  return installAvalanchego(asked, { env, machine: LINUX, ...TIMES, ...modules });
}

/** How an installation fails; nothing may look installed. */
async function failure(server: ReleaseServer, options: InstallOptions = {}, modules: InstallModules = {}) {
  const error = await install(server, options, modules).then(
    () => undefined,
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(AvxError);
  expect(installedVersions(env)).toEqual([]);
  expect(unfinished()).toEqual([]);
  return error as AvxError;
}

function unfinished(): string[] {
  const names = existsSync(home()) ? (readdirSync(home(), { recursive: true }) as string[]) : [];
  return names.filter((name) => name.endsWith(".tmp") || name.endsWith("avx.lock"));
}

const serve = (files: PlayedRelease = release, others: Record<string, PlayedRelease> = {}) =>
  ReleaseServer.start({ "v1.14.2": files, ...others });

test("a release is downloaded, checked, unpacked, tried, and found", async () => {
  await using server = await serve();
  const phases: InstallProgress["phase"][] = [];
  const result = await install(server, { onProgress: ({ phase }) => phases.push(phase) });
  expect(result).toMatchObject({
    version: "v1.14.2",
    path: home("v1.14.2", "avalanchego"),
    wasInstalled: false,
    checked: true,
  });
  expect(result.sha256).toBe(sha256(archive));
  expect([...new Set(phases)]).toEqual(["downloading", "checking", "unpacking", "trying"]);
  expect(statSync(result.path).mode & 0o777).toBe(0o755);
  expect(readdirSync(home("v1.14.2")).sort()).toEqual(["avalanchego", "install.json"]);
  expect(readdirSync(home(".downloads", "v1.14.2"))).toEqual([]);
  expect(installedProgram("1.14.2", env)).toBe(result.path);
  expect(installedProgram("latest", env)).toBe(result.path);

  const requests = server.seen.length;
  expect(await install(server)).toMatchObject({ wasInstalled: true });
  expect(server.seen.length).toBe(requests);
});

test("the latest release, and one from a directory that AVX_HOME names", async () => {
  await using server = await serve();
  env = { ...env, AVX_HOME: directory.join("elsewhere"), AVX_RELEASES_URL: `${server.url}/` };
  const result = await installAvalanchego({}, { env, machine: LINUX });
  expect(result.path).toBe(directory.join("elsewhere", "avalanchego", "v1.14.2", "avalanchego"));
  expect(await installAvalanchego({ version: "latest" }, { env, machine: LINUX })).toMatchObject({
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
  expect(await removeVersion(parseVersion("1.14.2"), env)).toBe(true);
  expect(await removeVersion(parseVersion("1.14.2"), env)).toBe(false);
  expect(() => installedProgram("1.14.2", env)).toThrow("avalanchego v1.14.2 is not installed");
  expect(readdirSync(home())).toEqual([".downloads"]);
  expect(readdirSync(home(".downloads"))).toEqual([]);
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
  await expect(removeVersion(parseVersion("1.14.2"), env, table as never)).rejects.toThrow("is run by process 7");
  expect(existsSync(path)).toBe(true);
});

describe("transfers that break", () => {
  test("go on where they stopped, in one installation", async () => {
    await using server = await serve();
    let breaks = 0;
    server.misbehave = (request, response, file) => {
      if (file === undefined || breaks++ >= 2) return false;
      cutOff(response, file, Number(/\d+/.exec(request.headers.range ?? "") ?? 0), 40_000);
      return true;
    };
    const retries: InstallProgress[] = [];
    await install(server, { onProgress: (progress) => progress.phase === "retrying" && retries.push(progress) });
    const ranges = server.downloads().map(({ headers }) => headers.range);
    expect(ranges[0]).toBeUndefined();
    expect(ranges).toHaveLength(3);
    for (const range of ranges.slice(1)) expect(range).toMatch(/^bytes=[1-9]\d*-$/);
    expect(retries).toHaveLength(2);
  });

  test("go on in the next installation, with If-Range", async () => {
    await using server = await serve();
    const part = await leavePart(server);
    server.misbehave = () => false;
    await install(server);
    const { headers } = server.downloads().at(-1)!;
    expect(headers.range).toBe(`bytes=${part}-`);
    expect(headers["if-range"]).toMatch(/^"/);
  });

  test("a server that does not know ranges sends all of it", async () => {
    await using server = await serve();
    await leavePart(server);
    server.misbehave = (_, response, file) => {
      if (file === undefined) return false;
      response.writeHead(200, { "content-length": file.length }).end(file);
      return true;
    };
    expect(await install(server)).toMatchObject({ wasInstalled: false });
  });

  test("a server that sends another part than was asked for is not believed", async () => {
    await using server = await serve();
    await leavePart(server);
    server.misbehave = (request, response, file) => {
      if (file === undefined || request.headers.range === undefined) return false;
      const range = `bytes 5-${file.length - 1}/${file.length}`;
      response.writeHead(206, { "content-range": range }).end(file.subarray(5));
      return true;
    };
    expect(await install(server)).toMatchObject({ wasInstalled: false });
  });

  test("what has arrived of a file that has changed since is thrown away", async () => {
    const changed = await playedRelease("1.14.2", 200_000);
    {
      await using server = await serve();
      await leavePart(server);
    }
    await using server = await serve(changed);
    const { sha256: actual } = await install(server);
    expect(actual).toBe(sha256(changed.files[ASSET]!));
  });

  test("what has arrived and is damaged is noticed, and got again", async () => {
    await using server = await serve();
    const length = await leavePart(server);
    writeFileSync(home(".downloads", "v1.14.2", ASSET), Buffer.alloc(length, 7));
    server.misbehave = () => false;
    await install(server);
    expect(
      server
        .downloads()
        .slice(-2)
        .map(({ headers }) => headers.range),
    ).toEqual([`bytes=${length}-`, undefined]);
  });

  test("a part that is too long, or a note that is nonsense, is begun anew", async () => {
    await using server = await serve();
    await leavePart(server);
    server.misbehave = () => false;
    writeFileSync(home(".downloads", "v1.14.2", `${ASSET}.part.json`), "{");
    await install(server);
    await removeVersion(parseVersion("1.14.2"), env);
    await leavePart(server);
    server.misbehave = () => false;
    truncateSync(home(".downloads", "v1.14.2", ASSET), archive.length + 10);
    await install(server);
  });

  test("a whole file that was not unpacked yet is not asked for again", async () => {
    await using server = await serve();
    const abort = new AbortController();
    const options = {
      signal: abort.signal,
      onProgress: (p: InstallProgress) => p.phase === "unpacking" && abort.abort(),
    };
    const error = await failure(server, options);
    expect(error.type.code).toBe("interrupted");
    const before = server.downloads().length;
    await install(server);
    expect(server.downloads()).toHaveLength(before);
  });

  /** An installation that breaks off half-way for good; how much it left. */
  async function leavePart(server: ReleaseServer): Promise<number> {
    server.misbehave = (request, response, file) => {
      if (file === undefined) return false;
      const from = Number(/\d+/.exec(request.headers.range ?? "") ?? 0);
      if (from > 0) response.writeHead(500).end();
      else cutOff(response, file, 0, 70_000);
      return true;
    };
    const error = await failure(server);
    expect(error.type.code).toBe("status");
    const { size } = statSync(home(".downloads", "v1.14.2", ASSET));
    expect(size).toBeGreaterThan(0);
    return size;
  }
});

/** Announces a file, sends some of it, and hangs up. */
function cutOff(response: ServerResponse, file: Uint8Array, from: number, length: number): void {
  const etag = `"${sha256(file).slice(0, 16)}"`;
  const range = from === 0 ? {} : { "content-range": `bytes ${from}-${file.length - 1}/${file.length}` };
  response.writeHead(from === 0 ? 200 : 206, { "content-length": file.length - from, etag, ...range });
  response.write(file.subarray(from, from + length), () => setTimeout(() => response.destroy(), 30));
}

describe("what is refused", () => {
  test("a wrong checksum, the release's and the user's", async () => {
    await using server = await serve({ ...release, digests: { [ASSET]: `sha256:${"0".repeat(64)}` } });
    const error = await failure(server);
    expect(error.message).toContain(`expected: ${"0".repeat(64)}`);
    expect(error.message).toContain(`found:    ${sha256(archive)}`);
    expect(readdirSync(home(".downloads", "v1.14.2"))).toEqual([]);
    // Begun once: a file that was got from its beginning is not got again.
    expect(server.downloads()).toHaveLength(1);
    expect((await failure(server, { sha256: "1".repeat(64) })).type.code).toBe("checksum");
    expect((await failure(server, { sha256: "no" })).type.code).toBe("option");
  });

  test("a file whose checksum nobody knows, unless that is allowed", async () => {
    await using server = await serve({ ...release, digests: { [ASSET]: null } });
    const error = await failure(server);
    expect([error.type.code, error.hint]).toEqual(["no-checksum", expect.stringContaining("--sha256")]);
    expect(server.downloads()).toEqual([]);
    expect(await install(server, { allowUnchecked: true })).toMatchObject({ checked: false });
    expect(await install(server, { force: true, sha256: `sha256:${sha256(archive)}` })).toMatchObject({
      checked: true,
    });
  });

  test.each([
    ["SHA256SUMS", (sum: string) => `${"0".repeat(64)}  other.zip\n${sum.toUpperCase()} *${ASSET}\n`],
    [`${ASSET}.sha256`, (sum: string) => `${sum}\n`],
  ])("a checksum from the file %s of the release", async (name, text) => {
    const files = { ...release.files, [name]: Buffer.from(text(sha256(archive))) };
    await using server = await serve({ files, digests: { [ASSET]: null } });
    expect(await install(server)).toMatchObject({ checked: true });
  });

  test("a version that there is not is told with those that stand near", async () => {
    const others = Object.fromEntries(
      ["1.13.0", "1.14.0", "1.14.3", "1.15.0", "1.9.0"].map((v) => [`v${v}`, release] as const),
    );
    await using server = await ReleaseServer.start(others);
    const error = await failure(server);
    expect(error.message).toBe("There is no release v1.14.2 of avalanchego");
    expect(error.hint).toBe("There are v1.15.0, v1.14.3, v1.14.0, v1.13.0, v1.9.0");
  });

  test.each(["../../etc", "1.14", "v1.14.2/../..", "", " "])("the version %p", async (version) => {
    await using server = await serve();
    const error = await failure(server, { version: version || "-" });
    expect(error.type as object).toEqual({ code: "option", option: "version" });
    expect(server.seen).toEqual([]);
  });

  test("a machine that there are no releases for, and a release without a file for this one", async () => {
    await using server = await serve();
    expect((await failure(server, {}, { machine: { platform: "freebsd", arch: "x64" } })).type.code).toBe("machine");
    expect(server.seen).toEqual([]);
    const error = await failure(server, {}, { machine: { platform: "linux", arch: "arm64" } });
    expect(error.message).toBe(`Release v1.14.2 has no avalanchego-linux-arm64-v1.14.2.tar.gz: it has ${ASSET}`);
  });

  test("the API's limit is told, with how to raise it", async () => {
    await using server = await serve();
    server.misbehave = (_, response) => {
      response.writeHead(403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1800000000" }).end("{}");
      return true;
    };
    const error = await failure(server);
    expect(error.type.code).toBe("rate-limited");
    expect(error.message).toContain("until 2027-01-15T08:00:00.000Z");
    expect(error.hint).toContain("GITHUB_TOKEN");
  });

  test("answers that make no sense", async () => {
    await using server = await serve();
    for (const body of ["<html>", "[]", '{"tag_name": 7}', '{"tag_name": "v1.14.3", "assets": []}']) {
      server.misbehave = (_, response) => {
        response.writeHead(200).end(body);
        return true;
      };
      expect((await failure(server)).type.code).toBe("bad-answer");
    }
  });

  test("errors of the server are tried again, and told when they last", async () => {
    await using server = await serve();
    let failures = 2;
    server.misbehave = (_, response) => {
      if (failures-- <= 0) return false;
      response.writeHead(503).end();
      return true;
    };
    await install(server);
    await removeVersion(parseVersion("1.14.2"), env);
    failures = 100;
    expect((await failure(server)).type).toMatchObject({ code: "status", status: 503 });
  });

  test("more bytes than the release says, fewer, and an encoding", async () => {
    await using server = await serve();
    const answers: ((response: ServerResponse, file: Uint8Array) => void)[] = [
      (response, file) => response.writeHead(200).end(Buffer.concat([file, file])),
      (response, file) =>
        response.writeHead(200, { "content-length": file.length + 1 }).end(Buffer.concat([file, Buffer.from("x")])),
      (response, file) => response.writeHead(200, { "content-length": "10" }).end(file.subarray(0, 10)),
    ];
    for (const answer of answers) {
      server.misbehave = (_, response, file) => {
        if (file === undefined) return false;
        answer(response, file);
        return true;
      };
      expect((await failure(server)).type.code).toBe("unreachable");
    }
  });

  test("a line that brings nothing, or next to nothing, comes to an end", async () => {
    await using server = await serve();
    const drips: ReturnType<typeof setInterval>[] = [];
    server.misbehave = (_, response, file) => {
      if (file === undefined) return false;
      response.writeHead(200, { "content-length": file.length });
      drips.push(setInterval(() => response.write("x"), 20));
      return true;
    };
    const error = await failure(server, { stallMs: 200 }, { retryDelaysMs: [] });
    for (const drip of drips) clearInterval(drip);
    expect(error.type.code).toBe("stalled");
    server.misbehave = () => true; // never answers
    expect((await failure(server, { stallMs: 100 }, { retryDelaysMs: [] })).type.code).toBe("stalled");
  });

  test("redirections go on for ten, and no longer; to this machine they do not lead back", async () => {
    await using server = await serve();
    let left = 9;
    server.misbehave = (request, response) => {
      if (!request.path.startsWith("/download") || left-- <= 0) return false;
      response.writeHead(302, { location: request.path }).end();
      return true;
    };
    await install(server);
    await removeVersion(parseVersion("1.14.2"), env);
    left = 1_000;
    expect((await failure(server)).message).toContain("redirects more than 10 times");
    for (const location of ["ftp://127.0.0.1/x", "http://example.com/x", "file:///etc/passwd", "http://[bad"]) {
      server.misbehave = (_, response) => {
        response.writeHead(302, { location }).end();
        return true;
      };
      expect((await failure(server)).type.code).toBe("refused-url");
    }
  });

  test("an address without encryption elsewhere, or none at all", async () => {
    const ask = (releasesUrl: string) =>
      installAvalanchego({ releasesUrl, version: "1.14.2" }, { env, machine: LINUX, retryDelaysMs: [] });
    await expect(ask("http://example.com/releases")).rejects.toThrow("is not encrypted");
    await expect(ask("nonsense")).rejects.toThrow("is no address");
    await expect(ask("http://127.0.0.1:1/releases")).rejects.toBeInstanceOf(InstallError);
  });

  test("a token goes to the API, and not to where it redirects", async () => {
    await using other = await serve();
    await using server = await serve();
    env = { ...env, GITHUB_TOKEN: "secret" };
    server.misbehave = (request, response, file) => {
      if (file === undefined) return false;
      response.writeHead(302, { location: `${other.origin}${request.path}` }).end();
      return true;
    };
    await install(server);
    expect(server.seen[0]?.headers.authorization).toBe("Bearer secret");
    expect(other.seen).toHaveLength(1);
    expect(other.seen[0]?.headers.authorization).toBeUndefined();
  });
});

describe("archives and programs", () => {
  const withArchive = (bytes: Uint8Array) => serve({ files: { [ASSET]: bytes } });
  const program = (content: string) => tarGz([{ path: "a/avalanchego", kind: "file", mode: 0o755, content }]);

  test.each([
    ["climbs", tarGz([{ path: "a/../../../evil", kind: "file", content: "x" }]), "unsafe-entry"],
    ["holds a link out", tarGz([{ path: "a/avalanchego", kind: "symlink", target: "/bin/true" }]), "unsafe-entry"],
    ["is none", Promise.resolve(Buffer.from("<html>".repeat(99))), "unsupported-archive"],
    ["is damaged", Promise.resolve(gzipSync("not a tar".repeat(99))), "damaged"],
    ["has no program", tarGz([{ path: "a/readme", kind: "file", content: "x" }]), "program"],
    [
      "has a link for a program",
      tarGz([
        { path: "a/avalanchego", kind: "symlink", target: "sh" },
        { path: "a/sh", kind: "file", content: "x" },
      ]),
      "program",
    ],
    ["has a directory for a program", tarGz([{ path: "a/avalanchego/x", kind: "file", content: "x" }]), "program"],
    ["has a program that does not run", program("#!/nonexistent\n"), "program"],
    ["has a program that fails", program("#!/bin/sh\nexit 3\n"), "program"],
    ["has another version", program("#!/bin/sh\necho avalanchego/1.14.1\n"), "program"],
  ])("an archive that %s is refused", async (_, bytes, code) => {
    await using server = await withArchive(await bytes);
    expect((await failure(server)).type.code).toBe(code);
    expect(readdirSync(directory.path)).toEqual([".avx"]);
  });

  test("an older program that knows --version alone, and a release for fuji", async () => {
    const old = program('#!/bin/sh\n[ "$1" = --version ] || exit 2\necho "avalanchego/1.14.2 [database=v1.4.5]"\n');
    await using server = await serve({ files: { "avalanchego-linux-amd64-v1.14.2-fuji.tar.gz": await old } }, {});
    server.misbehave = (request, response, file) => {
      if (file !== undefined || !request.path.endsWith("/tags/v1.14.2-fuji")) return false;
      const name = "avalanchego-linux-amd64-v1.14.2-fuji.tar.gz";
      const assets = [{ name, browser_download_url: `${server.origin}/download/v1.14.2/${name}` }];
      response.writeHead(200).end(JSON.stringify({ tag_name: "v1.14.2-fuji", assets }));
      return true;
    };
    const { path } = await install(server, { version: "1.14.2-fuji", allowUnchecked: true });
    expect(path).toBe(home("v1.14.2-fuji", "avalanchego"));
  });
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
  writeFileSync(directory.join(".avx"), "a file");
  await expect(install(server)).rejects.toThrow("Cannot write");
});

test.skipIf(!CAN_MOUNT)(
  needsMount("a disk that is full or read-only is told; with room again it goes on where it stopped"),
  async () => {
    using disk = smallDisk(16 * 1024 * 1024);
    env = { ...env, AVX_HOME: disk.path };
    release = await playedRelease("1.14.2", 4_000_000);
    await using server = await serve();
    disk.fill(600_000);
    const error = await failure(server);
    expect([error.type.code, error.message]).toEqual(["unwritable", expect.stringContaining("the disk is full")]);
    disk.clear();
    const left = statSync(disk.join("avalanchego", ".downloads", "v1.14.2", ASSET)).size;
    expect(left).toBeGreaterThan(0);
    await install(server);
    expect(server.downloads().at(-1)?.headers.range).toBe(`bytes=${left}-`);
    await removeVersion(parseVersion("1.14.2"), env);
    disk.readOnly(true);
    expect((await failure(server)).type.code).toBe("unwritable");
    disk.readOnly(false);
  },
);
