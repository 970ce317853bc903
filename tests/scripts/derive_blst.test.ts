import { describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deriveProofAddon, deriveProofAddons } from "../../scripts/derive_blst.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../support/temporary.ts";

const SIGNATURE_TAG = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";
const PROOF_TAG = "BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

const addon = (...tags: string[]) => Buffer.from(`code ${tags.join(" more code ")} data`);

/** A directory with the packages of some platforms. */
function installed(directory: TemporaryDirectory, files: Readonly<Record<string, Uint8Array>>): string {
  for (const [platform, file] of Object.entries(files)) {
    const home = directory.join("node_modules/@chainsafe", `blst-${platform}`);
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, "package.json"), JSON.stringify({ main: `blst.${platform}.node` }));
    writeFileSync(join(home, `blst.${platform}.node`), file);
  }
  return directory.path;
}

describe("an addon", () => {
  test("differs in its tag alone, and the original is left as it is", () => {
    const original = addon(SIGNATURE_TAG);
    expect(deriveProofAddon(original, "linux-x64-gnu")).toEqual(addon(PROOF_TAG));
    expect(original).toEqual(addon(SIGNATURE_TAG));
  });

  test.each([
    ["no tag", addon()],
    ["two tags", addon(SIGNATURE_TAG, SIGNATURE_TAG)],
    ["both tags", addon(SIGNATURE_TAG, PROOF_TAG)],
    ["the other tag", addon(PROOF_TAG)],
  ])("with %s is refused", (_, original) => {
    expect(() => deriveProofAddon(original, "linux-x64-gnu")).toThrow("does not hold the tag");
  });
});

describe("the addons of what is installed", () => {
  test("are none where no package is", () => {
    using directory = temporaryDirectory();
    expect(deriveProofAddons(directory.path, directory.join("native"))).toEqual([]);
    mkdirSync(directory.join("node_modules/@chainsafe/blst"), { recursive: true });
    expect(deriveProofAddons(directory.path, directory.join("native"))).toEqual([]);
    expect(readdirSync(directory.path)).toEqual(["node_modules"]);
  });

  test("are one for each package, and nothing else is left", () => {
    using directory = temporaryDirectory();
    const native = directory.join("native");
    const root = installed(directory, {
      "linux-x64-gnu": addon(SIGNATURE_TAG),
      "linux-x64-musl": addon(SIGNATURE_TAG),
    });
    const names = ["blst-linux-x64-gnu.pop.node", "blst-linux-x64-musl.pop.node"];
    expect(deriveProofAddons(root, native)).toEqual(names.map((name) => join(native, name)));
    expect(readdirSync(native).sort()).toEqual(names);
    for (const name of names) expect(readFileSync(join(native, name))).toEqual(addon(PROOF_TAG));
  });

  test("are left alone where they are right, and replaced where the package is another", () => {
    using directory = temporaryDirectory();
    const root = installed(directory, { "linux-x64-gnu": addon(SIGNATURE_TAG) });
    const [path = ""] = deriveProofAddons(root, directory.join("native"));
    const { ino } = statSync(path);
    deriveProofAddons(root, directory.join("native"));
    expect(statSync(path).ino).toBe(ino);

    const other = Buffer.concat([addon(SIGNATURE_TAG), Buffer.from("!")]);
    installed(directory, { "linux-x64-gnu": other });
    deriveProofAddons(root, directory.join("native"));
    expect(readFileSync(path).toString()).toEndWith("!");
    expect(statSync(path).ino).not.toBe(ino);
  });
});
