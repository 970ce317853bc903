/** Servers that are in trouble, or up to no good. */

import { expect, setDefaultTimeout, test } from "bun:test";
import type { ServerResponse } from "node:http";
import { InstallError } from "../../../lib/tmpnet/install/errors.ts";
import { installAvalanchego } from "../../../lib/tmpnet/install/install.ts";
import { removeVersion } from "../../../lib/tmpnet/install/store.ts";
import { parseVersion } from "../../../lib/tmpnet/install/version.ts";
import { homeForEachTest } from "../home.ts";
import { installsOf, LINUX } from "./support.ts";

// Each test moves files and starts programs: on a busy machine that takes its time.
setDefaultTimeout(60_000);

const home = homeForEachTest();
const { failure, install, serve } = installsOf(home);

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

test("answers that make no sense are told", async () => {
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
  await removeVersion(parseVersion("1.14.2"), home.env);
  failures = 100;
  expect((await failure(server)).type).toMatchObject({ code: "status", status: 503 });
});

test("more bytes than the release says, or fewer, are no file of it", async () => {
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
  await removeVersion(parseVersion("1.14.2"), home.env);
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

test("an address without encryption elsewhere, or none at all, is refused", async () => {
  const ask = (releasesUrl: string) =>
    installAvalanchego({ releasesUrl, version: "1.14.2" }, { env: home.env, machine: LINUX, retryDelaysMs: [] });
  await expect(ask("http://example.com/releases")).rejects.toThrow("is not encrypted");
  await expect(ask("nonsense")).rejects.toThrow("is no address");
  await expect(ask("http://127.0.0.1:1/releases")).rejects.toBeInstanceOf(InstallError);
});

test("a token goes to the API, and not to where it redirects", async () => {
  await using other = await serve();
  await using server = await serve();
  home.env["GITHUB_TOKEN"] = "secret";
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
