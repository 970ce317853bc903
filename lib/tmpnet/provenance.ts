/**
 * Where a network's directory comes from, and what it would have run here.
 *
 * A directory names programs, and a start runs them. One that avx made in this very place is its user's own, and so is
 * one in their own root, where tmpnetctl makes them. Of any other it is shown what it would run; and where that could be
 * somebody else's doing, it is not run before the user says so.
 *
 * @module
 */

import { lstatSync, realpathSync, type Stats, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative } from "node:path";
import { readableNamesIn } from "./disk/files.ts";
import { type Env, rootNetworkDir } from "./disk/layout.ts";
import { readOwnRecord, updateOwnRecord } from "./disk/own_record.ts";
import { TmpnetError } from "./errors.ts";
import type { FlagsMap } from "./flags_map.ts";
import type { ReadNetwork } from "./read.ts";
import { presentable } from "./runtime/log_watch.ts";

/** How many things of one kind are shown. */
const MAX_SHOWN = 20;

/** Writable by everybody. */
const OTHERS_WRITE = 0o002;

/** Tells a directory from every copy of it: it is another one once it was packed, sent and unpacked. */
export function directoryMark(dir: string): string {
  const { ino, birthtimeMs } = statSync(dir);
  return `${ino}:${Math.floor(birthtimeMs)}`;
}

/**
 * Looks at a network's directory before something that it names is run.
 *
 * @param options `trust` lets everything run and remembers it.
 * @returns What should be shown; `undefined` for a directory that is the user's own.
 * @throws {TmpnetError} `untrusted`, with what it would run.
 */
export function examineProvenance(
  network: ReadNetwork,
  { env, trust = false }: { readonly env: Env; readonly trust?: boolean | undefined },
): string | undefined {
  const { dir } = network;
  const { madeIn } = readOwnRecord(dir);
  const stat = statSync(dir);
  const isMine = isOwnedByMe(stat) && (stat.mode & OTHERS_WRITE) === 0;
  const isHome = madeIn === undefined ? dirname(dir) === realRoot(env) : madeIn === directoryMark(dir);
  if (isMine && isHome) return undefined;
  if (trust) {
    if (isOwnedByMe(stat)) updateOwnRecord(dir, { madeIn: directoryMark(dir) });
    return undefined;
  }

  const shown = contentsOf(network);
  const dangers = [
    ...(isOwnedByMe(stat) ? [] : ["it belongs to another user"]),
    ...((stat.mode & OTHERS_WRITE) === 0 ? [] : ["everybody may write in it"]),
    ...programsOf(network).flatMap((path) => dangersOf(path, network)),
  ];
  const facts = [...shown].map((fact) => `\n  ${presentable(fact)}`).join("");
  if (dangers.length === 0) return `${dir} was not made here; it has${facts}`;
  const reasons = dangers.map((danger) => `\n  ${presentable(danger)}`).join("");
  throw new TmpnetError(
    { code: "untrusted", path: dir },
    `${dir} was not made here, and nothing of it is run before you say so:${reasons}\nIt has${facts}`,
    { hint: "If you know where it comes from, say --trust" },
  );
}

/** What a network would have run or written outside of its directory, in words. */
function contentsOf(network: ReadNetwork): Set<string> {
  const { dir, config, nodes } = network;
  const shown = new Set<string>();
  for (const path of programsOf(network)) shown.add(`the program ${path}`);
  for (const { process } of [config.defaultRuntimeConfig, ...nodes.map(({ runtimeConfig }) => runtimeConfig)]) {
    if (process?.pluginDir) shown.add(`plugins in ${process.pluginDir}`);
  }
  for (const flags of [config.defaultFlags, ...nodes.map((node) => node.flags)]) {
    for (const [name, path] of pathFlags(flags)) shown.add(`the flag ${name}=${path}`);
  }
  for (const link of linksOut(dir)) shown.add(`the link ${link}`);
  return shown;
}

function programsOf({ config, nodes }: ReadNetwork): string[] {
  const runtimes = [config.defaultRuntimeConfig, ...nodes.map(({ runtimeConfig }) => runtimeConfig)];
  return [...new Set(runtimes.flatMap(({ process }) => (process?.avalancheGoPath ? [process.avalancheGoPath] : [])))];
}

/** Why a program could be somebody else's doing. One that is missing is told when it is to be run. */
function dangersOf(path: string, { dir }: ReadNetwork): string[] {
  // The script by which avx is named is written anew before it is run.
  if (path === readOwnRecord(dir).ownProgram) return [];
  let real: string;
  let stat: Stats;
  try {
    real = realpathSync(path);
    stat = statSync(real);
  } catch {
    return [];
  }
  const dangers: string[] = [];
  if (!isAbsolute(path)) dangers.push(`the program ${path} has no absolute path`);
  if (isInside(dir, real)) dangers.push(`it brings the program ${path} with it`);
  if (!isOwnedByMe(stat) && stat.uid !== 0) dangers.push(`the program ${path} belongs to another user`);
  if ((stat.mode & OTHERS_WRITE) !== 0) dangers.push(`everybody may write the program ${path}`);
  return dangers;
}

function pathFlags(flags: FlagsMap): [name: string, path: string][] {
  return Object.entries(flags).filter(([, value]) => value.startsWith("/"));
}

/** Links in the directory and in those below it that lead out of it. */
function linksOut(dir: string): string[] {
  const found: string[] = [];
  const look = (parent: string, depth: number) => {
    for (const name of readableNamesIn(parent)) {
      if (found.length >= MAX_SHOWN) return;
      const path = join(parent, name);
      const stat = lstatSync(path, { throwIfNoEntry: false });
      if (stat?.isDirectory() && depth > 0) look(path, depth - 1);
      if (!stat?.isSymbolicLink()) continue;
      const target = realPathOf(path);
      if (target !== undefined && !isInside(dir, target)) found.push(`${relative(dir, path)} to ${target}`);
    }
  };
  look(dir, 2);
  return found;
}

function isInside(dir: string, path: string): boolean {
  const way = relative(dir, path);
  return way !== "" && !way.startsWith("..") && !isAbsolute(way);
}

function isOwnedByMe({ uid }: Stats): boolean {
  return uid === process.getuid?.();
}

function realRoot(env: Env): string | undefined {
  return realPathOf(rootNetworkDir(undefined, env));
}

function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
