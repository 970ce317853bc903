/**
 * Upgrade times as text: what `--upgrade-file-content` holds and what `info.upgrades` answers.
 *
 * Source: upstream `upgrade/upgrade.go` and `config/config.go`, `getUpgradeConfig`.
 *
 * @module
 */

import { base64Decode } from "../core/base64.ts";
import { errorMessage } from "../core/errors.ts";
import { EMPTY_ID, type ID } from "../core/ids/id.ts";
import { unmarshalID } from "../core/ids/json.ts";
import { PlatformError } from "./errors.ts";
import { decodeInteger, decodeObject, type FieldDecoder, unmarshal } from "./go_json/decode.ts";
import { parseGoJSON } from "./go_json/parse.ts";
import { isStandardNetwork, networkName } from "./networks.ts";
import { UPGRADE_TIMES, type UpgradeConfig, type UpgradeTime } from "./upgrades.ts";

/** 0001-01-01T00:00:00Z, Go's zero time: what a missing time is. */
const ZERO_TIME = -62_135_596_800;

const RFC3339 = /^"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)"$/;

/**
 * Reads what `--upgrade-file-content` holds.
 *
 * @param content Base64 of the JSON.
 * @throws {PlatformError} `upgrade-config` for a standard network and for content that cannot be read.
 */
export function upgradesFromFlag(networkID: number, content: string): UpgradeConfig {
  refuseStandardNetwork(networkID);
  let bytes: Uint8Array;
  try {
    bytes = base64Decode(content);
  } catch (cause) {
    throw malformed(`unable to decode upgrade base64 content: ${errorMessage(cause)}`, cause);
  }
  return parseUpgrades(bytes);
}

/**
 * Reads what the file of `--upgrade-file` holds.
 *
 * @throws {PlatformError} `upgrade-config` for a standard network and for text that cannot be read.
 */
export function upgradesFromFile(networkID: number, json: string | Uint8Array): UpgradeConfig {
  refuseStandardNetwork(networkID);
  return parseUpgrades(json);
}

/**
 * Reads upgrade times from JSON. As upstream, a time that is missing lies in the year 1, and the order is not checked.
 *
 * @throws {PlatformError} `upgrade-config`.
 */
export function parseUpgrades(json: string | Uint8Array): UpgradeConfig {
  const text = typeof json === "string" ? json : new TextDecoder("utf-8", { ignoreBOM: true }).decode(json);
  try {
    return decodeUpgrades(text);
  } catch (cause) {
    throw malformed(`unable to unmarshal upgrade bytes: ${errorMessage(cause)}`, cause);
  }
}

/** Upgrade times as `info.upgrades` shows them: times in RFC 3339 and UTC, the epoch's duration in nanoseconds. */
export function upgradesToJSON(config: UpgradeConfig): Record<string, string | number> {
  const json: Record<string, string | number> = {};
  for (const name of UPGRADE_TIMES) {
    json[name] = formatTime(config[name]);
    if (name === "apricotPhase4Time")
      json["apricotPhase4MinPChainHeight"] = Number(config.apricotPhase4MinPChainHeight);
    if (name === "cortinaTime") json["cortinaXChainStopVertexID"] = config.cortinaXChainStopVertexID;
    if (name === "graniteTime") json["graniteEpochDuration"] = Number(config.graniteEpochDuration);
  }
  return json;
}

/**
 * Checks that no upgrade comes after the next one.
 *
 * @throws {PlatformError} `upgrade-order`.
 */
export function validateUpgrades(config: UpgradeConfig): void {
  for (const [i, second] of UPGRADE_TIMES.entries()) {
    const first = UPGRADE_TIMES[i - 1];
    if (first === undefined || config[first] <= config[second]) continue;
    throw new PlatformError(
      { code: "upgrade-order", first, second },
      `invalid upgrade configuration: upgrade ${i - 1} (${formatTime(config[first])}) is after upgrade ${i} (${formatTime(config[second])})`,
    );
  }
}

function decodeUpgrades(text: string): UpgradeConfig {
  const times = Object.fromEntries(UPGRADE_TIMES.map((name) => [name, ZERO_TIME])) as Record<UpgradeTime, number>;
  const rest = {
    apricotPhase4MinPChainHeight: 0n,
    cortinaXChainStopVertexID: EMPTY_ID as ID,
    graniteEpochDuration: 0n,
  };
  const timeField = (name: UpgradeTime): FieldDecoder => {
    return (node) => {
      if (node.kind !== "null") times[name] = parseTime(node.raw);
    };
  };
  const fields: Readonly<Record<string, FieldDecoder>> = {
    ...Object.fromEntries(UPGRADE_TIMES.map((name) => [name, timeField(name)])),
    apricotPhase4MinPChainHeight: (node, place) => {
      rest.apricotPhase4MinPChainHeight = decodeInteger(node, place, "uint64", rest.apricotPhase4MinPChainHeight);
    },
    cortinaXChainStopVertexID: (node) => {
      rest.cortinaXChainStopVertexID = unmarshalID(node.raw, rest.cortinaXChainStopVertexID);
    },
    graniteEpochDuration: (node, place) => {
      rest.graniteEpochDuration = decodeInteger(node, place, "int64", rest.graniteEpochDuration, "time.Duration");
    },
  };
  const root = parseGoJSON(text);
  unmarshal((place) => decodeObject(root, place, "upgrade.Config", fields));
  return { ...times, ...rest };
}

/** @param raw A JSON value as it is written, quotes included. */
function parseTime(raw: string): number {
  if (!raw.startsWith('"')) throw malformed("Time.UnmarshalJSON: input is not a JSON string");
  const match = RFC3339.exec(raw);
  if (match === null) throw malformed(`parsing time ${raw}: not in the form of RFC 3339`);
  const [, year, month, day, hour, minute, second, fraction = "", zone] = match;
  const fault = [
    ["month", Number(month) < 1 || Number(month) > 12],
    ["hour", Number(hour) > 23],
    ["minute", Number(minute) > 59],
    ["second", Number(second) > 59],
    ["day", new Date(`${year}-${month}-${day}T00:00:00Z`).getUTCDate() !== Number(day)],
  ].find(([, isOutOfRange]) => isOutOfRange);
  if (fault !== undefined) throw malformed(`parsing time ${raw}: ${fault[0]} out of range`);
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`) / 1_000 + Number(`0${fraction}`);
}

function formatTime(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace(/\.?0*Z$/, "Z");
}

function refuseStandardNetwork(networkID: number): void {
  if (isStandardNetwork(networkID)) {
    throw malformed(`cannot configure upgrades for networkID: ${networkName(networkID)}`);
  }
}

function malformed(message: string, cause?: unknown): PlatformError {
  return new PlatformError({ code: "upgrade-config" }, message, { cause });
}
