/**
 * The releases of avalanchego, as GitHub's API tells of them: https://docs.github.com/rest/releases.
 *
 * @module
 */

import { InstallError } from "./errors.ts";
import { get, type HttpAnswer, type HttpOptions, parseURL } from "./http.ts";
import { type RetryOptions, retrying } from "./retry.ts";
import { compareVersions, nearVersions, type Version, versionOf } from "./version.ts";

/** Where releases are asked for, unless somebody says otherwise. */
export const DEFAULT_RELEASES_URL = "https://api.github.com/repos/ava-labs/avalanchego/releases";

/** Names another place: a mirror, or a server of GitHub Enterprise. */
export const RELEASES_URL_ENV = "AVX_RELEASES_URL";

/** Names of the token that raises GitHub's limit of 60 questions an hour; the first that is set is taken. */
export const TOKEN_ENVS = ["GITHUB_TOKEN", "GH_TOKEN"] as const;

/** A release. */
export interface Release {
  readonly version: Version;
  readonly assets: readonly ReleaseAsset[];
}

/** A file of a release. */
export interface ReleaseAsset {
  readonly name: string;
  readonly url: string;
  /** Bytes; `undefined` where the server does not say. */
  readonly size: number | undefined;
  /** Hexadecimal; GitHub knows it of files that were uploaded since June 2025. */
  readonly sha256: string | undefined;
}

/** How releases are asked for. */
export interface ReleasesOptions extends HttpOptions, RetryOptions {
  readonly url: string;
}

/** The most that an answer may hold, in bytes; a hundred releases are half a megabyte. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

const PER_PAGE = 100;
/** Avalanchego has some two hundred releases. */
const MAX_PAGES = 5;

const API_HEADERS = { accept: "application/vnd.github+json", "x-github-api-version": "2022-11-28" };

/**
 * Asks for a release.
 *
 * @throws {InstallError} `no-release` with some that there are, `rate-limited`, `status`, `bad-answer`, and what `get`
 * throws.
 */
export async function findRelease(version: Version | "latest", options: ReleasesOptions): Promise<Release> {
  const base = withoutSlash(options.url);
  const url = version === "latest" ? `${base}/latest` : `${base}/tags/${version}`;
  const json = await getJSON(url, options);
  if (json === undefined) throw await noRelease(version, options);
  const release = releaseFromJSON(json);
  if (release === undefined) throw badAnswer(url, "it is no release");
  if (version !== "latest" && release.version !== version) throw badAnswer(url, `it is ${release.version}`);
  return release;
}

/**
 * Asks which releases there are.
 *
 * @returns Newest first; those that are no versions are left out.
 * @throws {InstallError} As {@link findRelease}.
 */
export async function listReleases(options: ReleasesOptions): Promise<Version[]> {
  const versions: Version[] = [];
  for (let page = 1; page <= MAX_PAGES; page++) {
    const url = `${withoutSlash(options.url)}?per_page=${PER_PAGE}&page=${page}`;
    const json = await getJSON(url, options);
    if (!Array.isArray(json)) throw badAnswer(url, "it is no list");
    for (const release of json) {
      const { tag_name, draft } = fieldsOf(release);
      const version = typeof tag_name === "string" && draft !== true ? versionOf(tag_name) : undefined;
      if (version !== undefined) versions.push(version);
    }
    if (json.length < PER_PAGE) break;
  }
  return [...new Set(versions)].sort(compareVersions);
}

/**
 * The checksum of a file, from a file of checksums in the same release: GitHub does not know those of older files.
 *
 * @returns `undefined` where there is no such file, or it does not name the asset.
 */
export async function checksumFromFiles(
  release: Release,
  asset: ReleaseAsset,
  options: ReleasesOptions,
): Promise<string | undefined> {
  const names = [`${asset.name}.sha256`, "SHA256SUMS", "SHA256SUMS.txt", "sha256sums.txt", "checksums.txt"];
  for (const name of names) {
    const file = release.assets.find((other) => other.name === name);
    if (file === undefined) continue;
    const text = await getText(file.url, options);
    const sha256 = text === undefined ? undefined : checksumIn(text, asset.name);
    if (sha256 !== undefined) return sha256;
  }
  return undefined;
}

