/**
 * A process that takes a network's lock again and again, and adds one to a number while it has it.
 *
 * Called with the network's directory and how often; `hold` instead of a number keeps the lock until it is killed.
 * Reading and writing the number are apart on purpose: two at once would lose one.
 */

import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withNetworkLock } from "../../../lib/tmpnet/disk/lock.ts";

const [dir = "", times = "1"] = process.argv.slice(2);
const inside = join(dir, "inside");

if (times === "hold") {
  await withNetworkLock(dir, "holding on", async () => {
    process.stdout.write("held\n");
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  });
}
for (let i = 0; i < Number(times); i++) {
  await withNetworkLock(dir, "counting", async () => {
    writeFileSync(inside, String(process.pid));
    const count = Number(readFileSync(join(dir, "count"), "utf8"));
    await new Promise((resolve) => setTimeout(resolve, 1));
    writeFileSync(join(dir, "count"), String(count + 1));
    if (readFileSync(inside, "utf8") !== String(process.pid)) appendFileSync(join(dir, "clashes"), `${process.pid}\n`);
  });
}
