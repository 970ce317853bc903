/**
 * The attackers, in a process of their own: what they cost is not the node's.
 *
 * @module
 */

import type { FromAttackers, ToAttackers } from "./contract.ts";
import { ATTACKS } from "./attacks.ts";

process.on("message", async ({ options }: ToAttackers) => {
  const attack = ATTACKS[options.name];
  if (attack === undefined) throw new Error(`no such attack: ${options.name}`);
  const counts = await attack(options);
  process.send?.({ kind: "done", counts } satisfies FromAttackers, () => process.exit(0));
});
process.on("disconnect", () => process.exit(0));
