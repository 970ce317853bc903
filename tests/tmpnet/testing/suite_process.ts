/**
 * A test process: `suite_process.ts <what to do>`. Tells the directories of its networks on one line, then does as it
 * is told: `end` returns, `exit` leaves with exit code 3, `wait` waits to be killed.
 *
 * @module
 */

import { sharedNetwork } from "../../../lib/tmpnet/testing/shared_network.ts";

const network = await sharedNetwork({ nodeCount: 2 });
const again = await sharedNetwork({ nodeCount: 2 });
process.stdout.write(`${network.dir} ${again === network}\n`);
const [, , what] = process.argv;
if (what === "exit") process.exit(3);
if (what === "wait") setInterval(() => {}, 1_000);
