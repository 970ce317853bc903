/**
 * The ad-hoc signature of a macOS executable or library: hashes of its pages at its end, without which newer macOS ends
 * it at once.
 *
 * Bun signs what it compiles for Apple silicon. What it compiles for Intel keeps the signature of Bun itself, which no
 * longer fits (seen with 1.4.5). This puts a fitting one in its place, as Apple's linker writes it, on any system.
 * The layouts are those of Apple's `mach-o/loader.h` and xnu's `osfmk/kern/cs_blobs.h`.
 *
 * @module
 */

import { createHash } from "node:crypto";

const MACHO_64 = 0xfeedfacf;
const MACHO_HEADER_BYTES = 32;
const LC_SEGMENT_64 = 0x19;
const LC_CODE_SIGNATURE = 0x1d;

const SUPER_BLOB = 0xfade0cc0;
const SUPER_BLOB_BYTES = 20;
const CODE_DIRECTORY = 0xfade0c02;
const CODE_DIRECTORY_BYTES = 88;
/** The oldest version with the bounds of the text segment. */
const CODE_DIRECTORY_VERSION = 0x20400;
const FLAGS_ADHOC_LINKER_SIGNED = 0x20002;
const HASH_SHA256 = 2;
const HASH_BYTES = 32;
const PAGE_BITS = 12;
const PAGE_BYTES = 1 << PAGE_BITS;
const MAIN_BINARY = 1n;

/** Where the parts of an executable are that a signature speaks of. Offsets are bytes from the start of the file. */
interface Layout {
  /** The load command that says where the signature is. */
  readonly signatureCommand: number;
  /** Where the signature begins: all before it is signed. */
  readonly signatureStart: number;
  readonly textOffset: bigint;
  readonly textBytes: bigint;
  /** The load command of the segment that holds the signature. */
  readonly linkEditCommand: number;
  readonly linkEditOffset: number;
}

/**
 * Signs an executable.
 *
 * @param file A 64-bit Mach-O executable that has a place for a signature, at its end. It is changed.
 * @param identifier The name that the signature gives it.
 * @returns The whole signed file.
 * @throws {Error} when it is no such executable.
 */
export function signMachO(file: Uint8Array, identifier: string): Uint8Array {
  const layout = readLayout(file);
  const pages = Math.ceil(layout.signatureStart / PAGE_BYTES);
  const name = new TextEncoder().encode(`${identifier}\0`);
  const hashesOffset = CODE_DIRECTORY_BYTES + name.length;
  const directoryBytes = hashesOffset + pages * HASH_BYTES;
  const signatureBytes = Math.ceil((SUPER_BLOB_BYTES + directoryBytes) / 16) * 16;

  const signed = new Uint8Array(layout.signatureStart + signatureBytes);
  signed.set(file.subarray(0, layout.signatureStart));

  // 1. The load commands, which lie in the first page and so are signed too.
  const commands = new DataView(signed.buffer);
  const linkEditBytes = BigInt(signed.length - layout.linkEditOffset);
  commands.setUint32(layout.signatureCommand + 12, signatureBytes, true);
  commands.setBigUint64(layout.linkEditCommand + 32, roundUp(linkEditBytes, 0x4000n), true); // vmsize
  commands.setBigUint64(layout.linkEditCommand + 48, linkEditBytes, true); // filesize

  // 2. The blob that holds the directory, and nothing else.
  const blob = new DataView(signed.buffer, layout.signatureStart);
  writeUint32s(blob, 0, [SUPER_BLOB, SUPER_BLOB_BYTES + directoryBytes, 1, 0, SUPER_BLOB_BYTES]);

  // 3. The directory.
  const directory = new DataView(signed.buffer, layout.signatureStart + SUPER_BLOB_BYTES);
  writeUint32s(directory, 0, [
    CODE_DIRECTORY,
    directoryBytes,
    CODE_DIRECTORY_VERSION,
    FLAGS_ADHOC_LINKER_SIGNED,
    hashesOffset,
    CODE_DIRECTORY_BYTES, // where the identifier is
    0, // special slots
    pages,
    layout.signatureStart, // how much is signed
  ]);
  directory.setUint8(36, HASH_BYTES);
  directory.setUint8(37, HASH_SHA256);
  directory.setUint8(39, PAGE_BITS);
  directory.setBigUint64(64, layout.textOffset);
  directory.setBigUint64(72, layout.textBytes);
  directory.setBigUint64(80, MAIN_BINARY);
  signed.set(name, layout.signatureStart + SUPER_BLOB_BYTES + CODE_DIRECTORY_BYTES);

  // 4. The pages' hashes; the last page is what is left.
  for (let page = 0; page < pages; page++) {
    const at = layout.signatureStart + SUPER_BLOB_BYTES + hashesOffset + page * HASH_BYTES;
    signed.set(hashPage(signed, page, layout.signatureStart), at);
  }
  return signed;
}

