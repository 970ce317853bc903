/**
 * Writes tar archives as a stream: ustar, with pax headers where a name is long or a file large. GNU tar, bsdtar and
 * `readTar` read them.
 *
 * @module
 */

import { concatBytes } from "../../core/bytes.ts";
import { BLOCK, FIELDS, type FieldName, headerChecksum, paddingAfter } from "./tar_format.ts";

/** What goes into an archive. */
export interface TarItem {
  /** With `/` between its parts, none of them `..`. */
  readonly path: string;
  readonly kind: "file" | "directory" | "symlink";
  /** Unix permission bits. */
  readonly mode: number;
  /** What a link points to. */
  readonly target?: string;
  /** Bytes of content; exactly as many must come. */
  readonly size?: number;
  readonly content?: AsyncIterable<Uint8Array>;
}

const TYPES: Readonly<Record<TarItem["kind"], string>> = { file: "0", directory: "5", symlink: "2" };

/** The largest size that eleven octal digits hold: 8 GiB less one. */
const MAX_OCTAL_SIZE = 8 ** 11 - 1;

/**
 * Makes a tar archive.
 *
 * @throws {RangeError} When content is shorter or longer than its size says: a file that changes while it is read.
 *
 * @example
 * ```ts
 * const items = [{ path: "a.txt", kind: "file", mode: 0o600, size: 2, content: [Buffer.from("hi")] }];
 * await pipeline(writeTar(items), createGzip(), createWriteStream("a.tar.gz"));
 * ```
 */
export async function* writeTar(
  items: AsyncIterable<TarItem> | Iterable<TarItem>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const item of items) {
    const { path, size = 0, content } = item;
    yield headers(item);
    let written = 0;
    for await (const chunk of content ?? []) {
      written += chunk.length;
      if (written > size) break;
      yield chunk;
    }
    if (written !== size) throw new RangeError(`${path} changed while it was read`);
    yield new Uint8Array(paddingAfter(size));
  }
  yield new Uint8Array(2 * BLOCK);
}

function headers({ path, kind, mode, target = "", size = 0 }: TarItem): Uint8Array {
  const name = kind === "directory" ? `${path}/` : path;
  const records: Record<string, string> = {};
  if (!fits(name, "name")) records["path"] = name;
  if (!fits(target, "target")) records["linkpath"] = target;
  if (size > MAX_OCTAL_SIZE) records["size"] = String(size);
  const own = header(name, TYPES[kind], mode, target, size);
  if (Object.keys(records).length === 0) return own;
  const body = Buffer.from(Object.entries(records).map(paxRecord).join(""));
  const padding = new Uint8Array(paddingAfter(body.length));
  return concatBytes(header("pax", "x", 0o600, "", body.length), body, padding, own);
}

function header(name: string, type: string, mode: number, target: string, size: number): Uint8Array {
  const bytes = Buffer.alloc(BLOCK);
  const put = (field: FieldName, text: string) => {
    const [offset, length] = FIELDS[field];
    bytes.write(text, offset, length, "utf8");
  };
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0");
  put("name", name);
  put("mode", octal(mode & 0o7777, 7));
  put("uid", octal(0, 7));
  put("gid", octal(0, 7));
  put("size", octal(size > MAX_OCTAL_SIZE ? 0 : size, 11));
  put("mtime", octal(0, 11));
  put("type", type);
  put("target", target);
  put("magic", "ustar\0");
  put("version", "00");
  put("checksum", `${octal(headerChecksum(bytes), 6)}\0 `);
  return bytes;
}

function fits(text: string, field: FieldName): boolean {
  return Buffer.byteLength(text) <= FIELDS[field][1];
}

/** `<length> <key>=<value>\n`, where the length counts its own digits, too. */
function paxRecord([key, value]: [string, string]): string {
  const rest = ` ${key}=${value}\n`;
  const length = Buffer.byteLength(rest);
  const digits = String(length + String(length).length).length;
  return `${length + digits}${rest}`;
}
