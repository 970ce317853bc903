/**
 * How the network began, and when its rules change.
 *
 * @module
 */

import { existsSync } from "node:fs";
import type { Clock } from "../../../core/clock.ts";
import { errorMessage } from "../../../core/errors.ts";
import { type ID, parseID } from "../../../core/ids/id.ts";
import type { GenesisConfig } from "../../../platform/genesis/config.ts";
import { genesisFromFile, genesisFromFlag } from "../../../platform/genesis/custom.ts";
import { upgradesFromFile, upgradesFromFlag } from "../../../platform/upgrade_text.ts";
import { type UpgradeConfig, upgradeConfig } from "../../../platform/upgrades.ts";
import { ConfigError } from "../errors.ts";
import { decodeContent, readFlagFile, type Settings } from "../settings.ts";

/**
 * The genesis that was given, checked; `undefined` where the built-in one is meant.
 *
 * @throws {GenesisError} When it cannot be read, is not sound, or stands for a network that has its own.
 * @throws {ConfigError} `bad-file`.
 */
export function givenGenesis(
  settings: Settings,
  networkID: number,
  options: { readonly clock: Pick<Clock, "now">; readonly maxStakeDurationSeconds: bigint },
): GenesisConfig | undefined {
  if (settings.isSet("genesis-file-content")) {
    return genesisFromFlag(networkID, settings.get("genesis-file-content"), options);
  }
  if (!settings.isSet("genesis-file")) return undefined;
  const path = settings.path("genesis-file");
  return genesisFromFile(networkID, path, readFlagFile(settings, "genesis-file"), options);
}

/**
 * When upgrades take effect: as given, or as the network has it. The file goes before the content, as upstream.
 *
 * @throws {PlatformError} When what was given cannot be read, or the network has its own.
 */
export function upgradesOf(settings: Settings, networkID: number): UpgradeConfig {
  if (settings.isSet("upgrade-file")) return upgradesFromFile(networkID, readFlagFile(settings, "upgrade-file"));
  if (settings.isSet("upgrade-file-content")) return upgradesFromFlag(networkID, settings.get("upgrade-file-content"));
  return upgradeConfig(networkID);
}

/**
 * Further names of chains: chain IDs by alias.
 *
 * @throws {ConfigError} `bad-file` or `invalid-value`.
 */
export function chainAliasesOf(settings: Settings): ReadonlyMap<string, ID> {
  let text: string;
  let flag: "chain-aliases-file" | "chain-aliases-file-content" = "chain-aliases-file";
  if (settings.isSet("chain-aliases-file-content")) {
    flag = "chain-aliases-file-content";
    text = decodeContent(settings, flag).toString("utf8");
  } else {
    if (!settings.isSet(flag) && !existsSync(settings.path(flag))) return new Map();
    text = readFlagFile(settings, flag).toString("utf8");
  }
  try {
    return parseAliases(JSON.parse(text));
  } catch (error) {
    const path = flag === "chain-aliases-file" ? settings.path(flag) : undefined;
    const message = `The chain aliases of ${path ?? flag} cannot be read: ${errorMessage(error)}`;
    throw new ConfigError({ code: "bad-file", flag, path }, message, {
      cause: error,
      hint: 'Write them as JSON: {"<chain ID>": ["<alias>", …]}',
    });
  }
}

function parseAliases(document: unknown): ReadonlyMap<string, ID> {
  if (typeof document !== "object" || document === null || Array.isArray(document))
    throw new Error("it is no JSON object");
  const aliases = new Map<string, ID>();
  for (const [id, names] of Object.entries(document)) {
    const chainID = parseID(id);
    if (!Array.isArray(names) || !names.every((name) => typeof name === "string")) {
      throw new Error(`the aliases of ${id} are no list of names`);
    }
    for (const name of names as string[]) aliases.set(name, chainID);
  }
  return aliases;
}
