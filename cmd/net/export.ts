/**
 * `avx net export`: a network as a file that `avx net start -f` starts one from.
 *
 * @module
 */

import { resolve } from "node:path";
import { writeFileWhole } from "../../lib/tmpnet/disk/files.ts";
import { Network } from "../../lib/tmpnet/network.ts";
import { exportNetwork } from "../../lib/tmpnet/network_file/export.ts";
import type { CommandContext, RegisterCommand } from "../command.ts";
import { addNetworkOptions, findNetwork, programOf, type WhichNetwork } from "./options.ts";

interface ExportOptions extends WhichNetwork {
  readonly output?: string;
}

export const registerExport: RegisterCommand = (group, context) => {
  addNetworkOptions(
    group
      .command("export")
      .description(`Write what a network is as a file: ${programOf(context)} net start -f starts one like it.`),
  )
    .option("-o, --output <file>", "where to (default: what is printed)")
    .action((options: ExportOptions) => exportTo(options, context));
};

async function exportTo(options: ExportOptions, context: CommandContext): Promise<void> {
  const { cwd, env, stderr, stdout } = context;
  const text = await exportNetwork(Network.read(findNetwork(options, context), { env }));
  if (options.output === undefined) {
    stdout.write(text);
    return;
  }
  const path = resolve(cwd, options.output);
  writeFileWhole(path, text);
  stderr.write(`Wrote ${path}\nFor an editor, beside it: ${programOf(context)} net schema > network.schema.json\n`);
}
