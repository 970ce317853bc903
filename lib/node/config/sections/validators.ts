/**
 * Where a node without a chain learns who validates.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import { refuseTogether, requirePositive } from "../rules.ts";
import type { Settings } from "../settings.ts";

/** A P-Chain API that is asked. */
export interface ValidatorsConfig {
  /** The node, such as `http://127.0.0.1:9650`, without a slash at its end. */
  readonly uri: string;
  /** Milliseconds. */
  readonly frequencyMs: number;
}

/**
 * The API to ask; `undefined` where the genesis alone says who validates.
 *
 * @throws {ConfigError} `invalid-value` for what is no HTTP address, `conflict` without sybil protection.
 */
export function validatorsConfig(settings: Settings): ValidatorsConfig | undefined {
  const frequencyMs = requirePositive(settings, "validators-frequency");
  const text = settings.get("validators-uri").trim();
  if (text === "") return undefined;
  const uri = parseURI(settings, text);
  if (!settings.get("sybil-protection-enabled")) {
    throw refuseTogether(
      ["validators-uri", "sybil-protection-enabled"],
      "Without sybil protection whoever is connected validates, and validators-uri would say otherwise",
      "Leave out validators-uri, or switch on sybil-protection-enabled",
    );
  }
  return { uri, frequencyMs };
}

/** What a copied address may end with: the endpoint of the P-Chain, under either of its names. */
const ENDPOINT = /\/ext\/(?:bc\/)?P$/;

function parseURI(settings: Settings, text: string): string {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw invalid(settings, `is ${JSON.stringify(text)}, which is no HTTP address`);
  }
  if (url.username !== "" || url.password !== "") throw invalid(settings, "must name no user and no password");
  if (url.search !== "" || url.hash !== "") throw invalid(settings, "must end before any ? or #");
  return url.href.replace(/\/+$/, "").replace(ENDPOINT, "");
}

function invalid(settings: Settings, complaint: string): ConfigError {
  const source = settings.provided.get("validators-uri")?.source ?? "default";
  return new ConfigError({ code: "invalid-value", flag: "validators-uri", source }, `validators-uri ${complaint}`, {
    hint: "Give where a node serves its API, such as http://127.0.0.1:9650",
  });
}
