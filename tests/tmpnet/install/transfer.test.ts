/** Transfers that break go on where they stopped. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { statSync, truncateSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import type { InstallProgress } from "../../../lib/tmpnet/install/install.ts";
import { removeVersion } from "../../../lib/tmpnet/install/store.ts";
import { parseVersion } from "../../../lib/tmpnet/install/version.ts";
import { homeForEachTest } from "../home.ts";
import { playedRelease, type ReleaseServer, sha256 } from "./release_server.ts";
import { ASSET, archive, installsOf } from "./support.ts";

// Each test moves files and starts programs: on a busy machine that takes its time.
setDefaultTimeout(60_000);

const home = homeForEachTest();
const { failure, install, place, serve } = installsOf(home);

test("a transfer that breaks goes on where it stopped, in one installation", async () => {
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

test("a transfer that broke goes on in the next installation, with If-Range", async () => {
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

test.each([
  ["begins anew each time, and breaks half way", () => 0, 150_000],
  ["brings a few bytes each time", (from: number) => from, 20],
  ["sends another part than was asked for, each time", () => 1, 150_000],
])("a server that %s is given up", async (_, startAt, bytes) => {
  await using server = await serve();
  server.misbehave = ({ headers }, response, file) => {
    if (file === undefined) return false;
    const from = Number(/\d+/.exec(headers.range ?? "") ?? 0);
    const start = startAt(from);
    const isPart = start > 0 && headers.range !== undefined;
    const range = isPart ? { "content-range": `bytes ${start}-${file.length - 1}/${file.length}` } : {};
    response.writeHead(isPart ? 206 : 200, { "content-length": file.length - (isPart ? start : 0), ...range });
    response.write(file.subarray(start, start + bytes), () => response.destroy());
    return true;
  };
  const { type } = await failure(server);
  expect((type as { code: string }).code).toBe("unreachable");
  // One attempt gets further than all before; then there are as many as are tried without that.
  expect(server.downloads().length).toBeLessThanOrEqual(8);
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
  writeFileSync(place(".downloads", "v1.14.2", ASSET), Buffer.alloc(length, 7));
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
  writeFileSync(place(".downloads", "v1.14.2", `${ASSET}.part.json`), "{");
  await install(server);
  await removeVersion(parseVersion("1.14.2"), home.env);
  await leavePart(server);
  server.misbehave = () => false;
  truncateSync(place(".downloads", "v1.14.2", ASSET), archive.length + 10);
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
  const { size } = statSync(place(".downloads", "v1.14.2", ASSET));
  expect(size).toBeGreaterThan(0);
  return size;
}

/** Announces a file, sends some of it, and hangs up. */
function cutOff(response: ServerResponse, file: Uint8Array, from: number, length: number): void {
  const etag = `"${sha256(file).slice(0, 16)}"`;
  const range = from === 0 ? {} : { "content-range": `bytes ${from}-${file.length - 1}/${file.length}` };
  response.writeHead(from === 0 ? 200 : 206, { "content-length": file.length - from, etag, ...range });
  response.write(file.subarray(from, from + length), () => setTimeout(() => response.destroy(), 30));
}
