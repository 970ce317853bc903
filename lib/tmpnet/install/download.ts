/**
 * Downloads one file, and goes on where an earlier attempt stopped.
 *
 * What has arrived lies in a file beside a note that says what it is a part of. It is gone on with only where the note
 * is about the same file, and where the server says that what it sends is the rest of the same: by range and total
 * length always, by the file's ETag where it has one. Everything else begins anew. Whether it is the right file in the
 * end is the checksum's to say.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { createReadStream, rmSync } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { FILE_MODE, readJSONFile, unwritable, writeFileWhole } from "../disk/files.ts";
import { InstallError } from "./errors.ts";
import { get, type HttpAnswer, type HttpOptions, MIN_PROGRESS } from "./http.ts";
import { type ReleaseAsset, refuseStatus } from "./releases.ts";
import { type RetryOptions, retrying } from "./retry.ts";

/** How a download behaves. */
export interface DownloadOptions extends HttpOptions, RetryOptions {
  /** Told how far it is; `total` is `undefined` where nobody says. */
  readonly onBytes?: ((received: number, total: number | undefined) => void) | undefined;
}

/** A file of more bytes is no release. */
const MAX_FILE_BYTES = 2 * 1024 ** 3;

/** What a file of which a part has arrived is known by. */
interface PartNote {
  readonly url: string;
  readonly size: number | undefined;
  readonly sha256: string | undefined;
  /** A strong one. */
  readonly etag: string | undefined;
}

/**
 * Downloads a file.
 *
 * @param path Where it is when it is whole, and what has arrived of it until then.
 * @returns How many bytes were there already when it began.
 * @throws {InstallError} What `get` and `refuseStatus` throw; what has arrived stays for the next time.
 * @throws {TmpnetError} `unwritable`.
 */
export async function download(
  asset: Pick<ReleaseAsset, "url" | "size" | "sha256">,
  path: string,
  options: DownloadOptions,
): Promise<number> {
  let resumedFrom: number | undefined;
  let furthest = 0;
  await retrying(async (progress) => {
    const part = await partAt(path, asset);
    resumedFrom ??= part?.length ?? 0;
    furthest = Math.max(furthest, part?.length ?? 0);
    // What was there before is none: a server that begins anew each time, or brings a byte, would be asked for ever.
    const onReceived = (received: number) => {
      if (received < furthest + MIN_PROGRESS) return;
      furthest = received;
      progress();
    };
    if (part !== undefined && part.length === asset.size) return;
    const answer = await get(asset.url, rangeHeaders(part), options);
    try {
      // The part is longer than the file: it is of something else.
      if (answer.status === 416 && part !== undefined) {
        forgetPart(path);
        throw broken(asset.url, "the file has changed");
      }
      refuseStatus(answer, options);
      await receive(answer, asset, path, part, onReceived, options);
    } finally {
      answer.close();
    }
  }, options);
  return resumedFrom ?? 0;
}

/** The SHA-256 of a file, in hexadecimal. */
export async function sha256OfFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) {
    signal?.throwIfAborted();
    hash.update(chunk);
  }
  return hash.digest("hex");
}

/** Removes a file that was downloaded, whole or in part. */
export function forgetPart(path: string): void {
  rmSync(path, { force: true });
  rmSync(notePath(path), { force: true });
}

interface Part {
  readonly length: number;
  readonly etag: string | undefined;
}

function notePath(path: string): string {
  return `${path}.part.json`;
}

