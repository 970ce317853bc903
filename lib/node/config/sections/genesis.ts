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
 * Further names, of chains or of virtual machines: IDs by alias.
 *
 * @throws {ConfigError} `bad-file` or `invalid-value`.
 */
export function aliasesOf(
  settings: Settings,
  fileFlag: "chain-aliases-file" | "vm-aliases-file",
): ReadonlyMap<string, ID> {
  const contentFlag = `${fileFlag}-content` as const;
  const flag = settings.isSet(contentFlag) ? contentFlag : fileFlag;
  const path = flag === fileFlag ? settings.path(flag) : undefined;
  if (path !== undefined && !settings.isSet(flag) && !existsSync(path)) return new Map();
  const bytes = path === undefined ? decodeContent(settings, flag) : readFlagFile(settings, flag);
  try {
    return parseAliases(JSON.parse(bytes.toString("utf8")));
  } catch (error) {
    const message = `The aliases of ${path ?? flag} cannot be read: ${errorMessage(error)}`;
    throw new ConfigError({ code: "bad-file", flag, path }, message, {
      cause: error,
      hint: 'Write them as JSON: {"<ID>": ["<alias>", …]}',
    });
  }
}

function parseAliases(document: unknown): ReadonlyMap<string, ID> {
  if (typeof document !== "object" || document === null || Array.isArray(document))
    throw new Error("it is no JSON object");
  const aliases = new Map<string, ID>();
  for (const [text, names] of Object.entries(document)) {
    const id = parseID(text);
    if (!Array.isArray(names) || !names.every((name) => typeof name === "string")) {
      throw new Error(`the aliases of ${text} are no list of names`);
    }
    for (const name of names as string[]) aliases.set(name, id);
  }
  return aliases;
}
