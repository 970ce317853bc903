/**
 * Installations from a server that plays GitHub.
 *
 * @module
 */

import { expect } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { AvxError } from "../../../lib/core/errors.ts";
import { type InstallModules, type InstallOptions, installAvalanchego } from "../../../lib/tmpnet/install/install.ts";
import { installedVersions } from "../../../lib/tmpnet/install/store.ts";
import type { NetworkHome } from "../home.ts";
import { errorOf } from "../support.ts";
import { type PlayedRelease, playedRelease, ReleaseServer } from "./release_server.ts";

/** How the file for {@link LINUX} is called. */
export const ASSET = "avalanchego-linux-amd64-v1.14.2.tar.gz";

/** The machine that is installed for. */
export const LINUX = { platform: "linux", arch: "x64" };

/** A release that is sound. */
export const release: PlayedRelease = await playedRelease("1.14.2", 300_000);

/** Its file for {@link LINUX}. */
export const archive = release.files[ASSET] as Uint8Array;

/** What tests do with the programs of a home. */
export function installsOf(home: NetworkHome) {
  const place = (...parts: string[]) => home.directory.join(".avx", "avalanchego", ...parts);

  function install(server: ReleaseServer, options: InstallOptions = {}, modules: InstallModules = {}) {
    const asked = { version: "v1.14.2", releasesUrl: server.url, ...options };
    return installAvalanchego(asked, { env: home.env, machine: LINUX, retryDelaysMs: [1, 1, 1], ...modules });
  }

  /** How an installation fails; nothing may look installed. */
  async function failure(
    server: ReleaseServer,
    options: InstallOptions = {},
    modules: InstallModules = {},
  ): Promise<AvxError> {
    const error = await errorOf(install(server, options, modules), AvxError);
    expect(installedVersions(home.env)).toEqual([]);
    expect(unfinished()).toEqual([]);
    return error;
  }

  function unfinished(): string[] {
    const names = existsSync(place()) ? (readdirSync(place(), { recursive: true }) as string[]) : [];
    return names.filter((name) => name.endsWith(".tmp") || name.endsWith("avx.lock"));
  }

  return {
    /** Where it is installed. */
    place,
    install,
    failure,
    serve: (files: PlayedRelease = release, others: Record<string, PlayedRelease> = {}) =>
      ReleaseServer.start({ "v1.14.2": files, ...others }),
  };
}
