/**
 * PEM as the reference writes and reads it (Go's `encoding/pem`).
 *
 * @module
 */

/** A block between its BEGIN and END lines. */
export interface PEMBlock {
  /** Such as `CERTIFICATE`. */
  readonly type: string;
  readonly bytes: Uint8Array;
  /** The block's own text, with both lines. */
  readonly text: string;
}

const LINE_LENGTH = 64;
const BLOCK = /^-----BEGIN ([^\n]+?)-----[ \t\r]*\n([\s\S]*?)^-----END \1-----[ \t\r]*$/gm;
const HEADER_LINE = /^[^\n]*:[^\n]*$/gm;

/** One block with lines of 64 characters and a newline at its end. */
export function formatPEM(type: string, bytes: Uint8Array): string {
  const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  const lines = base64.match(new RegExp(`.{1,${LINE_LENGTH}}`, "g")) ?? [];
  return [`-----BEGIN ${type}-----`, ...lines, `-----END ${type}-----`, ""].join("\n");
}

/** All blocks of a text, in order; what stands around them is passed over. */
export function parsePEM(text: string): PEMBlock[] {
  return Array.from(text.matchAll(BLOCK), ([whole, type, body]) => ({
    type: type as string,
    bytes: new Uint8Array(Buffer.from((body as string).replace(HEADER_LINE, ""), "base64")),
    text: `${whole}\n`,
  }));
}
