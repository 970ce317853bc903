/**
 * Writes docs/side_by_side.md: what avalanchego has, what avx has, and why what is missing is missing.
 *
 *     ./compile.sh side-by-side [--avalanchego-path PATH] [--avalanchego-uri URI --avx-uri URI] [--out FILE]
 *
 * @module
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { compare, complaints } from "./compare.ts";
import { gatherSettled } from "./gather.ts";
import { startAvalanchego, startAvx } from "./nodes.ts";
import { SIDE_BY_SIDE_PAGE, sideBySidePage } from "./page.ts";

const USAGE = `Usage: ./compile.sh side-by-side [option...]

Asks a node of avalanchego and one of avx what they have, and writes ${SIDE_BY_SIDE_PAGE}.
It starts both, unless it is told where they run. The exit code is 1 where something is
missing and no reason is known.

  --avalanchego-path PATH  the avalanchego to start (default: AVALANCHEGO_PATH)
  --avalanchego-uri URI    a node that runs, such as http://127.0.0.1:9650
  --avx-uri URI            a node that runs
  --out FILE               where to write (default: ${SIDE_BY_SIDE_PAGE})
  --help                   prints this
`;

const ROOT = resolve(import.meta.dirname, "../..");

/** Names of avalanchego's flags, recorded from its help. */
export function recordedFlags(): string[] {
  const flags = JSON.parse(readFileSync(join(ROOT, "tests/fixtures/flags.json"), "utf8")) as { name: string }[];
  return flags.map(({ name }) => name);
}

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      "avalanchego-path": { type: "string", default: process.env["AVALANCHEGO_PATH"] ?? "" },
      "avalanchego-uri": { type: "string" },
      "avx-uri": { type: "string" },
      out: { type: "string", default: join(ROOT, SIDE_BY_SIDE_PAGE) },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const { "avalanchego-path": program, "avalanchego-uri": upstreamURI, "avx-uri": ownURI } = values;
  if (upstreamURI === undefined && program === "") {
    console.error(`There is no avalanchego to ask: name one with --avalanchego-path or --avalanchego-uri\n\n${USAGE}`);
    return 2;
  }

  const directory = mkdtempSync(join(tmpdir(), "avx-side-by-side-"));
  try {
    await using stack = new AsyncDisposableStack();
    const upstream = upstreamURI ?? firstURI(stack.use(await startAvalanchego(directory, program)));
    const own = ownURI ?? firstURI(stack.use(await startAvx(directory)));
    const facts = { upstream: await gatherSettled(upstream), own: await gatherSettled(own) };
    const comparison = compare(facts.upstream, facts.own);
    writeFileSync(values.out, sideBySidePage({ ...facts, comparison, upstreamFlags: recordedFlags() }));
    const found = complaints(comparison);
    for (const complaint of found) console.error(`side-by-side: ${complaint}`);
    console.log(`Wrote ${values.out}`);
    return found.length === 0 ? 0 : 1;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function firstURI(network: { nodeUris(): readonly { readonly uri: string }[] }): string {
  const [first] = network.nodeUris();
  if (first === undefined) throw new Error("the network has no node that runs");
  return first.uri;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
