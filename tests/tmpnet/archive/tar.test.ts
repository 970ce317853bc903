import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { decompress } from "../../../lib/tmpnet/archive/compression.ts";
import { ArchiveError } from "../../../lib/tmpnet/archive/errors.ts";
import { readTar } from "../../../lib/tmpnet/archive/tar_reader.ts";
import { type UnpackOptions, unpack } from "../../../lib/tmpnet/archive/unpack.ts";
import { inPieces, LIMITS, type Packed, placeForEachTest, streamOf, tar, withHeader } from "./support.ts";

const HAS_TAR = spawnSync("tar", ["--version"]).status === 0;

const place = placeForEachTest();

async function unpacked(bytes: Uint8Array, options: UnpackOptions = LIMITS, piece = 1 << 16) {
  return await unpack(readTar(inPieces(bytes, piece)), place.out, options);
}

/** The code that unpacking fails with; nothing may lie beside the directory. */
async function refusal(bytes: Uint8Array, options?: UnpackOptions): Promise<string> {
  const error = await unpacked(bytes, options).then(
    () => undefined,
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(ArchiveError);
  expect(readdirSync(place.directory.path)).toEqual(["out"]);
  return error.type.code;
}

test.each([1, 7, 511, 512, 513, 65_536])("what was packed is unpacked, in pieces of %d bytes", async (piece) => {
  const long = `${"d".repeat(90)}/${"e".repeat(90)}/${"ü".repeat(60)}.txt`;
  const bytes = await tar([
    { path: "a", kind: "directory", mode: 0o755 },
    { path: "a/b.txt", kind: "file", content: "hello" },
    { path: "a/run", kind: "file", mode: 0o4777, content: "x".repeat(1_024) },
    { path: "a/empty", kind: "file", mode: 0o600 },
    { path: "a/link", kind: "symlink", target: "../a/b.txt" },
    { path: long, kind: "file", content: "long" },
  ]);
  expect(await unpacked(bytes, LIMITS, piece)).toEqual({ files: 4, bytes: 5 + 1_024 + 4 });
  expect(readFileSync(`${place.out}/a/link`, "utf8")).toBe("hello");
  expect(readFileSync(`${place.out}/${long}`, "utf8")).toBe("long");
  expect(readlinkSync(`${place.out}/a/link`)).toBe("../a/b.txt");
  const modeOf = (path: string) => statSync(`${place.out}/${path}`).mode & 0o7777;
  expect([modeOf("a/b.txt"), modeOf("a/run"), modeOf("a/empty")]).toEqual([0o644, 0o755, 0o600]);
});

test.skipIf(!HAS_TAR)("tar reads what was written, and what tar wrote is read", async () => {
  const long = `${"n".repeat(120)}/${"m".repeat(120)}`;
  writeFileSync(
    place.directory.join("ours.tar"),
    await tar([
      { path: "x/y", kind: "file", mode: 0o755, content: "ours" },
      { path: long, kind: "file", content: "long" },
      { path: "x/l", kind: "symlink", target: "y" },
    ]),
  );
  expect(spawnSync("tar", ["-xf", place.directory.join("ours.tar"), "-C", place.out]).status).toBe(0);
  expect(readFileSync(`${place.out}/x/l`, "utf8")).toBe("ours");
  for (const format of ["ustar", "pax", "gnu", "v7"]) {
    const path = place.directory.join(`${format}.tgz`);
    const name = format === "pax" || format === "gnu" ? "." : "x";
    expect(spawnSync("tar", [`--format=${format}`, "-czf", path, "-C", place.out, name]).status).toBe(0);
    const into = place.directory.join(format);
    mkdirSync(into);
    await unpack(readTar(decompress(createReadStream(path))), into, LIMITS);
    expect(readFileSync(`${into}/x/l`, "utf8")).toBe("ours");
    expect(statSync(`${into}/x/y`).mode & 0o777).toBe(0o755);
    if (name === ".") expect(readFileSync(`${into}/${long}`, "utf8")).toBe("long");
  }
});

const HOSTILE: readonly (readonly [string, readonly Packed[]])[] = [
  ["an absolute path", [{ path: "/etc/evil", kind: "file", content: "x" }]],
  ["a path that climbs", [{ path: "../evil", kind: "file", content: "x" }]],
  ["a path that climbs from within", [{ path: "a/../../evil", kind: "file", content: "x" }]],
  ["a path with backslashes", [{ path: "..\\evil", kind: "file", content: "x" }]],
  ["a path with a drive", [{ path: "C:evil", kind: "file", content: "x" }]],
  ["a file without a name", [{ path: ".", kind: "file", content: "x" }]],
  ["an absolute link", [{ path: "l", kind: "symlink", target: "/etc" }]],
  ["a link that climbs", [{ path: "a/l", kind: "symlink", target: "../../evil" }]],
  ["a link that goes down and climbs", [{ path: "l", kind: "symlink", target: "a/../../evil" }]],
  ["a link to nothing", [{ path: "l", kind: "symlink", target: "" }]],
  [
    "a file below a link",
    [
      { path: "l", kind: "symlink", target: "a" },
      { path: "l/evil", kind: "file", content: "x" },
    ],
  ],
  [
    "a link where a directory is",
    [
      { path: "l/file", kind: "file", content: "x" },
      { path: "l", kind: "file", content: "x" },
    ],
  ],
  [
    "a file that comes twice",
    [
      { path: "a", kind: "file", content: "x" },
      { path: "./a", kind: "file", content: "y" },
    ],
  ],
];

test.each(HOSTILE)("refused: %s", async (_, entries) => {
  expect(await refusal(await tar(entries))).toBe("unsafe-entry");
});

describe("headers", () => {
  test.each([
    ["1", "unsafe-entry"], // hard link
    ["3", "unsafe-entry"], // devices
    ["4", "unsafe-entry"],
    ["6", "unsafe-entry"], // pipe
    ["S", "unsupported-archive"], // sparse
    ["Q", "unsupported-archive"],
  ])("type %s is refused", async (type, code) => {
    expect(await refusal(withHeader(await tar([{ path: "a", kind: "file" }]), 156, type))).toBe(code);
  });

  test("a wrong checksum, a wrong number, no archive at all", async () => {
    const good = await tar([{ path: "a", kind: "file", content: "x" }]);
    const changed = Buffer.from(good);
    changed[0] = 0x62;
    expect(await refusal(changed)).toBe("damaged");
    expect(await refusal(withHeader(good, 124, "0000000000z"))).toBe("damaged");
    expect(await refusal(Buffer.from("<html>not found</html>".repeat(100)))).toBe("damaged");
    expect(await refusal(new Uint8Array())).toBe("damaged");
  });

  test("an extended header that is too long or makes no sense", async () => {
    const long = withHeader(await tar([{ path: "a", kind: "file", content: "x".repeat(80_000) }]), 156, "x");
    expect(await refusal(long)).toBe("damaged");
    const nonsense = withHeader(await tar([{ path: "a", kind: "file", content: "no record at all" }]), 156, "x");
    expect(await refusal(nonsense)).toBe("damaged");
    const endless = withHeader(await tar([{ path: "a", kind: "file", content: "0 path=x\n" }]), 156, "x");
    expect(await refusal(endless)).toBe("damaged");
  });
});

test("cut off anywhere, it is damaged", async () => {
  const bytes = await tar([
    { path: "a", kind: "file", content: "x".repeat(600) },
    { path: "b", kind: "file", content: "y" },
  ]);
  for (const length of [1, 511, 512, 700, 1_535, 1_536, 2_048, 2_100, bytes.length - 1_024, bytes.length - 512]) {
    const error = await unpack(
      readTar(streamOf(bytes.subarray(0, length))),
      place.directory.join(`cut${length}`),
      LIMITS,
    ).catch((thrown) => thrown);
    expect([length, error.type?.code]).toEqual([length, "damaged"]);
  }
});

test("more than was granted is refused before it is written", async () => {
  const bytes = await tar([{ path: "a", kind: "file", content: "x".repeat(5_000) }]);
  expect(await refusal(bytes, { maxBytes: 4_999, maxEntries: 9 })).toBe("too-large");
  expect(existsSync(`${place.out}/a`)).toBe(false);
  const many = await tar([1, 2, 3].map((n) => ({ path: `f${n}`, kind: "file" })));
  expect(await refusal(many, { maxBytes: 9, maxEntries: 2 })).toBe("too-large");
});

test("entries that are left out, or read in part, do not shift what follows", async () => {
  const bytes = await tar([
    { path: "skip", kind: "file", content: "s".repeat(1_300) },
    { path: "part", kind: "file", content: "p".repeat(1_300) },
    { path: "keep", kind: "file", content: "k" },
  ]);
  const seen: string[] = [];
  for await (const entry of readTar(inPieces(bytes, 100))) {
    seen.push(entry.path);
    if (entry.path !== "part") continue;
    for await (const _ of entry.content) break;
  }
  expect(seen).toEqual(["skip", "part", "keep"]);
  await unpacked(bytes, { ...LIMITS, place: (path) => (path === "keep" ? path : undefined) });
  expect(readdirSync(place.out)).toEqual(["keep"]);
});

describe("compression", () => {
  const text = Buffer.from("some text, many times over. ".repeat(5_000));
  const read = async (bytes: Uint8Array) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of decompress(inPieces(bytes, 1_000))) chunks.push(chunk);
    return Buffer.concat(chunks);
  };

  test("zstd and gzip are told apart; a single byte at a time will do", async () => {
    expect((await read(gzipSync(text))).equals(text)).toBe(true);
    expect((await read(zstdCompressSync(text))).equals(text)).toBe(true);
    const chunks: Uint8Array[] = [];
    for await (const chunk of decompress(inPieces(gzipSync(text), 1))) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(text)).toBe(true);
  });

  test("anything else is refused, and so is what is damaged", async () => {
    await expect(read(Buffer.from("PK\u0003\u0004"))).rejects.toThrow("neither zstd nor gzip");
    await expect(read(new Uint8Array())).rejects.toThrow("is empty");
    await expect(read(gzipSync(text).subarray(0, 200))).rejects.toThrow("damaged");
    const flipped = Buffer.from(gzipSync(text));
    flipped[flipped.length - 6]! ^= 1;
    await expect(read(flipped)).rejects.toThrow("damaged");
  });

  test("what is wrong with the source is told as it is", async () => {
    const source = async function* () {
      yield gzipSync(text).subarray(0, 100);
      throw new Error("the disk is gone");
    };
    const all = async () => {
      for await (const _ of decompress(source()));
    };
    await expect(all()).rejects.toThrow("the disk is gone");
  });
});
