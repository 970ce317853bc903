/**
 * A network that is described in a file: what `avx net start -f` starts.
 *
 * Paths in it are relative to it. A program that it names is run with the user's word only: a file may be anybody's.
 *
 * @module
 */

import { dirname, resolve } from "node:path";
import { fromHex } from "../../core/bytes.ts";
import { AvxError, errorMessage } from "../../core/errors.ts";
import { badFile, readTextFile } from "../disk/files.ts";
import type { JSONMap } from "../disk/json.ts";
import { parseFile } from "../disk/json.ts";
import type { Env } from "../disk/layout.ts";
import { flagsFromJSON } from "../flags_map.ts";
import { installedProgram } from "../install/store.ts";
import type { NetworkOptions } from "../network_options.ts";
import type { NodeTemplate } from "../node_template.ts";
import { type GenesisSource, readGenesisSource } from "../subnets/genesis_source.ts";
import type { ChainSpec, L1Spec, SubnetSpec } from "../subnets/spec.ts";
import { type Fault, JSONDocument, type Path } from "./document.ts";
import { schemaFaults } from "./schema.ts";

/** A file describes a network, and holds none: this many bytes are plenty. */
const MAX_BYTES = 8 * 1024 * 1024;

/** How a file is read. */
export interface NetworkFileControl {
  /** Where versions of avalanchego are found. @default The process's. */
  readonly env?: Env | undefined;
  /** Whether commands in it are run: say so for files of your own. @default {false} */
  readonly allowCommands?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The file as its schema has it. */
interface FileShape {
  readonly owner?: string;
  readonly networkID?: number;
  readonly avalanchegoPath?: string;
  readonly avalanchegoVersion?: string;
  readonly pluginDir?: string;
  readonly nodeCount?: number;
  readonly nodes?: readonly NodeShape[];
  readonly lightNodeCount?: number;
  readonly flags?: JSONMap;
  readonly primaryChainConfigs?: Readonly<Record<string, JSONMap>>;
  readonly primarySubnetConfig?: JSONMap;
  readonly basePort?: number;
  readonly reuseDynamicPorts?: boolean;
  readonly sharedProcesses?: boolean;
  readonly upgradeFile?: string;
  readonly genesisFile?: string;
  readonly cChainGenesisFile?: string;
  readonly fund?: readonly string[];
  readonly apps?: readonly string[];
  readonly tmpnetDefaults?: boolean;
  readonly subnets?: readonly SubnetShape[];
}

interface NodeShape {
  readonly flags?: JSONMap;
  readonly stake?: number | string;
  readonly ephemeral?: boolean;
  readonly avalanchegoPath?: string;
  readonly avalanchegoVersion?: string;
  readonly pluginDir?: string;
}

interface SubnetShape {
  readonly name: string;
  readonly validators?: number | readonly (string | number)[];
  readonly config?: JSONMap;
  readonly chains?: readonly ChainShape[];
  readonly owningKey?: string;
  readonly l1?: boolean | L1Shape;
}

interface ChainShape extends Pick<ChainSpec, "vmName" | "vmID" | "versionArgs" | "preFundedKey"> {
  readonly genesis: string | { readonly file?: string; readonly json?: unknown; readonly command?: string };
  readonly config?: string | JSONMap;
}

interface L1Shape extends Pick<L1Spec, "managerChain"> {
  readonly managerAddress?: string;
  readonly balance?: number | string;
  readonly validators?: readonly {
    readonly node: string | number;
    readonly weight?: number | string;
    readonly balance?: number | string;
  }[];
}

/**
 * Reads a network from its file.
 *
 * @param path JSON, with comments and commas at the end of lists allowed; its schema is `avx net schema`'s.
 * @returns What {@link Network.start} takes.
 * @throws {TmpnetError} `bad-file`, with the place of each mistake and the way to it; {@link SubnetError} `genesis`.
 *
 * @example
 * ```ts
 * import { mkdtemp, writeFile } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 *
 * const path = join(await mkdtemp(join(tmpdir(), "avx-")), "network.json");
 * await writeFile(path, '{ "nodeCount": 3, "flags": { "log-level": "debug" } } // three nodes');
 * await using network = await Network.start(await readNetworkFile(path));
 * ```
 */
export async function readNetworkFile(path: string, control: NetworkFileControl = {}): Promise<NetworkOptions> {
  const text = readTextFile(path, MAX_BYTES);
  if (text === undefined) throw badFile(path, "there is no such file");
  const document = new JSONDocument(path, text);
  const faults = schemaFaults(document.value);
  if (faults.length > 0) throw document.fail(faults);
  return await new Reader(path, document, control).options();
}

/** Makes options of a file that fits its schema. */
class Reader {
  readonly #document: JSONDocument;
  readonly #directory: string;
  readonly #control: NetworkFileControl;
  readonly #faults: Fault[] = [];

