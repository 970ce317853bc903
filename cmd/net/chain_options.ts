/**
 * What a chain is to be, as options of commands that make one.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { errorMessage } from "../../lib/core/errors.ts";
import { type GenesisSource, readGenesisSource } from "../../lib/tmpnet/subnets/genesis_source.ts";
import { type ChainSpec, vmIDOf } from "../../lib/tmpnet/subnets/spec.ts";
import type { CommandContext } from "../command.ts";
import { UsageError } from "../errors.ts";

/** Their values. */
export interface ChainOptions {
  readonly vm?: string;
  readonly genesisFile?: string;
  readonly genesis?: string;
  readonly genesisCommand?: string;
  readonly chainConfig?: string;
  readonly versionArgs?: string;
  readonly preFundedKey?: string;
}

/**
 * Adds the options.
 *
 * @param vmHelp What is said of `--vm`.
 */
export function addChainOptions(command: Command, vmHelp: string): Command {
  return command
    .option("--vm <name or ID>", vmHelp)
    .addOption(
      new Option("--genesis-file <file>", "the chain's genesis, byte for byte: hex is not decoded").conflicts([
        "genesis",
        "genesisCommand",
      ]),
    )
    .addOption(new Option("--genesis <text>", "the chain's genesis: hex after 0x, or the text itself"))
    .addOption(
      new Option("--genesis-command <command>", "a command of yours that prints the genesis").conflicts("genesis"),
    )
    .option("--chain-config <file>", "the chain's configuration, as its VM has it")
    .option("--version-args <arguments>", "what the plugin is called with to tell its version")
    .option("--pre-funded-key <key>", "a key that the genesis funds, kept with the chain");
}

/**
 * The chain that the options describe; its genesis is read, or made by the user's command.
 *
 * @returns `undefined` where they describe none.
 * @throws {UsageError} For a part of one; {@link SubnetError} `genesis`.
 */
export async function chainOf(options: ChainOptions, { cwd, signal }: CommandContext): Promise<ChainSpec | undefined> {
  const { vm, chainConfig, versionArgs, preFundedKey } = options;
  const source = genesisSource(options, cwd);
  if (vm === undefined) {
    if (source === undefined && chainConfig === undefined) return undefined;
    throw withoutVM();
  }
  if (source === undefined) {
    const hint = "Give it with --genesis-file, --genesis or --genesis-command";
    throw new UsageError("A chain needs a genesis", { hint });
  }
  const vmID = vmIDOf(vm);
  if (vmID === undefined) throw new UsageError(`"${vm}" is no VM: a name has 1 to 32 bytes`);
  return {
    vmID,
    genesis: await readGenesisSource(source, { signal }),
    config: chainConfig === undefined ? undefined : textFile(resolve(cwd, chainConfig)),
    versionArgs: versionArgs?.split(/\s+/).filter((word) => word !== ""),
    preFundedKey,
  };
}

/** For a chain whose VM is not named. */
export function withoutVM(): UsageError {
  return new UsageError("A chain needs a VM", { hint: "Name it with --vm, such as --vm xsvm" });
}

/** @throws {UsageError} For a file that cannot be read. */
export function textFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new UsageError(`Cannot read ${path}: ${errorMessage(cause)}`);
  }
}

function genesisSource(options: ChainOptions, cwd: string): GenesisSource | undefined {
  const { genesisFile, genesis, genesisCommand } = options;
  if (genesisFile !== undefined) return { kind: "file", path: resolve(cwd, genesisFile) };
  if (genesis !== undefined) return { kind: "text", text: genesis };
  return genesisCommand === undefined ? undefined : { kind: "command", command: genesisCommand };
}
