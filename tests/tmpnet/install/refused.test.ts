/** What is refused: checksums that do not fit, versions and machines that there are no releases for. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync } from "node:fs";
import { homeForEachTest } from "../home.ts";
import { ReleaseServer, sha256 } from "./release_server.ts";
import { ASSET, archive, installsOf, release } from "./support.ts";

// Each test moves files and starts programs: on a busy machine that takes its time.
setDefaultTimeout(60_000);

const home = homeForEachTest();
const { failure, install, place, serve } = installsOf(home);

test("a wrong checksum is refused, the release's and the user's", async () => {
  await using server = await serve({ ...release, digests: { [ASSET]: `sha256:${"0".repeat(64)}` } });
  const error = await failure(server);
  expect(error.message).toContain(`expected: ${"0".repeat(64)}`);
  expect(error.message).toContain(`found:    ${sha256(archive)}`);
  expect(readdirSync(place(".downloads", "v1.14.2"))).toEqual([]);
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

test.each(["../../etc", "1.14", "v1.14.2/../..", "", " "])("the version %p is refused", async (version) => {
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
