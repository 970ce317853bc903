/**
 * A server on this machine that plays GitHub's release pages: its API and its downloads, well or badly behaved.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tarGz } from "../archive/support.ts";

/** A release as the server has it: files by name. */
export interface PlayedRelease {
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** What the API says of a file's checksum; @default The right one. */
  readonly digests?: Readonly<Record<string, string | null>>;
}

/** A request that came. */
export interface SeenRequest {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
}

/** Takes over an answer; `false` leaves it to the server. */
export type Misbehaviour = (request: SeenRequest, response: ServerResponse, file: Uint8Array | undefined) => boolean;

export class ReleaseServer implements AsyncDisposable {
  readonly seen: SeenRequest[] = [];
  /** Changed by tests as they go. */
  misbehave: Misbehaviour = () => false;
  readonly #server = createServer((request, response) => this.#answer(request, response));
  readonly #releases: Map<string, PlayedRelease>;

  private constructor(releases: Readonly<Record<string, PlayedRelease>>) {
    this.#releases = new Map(Object.entries(releases));
  }

  /** @param releases By tag; the first is the latest. */
  static async start(releases: Readonly<Record<string, PlayedRelease>>): Promise<ReleaseServer> {
    const server = new ReleaseServer(releases);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** For `AVX_RELEASES_URL`. */
  get url(): string {
    return `${this.origin}/api/releases`;
  }

  downloads(): SeenRequest[] {
    return this.seen.filter(({ path }) => path.startsWith("/download/"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const seen = { path: request.url ?? "", headers: request.headers };
    this.seen.push(seen);
    const [, tag = "", name = ""] = /^\/download\/([^/]+)\/(.+)$/.exec(seen.path) ?? [];
    const file = this.#releases.get(tag)?.files[name];
    if (this.misbehave(seen, response, file)) return;
    if (file !== undefined) sendFile(request, response, file);
    else this.#api(seen.path, response);
  }

  #api(path: string, response: ServerResponse): void {
    const [tag] = path === "/api/releases/latest" ? [...this.#releases.keys()] : (/(?<=\/tags\/).+$/.exec(path) ?? []);
    if (path.startsWith("/api/releases?")) {
      const isFirst = new URLSearchParams(path.split("?")[1]).get("page") === "1";
      sendJSON(response, isFirst ? [...this.#releases.keys()].map((each) => this.#release(each)) : []);
    } else if (tag !== undefined && this.#releases.has(tag)) {
      sendJSON(response, this.#release(tag));
    } else {
      response.writeHead(404).end('{"message": "Not Found"}');
    }
  }

  #release(tag: string) {
    const { files = {}, digests = {} } = this.#releases.get(tag) ?? {};
    const assets = Object.entries(files).map(([name, bytes]) => ({
      name,
      size: bytes.length,
      digest: name in digests ? digests[name] : `sha256:${sha256(bytes)}`,
      browser_download_url: `${this.origin}/download/${tag}/${name}`,
    }));
    return { tag_name: tag, draft: false, assets };
  }
}

function sendJSON(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
}

/** Sends a file, or the rest of it where that is asked for. */
export function sendFile(request: Pick<SeenRequest, "headers">, response: ServerResponse, file: Uint8Array): void {
  const etag = `"${sha256(file).slice(0, 16)}"`;
  const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? "") ?? [];
  const ifRange = request.headers["if-range"];
  if (from === undefined || (ifRange !== undefined && ifRange !== etag)) {
    response.writeHead(200, { "content-length": file.length, etag }).end(file);
    return;
  }
  const rest = file.subarray(Number(from));
  if (rest.length === 0) {
    response.writeHead(416, { "content-range": `bytes */${file.length}` }).end();
    return;
  }
  const range = `bytes ${from}-${file.length - 1}/${file.length}`;
  response.writeHead(206, { "content-length": rest.length, "content-range": range, etag }).end(rest);
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A program that says it is a version of avalanchego; with something that does not compress, to be of some size. */
export function playedProgram(version: string, size = 0): Uint8Array {
  const answer = `{"application": "avalanchego/${version}", "rpcchainvm": 45}`;
  const ballast = Buffer.from(createHash("sha512").update(version).digest());
  const lines = Array.from({ length: Math.ceil(size / 130) }, (_, i) => {
    return `# ${createHash("sha512").update(ballast).update(String(i)).digest("hex")}`;
  });
  return Buffer.from(`#!/bin/sh\necho '${answer}'\nexit 0\n${lines.join("\n")}\n`);
}

/** A release for Linux on x64. */
export async function playedRelease(version: string, size = 0): Promise<PlayedRelease> {
  const program = playedProgram(version.replace(/-.*/, ""), size);
  const top = `avalanchego-v${version}`;
  const archive = await tarGz([
    { path: top, kind: "directory", mode: 0o755 },
    { path: `${top}/avalanchego`, kind: "file", mode: 0o755, content: program },
  ]);
  return { files: { [`avalanchego-linux-amd64-v${version}.tar.gz`]: archive } };
}
