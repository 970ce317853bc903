/**
 * What is served over HTTP, to whom and for how long.
 *
 * @module
 */

import { refuseTogether, requirePort } from "../rules.ts";
import { decodeContent, readFlagFile, type Settings } from "../settings.ts";

/** The HTTP server of a node. Durations are milliseconds. */
export interface HTTPConfig {
  /** An IP or a name; empty for all addresses. */
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** HTTPS; plain HTTP without. */
  readonly tls: { readonly keyPEM: string; readonly certPEM: string } | undefined;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  /** 0 or less for no limit. */
  readonly readTimeoutMs: number;
  /** 0 for the read time-out; less for no limit. */
  readonly readHeaderTimeoutMs: number;
  /** 0 or less for no limit. */
  readonly writeTimeoutMs: number;
  /** 0 for the read time-out. */
  readonly idleTimeoutMs: number;
  readonly shutdownWaitMs: number;
  readonly shutdownTimeoutMs: number;
  readonly infoEnabled: boolean;
  readonly healthEnabled: boolean;
  readonly metricsEnabled: boolean;
  readonly adminEnabled: boolean;
}

/** @throws {ConfigError} `invalid-value`, `bad-file`, or `conflict` where HTTPS lacks its key or certificate. */
export function httpConfig(settings: Settings): HTTPConfig {
  return {
    host: settings.get("http-host"),
    port: requirePort(settings, "http-port"),
    tls: settings.get("http-tls-enabled") ? tls(settings) : undefined,
    allowedHosts: settings.get("http-allowed-hosts"),
    allowedOrigins: settings.get("http-allowed-origins"),
    readTimeoutMs: settings.get("http-read-timeout"),
    readHeaderTimeoutMs: settings.get("http-read-header-timeout"),
    writeTimeoutMs: settings.get("http-write-timeout"),
    idleTimeoutMs: settings.get("http-idle-timeout"),
    shutdownWaitMs: settings.get("http-shutdown-wait"),
    shutdownTimeoutMs: settings.get("http-shutdown-timeout"),
    infoEnabled: settings.get("api-info-enabled"),
    healthEnabled: settings.get("api-health-enabled"),
    metricsEnabled: settings.get("api-metrics-enabled"),
    adminEnabled: settings.get("api-admin-enabled"),
  };
}

function tls(settings: Settings): { keyPEM: string; certPEM: string } {
  return {
    keyPEM: read(settings, "http-tls-key-file-content", "http-tls-key-file"),
    certPEM: read(settings, "http-tls-cert-file-content", "http-tls-cert-file"),
  };
}

function read(
  settings: Settings,
  content: "http-tls-key-file-content" | "http-tls-cert-file-content",
  file: "http-tls-key-file" | "http-tls-cert-file",
): string {
  if (settings.isSet(content)) return decodeContent(settings, content).toString("utf8");
  if (settings.isSet(file)) return readFlagFile(settings, file).toString("utf8");
  throw refuseTogether(["http-tls-enabled", file], `http-tls-enabled needs ${file} too`, `Give ${file} or ${content}`);
}
