/**
 * Flags for avx's own nodes, checked before a network is made for nodes that would end at once.
 *
 * @module
 */

import { tmpdir } from "node:os";
import { join } from "node:path";
import { QUICK_FLAGS, TMPNET_FLAGS } from "../../lib/tmpnet/defaults.ts";
import { UsageError } from "../errors.ts";

/**
 * Refuses flags that avx's nodes do not have, and values that they cannot take.
 *
 * What is wrong only together with a network's other flags is left to the nodes: they tell.
 *
 * @throws {UsageError} With the flag's name.
 */
export async function refuseUnfitFlags(flags: Readonly<Record<string, string>>): Promise<void> {
  const names = Object.keys(flags);
  if (names.length === 0) return;
  // A node's half of avx is loaded only where it is asked.
  const [{ unknownFlag }, { isFlagName }, { nodeConfig }, { ConfigError }] = await Promise.all([
    import("../../lib/node/config/command_line.ts"),
    import("../../lib/node/config/table.ts"),
    import("../../lib/node/config/from_flags.ts"),
    import("../../lib/node/config/errors.ts"),
  ]);
  const unknown = names.find((name) => !isFlagName(name));
  if (unknown !== undefined) {
    const { message, hint } = unknownFlag(unknown, `"${unknown}", as --flag has it`);
    throw new UsageError(message, hint === undefined ? {} : { hint });
  }
  try {
    nodeConfig({ ...HARMLESS_FLAGS, ...TMPNET_FLAGS, ...QUICK_FLAGS, ...flags });
  } catch (error) {
    if (!(error instanceof ConfigError) || error.type.code !== "invalid-value") return;
    const { flag } = error.type;
    const value = flags[flag];
    if (value === undefined) return;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    throw new UsageError(`--flag ${flag}=${value} cannot be: ${error.message}`, { ...hint, cause: error });
  }
}

/** A node that is never made. */
const HARMLESS_FLAGS = { "network-id": "local", "data-dir": join(tmpdir(), "avx-no-node") };
