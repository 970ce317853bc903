/**
 * Where a VM's genesis comes from: a file, the text itself, or a command.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { bytesEqual, fromHex } from "../../core/bytes.ts";
import { errorMessage } from "../../core/errors.ts";
import { SHA256_LENGTH, sha256 } from "../../core/hashing.ts";
import { CHECKSUM_LENGTH } from "../../core/ids/cb58.ts";
import { SubnetError } from "./errors.ts";

/** How long a command may take, in milliseconds. */
const COMMAND_TIMEOUT_MS = 60_000;

/** More than any genesis that fits a transaction, as hex, in bytes. */
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** One of three. */
export type GenesisSource =
  /** The file's bytes, as they are. */
  | { readonly kind: "file"; readonly path: string }
  /** Hex after `0x`, with or without Avalanche's checksum behind it; anything else is the genesis itself, such as JSON. */
  | { readonly kind: "text"; readonly text: string }
  /**
   * What a program prints: hex after `0x`, or the genesis itself. It is run by the system's shell, so let it come from
   * nobody but the user.
   */
  | { readonly kind: "command"; readonly command: string };

/**
 * The bytes of a genesis.
 *
 * @throws {SubnetError} `genesis` for what cannot be read, is empty, or comes from a command that failed.
 *
 * @example
 * ```ts
 * await readGenesisSource({ kind: "text", text: "0x0102" }); // the bytes 1 and 2
 * ```
 */
export async function readGenesisSource(
  source: GenesisSource,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Uint8Array> {
  switch (source.kind) {
    case "file":
      return required(fileBytes(source.path), source.path);
    case "text":
      return required(textBytes(source.text, "the text"), "the text");
    case "command":
      return required(printed(await run(source.command, signal), source.command), source.command);
  }
}

function fileBytes(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (cause) {
    throw wrong(path, `Cannot read the genesis: ${errorMessage(cause)}`, cause);
  }
}

function textBytes(text: string, source: string): Uint8Array {
  if (!text.startsWith("0x")) return new TextEncoder().encode(text);
  const bytes = fromHex(text);
  if (bytes === undefined) throw wrong(source, "The genesis begins with 0x and is no hex");
  return withoutChecksum(bytes);
}

/** Avalanche's tools print hex with four bytes of the content's sha256 behind it. */
function withoutChecksum(bytes: Uint8Array): Uint8Array {
  const content = bytes.subarray(0, Math.max(0, bytes.length - CHECKSUM_LENGTH));
  const checksum = sha256(content).subarray(SHA256_LENGTH - CHECKSUM_LENGTH);
  return bytesEqual(bytes.subarray(content.length), checksum) ? content : bytes;
}

/** Hex with a line end is what programs print; anything else may hold any byte. */
function printed(output: Buffer, command: string): Uint8Array {
  const text = output.toString("latin1").trim();
  return /^0x[0-9a-fA-F\s]*$/.test(text) ? textBytes(text, command) : new Uint8Array(output);
}

async function run(command: string, signal: AbortSignal | undefined): Promise<Buffer> {
  const isWindows = process.platform === "win32";
  const [shell, flag] = isWindows ? ["cmd.exe", "/c"] : ["/bin/sh", "-c"];
  return await new Promise((resolve, reject) => {
    const options = { encoding: "buffer", timeout: COMMAND_TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES, signal } as const;
    execFile(shell, [flag, command], options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const said = stderr.toString("utf8").trim().split("\n").slice(-3).join("; ");
      const hint = "Try it in a shell: what it calls must be on PATH, or be named by a path";
      reject(wrong(command, `The command for the genesis failed: ${said || errorMessage(error)}`, error, hint));
    });
  });
}

function required(bytes: Uint8Array, source: string): Uint8Array {
  if (bytes.length > 0) return bytes;
  throw wrong(source, `The genesis is empty: ${source} has none`);
}

function wrong(source: string, message: string, cause?: unknown, hint?: string): SubnetError {
  return new SubnetError({ code: "genesis", source }, message, { cause, ...(hint === undefined ? {} : { hint }) });
}
