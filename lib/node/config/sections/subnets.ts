/**
 * The configurations of the subnets that are tracked.
 *
 * @module
 */

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { errorMessage } from "../../../core/errors.ts";
import { type ID, parseID } from "../../../core/ids/id.ts";
import { readNamedFile } from "../../../core/named_file.ts";
import { parseGoJSON } from "../../../platform/go_json/parse.ts";
import { ConfigError } from "../errors.ts";
import { decodeContent, plainReason, type Settings } from "../settings.ts";
import { DEFAULT_SUBNET_CONFIG, parseSubnetConfig, type SubnetConfig } from "../subnet_config.ts";

/**
 * The configuration of each tracked subnet: from the content where that is given, else from `<subnet ID>.json` in the
 * directory, else the default (upstream `config/config.go`, `getSubnetConfigs`).
 *
 * @throws {ConfigError} `bad-file` with what is wrong and where, `invalid-value` for content that is not base64.
 */
export function subnetConfigs(settings: Settings, subnets: ReadonlySet<ID>): ReadonlyMap<ID, SubnetConfig> {
  return settings.isSet("subnet-config-content") ? fromContent(settings, subnets) : fromDirectory(settings, subnets);
}

function fromContent(settings: Settings, subnets: ReadonlySet<ID>): ReadonlyMap<ID, SubnetConfig> {
  const flag = "subnet-config-content";
  const text = decodeContent(settings, flag).toString("utf8");
  const given = new Map<ID, string>();
  try {
    const node = parseGoJSON(text);
    if (node.kind !== "object" && node.kind !== "null") throw new Error(`it is a JSON ${node.kind}`);
    // Configurations of other subnets are not looked at, but what names no subnet is a mistake.
    for (const [name, value] of node.entries ?? []) given.set(parseID(name), value.raw);
  } catch (error) {
    throw badFile(flag, undefined, `${flag} holds no configurations by subnet ID: ${errorMessage(error)}`, error);
  }
  return new Map([...subnets].map((subnetID) => [subnetID, parse(given.get(subnetID), subnetID)]));

  function parse(json: string | undefined, subnetID: ID): SubnetConfig {
    if (json === undefined) return DEFAULT_SUBNET_CONFIG;
    return checked(settings, json, flag, undefined, `The configuration of subnet ${subnetID} in ${flag}`);
  }
}

function fromDirectory(settings: Settings, subnets: ReadonlySet<ID>): ReadonlyMap<ID, SubnetConfig> {
  const flag = "subnet-config-dir";
  const directory = settings.path(flag);
  if (settings.isSet(flag) && !isDirectory(directory)) {
    throw badFile(flag, directory, `${directory} is no directory of subnet configurations`);
  }
  return new Map(
    [...subnets].map((subnetID) => {
      const path = join(directory, `${subnetID}.json`);
      if (!existsSync(path)) return [subnetID, DEFAULT_SUBNET_CONFIG];
      return [subnetID, checked(settings, read(path), flag, path, `The subnet configuration ${path}`)];
    }),
  );
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function read(path: string): string {
  try {
    return readNamedFile(path).toString("utf8");
  } catch (error) {
    throw badFile("subnet-config-dir", path, `Cannot read ${path}: ${plainReason(error)}`, error);
  }
}

type SubnetConfigFlag = "subnet-config-content" | "subnet-config-dir";

/** @param what Begins the sentence that says what is wrong. */
function checked(
  settings: Settings,
  json: string,
  flag: SubnetConfigFlag,
  path: string | undefined,
  what: string,
): SubnetConfig {
  try {
    return parseSubnetConfig(json, settings);
  } catch (error) {
    throw badFile(flag, path, `${what} cannot be used: ${errorMessage(error)}`, error);
  }
}

function badFile(flag: SubnetConfigFlag, path: string | undefined, message: string, cause?: unknown): ConfigError {
  return new ConfigError({ code: "bad-file", flag, path }, message, {
    cause,
    hint: 'A configuration is a JSON object such as {"validatorOnly": true, "allowedNodes": ["NodeID-…"]}',
  });
}
