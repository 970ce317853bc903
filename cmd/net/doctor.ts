/**
 * `avx net doctor`: what keeps networks from running, and what they have left.
 *
 * @module
 */

import { resolve } from "node:path";
import { runDoctor } from "../../lib/tmpnet/doctor/doctor.ts";
import type { Finding } from "../../lib/tmpnet/doctor/finding.ts";
import { harmless } from "../../lib/tmpnet/logs/entry.ts";
import type { CommandContext, RegisterCommand } from "../command.ts";
import { AlreadyTold } from "../errors.ts";
import type { DoctorDocument } from "../json_documents.ts";
import { versionLine } from "../version.ts";
import { jsonOption, programOf, rootNetworkDirOption } from "./options.ts";
import { counted, paint, type Tone, wrapped } from "./text.ts";

interface DoctorCommandOptions {
  readonly rootNetworkDir?: string;
  readonly pluginDir?: string;
  readonly json?: boolean;
}

export const registerDoctor: RegisterCommand = (group, context) => {
  group
    .command("doctor")
    .description("Look at all that networks need and leave, and say what to do; exit with 1 when something is wrong.")
    .addOption(rootNetworkDirOption())
    .option("--plugin-dir <dir>", "where VM plugins are looked for")
    .addOption(jsonOption("the findings"))
    .action((options: DoctorCommandOptions) => doctor(options, context));
};

async function doctor(options: DoctorCommandOptions, context: CommandContext): Promise<void> {
  const { stdout, env, cwd } = context;
  const fromHere = (path: string | undefined) => (path ? resolve(cwd, path) : undefined);
  const found = await runDoctor(
    { rootDir: fromHere(options.rootNetworkDir), pluginDir: fromHere(options.pluginDir), version: versionLine() },
    { env },
  );
  const program = programOf(context);
  const findings = found.map((finding): Finding => {
    return finding.todo === undefined
      ? finding
      : { ...finding, todo: finding.todo.replaceAll("avx net", `${program} net`) };
  });
  const problems = findings.filter(({ status }) => status === "problem").length;
  const warnings = findings.filter(({ status }) => status === "warning").length;
  if (options.json) {
    const document: DoctorDocument = { healthy: problems === 0, problems, warnings, findings };
    stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  } else {
    stdout.write(findings.map((finding) => findingText(finding, context)).join(""));
    const more = warnings === 0 ? "" : `, ${counted(warnings, "warning")}`;
    stdout.write(
      `${problems === 0 ? paint(stdout, "good", "No problem") : paint(stdout, "bad", counted(problems, "problem"))}${more}\n`,
    );
  }
  if (problems > 0) throw new AlreadyTold();
}

const MARKS: Readonly<Record<Finding["status"], readonly [Tone, string]>> = {
  ok: ["good", "ok     "],
  warning: ["wait", "warning"],
  problem: ["bad", "problem"],
};

function findingText({ check, status, what, todo }: Finding, { stdout }: CommandContext): string {
  const [tone, mark] = MARKS[status];
  const text = (words: string, indent: number) => wrapped(stdout, harmless(words).replaceAll("\n", " "), indent);
  const next = todo === undefined ? "" : `${" ".repeat(22)}${paint(stdout, "faint", "→")} ${text(todo, 24)}\n`;
  return `${paint(stdout, tone, mark)}  ${check.padEnd(11)}  ${text(what, 22)}\n${next}`;
}
