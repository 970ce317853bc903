/**
 * The rule of the house: a wing leans only on floors below its own, a room of `lib/p2p` only on rooms below it, and no
 * files import each other in a circle. Imports of types count: they are how contracts travel.
 *
 * @module
 */

import { posix } from "node:path";

/** A module of the project: its path from the root, with `/`, and its text. */
export interface Module {
  readonly path: string;
  readonly source: string;
}

/** Which floor each wing stands on. */
const FLOORS: Readonly<Record<string, number>> = {
  cmd: 4,
  "mod.ts": 4,
  "lib/node": 3,
  "lib/tmpnet": 3,
  "lib/p2p": 2,
  "lib/platform": 2,
  "lib/core": 1,
};

/** The rooms of `lib/p2p`: each may lean on those of a lower number. */
const P2P_ROOMS: Readonly<Record<string, number>> = {
  message: 0,
  transport: 0,
  throttling: 1,
  peer: 2,
  network: 3,
  routing: 4,
  app: 5,
};

/** Leanings that the order of rooms would allow and the plan does not. */
const FORBIDDEN_ROOMS: Readonly<Record<string, readonly string[]>> = {
  // Throttling takes numbers and node IDs, never messages.
  throttling: ["message"],
};

/** Data at the root that code may read. */
const ROOT_DATA = new Set(["package.json"]);

/**
 * Reads imports and names what breaks the rule.
 *
 * @returns One sentence for each import that leans the wrong way and for each circle; empty when the house stands.
 */
export function findViolations(modules: readonly Module[]): string[] {
  const imports = new Map(modules.map((module) => [module.path, importedPaths(module)]));
  const violations: string[] = [];
  for (const [from, targets] of imports) {
    for (const to of targets) {
      const reason = whyForbidden(from, to);
      if (reason !== undefined) violations.push(`${from} imports ${to}: ${reason}`);
    }
  }
  for (const circle of findCircles(imports)) violations.push(`a circle: ${circle.join(" -> ")}`);
  return violations;
}

/** The project's own modules that a module imports, types included, as paths from the root. */
export function importedPaths(module: Module): string[] {
  const found = new Set<string>();
  for (const specifier of importSpecifiers(module.source)) {
    if (specifier.startsWith(".")) found.add(posix.join(posix.dirname(module.path), specifier));
  }
  return [...found];
}

/** `import … from "x"`, `import "x"`, `export … from "x"`, at the start of a line. */
const STATIC_IMPORT =
  /^(?:import|export)\b(?:(?:[^;"'`(=/]|\/\/.*\n|\/\*[\s\S]*?\*\/)*?\bfrom)?\s*(["'])([^"'\n]+)\1/gm;
/** `import("x")`, as a value or in a type, on a line that is no comment. */
const DYNAMIC_IMPORT = /^(?!\s*(?:\*|\/\/|\/\*)).*?\b(?:import|require)\(\s*(["'])([^"'\n]+)\1/gm;

function importSpecifiers(source: string): Set<string> {
  const specifiers = new Set<string>();
  for (const pattern of [STATIC_IMPORT, DYNAMIC_IMPORT]) {
    for (const match of source.matchAll(pattern)) specifiers.add(match[2] ?? "");
  }
  // The parser sees every import of a value, however it is written, but leaves types out.
  for (const { path } of new Bun.Transpiler({ loader: "ts" }).scanImports(source)) specifiers.add(path);
  return specifiers;
}

function whyForbidden(from: string, to: string): string | undefined {
  const fromWing = wingOf(from);
  const toWing = wingOf(to);
  if (fromWing === undefined) return "the importing file lies in no wing";
  if (toWing === undefined) return ROOT_DATA.has(to) ? undefined : "that lies in no wing";
  if (fromWing !== toWing) return whyWingsForbidden(fromWing, toWing);
  return fromWing === "lib/p2p" ? whyRoomsForbidden(from, to) : undefined;
}

function whyWingsForbidden(from: string, to: string): string | undefined {
  const fromFloor = FLOORS[from] ?? 0;
  const toFloor = FLOORS[to] ?? 0;
  if (toFloor < fromFloor) return undefined;
  const way = toFloor === fromFloor ? "sideways" : "up";
  return `${from} (floor ${fromFloor}) leans ${way} on ${to} (floor ${toFloor})`;
}

function whyRoomsForbidden(from: string, to: string): string | undefined {
  const fromRoom = roomOf(from);
  const toRoom = roomOf(to);
  if (fromRoom === toRoom) return undefined;
  const fromRank = rankOf(fromRoom);
  const toRank = rankOf(toRoom);
  if (fromRank === undefined) return `lib/p2p has no room "${fromRoom}"`;
  if (toRank === undefined) return `lib/p2p has no room "${toRoom}"`;
  if (FORBIDDEN_ROOMS[fromRoom]?.includes(toRoom)) return `${fromRoom} knows nothing of ${toRoom}`;
  if (toRank < fromRank) return undefined;
  return `room ${fromRoom} leans ${toRank === fromRank ? "sideways" : "up"} on room ${toRoom}`;
}

function wingOf(path: string): string | undefined {
  const [first = "", second = ""] = path.split("/");
  const wing = first === "lib" ? `lib/${second}` : first;
  return wing in FLOORS ? wing : undefined;
}

/** The room of a file under `lib/p2p`; empty for a file that lies in none, which stands above them all. */
function roomOf(path: string): string {
  const parts = path.split("/");
  return parts.length > 3 ? (parts[2] ?? "") : "";
}

function rankOf(room: string): number | undefined {
  return room === "" ? Number.POSITIVE_INFINITY : P2P_ROOMS[room];
}

/** Each circle once, from its first file in the order of the walk back to it. */
function findCircles(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const circles: string[][] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const walk = (module: string): void => {
    if (done.has(module)) return;
    const start = path.indexOf(module);
    if (start !== -1) {
      circles.push([...path.slice(start), module]);
      return;
    }
    path.push(module);
    for (const next of imports.get(module) ?? []) walk(next);
    path.pop();
    done.add(module);
  };
  for (const module of imports.keys()) walk(module);
  return circles;
}
