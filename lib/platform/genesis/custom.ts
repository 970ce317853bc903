/**
 * The genesis of a network that someone has made: from a flag or a file to a value that is known to be sound.
 *
 * Source: upstream `genesis/genesis.go`, `FromFlag` and `FromFile`.
 *
 * @module
 */

import { base64Decode } from "../../core/base64.ts";
import { errorMessage } from "../../core/errors.ts";
import type { GenesisConfig } from "./config.ts";
import { GenesisError } from "./errors.ts";
import { parseGenesis } from "./text.ts";
import { refuseStandardNetwork, type ValidateOptions, validateGenesis } from "./validate.ts";

/**
 * Reads what `--genesis-file-content` holds.
 *
 * @param content Base64 of the genesis JSON.
 * @throws {GenesisError} For a standard network, content that cannot be read, and a genesis that is not sound.
 */
export function genesisFromFlag(networkID: number, content: string, options?: ValidateOptions): GenesisConfig {
  return load(
    networkID,
    "unable to load genesis content from flag",
    () => parseGenesis(decodeContent(content)),
    options,
  );
}

/**
 * Reads what the file of `--genesis-file` holds.
 *
 * @param path For the error's text.
 * @param json What was read from it.
 * @throws {GenesisError} As {@link genesisFromFlag}.
 */
export function genesisFromFile(
  networkID: number,
  path: string,
  json: string | Uint8Array,
  options?: ValidateOptions,
): GenesisConfig {
  return load(networkID, `unable to load provided genesis config at ${path}`, () => parseGenesis(json), options);
}

function load(
  networkID: number,
  failure: string,
  parse: () => GenesisConfig,
  options: ValidateOptions | undefined,
): GenesisConfig {
  refuseStandardNetwork(networkID);
  const config = prefaced(failure, parse);
  prefaced("genesis config validation failed", () => validateGenesis(networkID, config, options));
  return config;
}

function decodeContent(content: string): Uint8Array {
  try {
    return base64Decode(content);
  } catch (cause) {
    throw new GenesisError({ code: "base64" }, `unable to decode base64 content: ${errorMessage(cause)}`, { cause });
  }
}

/** Puts words before the message of a genesis error, and leaves its type. */
function prefaced<T>(preface: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (!(cause instanceof GenesisError)) throw cause;
    const { type, message, hint } = cause;
    throw new GenesisError(type, `${preface}: ${message}`, { cause, ...(hint === undefined ? {} : { hint }) });
  }
}
