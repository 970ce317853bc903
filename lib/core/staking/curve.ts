/**
 * Elliptic curves as far as a certificate is read: whether a point lies on one.
 *
 * Done here because making a key of the runtime for every gossiped certificate costs several times as much.
 *
 * @module
 */

/** A curve y² = x³ - 3x + b over the integers modulo p. */
export interface Curve {
  readonly name: "P-224" | "P-256" | "P-384" | "P-521";
  readonly p: bigint;
  readonly b: bigint;
  /** Bytes of a coordinate. */
  readonly coordinateLength: number;
}

/** FIPS 186-4, D.1.2, as all of these. */
export const P224: Curve = {
  name: "P-224",
  p: 2n ** 224n - 2n ** 96n + 1n,
  b: 0xb4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4n,
  coordinateLength: 28,
};

export const P256: Curve = {
  name: "P-256",
  p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
  b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  coordinateLength: 32,
};

export const P384: Curve = {
  name: "P-384",
  p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
  b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  coordinateLength: 48,
};

export const P521: Curve = {
  name: "P-521",
  p: 2n ** 521n - 1n,
  b: 0x0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
  coordinateLength: 66,
};

const UNCOMPRESSED = 4;

/** Whether bytes are a point of a curve in uncompressed form (SEC 1, 2.3.3): 4, x, y. */
export function isPointOn({ p, b, coordinateLength }: Curve, bytes: Uint8Array): boolean {
  if (bytes.length !== 1 + 2 * coordinateLength || bytes[0] !== UNCOMPRESSED) return false;
  const x = integer(bytes.subarray(1, 1 + coordinateLength));
  const y = integer(bytes.subarray(1 + coordinateLength));
  if (x >= p || y >= p) return false;
  return (y * y - (((x * x) % p) - 3n) * x - b) % p === 0n;
}

/** Eight bytes at a time: through hex it takes three times as long. */
function integer(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = bytes.length % 8;
  let value = 0n;
  for (let i = 0; i < at; i++) value = (value << 8n) | BigInt(view.getUint8(i));
  for (; at < bytes.length; at += 8) value = (value << 64n) | view.getBigUint64(at);
  return value;
}