/** What has arrived of a file; `undefined` where nothing of use has. */
async function partAt(path: string, { url, size, sha256 }: Pick<ReleaseAsset, "url" | "size" | "sha256">) {
  const length = await stat(path).then(
    (info) => info.size,
    () => 0,
  );
  if (length === 0) return undefined;
  let note: Record<string, unknown> | undefined;
  try {
    note = readJSONFile(notePath(path));
  } catch {
    return undefined; // a note that cannot be read says nothing
  }
  const etag = typeof note?.["etag"] === "string" ? note["etag"] : undefined;
  const isSame = note?.["url"] === url && note["size"] === size && note["sha256"] === sha256;
  // Without a checksum nobody would notice that two files were joined: the ETag must say it.
  const canResume = isSame && (etag !== undefined || sha256 !== undefined) && (size === undefined || length <= size);
  return canResume ? ({ length, etag } satisfies Part) : undefined;
}

function rangeHeaders(part: Part | undefined): Record<string, string> {
  if (part === undefined) return {};
  const range = { range: `bytes=${part.length}-` };
  return part.etag === undefined ? range : { ...range, "if-range": part.etag };
}

async function receive(
  answer: HttpAnswer,
  asset: Pick<ReleaseAsset, "url" | "size" | "sha256">,
  path: string,
  part: Part | undefined,
  onReceived: (received: number) => void,
  { onBytes }: DownloadOptions,
): Promise<void> {
  const { headers, status } = answer;
  const encoding = headers.get("content-encoding") ?? "identity";
  if (encoding !== "identity") throw broken(asset.url, `it is sent in the encoding ${encoding}`);
  const range = status === 206 ? parseRange(headers.get("content-range")) : undefined;
  let start = 0;
  if (status === 206) {
    const isRest =
      part !== undefined && range?.start === part.length && (range.total ?? asset.size) === (asset.size ?? range.total);
    if (!isRest) {
      forgetPart(path);
      throw broken(asset.url, "it sent another part than was asked for");
    }
    start = part.length;
  }
  const length = numberOf(headers.get("content-length"));
  const total = asset.size ?? range?.total ?? (length === undefined ? undefined : start + length);
  if (length !== undefined && total !== undefined && start + length !== total) {
    throw broken(asset.url, `it has ${start + length} bytes, and should have ${total}`);
  }

  const etag = strongETag(headers.get("etag"));
  const note: PartNote = { url: asset.url, size: asset.size, sha256: asset.sha256, etag };
  writeFileWhole(notePath(path), `${JSON.stringify(note)}\n`);
  const file = await open(path, start === 0 ? "w" : "r+", FILE_MODE).catch((error) => {
    throw unwritable(path, error);
  });
  let received = start;
  try {
    onBytes?.(received, total);
    for await (const chunk of answer.body) {
      if (received + chunk.length > (total ?? MAX_FILE_BYTES)) {
        throw broken(asset.url, "it is longer than it should be");
      }
      await writeAll(file, chunk, received, path);
      received += chunk.length;
      onReceived(received);
      onBytes?.(received, total);
    }
  } finally {
    await file.close();
  }
  if (total !== undefined && received < total) throw broken(asset.url, `it ended after ${received} of ${total} bytes`);
}

async function writeAll(file: FileHandle, chunk: Uint8Array, position: number, path: string): Promise<void> {
  for (let at = 0; at < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, at, chunk.length - at, position + at).catch((error) => {
      throw unwritable(path, error);
    });
    at += bytesWritten;
  }
}

/** `bytes 100-199/200`; the total may be `*`. */
function parseRange(header: string | null): { readonly start: number; readonly total: number | undefined } | undefined {
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(header ?? "") ?? [];
  return start === undefined ? undefined : { start: Number(start), total: total === "*" ? undefined : Number(total) };
}

/** A weak one says that two files mean the same, not that they are. */
function strongETag(etag: string | null): string | undefined {
  return etag === null || etag.startsWith("W/") ? undefined : etag;
}

function numberOf(header: string | null): number | undefined {
  return header !== null && /^\d+$/.test(header) ? Number(header) : undefined;
}

/** The transfer went wrong in a way that may pass. */
function broken(url: string, reason: string): InstallError {
  return new InstallError({ code: "unreachable", url }, `Cannot get ${url}: ${reason}`);
}
