/**
 * Values of flags that have no effect here, and that avalanchego refuses: a configuration that is tried with avx should
 * not fail elsewhere. Files and directories that would never be opened need not be there.
 *
 * @module
 */

import { errorMessage } from "../../../core/errors.ts";
import { ConfigError } from "../errors.ts";
import { refuseWords, showValue } from "../rules.ts";
import { decodeContent, type Settings } from "../settings.ts";
import { aliasesOf } from "./genesis.ts";

const EXPORTER_TYPES = ["disabled", "grpc", "http"];
const DATABASE_TYPES = ["leveldb", "memdb", "pebbledb"];

/** @throws {ConfigError} `invalid-value` or `bad-file`. */
export function checkUnused(settings: Settings): void {
  if (!EXPORTER_TYPES.includes(settings.get("tracing-exporter-type").toLowerCase())) {
    const message = `unknown exporter type: ${showValue(settings, "tracing-exporter-type")}`;
    throw refuseWords(settings, "tracing-exporter-type", message, `It is one of ${EXPORTER_TYPES.join(", ")}`);
  }
  if (!DATABASE_TYPES.includes(settings.get("db-type"))) {
    const message = `db-type must be one of {${DATABASE_TYPES.join(", ")}}, and is ${showValue(settings, "db-type")}`;
    throw refuseWords(settings, "db-type", message, "Leave it out: avx keeps no database");
  }
  if (settings.isSet("db-config-file-content")) decodeContent(settings, "db-config-file-content");
  if (settings.isSet("chain-config-content")) checkChainConfigs(settings);
  if (settings.isSet("vm-aliases-file-content")) aliasesOf(settings, "vm-aliases-file");
}

function checkChainConfigs(settings: Settings): void {
  const flag = "chain-config-content";
  try {
    const document: unknown = JSON.parse(decodeContent(settings, flag).toString("utf8"));
    if (typeof document !== "object" || Array.isArray(document)) throw new Error("it is no JSON object");
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(
      { code: "bad-file", flag, path: undefined },
      `${flag} holds no configurations by chain: ${errorMessage(error)}`,
      { cause: error, hint: 'Write them as JSON, {"<chain>": {"Config": "<base64>"}}, and that in base64' },
    );
  }
}
