import { expect, test } from "bun:test";
import { hasMachOSignature, isMachOSigned, renewMachOHashes, signMachO } from "../../scripts/macho_signature.ts";

const TEXT_BYTES = 3 * 4096;
const LINK_EDIT_BYTES = 1000;

/** A file of the form that a signature cares for: a text segment, and a link-edit segment that ends in a signature. */
function executable(): Uint8Array {
  const signatureStart = TEXT_BYTES + LINK_EDIT_BYTES;
  const file = new Uint8Array(signatureStart + 64).map((_, index) => index % 251);
  const view = new DataView(file.buffer);
  file.fill(0, 0, 32 + 72 + 72 + 16);
  view.setUint32(0, 0xfeedfacf, true);
  view.setUint32(16, 3, true); // load commands
  segment(view, 32, "__TEXT", 0, TEXT_BYTES);
  segment(view, 32 + 72, "__LINKEDIT", TEXT_BYTES, LINK_EDIT_BYTES + 64);
  const command = 32 + 72 + 72;
  view.setUint32(command, 0x1d, true);
  view.setUint32(command + 4, 16, true);
  view.setUint32(command + 8, signatureStart, true);
  view.setUint32(command + 12, 64, true);
  return file;
}

function segment(view: DataView, at: number, name: string, offset: number, bytes: number): void {
  view.setUint32(at, 0x19, true);
  view.setUint32(at + 4, 72, true);
  new Uint8Array(view.buffer).set(new TextEncoder().encode(name), at + 8);
  view.setBigUint64(at + 40, BigInt(offset), true);
  view.setBigUint64(at + 48, BigInt(bytes), true);
}

test("an executable is signed once it was signed, and not before", () => {
  const file = executable();
  expect(isMachOSigned(file)).toBe(false);
  const signed = signMachO(file, "avx");
  expect(isMachOSigned(signed)).toBe(true);
  expect(isMachOSigned(signMachO(signed, "avx"))).toBe(true);
});

test("a change anywhere before the signature breaks it", () => {
  const signed = signMachO(executable(), "avx");
  for (const at of [24, 4096, TEXT_BYTES - 1, TEXT_BYTES + LINK_EDIT_BYTES - 1]) {
    const changed = signed.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(isMachOSigned(changed)).toBe(false);
  }
});

test("the link-edit segment ends where the file ends", () => {
  const signed = signMachO(executable(), "avx");
  const bytes = new DataView(signed.buffer).getBigUint64(32 + 72 + 48, true);
  expect(Number(bytes)).toBe(signed.length - TEXT_BYTES);
});

test("what is no executable, or has no place for a signature, is refused", () => {
  expect(() => signMachO(new Uint8Array(100), "avx")).toThrow("no 64-bit Mach-O");
  const file = executable();
  new DataView(file.buffer).setUint32(16, 2, true);
  expect(() => signMachO(file, "avx")).toThrow("no place for a signature");
});

test("hashes that are renewed fit, and only those of changed pages are others", () => {
  const signed = signMachO(executable(), "avx");
  const renewed = signed.slice();
  renewed[5000] = 1;
  renewMachOHashes(renewed);
  expect(isMachOSigned(renewed)).toBe(true);
  const changed = [...renewed.keys()].filter((at) => renewed[at] !== signed[at]);
  expect(changed[0]).toBe(5000);
  expect(changed.length).toBeGreaterThan(1);
  expect((changed.at(-1) as number) - (changed[1] as number)).toBeLessThan(32);
});

test("a signature that is more than hashes is not renewed", () => {
  const signed = signMachO(executable(), "avx");
  new DataView(signed.buffer).setUint32(TEXT_BYTES + LINK_EDIT_BYTES + 8, 2); // blobs
  expect(() => renewMachOHashes(signed)).toThrow("more than hashes");
  expect(() => renewMachOHashes(executable())).toThrow("more than hashes");
});

test("a file without a place for a signature has none", () => {
  const file = executable();
  expect(hasMachOSignature(file)).toBe(true);
  new DataView(file.buffer).setUint32(16, 2, true);
  expect(hasMachOSignature(file)).toBe(false);
});
