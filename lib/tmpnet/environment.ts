/**
 * A network as environment variables: for shells, for CI, for tests in other languages.
 *
 * Values are quoted for whoever reads them, whatever is in a path.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import { NETWORK_DIR_ENV } from "./disk/layout.ts";
import { TmpnetError } from "./errors.ts";
import type { NetworkReport } from "./report.ts";

/** The forms that variables are written in. */
export const ENV_FORMATS = ["sh", "fish", "powershell", "github", "dotenv"] as const;

/** How variables are written: for a shell, for GitHub's CI, or as a file of `NAME=value`. */
export type EnvFormat = (typeof ENV_FORMATS)[number];

/**
 * What a network's variables are. Of a network that does not run, those are left out that only nodes know.
 *
 * | name | value |
 * | --- | --- |
 * | `TMPNET_NETWORK_DIR` | the network's directory: other commands mean this network then |
 * | `AVX_NETWORK_UUID`, `AVX_NETWORK_ID` | what tells it apart in metrics; the number that Avalanche knows it by |
 * | `AVX_NODE_URI`, `AVX_NODE_URIS` | the API of the first node, and of all that are meant to last, with commas |
 * | `AVX_C_CHAIN_RPC_URL`, `AVX_C_CHAIN_WS_URL` | where Ethereum tools connect to |
 * | `AVX_C_CHAIN_ID`, `AVX_C_CHAIN_BLOCKCHAIN_ID` | what transactions are signed for; the blockchain's ID |
 * | `AVX_FUNDED_KEY_HEX`, `AVX_FUNDED_KEY_CB58` | a funded key, as Ethereum's and as Avalanche's tools take it |
 * | `AVX_FUNDED_ADDRESS_C`, `…_P`, `…_X` | its addresses |
 *
 * @example
 * ```ts
 * await using network = await Network.start({ nodeCount: 2 });
 * const { AVX_NODE_URI } = networkEnvironment(await networkReport(network));
 * console.log(AVX_NODE_URI);
 * ```
 */
export function networkEnvironment(report: NetworkReport): Readonly<Record<string, string>> {
  const { dir, uuid, networkID, cChain, fundedKey } = report;
  const uris = report.nodes.filter(({ isEphemeral }) => !isEphemeral).map(({ uri }) => uri);
  return present({
    [NETWORK_DIR_ENV]: dir,
    AVX_NETWORK_UUID: uuid,
    AVX_NETWORK_ID: String(networkID),
    AVX_NODE_URI: uris[0],
    AVX_NODE_URIS: uris.join(","),
    AVX_C_CHAIN_RPC_URL: cChain?.rpcURL,
    AVX_C_CHAIN_WS_URL: cChain?.websocketURL,
    AVX_C_CHAIN_ID: cChain === undefined ? undefined : String(cChain.chainID),
    AVX_C_CHAIN_BLOCKCHAIN_ID: cChain?.blockchainID,
    AVX_FUNDED_KEY_HEX: fundedKey?.privateKeyHex,
    AVX_FUNDED_KEY_CB58: fundedKey?.privateKey,
    AVX_FUNDED_ADDRESS_C: fundedKey?.cChainAddress,
    AVX_FUNDED_ADDRESS_P: fundedKey?.pChainAddress,
    AVX_FUNDED_ADDRESS_X: fundedKey?.xChainAddress,
  });
}

/** @returns Those that have a value. */
function present(variables: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = Object.entries(variables).filter(([, value]) => value !== undefined && value !== "");
  return Object.fromEntries(entries) as Record<string, string>;
}

/**
 * Writes variables as somebody reads them.
 *
 * @throws {TmpnetError} `option` for a value that a form cannot hold.
 *
 * @example
 * ```ts
 * formatEnvironment({ DIR: "/it's here" }, "sh"); // "export DIR='/it'\\''s here'\n"
 * ```
 */
export function formatEnvironment(variables: Readonly<Record<string, string>>, format: EnvFormat): string {
  return Object.entries(variables)
    .map(([name, value]) => `${WRITERS[format](name, value)}\n`)
    .join("");
}

const WRITERS: Readonly<Record<EnvFormat, (name: string, value: string) => string>> = {
  // All that is between single quotes is itself, line ends too.
  sh: (name, value) => `export ${name}=${isPlain(value) ? value : `'${value.replaceAll("'", "'\\''")}'`}`,
  fish: (name, value) =>
    `set -gx ${name} ${isPlain(value) ? value : `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`};`,
  // PowerShell takes typographic quotes for quotes, too.
  powershell: (name, value) => `$Env:${name} = '${value.replace(/['\u2018\u2019\u201a\u201b]/g, "$&$&")}'`,
  github: githubLine,
  dotenv: (name, value) => {
    if (/[\r\n]/.test(value)) throw unfit(name, "a line end, which a file of variables cannot hold");
    return `${name}=${isPlain(value) ? value : value.includes("'") ? JSON.stringify(value) : `'${value}'`}`;
  },
};

/** Values of several lines stand between marks that are not in them. */
function githubLine(name: string, value: string): string {
  if (!/[\r\n]/.test(value)) return `${name}=${value}`;
  const mark = `avx_${randomUUID()}`;
  return `${name}<<${mark}\n${value}\n${mark}`;
}

function isPlain(value: string): boolean {
  return /^[A-Za-z0-9_/.,:@%+-]+$/.test(value);
}

function unfit(name: string, what: string): TmpnetError {
  return new TmpnetError({ code: "option", option: "format" }, `${name} has ${what}`, {
    hint: "Choose another format",
  });
}
