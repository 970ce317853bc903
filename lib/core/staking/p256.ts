/**
 * The curve P-256 as far as a certificate is read: whether a point lies on it.
 *
 * Done here because making a key of the runtime for every gossiped certificate costs several times as much.
 *
 * @module
 */

/** FIPS 186-4, D.1.2.3. */
const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/** Bytes of a coordinate. */
export const COORDINATE_LENGTH = 32;

const UNCOMPRESSED = 4;

/** Whether bytes are a point of P-256 in uncompressed form (SEC 1, 2.3.3): 4, x, y. */
export function isP256Point(bytes: Uint8Array): boolean {
  if (bytes.length !== 1 + 2 * COORDINATE_LENGTH || bytes[0] !== UNCOMPRESSED) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const x = coordinate(view, 1);
  const y = coordinate(view, 1 + COORDINATE_LENGTH);
  if (x >= P || y >= P) return false;
  // y² = x³ - 3x + b
  return (y * y - (((x * x) % P) - 3n) * x - B) % P === 0n;
}

function coordinate(view: DataView, offset: number): bigint {
  const high = (view.getBigUint64(offset) << 64n) | view.getBigUint64(offset + 8);
  const low = (view.getBigUint64(offset + 16) << 64n) | view.getBigUint64(offset + 24);
  return (high << 128n) | low;
}
