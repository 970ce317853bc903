/**
 * Runs a network of avx nodes in this process, on virtual time.
 *
 * Usage: ./compile.sh simulate [--nodes N] [--validators V] [--seed S] [--loss P] …; `--help` tells all.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import process from "node:process";
import { formatOptions, parseCommandLine, USAGE, UsageError } from "./command_line.ts";
import type { SimulationOptions } from "./options.ts";
import type { Report } from "./report.ts";
import { growthTable, reportText } from "./report_text.ts";
import { runScenario } from "./scenario.ts";
import { Simulation } from "./simulation.ts";

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`simulate: ${error.message}\nRun ./compile.sh simulate --help to see how it is used.\n`);
  process.exitCode = 2;
}

async function main(args: string[]): Promise<number> {
  const { grow, help, json, logFile, options } = parseCommandLine(args);
  if (help) {
    print(USAGE);
    return 0;
  }
  if (grow.length > 0) {
    const reports = grow.map((nodes) => runElsewhere({ ...options, nodes }));
    print(json ? JSON.stringify(reports, undefined, 2) : growthTable(reports));
    return reports.every(({ faults }) => faults.length === 0) ? 0 : 1;
  }
  const report = await run(options, logFile);
  print(json ? JSON.stringify(report, undefined, 2) : reportText(report));
  return report.faults.length === 0 ? 0 : 1;
}

async function run(options: SimulationOptions, logFile: string | undefined): Promise<Report> {
  if (logFile === undefined) return runScenario(new Simulation({}, options));
  const file = openSync(logFile, "w");
  try {
    return await runScenario(new Simulation({ writeLog: (text) => writeSync(file, text) }, options));
  } finally {
    closeSync(file);
  }
}

/** Runs in a process of its own: what one size took of memory is not counted for the next. */
function runElsewhere(options: SimulationOptions): Report {
  process.stderr.write(`simulate: ${options.nodes} nodes\n`);
  const program = process.argv[1] as string;
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...formatOptions(options), "--json"], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0 && status !== 1) throw new Error(`The run with ${options.nodes} nodes failed:\n${stderr}`);
  return JSON.parse(stdout) as Report;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
