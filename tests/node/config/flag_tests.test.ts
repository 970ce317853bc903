/**
 * What the table says of its flags: each works, as a test shows, or has no effect, or is refused.
 *
 * @module
 */

import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FLAG_NAMES, flagSpec } from "../../../lib/node/config/table.ts";

const ROOT = join(import.meta.dirname, "../../..");

const named = FLAG_NAMES.flatMap((flag) => {
  const spec = flagSpec(flag);
  return spec.test === undefined ? [] : [{ flag, file: spec.test[0], title: spec.test[1] }];
});

/** A title as it stands in the source: a text, or a template with something put in. */
const TITLE = /\(\s*(?:"((?:[^"\\]|\\.)*)"|`([^`]*)`)/g;

/** How much of a template must be written out for it to name a test. */
const MIN_WRITTEN = 20;

/** Whether a file has a test of this title. */
function hasTest(file: string, title: string): boolean {
  for (const [, text, template] of readFileSync(file, "utf8").matchAll(TITLE)) {
    if (text !== undefined && JSON.parse(`"${text}"`) === title) return true;
    if (template === undefined) continue;
    const parts = template.split(/\$\{[^}]*\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    if (parts.length > 1 && parts.join("").length > MIN_WRITTEN && new RegExp(`^${parts.join(".+")}$`).test(title))
      return true;
  }
  return false;
}

test.each(named)("the test that --$flag names is there", ({ file, title }) => {
  const path = join(ROOT, file);
  expect(existsSync(path), `${file} is not there`).toBe(true);
  expect(hasTest(path, title), `${file} has no test ${JSON.stringify(title)}`).toBe(true);
});

test("a flag works, as a test shows, or has no effect, or is refused: one of the three", () => {
  for (const name of FLAG_NAMES) {
    const { test, inert, refused } = flagSpec(name);
    const said = [test, inert, refused].filter((status) => status !== undefined);
    expect(said.length, name).toBe(1);
  }
});
