import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { ArchiveError } from "../../../lib/tmpnet/archive/errors.ts";
import { unpack } from "../../../lib/tmpnet/archive/unpack.ts";
import { readZip } from "../../../lib/tmpnet/archive/zip_reader.ts";
import { LIMITS, placeForEachTest } from "./support.ts";
import { zip } from "./zip_writer.ts";

const HAS_ZIP = spawnSync("zip", ["--version"]).status === 0;

const place = placeForEachTest();

async function unzip(bytes: Uint8Array, limits = LIMITS) {
  writeFileSync(place.directory.join("a.zip"), bytes);
  return await unpack(readZip(place.directory.join("a.zip")), place.out, limits);
}

async function refusal(bytes: Uint8Array, limits = LIMITS): Promise<string> {
  const error = await unzip(bytes, limits).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(ArchiveError);
  expect(readdirSync(place.directory.path).sort()).toEqual(["a.zip", "out"]);
  return error.type.code;
}

const FILES = [
  { path: "build/", content: "" },
  { path: "build/avalanchego", content: "program ".repeat(20_000), mode: 0o100755 },
  { path: "build/stored", content: "as it is", mode: 0o100600, method: 0 },
];

test("entries are read by the directory, deflated and stored", async () => {
  expect(await unzip(zip(FILES))).toEqual({ files: 2, bytes: 160_008 });
  expect(readFileSync(`${place.out}/build/stored`, "utf8")).toBe("as it is");
  expect(readFileSync(`${place.out}/build/avalanchego`, "utf8")).toBe(FILES[1]!.content);
  expect(statSync(`${place.out}/build/avalanchego`).mode & 0o777).toBe(0o755);
});

test.skipIf(!HAS_ZIP)("what zip wrote is read, a link too", async () => {
  const source = place.directory.join("source");
  mkdirSync(`${source}/build`, { recursive: true });
  writeFileSync(`${source}/build/avalanchego`, "#!/bin/sh\n".repeat(500), { mode: 0o755 });
  symlinkSync("avalanchego", `${source}/build/link`);
  expect(spawnSync("zip", ["-qry", "../made.zip", "build"], { cwd: source }).status).toBe(0);
  await unpack(readZip(place.directory.join("made.zip")), place.out, LIMITS);
  expect(readFileSync(`${place.out}/build/link`, "utf8")).toBe("#!/bin/sh\n".repeat(500));
});

test.each([
  ["a path that climbs", { path: "../evil", content: "x" }],
  ["an absolute path", { path: "/evil", content: "x" }],
  ["backslashes", { path: "..\\evil", content: "x" }],
  ["a link that leads out", { path: "l", content: "../evil", mode: 0o120777 }],
  ["a device", { path: "d", content: "", mode: 0o020666 }],
])("refused: %s", async (_, entry) => {
  expect(await refusal(zip([entry]))).toBe("unsafe-entry");
});

test("more than it says, more than was granted, wrong checksum, cut off, other methods, encryption", async () => {
  const bomb = [{ path: "a", content: "x".repeat(50_000) }];
  expect(await refusal(zip(bomb, { size: 10 }))).toBe("damaged");
  expect(await refusal(zip(bomb), { maxBytes: 49_999, maxEntries: 9 })).toBe("too-large");
});

test.each([
  ["a wrong checksum", zip(FILES, { crc: 7 }), "damaged"],
  ["the end cut off", zip(FILES).subarray(0, -9), "damaged"],
  ["the beginning cut off", zip(FILES).subarray(50), "damaged"],
  ["another method", zip(FILES, { method: 12 }), "unsupported-archive"],
  ["encryption", zip(FILES, { flags: 1 }), "unsupported-archive"],
  ["no archive", Buffer.from("<html>".repeat(100)), "damaged"],
  ["nothing", new Uint8Array(), "damaged"],
])("refused: %s", async (_, bytes, code) => {
  expect(await refusal(bytes)).toBe(code);
});
