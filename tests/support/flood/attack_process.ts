/**
 * The attackers, in a process of their own: what they cost is not the node's.
 *
 * @module
 */

import { ATTACKS } from "./attacks.ts";
import type { FromAttackers, ToAttackers } from "./contract.ts";

let isStopped = false;

process.on("message", async (message: ToAttackers) => {
  if (message.kind === "stop") {
    isStopped = true;
    return;
  }
  const { options } = message;
  const attack = ATTACKS[options.name];
  if (attack === undefined) throw new Error(`no such attack: ${options.name}`);
  const until = performance.now() + options.maxMs;
  const counts = await attack({ ...options, isOver: () => isStopped || performance.now() > until });
  process.send?.({ counts } satisfies FromAttackers);
});
process.on("disconnect", () => process.exit(0));
