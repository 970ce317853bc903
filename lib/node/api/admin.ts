/**
 * `/ext/admin`: what an operator may change and look into while a node runs (upstream `api/admin/service.go`).
 *
 * It is served only where it is switched on, and never to a page of another origin: see `local_origin.ts`.
 *
 * @module
 */

import { AvxError } from "../../core/errors.ts";
import { type ID, parseID } from "../../core/ids/id.ts";
import { LOG_LEVELS, type LogLevel } from "../../core/log.ts";
import { quote } from "../../core/quote.ts";
import { decodeObject, decodeString, type FieldDecoder, unmarshal } from "../../platform/go_json/decode.ts";
import type { GoJSONValue } from "../../platform/go_json/format.ts";
import type { JSONNode } from "../../platform/go_json/parse.ts";
import { method, methodWithoutArguments, type RPCService } from "./json_rpc.ts";
import type { RouteAliases } from "./route_aliases.ts";

/** Levels of a logger. */
export interface LoggerLevels {
  readonly logLevel: LogLevel;
  readonly displayLevel: LogLevel;
}

/** What the API asks of the node behind it. */
export interface AdminSource {
  readonly loggers: {
    readonly names: readonly string[];
    /** @throws Where there is no such logger. */
    levels(name: string): LoggerLevels;
    setLevels(name: string, levels: Partial<LoggerLevels>): void;
  };
  readonly chains: {
    findChain(alias: string): ID | undefined;
    /** All names of a chain, the usual one first; none where it is not known. */
    aliases(chainID: ID): readonly string[];
    /** @throws Where the name is taken. */
    alias(chainID: ID, alias: string): void;
  };
  readonly profiler: {
    /** @throws Where one is under way. */
    startCPU(): Promise<void>;
    /** @throws Where none is under way. */
    stopCPU(): Promise<void>;
    writeHeap(): Promise<void>;
  };
  /** What the node was started with, without secrets. */
  readonly config: GoJSONValue;
}

export type AdminErrorType =
  | { readonly code: "alias-too-long"; readonly length: number }
  | { readonly code: "no-level" }
  | { readonly code: "unknown-logger"; readonly name: string }
  | { readonly code: "unknown-chain"; readonly chain: string }
  | { readonly code: "not-here"; readonly method: string };

/** What cannot be done. The message is what the caller reads. */
export class AdminError extends AvxError<AdminErrorType> {}

/** Upstream's limit, in bytes. */
const MAX_ALIAS_LENGTH = 512;

/** @param routes Where other names of paths are kept. */
export function adminService(source: AdminSource, routes: RouteAliases): RPCService {
  const { chains, loggers, profiler } = source;
  const doing = (act: () => Promise<void>) =>
    methodWithoutArguments(async () => {
      await act();
      return {};
    });
  return {
    setLoggerLevel: method(readLevels, ({ loggerName, logLevel, displayLevel }) => {
      if (logLevel === undefined && displayLevel === undefined) {
        throw new AdminError({ code: "no-level" }, "need to specify either displayLevel or logLevel");
      }
      const names = namesOf(loggers, loggerName);
      for (const name of names) {
        loggers.setLevels(name, {
          ...(logLevel === undefined ? {} : { logLevel }),
          ...(displayLevel === undefined ? {} : { displayLevel }),
        });
      }
      return levelsOf(loggers, names);
    }),
    getLoggerLevel: method(
      (args) => readTexts(args, "admin.GetLoggerLevelArgs", ["loggerName"]),
      ({ loggerName }) => levelsOf(loggers, namesOf(loggers, loggerName)),
    ),
    alias: method(
      (args) => readTexts(args, "admin.AliasArgs", ["endpoint", "alias"]),
      ({ endpoint, alias }) => {
        checkAlias(alias);
        routes.add(endpoint, alias);
        return {};
      },
    ),
    aliasChain: method(
      (args) => readTexts(args, "admin.AliasChainArgs", ["chain", "alias"]),
      ({ chain, alias }) => {
        checkAlias(alias);
        const chainID = chains.findChain(chain);
        if (chainID === undefined) {
          throw new AdminError({ code: "unknown-chain", chain }, `there is no ID with alias: ${chain}`);
        }
        chains.alias(chainID, alias);
        return {};
      },
    ),
    getChainAliases: method(
      (args) => readTexts(args, "admin.GetChainAliasesArgs", ["chain"]),
      ({ chain }) => {
        const aliases = chains.aliases(parseID(chain));
        return { aliases: aliases.length === 0 ? null : [...aliases] };
      },
    ),
    getConfig: methodWithoutArguments(() => source.config),
    startCPUProfiler: doing(() => profiler.startCPU()),
    stopCPUProfiler: doing(() => profiler.stopCPU()),
    memoryProfile: doing(() => profiler.writeHeap()),
    lockProfile: notHere("lockProfile", "it runs on one thread and waits for no locks"),
    stacktrace: notHere(
      "stacktrace",
      "its one thread is busy with this very answer; admin.startCPUProfiler shows where its time goes",
    ),
    loadVMs: notHere("loadVMs", "it runs no virtual machines"),
    dbGet: notHere("dbGet", "it keeps no database"),
  };
}

