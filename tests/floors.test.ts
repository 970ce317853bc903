import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { findViolations, importedPaths, type Module } from "./support/floors.ts";

const ROOT = resolve(import.meta.dir, "..");

function projectModules(): Module[] {
  const paths = [...new Bun.Glob("{lib,cmd}/**/*.ts").scanSync({ cwd: ROOT })].map((path) =>
    path.replaceAll("\\", "/"),
  );
  if (existsSync(join(ROOT, "mod.ts"))) paths.push("mod.ts");
  return paths.sort().map((path) => ({ path, source: readFileSync(join(ROOT, path), "utf8") }));
}

/** A house of synthetic files: path to the specifiers that it imports. */
function house(files: Record<string, readonly string[]>): Module[] {
  return Object.entries(files).map(([path, specifiers]) => ({
    path,
    source: specifiers.map((specifier) => `import { x } from "${specifier}";\nx();\n`).join(""),
  }));
}

test("the house stands: no wing or room leans the wrong way, and no files import each other in a circle", () => {
  const modules = projectModules();
  expect(modules.length).toBeGreaterThan(10);
  expect(findViolations(modules)).toEqual([]);
});

describe("the checker", () => {
  test.each([
    ["up", { "lib/core/a.ts": ["../p2p/peer/b.ts"] }, "lib/core (floor 1) leans up on lib/p2p (floor 2)"],
    ["up to the commands", { "lib/node/a.ts": ["../../cmd/main.ts"] }, "lib/node (floor 3) leans up on cmd (floor 4)"],
    ["sideways", { "lib/p2p/peer/a.ts": ["../../platform/b.ts"] }, "lib/p2p (floor 2) leans sideways on lib/platform"],
    ["sideways above", { "lib/tmpnet/a.ts": ["../node/b.ts"] }, "lib/tmpnet (floor 3) leans sideways on lib/node"],
    ["sideways on top", { "cmd/a.ts": ["../mod.ts"] }, "cmd (floor 4) leans sideways on mod.ts (floor 4)"],
    ["a room up", { "lib/p2p/message/a.ts": ["../peer/b.ts"] }, "room message leans up on room peer"],
    [
      "a room sideways",
      { "lib/p2p/message/a.ts": ["../transport/b.ts"] },
      "room message leans sideways on room transport",
    ],
    [
      "throttling to messages",
      { "lib/p2p/throttling/a.ts": ["../message/b.ts"] },
      "throttling knows nothing of message",
    ],
    ["a room to the top of p2p", { "lib/p2p/peer/a.ts": ["../connect.ts"] }, "leans up on room"],
    ["a room that is none", { "lib/p2p/attic/a.ts": ["../peer/b.ts"] }, 'lib/p2p has no room "attic"'],
    ["into tests", { "lib/core/a.ts": ["../../tests/support/b.ts"] }, "that lies in no wing"],
    ["a wing that is none", { "lib/attic/a.ts": ["../core/b.ts"] }, "the importing file lies in no wing"],
  ])("finds a leaning: %s", (_, files: Record<string, readonly string[]>, reason) => {
    const violations = findViolations(house(files));
    expect(violations).toHaveLength(1);
    expect(violations[0]).toContain(reason);
  });

  test.each([
    ["down", { "cmd/a.ts": ["../lib/core/b.ts"], "lib/node/a.ts": ["../p2p/network/b.ts", "../platform/c.ts"] }],
    ["within a wing", { "lib/core/ids/a.ts": ["../errors.ts"] }],
    ["a room down", { "lib/p2p/app/a.ts": ["../message/b.ts"], "lib/p2p/throttling/a.ts": ["../transport/b.ts"] }],
    ["the top of p2p down", { "lib/p2p/connect.ts": ["./peer/b.ts", "./app/c.ts"] }],
    ["packages and the runtime", { "lib/core/a.ts": ["node:crypto", "@noble/hashes/sha2.js"] }],
    ["the package file", { "cmd/version.ts": ["../package.json"] }],
  ])("lets a leaning be: %s", (_, files: Record<string, readonly string[]>) => {
    expect(findViolations(house(files))).toEqual([]);
  });

  test("finds a circle of two and a circle of three, each once", () => {
    const violations = findViolations(
      house({
        "lib/core/a.ts": ["./b.ts"],
        "lib/core/b.ts": ["./a.ts"],
        "lib/core/c.ts": ["./d.ts", "./a.ts"],
        "lib/core/d.ts": ["./e.ts"],
        "lib/core/e.ts": ["./c.ts"],
      }),
    );
    expect(violations).toEqual([
      "a circle: lib/core/a.ts -> lib/core/b.ts -> lib/core/a.ts",
      "a circle: lib/core/c.ts -> lib/core/d.ts -> lib/core/e.ts -> lib/core/c.ts",
    ]);
  });

  test("finds a file that imports itself", () => {
    expect(findViolations(house({ "lib/core/a.ts": ["./a.ts"] }))).toEqual([
      "a circle: lib/core/a.ts -> lib/core/a.ts",
    ]);
  });

  test("reads every form of import, and none in a comment or a text", () => {
    const source = `
import type {
  A, // it's "quoted" from (here)
} from "./type.ts";
import {
  type B,
  // a comment that isn't in the way
  c,
} from "./lines.ts";
import "./effect.ts";
import d from './quotes.ts';
import data from "./data.json" with { type: "json" };
export type { E } from "./export_type.ts";
export * from "./export_all.ts";
export const late = async () => (await import("./late.ts")).x;
export type F = import("./inline_type.ts").F;
const addon = require("./required.ts");
/**
 * import { no } from "./comment.ts";
 * const no = await import("./late_comment.ts");
 */
// import { no } from "./line_comment.ts";
export const text = 'import { no } from "./text.ts"';
c(d, data, addon);
`;
    expect(importedPaths({ path: "lib/core/a.ts", source }).sort()).toEqual(
      [
        "data.json",
        "effect.ts",
        "export_all.ts",
        "export_type.ts",
        "inline_type.ts",
        "late.ts",
        "lines.ts",
        "quotes.ts",
        "required.ts",
        "type.ts",
      ].map((name) => `lib/core/${name}`),
    );
  });
});
