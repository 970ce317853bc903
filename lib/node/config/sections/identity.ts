/**
 * Where a node's keys come from.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import { refuseTogether, requireAtMostOne } from "../rules.ts";
import { decodeContent, type Settings } from "../settings.ts";

/** Where the staking key and certificate come from. */
export type TLSSource =
  | { readonly kind: "ephemeral" }
  | { readonly kind: "content"; readonly keyPEM: string; readonly certPEM: string }
  /** `make`: both files are made where neither is there. */
  | { readonly kind: "files"; readonly keyPath: string; readonly certPath: string; readonly make: boolean };

/** Where the BLS key comes from. */
export type SignerSource =
  | { readonly kind: "ephemeral" }
  | { readonly kind: "content"; readonly bytes: Uint8Array }
  /** `make`: the file is made where it is not there. */
  | { readonly kind: "file"; readonly path: string; readonly make: boolean };

/** @throws {ConfigError} `conflict` where a key lacks its certificate or the other way round. */
export function tlsSource(settings: Settings): TLSSource {
  if (settings.get("staking-ephemeral-cert-enabled")) return { kind: "ephemeral" };
  const key = settings.isSet("staking-tls-key-file-content");
  const cert = settings.isSet("staking-tls-cert-file-content");
  if (key !== cert) {
    const flags = ["staking-tls-key-file-content", "staking-tls-cert-file-content"] as const;
    const [given, missing] = key ? flags : flags.toReversed();
    throw refuseTogether(flags, `${given} set but ${missing} not set`, `Set ${missing} too`);
  }
  if (key) {
    return {
      kind: "content",
      keyPEM: decodeContent(settings, "staking-tls-key-file-content").toString("utf8"),
      certPEM: decodeContent(settings, "staking-tls-cert-file-content").toString("utf8"),
    };
  }
  return {
    kind: "files",
    keyPath: settings.path("staking-tls-key-file"),
    certPath: settings.path("staking-tls-cert-file"),
    make: !settings.isSet("staking-tls-key-file") && !settings.isSet("staking-tls-cert-file"),
  };
}

/** @throws {ConfigError} `conflict` where several sources are given, `unsupported` for a remote signer. */
export function signerSource(settings: Settings): SignerSource {
  const ephemeral = settings.get("staking-ephemeral-signer-enabled");
  requireAtMostOne(
    [
      "staking-ephemeral-signer-enabled",
      "staking-signer-key-file-content",
      "staking-signer-key-file",
      "staking-rpc-signer-endpoint",
    ],
    (flag) => (flag === "staking-ephemeral-signer-enabled" ? ephemeral : settings.isSet(flag)),
  );
  if (settings.get("staking-rpc-signer-endpoint") !== "") {
    throw new ConfigError(
      { code: "unsupported", flag: "staking-rpc-signer-endpoint" },
      "avx signs with a BLS key of its own and speaks to no remote signer",
      { hint: "Give the key by staking-signer-key-file instead of staking-rpc-signer-endpoint" },
    );
  }
  if (ephemeral) return { kind: "ephemeral" };
  if (settings.get("staking-signer-key-file-content") !== "") {
    return { kind: "content", bytes: decodeContent(settings, "staking-signer-key-file-content") };
  }
  return {
    kind: "file",
    path: settings.path("staking-signer-key-file"),
    make: !settings.isSet("staking-signer-key-file"),
  };
}