function notHere(name: string, why: string) {
  return methodWithoutArguments(() => {
    throw new AdminError({ code: "not-here", method: name }, `admin.${name} is not for avx: ${why}`);
  });
}

function checkAlias(alias: string): void {
  const { length } = new TextEncoder().encode(alias);
  if (length > MAX_ALIAS_LENGTH) throw new AdminError({ code: "alias-too-long", length }, "alias length is too long");
}

/** The logger of a name, or all where it is empty. */
function namesOf({ names }: AdminSource["loggers"], name: string): readonly string[] {
  if (name === "") return names;
  if (!names.includes(name)) {
    throw new AdminError({ code: "unknown-logger", name }, `logger with name ${quote(name)} not found`);
  }
  return [name];
}

function levelsOf(loggers: AdminSource["loggers"], names: readonly string[]): GoJSONValue {
  const entries = [...names].sort().map((name): [string, GoJSONValue] => {
    const { logLevel, displayLevel } = loggers.levels(name);
    return [name, { logLevel: logLevel.toUpperCase(), displayLevel: displayLevel.toUpperCase() }];
  });
  return { loggerLevels: Object.fromEntries(entries) };
}

function readTexts<N extends string>(
  args: JSONNode | undefined,
  type: string,
  names: readonly N[],
): Readonly<Record<N, string>> {
  const texts = Object.fromEntries(names.map((name) => [name, ""])) as Record<N, string>;
  const reading = (name: N): FieldDecoder => {
    return (node, place) => {
      texts[name] = decodeString(node, place, texts[name]);
    };
  };
  const fields = Object.fromEntries(names.map((name) => [name, reading(name)]));
  unmarshal((place) => args && decodeObject(args, place, type, fields));
  return texts;
}

interface LevelArgs {
  loggerName: string;
  logLevel: LogLevel | undefined;
  displayLevel: LogLevel | undefined;
}

function readLevels(args: JSONNode | undefined): LevelArgs {
  const found: LevelArgs = { loggerName: "", logLevel: undefined, displayLevel: undefined };
  const reading = (name: "logLevel" | "displayLevel"): FieldDecoder => {
    return (node, place) => {
      found[name] = node.kind === "null" ? undefined : levelOf(decodeString(node, place, ""));
    };
  };
  unmarshal(
    (place) =>
      args &&
      decodeObject(args, place, "admin.SetLoggerLevelArgs", {
        loggerName: (node, at) => {
          found.loggerName = decodeString(node, at, found.loggerName);
        },
        logLevel: reading("logLevel"),
        displayLevel: reading("displayLevel"),
      }),
  );
  return found;
}

/** Levels are taken in any case of letters. What is thrown here refuses the call with one text for all. */
function levelOf(text: string): LogLevel {
  const level = LOG_LEVELS.find((name) => name === text.toLowerCase());
  if (level === undefined) throw new Error(`unknown log level: ${quote(text)}`);
  return level;
}
