/** What the documentation has a reader type for a first test of their own. */

import { expect, test } from "bun:test";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listNetworks } from "../../lib/tmpnet/listing.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import { endLeftovers, until } from "../tmpnet/support.ts";
import { ROOT } from "./public_symbols.ts";

const TIMEOUT_MS = 120_000;

test.each(["README.md", "docs/testing.md"])(
  "the first test that %s shows passes as it stands, and leaves nothing",
  async (page) => {
    const text = readFileSync(join(ROOT, page), "utf8");
    const [, code = ""] = /`network\.test\.ts`[^`]*```ts\n(.*?)```/s.exec(text) ?? [];
    expect(code).toContain('from "avx"');
    using directory = temporaryDirectory();
    mkdirSync(directory.join("node_modules"));
    symlinkSync(ROOT, directory.join("node_modules/avx"));
    writeFileSync(directory.join("package.json"), "{}");
    writeFileSync(directory.join("network.test.ts"), code);
    try {
      const child = Bun.spawn([process.execPath, "test"], {
        cwd: directory.path,
        env: { ...process.env, TMPNET_ROOT_NETWORK_DIR: directory.join("networks"), AVX_REUSE_NETWORK: undefined },
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
      });
      const printed = await child.stderr.text();
      expect([await child.exited, /(\d+) pass/.exec(printed)?.[1]]).toEqual([0, "1"]);
      const networks = () => listNetworks(directory.join("networks"), {});
      await until(() => networks().length === 0, 30_000);
    } finally {
      endLeftovers(directory.path);
    }
  },
  TIMEOUT_MS,
);
