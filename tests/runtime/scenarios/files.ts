/**
 * What a node keeps on the disk: its lock, its keys, its logs.
 *
 * @module
 */

import { readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { systemClock } from "../../../lib/core/clock.ts";
import { LOCK_FILE, lockDirectory } from "../../../lib/node/directory_lock.ts";
import { NodeError } from "../../../lib/node/errors.ts";
import { LogFactory } from "../../../lib/node/logging/factory.ts";
import { writePrivateFiles } from "../../../lib/node/private_file.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { claim, type Scenarios } from "./scenarios.ts";

export const fileScenarios: Scenarios = {
  "a directory is one node's, and a dead node's lock is taken over": async () => {
    using directory = temporaryDirectory();
    symlinkSync(`${process.pid}|another time|token`, directory.join(LOCK_FILE));
    using _ = await lockDirectory({ clock: systemClock }, directory.path);
    let refusal: unknown;
    try {
      await lockDirectory({ clock: systemClock }, directory.path);
    } catch (error) {
      refusal = error;
    }
    claim(refusal instanceof NodeError && refusal.type.code === "in-use", "the second is refused");
    claim(readdirSync(directory.path).join() === LOCK_FILE, "nothing but the lock is there");
  },

  "private files are whole, and their owner's alone": async () => {
    using directory = temporaryDirectory();
    const path = directory.join("keys", "a");
    writePrivateFiles([path, "1"], [directory.join("keys", "b"), new Uint8Array([2])]);
    claim((statSync(path).mode & 0o777) === 0o600, "the file is closed");
    claim((statSync(directory.join("keys")).mode & 0o777) === 0o700, "the directory is closed");
    claim(readdirSync(directory.join("keys")).sort().join() === "a,b", "nothing else is there");
  },

  "logs are put aside and compressed, a file for each chain": async () => {
    using directory = temporaryDirectory();
    const rotation = { maxBytes: 1_000, maxFiles: 0, maxAgeDays: 0, compress: true };
    const factory = new LogFactory(
      { clock: systemClock },
      { directory: directory.path, logLevel: "info", displayLevel: "off", format: "json", rotation },
    );
    factory.make("main").info("up");
    const log = factory.makeChain("C");
    for (let i = 0; i < 3; i++) log.info("x".repeat(900), { i });
    await factory.close();
    const aside = readdirSync(directory.path).filter((name) => /^C-.*\.log\.gz$/.test(name));
    claim(aside.length === 2, "two files were put aside");
    const line = gunzipSync(readFileSync(directory.join(aside.sort()[0] as string))).toString();
    claim((JSON.parse(line) as { i: number; logger: string }).logger === "C Chain", "a line is read back");
  },
};