/** A line as `sha256sum` writes it, or a checksum that stands alone. */
function checksumIn(text: string, name: string): string | undefined {
  for (const line of text.split("\n")) {
    const [, sum, file] = /^([0-9a-fA-F]{64})(?:\s+\*?(\S+))?\s*$/.exec(line) ?? [];
    if (sum !== undefined && (file === undefined || file.split("/").at(-1) === name)) return sum.toLowerCase();
  }
  return undefined;
}

function releaseFromJSON(json: unknown): Release | undefined {
  const { tag_name, assets } = fieldsOf(json);
  const version = typeof tag_name === "string" ? versionOf(tag_name) : undefined;
  if (version === undefined || !Array.isArray(assets)) return undefined;
  return { version, assets: assets.map(assetFromJSON).filter((asset) => asset !== undefined) };
}

function assetFromJSON(json: unknown): ReleaseAsset | undefined {
  const { name, browser_download_url: url, size, digest } = fieldsOf(json);
  if (typeof name !== "string" || typeof url !== "string") return undefined;
  const [, sha256] = typeof digest === "string" ? (/^sha256:([0-9a-f]{64})$/i.exec(digest) ?? []) : [];
  const isSize = typeof size === "number" && Number.isSafeInteger(size) && size > 0;
  return { name, url, size: isSize ? size : undefined, sha256: sha256?.toLowerCase() };
}

function fieldsOf(json: unknown): Record<string, unknown> {
  return typeof json === "object" && json !== null ? (json as Record<string, unknown>) : {};
}

/** @returns `undefined` when there is no such thing. */
async function getJSON(url: string, options: ReleasesOptions): Promise<unknown> {
  const text = await getText(url, options);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badAnswer(url, "it is not JSON", cause);
  }
}

async function getText(url: string, options: ReleasesOptions): Promise<string | undefined> {
  return await retrying(async () => {
    const answer = await get(url, API_HEADERS, options);
    try {
      if (answer.status === 404) return undefined;
      refuseStatus(answer, options);
      const chunks: Uint8Array[] = [];
      let length = 0;
      for await (const chunk of answer.body) {
        length += chunk.length;
        if (length > MAX_ANSWER_BYTES) throw badAnswer(url, "it is too long");
        chunks.push(chunk);
      }
      return Buffer.concat(chunks).toString();
    } finally {
      answer.close();
    }
  }, options);
}

/** @throws {InstallError} `rate-limited` or `status` for all but success. */
export function refuseStatus({ status, headers, url }: HttpAnswer, { token }: HttpOptions): void {
  if (status >= 200 && status < 300) return;
  const isLimit = headers.get("x-ratelimit-remaining") === "0" || headers.has("retry-after");
  if ((status === 403 || status === 429) && isLimit) {
    const at = Number(headers.get("x-ratelimit-reset"));
    const until = at > 0 && at < 1e11 ? ` until ${new Date(at * 1000).toISOString()}` : "";
    const hint = token === undefined ? `Set ${TOKEN_ENVS[0]} to a token of GitHub's, or wait` : "Wait until then";
    const message = `${parseURL(url).host} answers no more questions${until}: its limit is reached`;
    throw new InstallError({ code: "rate-limited", url }, message, { hint });
  }
  const hint = status === 401 ? { hint: `Look at ${TOKEN_ENVS[0]}: the token in it is not accepted` } : {};
  throw new InstallError({ code: "status", url, status }, `${url} answered with status ${status}`, hint);
}

async function noRelease(version: Version | "latest", options: ReleasesOptions): Promise<InstallError> {
  const all = await listReleases(options).catch(() => []);
  if (version === "latest") {
    const hint = all[0] === undefined ? {} : { hint: `Name a version, such as ${all[0]}` };
    return new InstallError({ code: "no-release", version, near: all.slice(0, 1) }, "There is no latest release", hint);
  }
  const near = nearVersions(version, all);
  const hint = near.length === 0 ? `Look at ${options.url}` : `There are ${near.join(", ")}`;
  return new InstallError({ code: "no-release", version, near }, `There is no release ${version} of avalanchego`, {
    hint,
  });
}

function badAnswer(url: string, reason: string, cause?: unknown): InstallError {
  const message = `The answer of ${url} cannot be understood: ${reason}`;
  return new InstallError({ code: "bad-answer", url }, message, { cause });
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, "");
}