/**
 * Whether an executable's signature fits it: all of it is signed, and every page has the hash that is written.
 *
 * @throws {Error} when it is no 64-bit Mach-O executable with a place for a signature.
 */
export function isMachOSigned(file: Uint8Array): boolean {
  const { signatureStart } = readLayout(file);
  const written = findPageHashes(file, signatureStart);
  return written?.every((hash, page) => hashPage(file, page, signatureStart).equals(hash)) ?? false;
}

/** Whether an executable or a library has a signature, fitting or not. Libraries for Intel may go without. */
export function hasMachOSignature(file: Uint8Array): boolean {
  return readCommands(file).signature !== undefined;
}

/**
 * Makes the ad-hoc signature of a file fit again after bytes of it were changed: pages' hashes are written in their
 * places, and nothing else is.
 *
 * @param file It is changed.
 * @throws {Error} when it has no signature, or one that is more than a directory of hashes: somebody's.
 */
export function renewMachOHashes(file: Uint8Array): void {
  const { signatureStart } = readLayout(file);
  const written = findPageHashes(file, signatureStart);
  const blobs = viewOf(file).getUint32(signatureStart + 8);
  if (written === undefined || blobs !== 1) throw new Error("this Mach-O signature is more than hashes of pages");
  for (const [page, hash] of written.entries()) hash.set(hashPage(file, page, signatureStart));
}

/** The places of the pages' hashes in a signature, or `undefined` where it is of another form or speaks of another length. */
function findPageHashes(file: Uint8Array, signatureStart: number): Uint8Array[] | undefined {
  const view = viewOf(file);
  if (view.getUint32(signatureStart) !== SUPER_BLOB) return undefined;
  const start = signatureStart + view.getUint32(signatureStart + 16);
  if (view.getUint32(start) !== CODE_DIRECTORY || view.getUint32(start + 32) !== signatureStart) return undefined;
  if (view.getUint8(start + 37) !== HASH_SHA256 || view.getUint8(start + 39) !== PAGE_BITS) return undefined;
  const hashes = start + view.getUint32(start + 16);
  const pages = view.getUint32(start + 28);
  if (pages !== Math.ceil(signatureStart / PAGE_BYTES)) return undefined;
  return Array.from({ length: pages }, (_, page) =>
    file.subarray(hashes + page * HASH_BYTES, hashes + (page + 1) * HASH_BYTES),
  );
}

function hashPage(file: Uint8Array, page: number, end: number): Buffer {
  const start = page * PAGE_BYTES;
  return createHash("sha256")
    .update(file.subarray(start, Math.min(start + PAGE_BYTES, end)))
    .digest();
}

function readLayout(file: Uint8Array): Layout {
  const { signature, segments } = readCommands(file);
  const text = segments.get("__TEXT");
  const linkEdit = segments.get("__LINKEDIT");
  if (signature === undefined || text === undefined || linkEdit === undefined) {
    throw new Error("this Mach-O executable has no place for a signature");
  }
  const view = viewOf(file);
  return {
    signatureCommand: signature,
    signatureStart: view.getUint32(signature + 8, true),
    textOffset: view.getBigUint64(text + 40, true),
    textBytes: view.getBigUint64(text + 48, true),
    linkEditCommand: linkEdit,
    linkEditOffset: Number(view.getBigUint64(linkEdit + 40, true)),
  };
}

/** Where the load commands are that matter here. */
function readCommands(file: Uint8Array): { signature: number | undefined; segments: Map<string, number> } {
  const view = viewOf(file);
  if (file.length < MACHO_HEADER_BYTES || view.getUint32(0, true) !== MACHO_64) {
    throw new Error("this is no 64-bit Mach-O executable");
  }
  const segments = new Map<string, number>();
  let signature: number | undefined;
  let at = MACHO_HEADER_BYTES;
  for (let left = view.getUint32(16, true); left > 0; left--) {
    const command = view.getUint32(at, true);
    if (command === LC_CODE_SIGNATURE) signature = at;
    if (command === LC_SEGMENT_64) segments.set(readName(file.subarray(at + 8, at + 24)), at);
    at += view.getUint32(at + 4, true);
  }
  return { signature, segments };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function readName(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end));
}

function writeUint32s(view: DataView, offset: number, values: readonly number[]): void {
  for (const [index, value] of values.entries()) view.setUint32(offset + index * 4, value);
}

function roundUp(value: bigint, unit: bigint): bigint {
  return ((value + unit - 1n) / unit) * unit;
}
