/**
 * BLS by blst, through the addon of @chainsafe/blst.
 *
 * The addon knows one domain separation tag, that of plain signatures. It reads and checks points, which every
 * handshake needs, and makes and checks plain signatures; a proof of possession is left to the portable backend once
 * its points were checked here.
 *
 * @module
 */

import { createRequire } from "node:module";
import type { BLSBackend, PointFault } from "./bls_backend.ts";
import { nobleBackend } from "./bls_noble.ts";

type Addon = typeof import("@chainsafe/blst");

let loaded: BLSBackend | undefined | "missing";

/** The native backend, or `undefined` where the addon is not there or does not load. */
export function blstBackend(): BLSBackend | undefined {
  loaded ??= load();
  return loaded === "missing" ? undefined : loaded;
}

function load(): BLSBackend | "missing" {
  try {
    const found = requireAddon();
    return found === undefined ? "missing" : backend(found);
  } catch {
    return "missing";
  }
}

/**
 * Each platform's package is required by a name that stands in the source, so that `bun build --compile` finds the
 * one it has and puts it into the executable. The package's own index would look for a C library by starting `ldd`.
 */
function requireAddon(): Addon | undefined {
  switch (`${process.platform}-${process.arch}`) {
    case "linux-x64":
      return eitherOf(
        () => addon("@chainsafe/blst-linux-x64-gnu", () => require("@chainsafe/blst-linux-x64-gnu")),
        () => addon("@chainsafe/blst-linux-x64-musl", () => require("@chainsafe/blst-linux-x64-musl")),
      );
    case "linux-arm64":
      return eitherOf(
        () => addon("@chainsafe/blst-linux-arm64-gnu", () => require("@chainsafe/blst-linux-arm64-gnu")),
        () => addon("@chainsafe/blst-linux-arm64-musl", () => require("@chainsafe/blst-linux-arm64-musl")),
      );
    case "darwin-x64":
      return addon("@chainsafe/blst-darwin-x64", () => require("@chainsafe/blst-darwin-x64"));
    case "darwin-arm64":
      return addon("@chainsafe/blst-darwin-arm64", () => require("@chainsafe/blst-darwin-arm64"));
    case "win32-x64":
      return addon("@chainsafe/blst-win32-x64-msvc", () => require("@chainsafe/blst-win32-x64-msvc"));
    default:
      return undefined;
  }
}

/** Deno has no `require` in modules; there nothing is bundled either, and the name does. */
function addon(name: string, bundled: () => Addon): Addon {
  return typeof require === "function" ? bundled() : (createRequire(import.meta.url)(name) as Addon);
}

function eitherOf(first: () => Addon, second: () => Addon): Addon {
  try {
    return first();
  } catch {
    return second();
  }
}

function backend({ PublicKey, SecretKey, Signature, verify }: Addon): BLSBackend {
  return {
    name: "blst",
    publicKey: (secretKey) => plain(SecretKey.fromBytes(secretKey).toPublicKey().toBytes()),
    sign: (secretKey, message, suite) =>
      suite === "signature"
        ? plain(SecretKey.fromBytes(secretKey).sign(message).toBytes())
        : nobleBackend.sign(secretKey, message, suite),
    verify: (publicKey, signature, message, suite) =>
      suite === "signature"
        ? verify(message, PublicKey.fromBytes(publicKey), Signature.fromBytes(signature))
        : nobleBackend.verify(publicKey, signature, message, suite),
    publicKeyFault: (bytes) =>
      fault(
        () => PublicKey.fromBytes(bytes),
        (point) => point.keyValidate(),
      ),
    signatureFault: (bytes) =>
      fault(
        () => Signature.fromBytes(bytes),
        (point) => point.sigValidate(false),
      ),
    uncompress: (publicKey) => plain(PublicKey.fromBytes(publicKey).toBytes(false)),
  };
}

function fault<T>(read: () => T, validate: (point: T) => void): PointFault | undefined {
  let point: T;
  try {
    point = read();
  } catch {
    return "no-point";
  }
  try {
    validate(point);
    return undefined;
  } catch {
    return "not-in-group";
  }
}

/** A Buffer, where the addon gives one, as what it is beneath. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
