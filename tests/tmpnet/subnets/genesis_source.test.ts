/** A genesis from a file, a text or a command. */

import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { sha256 } from "../../../lib/core/hashing.ts";
import { type GenesisSource, readGenesisSource } from "../../../lib/tmpnet/subnets/genesis_source.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe("a genesis", () => {
  test("is a file's bytes, whatever they are", async () => {
    using directory = temporaryDirectory();
    const path = directory.join("genesis");
    for (const content of [new Uint8Array([0, 255, 10]), utf8("0x0102")]) {
      writeFileSync(path, content);
      expect(await readGenesisSource({ kind: "file", path })).toEqual(content);
    }
  });

  test("is a text, or the bytes of hex", async () => {
    expect(await readGenesisSource({ kind: "text", text: '{"a":1}' })).toEqual(utf8('{"a":1}'));
    expect(await readGenesisSource({ kind: "text", text: "0x00ff" })).toEqual(new Uint8Array([0, 255]));
  });

  test("loses the checksum that Avalanche's tools print behind hex, and nothing else", async () => {
    const content = new Uint8Array([1, 2, 3]);
    const text = `0x${hex(content)}${hex(sha256(content).slice(28))}`;
    expect(await readGenesisSource({ kind: "text", text })).toEqual(content);
    expect(await readGenesisSource({ kind: "text", text: `${text}00` })).toHaveLength(8);
  });

  test("is what a command prints", async () => {
    expect(await readGenesisSource({ kind: "command", command: "printf '0x0102\\n'" })).toEqual(new Uint8Array([1, 2]));
    expect(await readGenesisSource({ kind: "command", command: "printf '\\001\\377\\n'" })).toEqual(
      new Uint8Array([1, 255, 10]),
    );
  });

  test.each<[string, GenesisSource, string]>([
    ["no file", { kind: "file", path: "/no/such/file" }, "Cannot read the genesis"],
    ["half a byte", { kind: "text", text: "0x1" }, "is no hex"],
    ["nothing", { kind: "text", text: "" }, "is empty"],
    ["a command that prints nothing", { kind: "command", command: "true" }, "is empty"],
    ["a command that fails", { kind: "command", command: "echo broken >&2; exit 3" }, "broken"],
  ])("is refused: %s", async (_, source, text) => {
    const error = await readGenesisSource(source).catch((thrown: unknown) => thrown);
    expect((error as Error).message).toContain(text);
    expect(error).toMatchObject({ type: { code: "genesis" } });
  });
});