  constructor(path: string, document: JSONDocument, control: NetworkFileControl) {
    this.#document = document;
    this.#directory = dirname(resolve(path));
    this.#control = control;
  }

  async options(): Promise<NetworkOptions> {
    const file = this.#document.value as FileShape;
    const program = this.#program(file, []);
    const pluginDir = this.#path(file.pluginDir);
    const options: NetworkOptions = {
      owner: file.owner,
      networkID: file.networkID,
      avalanchegoPath: program,
      pluginDir,
      nodeCount: file.nodeCount,
      nodes: file.nodes?.map((node, i) => this.#node(node, ["nodes", i], { program, pluginDir })),
      lightNodeCount: file.lightNodeCount,
      defaultFlags: flagsFromJSON(file.flags),
      primaryChainConfigs: file.primaryChainConfigs && this.#jsonMaps(["primaryChainConfigs"]),
      primarySubnetConfig: file.primarySubnetConfig && this.#json(["primarySubnetConfig"]),
      basePort: file.basePort,
      reuseDynamicPorts: file.reuseDynamicPorts,
      sharedProcesses: file.sharedProcesses,
      upgradeFile: this.#path(file.upgradeFile),
      genesisFile: this.#path(file.genesisFile),
      cChainGenesisFile: this.#path(file.cChainGenesisFile),
      fund: file.fund,
      apps: file.apps?.map((app) => resolve(this.#directory, app)),
      tmpnetDefaults: file.tmpnetDefaults,
    };
    const subnets = (file.subnets ?? []).map((subnet, i) => this.#subnet(subnet, ["subnets", i]));
    // What is run or read at length comes last: a file with mistakes runs nothing.
    if (this.#faults.length > 0) throw this.#document.fail(this.#faults);
    return { ...options, subnets: await Promise.all(subnets.map((subnet) => subnet())) };
  }

  /** @param all What all nodes run that name nothing else. */
  #node(
    node: NodeShape,
    path: Path,
    all: { readonly program: string | undefined; readonly pluginDir: string | undefined },
  ): NodeTemplate {
    const own = this.#program(node, path);
    const program = own ?? (node.pluginDir === undefined ? undefined : all.program);
    if (node.pluginDir !== undefined && program === undefined) {
      this.#fault(
        [...path, "pluginDir"],
        "plugins are avalanchego's: avalanchegoPath or avalanchegoVersion is missing",
      );
    }
    const pluginDir = this.#path(node.pluginDir) ?? all.pluginDir;
    return {
      flags: flagsFromJSON(node.flags),
      isEphemeral: node.ephemeral,
      stake: this.#amount(node.stake, [...path, "stake"]),
      ...(program === undefined
        ? {}
        : {
            runtimeConfig: { process: { avalancheGoPath: program, ...(pluginDir === undefined ? {} : { pluginDir }) } },
          }),
    };
  }

  /** The program that a file or one of its nodes names. */
  #program({ avalanchegoPath, avalanchegoVersion }: NodeShape, path: Path): string | undefined {
    if (avalanchegoVersion === undefined) return this.#path(avalanchegoPath);
    const field = [...path, "avalanchegoVersion"];
    try {
      if (avalanchegoPath === undefined) return installedProgram(avalanchegoVersion, this.#control.env ?? process.env);
      this.#fault(field, "avalanchegoPath names the program already");
    } catch (error) {
      const hint = error instanceof AvxError && error.hint !== undefined ? `: ${error.hint}` : "";
      this.#fault(field, `${errorMessage(error)}${hint}`);
    }
    return undefined;
  }

  /** @returns What makes it whole: its chains' genesis is read when that is called. */
  #subnet({ name, validators, config, owningKey, ...rest }: SubnetShape, path: Path): () => Promise<SubnetSpec> {
    const chains = (rest.chains ?? []).map((chain, i) => this.#chain(chain, [...path, "chains", i]));
    const l1 = this.#l1(rest.l1, [...path, "l1"]);
    return async () => ({
      name,
      validators,
      config: config && this.#json([...path, "config"]),
      owningKey,
      l1,
      chains: await Promise.all(chains.map((chain) => chain())),
    });
  }

  #chain(chain: ChainShape, path: Path): () => Promise<ChainSpec> {
    const { vmName, vmID, versionArgs, preFundedKey, config } = chain;
    if ((vmName === undefined) === (vmID === undefined)) {
      this.#fault(path, "a chain names its VM either by vmName or by vmID");
    }
    const source = this.#genesis(chain.genesis, [...path, "genesis"]);
    const configText = typeof config === "object" ? this.#document.jsonOf([...path, "config"]) : config;
    return async () => {
      const genesis = await readGenesisSource(source, { signal: this.#control.signal });
      return { vmName, vmID, versionArgs, preFundedKey, config: configText, genesis };
    };
  }

  #genesis(genesis: ChainShape["genesis"], path: Path): GenesisSource {
    if (typeof genesis === "string") return { kind: "text", text: genesis };
    if (genesis.file !== undefined) return { kind: "file", path: resolve(this.#directory, genesis.file) };
    if (genesis.command === undefined) return { kind: "text", text: this.#document.jsonOf([...path, "json"]) };
    if (this.#control.allowCommands !== true) {
      this.#fault([...path, "command"], `it would run ${genesis.command}: with --allow-commands it may`);
    }
    return { kind: "command", command: genesis.command };
  }

  #l1(l1: SubnetShape["l1"], path: Path): L1Spec | undefined {
    if (l1 === undefined || l1 === false) return undefined;
    if (l1 === true) return {};
    const { managerChain, managerAddress, validators } = l1;
    return {
      managerChain,
      managerAddress: managerAddress === undefined ? undefined : fromHex(managerAddress),
      balance: this.#amount(l1.balance, [...path, "balance"]),
      validators: validators?.map(({ node, weight, balance }, i) => ({
        node,
        weight: this.#amount(weight, [...path, "validators", i, "weight"]),
        balance: this.#amount(balance, [...path, "validators", i, "balance"]),
      })),
    };
  }

  /** As it is written: numbers that JavaScript would round are exact. */
  #amount(amount: number | string | undefined, path: Path): bigint | undefined {
    if (amount === undefined) return undefined;
    const text = typeof amount === "string" ? amount : this.#document.jsonOf(path);
    try {
      return BigInt(text);
    } catch (error) {
      this.#fault(path, `it is no whole number: ${errorMessage(error)}`);
      return undefined;
    }
  }

  #json(path: Path): JSONMap {
    return parseFile(this.#document.jsonOf(path)) as JSONMap;
  }

  #jsonMaps(path: Path): Readonly<Record<string, JSONMap>> {
    return this.#json(path) as Readonly<Record<string, JSONMap>>;
  }

  #path(path: string | undefined): string | undefined {
    return path === undefined ? undefined : resolve(this.#directory, path);
  }

  #fault(path: Path, message: string): void {
    this.#faults.push({ path, message });
  }
}
