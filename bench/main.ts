/**
 * Measures the network layer between two processes over TLS.
 *
 * Usage: ./compile.sh bench [--seconds N] [--json] [NAME...]: only the cases whose name holds a NAME.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { GOSSIP_CASES, measureGossip, sendGossip } from "./gossip.ts";
import { dialHandshakes, measureHandshakes } from "./handshakes.ts";
import type { Measurement } from "./measure.ts";
import { askChain, CHAIN_CASES, measureChain } from "./requests.ts";

interface BenchCase {
  readonly name: string;
  readonly unit: string;
  measure(seconds: number): Promise<Measurement>;
}

const CASES: readonly BenchCase[] = [
  ...GOSSIP_CASES.map((gossip) => ({
    name: gossip.name,
    unit: "messages/s",
    measure: (seconds: number) => measureGossip(gossip, seconds),
  })),
  ...CHAIN_CASES.map((chain) => ({
    name: chain.name,
    unit: chain.inFlight > 0 ? "answers/s" : "messages/s",
    measure: (seconds: number) => measureChain(chain, seconds),
  })),
  { name: "handshakes", unit: "handshakes/s", measure: measureHandshakes },
];

const USAGE = "Usage: ./compile.sh bench [--seconds N] [--json] [NAME...]";

const [role, ...rest] = process.argv.slice(2);
if (role === "gossip-sender") await sendGossip(rest);
else if (role === "chain-asker") await askChain(rest);
else if (role === "handshake-dialler") await dialHandshakes(rest);
else await main(process.argv.slice(2));

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    options: {
      seconds: { type: "string", default: "3" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
    allowPositionals: true,
  });
  if (values.help) {
    console.log(`${USAGE}\n\nNAMEs are parts of: ${CASES.map(({ name }) => name).join(", ")}`);
    return;
  }
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) throw new Error(`--seconds takes a number above 0, not ${values.seconds}`);
  const chosen = CASES.filter(
    ({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
  );
  const results: (Measurement & { name: string })[] = [];
  for (const { name, unit, measure } of chosen) {
    const result = await measure(seconds);
    results.push({ name, ...result });
    if (values.json) continue;
    const rate = Math.round(result.perSecond).toLocaleString("en").padStart(12);
    const cost = result.cpuMicroseconds.toFixed(result.cpuMicroseconds < 100 ? 2 : 0);
    console.log(
      `${name.padEnd(25)} ${rate} ${unit.padEnd(12)}  ${cost.padStart(8)} µs of the receiver's processor each`,
    );
  }
  if (values.json) console.log(JSON.stringify(results, undefined, 2));
  process.exit(0);
}
