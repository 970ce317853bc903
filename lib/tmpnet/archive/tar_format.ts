/**
 * A tar header: 512 bytes of fixed fields, as POSIX 1003.1 (ustar) has them.
 *
 * @module
 */

/** All of tar comes in blocks of this many bytes. */
export const BLOCK = 512;

/** Fields by name: offset and length. */
export const FIELDS = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  target: [157, 100],
  magic: [257, 6],
  version: [263, 2],
  prefix: [345, 155],
} as const satisfies Readonly<Record<string, readonly [offset: number, length: number]>>;

/** A field's name. */
export type FieldName = keyof typeof FIELDS;

/** The sum of a header's bytes, with its own field taken for spaces. */
export function headerChecksum(header: Uint8Array): number {
  const [start, length] = FIELDS.checksum;
  let sum = 0;
  for (const [i, byte] of header.entries()) sum += i >= start && i < start + length ? 0x20 : byte;
  return sum;
}

/** How many bytes follow content so that the next header begins with a block. */
export function paddingAfter(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}
