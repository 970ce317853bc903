/**
 * Where metrics and logs are sent to and asked for: upstream's variables of the environment.
 *
 * @module
 */

import type { Env } from "../disk/layout.ts";
import { TmpnetError } from "../errors.ts";

/** What is sent from: a collector. */
interface Sender {
  /** The beginning of its variables: `PROMETHEUS` or `LOKI`. */
  readonly envPrefix: string;
}

/** A server of metrics or logs, and who asks. */
export interface Target {
  /** Without a slash at its end, and without a password in it. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
}

/**
 * Where a collector sends to: `PROMETHEUS_PUSH_URL`, `PROMETHEUS_USERNAME` and `PROMETHEUS_PASSWORD`, or `LOKI_…`.
 *
 * @throws {TmpnetError} `missing-variable`: without credentials all that is sent would be refused, unseen.
 */
export function pushTarget({ envPrefix }: Sender, env: Env): Target {
  const get = (name: string) => {
    const value = env[name];
    if (value) return value;
    throw new TmpnetError({ code: "missing-variable", name }, `${name} is not set`);
  };
  return {
    url: get(`${envPrefix}_PUSH_URL`),
    username: get(`${envPrefix}_USERNAME`),
    password: get(`${envPrefix}_PASSWORD`),
  };
}

/**
 * Where what was collected is asked for: `PROMETHEUS_URL` or `LOKI_URL`; name and password where they are set.
 *
 * @throws {TmpnetError} `missing-variable`, or `option` when it is no HTTP URL.
 */
export function queryTarget({ envPrefix }: Sender, env: Env): Target {
  const name = `${envPrefix}_URL`;
  const text = env[name];
  if (!text) throw new TmpnetError({ code: "missing-variable", name }, `${name} is not set`);
  const found = parseTarget(text);
  if (found === undefined)
    throw new TmpnetError({ code: "option", option: name }, `${name} is no URL of an HTTP server`);
  const username = env[`${envPrefix}_USERNAME`] || found.username;
  const password = env[`${envPrefix}_PASSWORD`] || found.password;
  return username && password ? { url: found.url, username, password } : { url: found.url };
}

/** The URL of a server, and the name and password in it; `undefined` when it is none. */
function parseTarget(text: string): Required<Target> | undefined {
  try {
    const url = new URL(text);
    if (!/^https?:$/.test(url.protocol)) return undefined;
    const [username, password] = [url.username, url.password].map(decodeURIComponent) as [string, string];
    url.username = "";
    url.password = "";
    return { url: url.href.replace(/\/+$/, ""), username, password };
  } catch {
    return undefined;
  }
}
