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
  const addon = typeof require === "function" ? bundledAddon() : installedAddon();
  return addon === undefined ? "missing" : backend(addon);
}

/**
 * The addon of this platform, by a name that stands in the source: `bun build --compile` finds it there and puts it
 * into the executable. A `require` directly inside a `try` is one that may fail, to the bundler too; packages of other
 * platforms are not installed. The package's own index would start `ldd` to look for a C library.
 */
function bundledAddon(): Addon | undefined {
  switch (`${process.platform}-${process.arch}`) {
    case "linux-x64":
      try {
        return require("@chainsafe/blst-linux-x64-gnu");
      } catch {}
      try {
        return require("@chainsafe/blst-linux-x64-musl");
      } catch {}
      return undefined;
    case "linux-arm64":
      try {
        return require("@chainsafe/blst-linux-arm64-gnu");
      } catch {}
      try {
        return require("@chainsafe/blst-linux-arm64-musl");
      } catch {}
      return undefined;
    case "darwin-x64":
      try {
        return require("@chainsafe/blst-darwin-x64");
      } catch {}
      return undefined;
    case "darwin-arm64":
      try {
        return require("@chainsafe/blst-darwin-arm64");
      } catch {}
      return undefined;
    case "win32-x64":
      try {
        return require("@chainsafe/blst-win32-x64-msvc");
      } catch {}
      return undefined;
    default:
      return undefined;
  }
}

const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  linux: ["-gnu", "-musl"],
  darwin: [""],
  win32: ["-msvc"],
};

/** The same where modules have no `require`, as in Deno: nothing is bundled there, and the name may be made up. */
function installedAddon(): Addon | undefined {
  const require = createRequire(import.meta.url);
  for (const suffix of SUFFIXES[process.platform] ?? []) {
    try {
      return require(`@chainsafe/blst-${process.platform}-${process.arch}${suffix}`) as Addon;
    } catch {}
  }
  return undefined;
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
