/**
 * Writes zip archives for tests: right ones, and wrong ones field by field.
 *
 * @module
 */

import { crc32, deflateRawSync } from "node:zlib";

/** An entry; directories end with a slash. */
export interface ZipEntry {
  readonly path: string;
  readonly content: string;
  /** A whole Unix mode, kind of file included. */
  readonly mode?: number;
  readonly method?: number;
}

/** What the directory says of every file that is not so. */
export interface ZipLies {
  readonly size?: number;
  readonly crc?: number;
  readonly method?: number;
  readonly flags?: number;
}

/** Makes a zip archive. */
export function zip(entries: readonly ZipEntry[], lies: ZipLies = {}): Uint8Array {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { path, content, mode = 0o100644, method = content === "" ? 0 : 8 } of entries) {
    const name = Buffer.from(path);
    const bytes = Buffer.from(content);
    const packed = method === 8 ? deflateRawSync(bytes) : bytes;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE((3 << 8) | 20, 4);
    central.writeUInt16LE(lies.flags ?? 0, 8);
    central.writeUInt16LE(lies.method ?? method, 10);
    central.writeUInt32LE(lies.crc ?? crc32(bytes), 16);
    central.writeUInt32LE(packed.length, 20);
    central.writeUInt32LE(lies.size ?? bytes.length, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt16LE(mode, 40);
    central.writeUInt32LE(offset, 42);
    locals.push(local, name, packed);
    directory.push(central, name);
    offset += 30 + name.length + packed.length;
  }
  const length = directory.reduce((sum, part) => sum + part.length, 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...directory, end]);
}
