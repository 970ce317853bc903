/** What is in a release is unpacked with care, and tried before it counts. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { tarGz } from "../archive/support.ts";
import { homeForEachTest } from "../home.ts";
import { ASSET, installsOf } from "./support.ts";

// Each test moves files and starts programs: on a busy machine that takes its time.
setDefaultTimeout(60_000);

const home = homeForEachTest();
const { failure, install, place, serve } = installsOf(home);

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
  expect(readdirSync(home.directory.path)).toEqual([".avx"]);
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
  expect(path).toBe(place("v1.14.2-fuji", "avalanchego"));
});
