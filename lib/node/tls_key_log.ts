/**
 * The secrets of TLS connections in a file, from which a recording of the network can be read: for debugging alone.
 *
 * @module
 */

import { closeSync, openSync, writeSync } from "node:fs";
import type { Logger } from "../core/log.ts";
import { cannotWrite } from "./data_directory.ts";

/** Takes the secrets of connections, a line each, until it is disposed of. */
export interface TLSKeyLog extends Disposable {
  write(line: Uint8Array): void;
}

/** Who reads it can read what the node says and hears. */
const FILE_MODE = 0o600;

/**
 * Begins the file anew, in the form that Wireshark reads (`SSLKEYLOGFILE`).
 *
 * Deno tells nobody its secrets: there the file stays empty, and a warning says so.
 *
 * @throws {NodeError} `cannot-write`.
 */
export function openTLSKeyLog(path: string, log: Logger): TLSKeyLog {
  let file: number | undefined;
  try {
    file = openSync(path, "w", FILE_MODE);
  } catch (error) {
    throw cannotWrite(path, "network-tls-key-log-file-unsafe", error);
  }
  log.warn("TLS key logging is enabled", { filename: path });
  if ("Deno" in globalThis) log.warn("Deno tells no TLS secrets: the file stays empty", { filename: path });
  return {
    write(line) {
      try {
        if (file !== undefined) writeSync(file, line);
      } catch {
        // A full disk ends no connection.
      }
    },
    [Symbol.dispose]() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}
