/**
 * Asks a running node what it has.
 *
 * @module
 */

import { API_METHODS } from "./methods.ts";
import { labelNames, parseMetrics } from "./parse_metrics.ts";

/** A family of metrics, without its values. */
export interface FamilyFacts {
  readonly type: string;
  readonly labels: readonly string[];
}

/** What one node has. */
export interface NodeFacts {
  /** Such as `avalanchego/1.14.2`. */
  readonly version: string;
  readonly families: ReadonlyMap<string, FamilyFacts>;
  /** The checks at `/ext/health`, and the keys of what each finds, with those within them: `engine.consensus`. */
  readonly checks: ReadonlyMap<string, readonly string[]>;
  /** Those of {@link API_METHODS} that are there. */
  readonly methods: ReadonlySet<string>;
  /** What those of {@link QUESTIONS} are refused with. */
  readonly refusals: ReadonlyMap<string, string>;
}

/** Methods that a node without chains has and cannot answer, and what they are asked with; harmless to any node. */
const QUESTIONS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["info.isBootstrapped", { chain: "X" }],
  ["info.getVMs", {}],
  ["info.acps", {}],
  ["admin.dbGet", { key: "0x00" }],
  ["admin.loadVMs", {}],
  ["admin.getLoggerLevel", {}],
  ["admin.getChainAliases", { chain: "X" }],
]);

/** Between two looks at what a node shows, milliseconds: longer than apps take between two cycles. */
const SETTLING_MS = 2_000;

/** {@link gatherFacts}, once the families that a node shows are no longer more than they were a moment ago. */
export async function gatherSettled(uri: string): Promise<NodeFacts> {
  let before = 0;
  for (;;) {
    const facts = await gatherFacts(uri);
    if (facts.families.size === before) return facts;
    before = facts.families.size;
    await new Promise((done) => setTimeout(done, SETTLING_MS));
  }
}

/** Asks for everything. */
export async function gatherFacts(uri: string): Promise<NodeFacts> {
  const [version, families, checks, methods, refusals] = await Promise.all([
    nodeVersion(uri),
    gatherFamilies(uri),
    gatherChecks(uri),
    gatherMethods(uri),
    gatherRefusals(uri),
  ]);
  return { version, families, checks, methods, refusals };
}

async function nodeVersion(uri: string): Promise<string> {
  const { body } = await call(`${uri}/ext/info`, "info.getNodeVersion", {});
  return (JSON.parse(body) as { result: { version: string } }).result.version;
}

async function gatherFamilies(uri: string): Promise<NodeFacts["families"]> {
  const response = await fetch(`${uri}/ext/metrics`);
  if (!response.ok) throw new Error(`${uri}/ext/metrics answers ${response.status}`);
  const families = parseMetrics(await response.text());
  return new Map([...families].map(([name, family]) => [name, { type: family.type, labels: labelNames(family) }]));
}

async function gatherChecks(uri: string): Promise<NodeFacts["checks"]> {
  const response = await fetch(`${uri}/ext/health`);
  const { checks } = (await response.json()) as { checks: Record<string, { message?: unknown }> };
  return new Map(Object.entries(checks).map(([name, { message }]) => [name, keysOf(message)]));
}

/** The keys of an object and of those within it, in their order. */
function keysOf(value: unknown, before = ""): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => [`${before}${key}`, ...keysOf(inner, `${before}${key}.`)]);
}

/**
 * Every method is called with an argument that none takes: where it is there, nothing is done but to refuse that.
 */
async function gatherMethods(uri: string): Promise<NodeFacts["methods"]> {
  const found = await Promise.all(
    API_METHODS.map(async ({ name, path }) => {
      const { body, status } = await call(`${uri}${path}`, name, [7]);
      const isMissing = status === 404 || /can't find (method|service)|does not exist\/is not available/.test(body);
      return isMissing ? [] : [name];
    }),
  );
  return new Set(found.flat());
}

async function gatherRefusals(uri: string): Promise<NodeFacts["refusals"]> {
  const refusals = new Map<string, string>();
  for (const { name, path } of API_METHODS) {
    if (!QUESTIONS.has(name)) continue;
    const { body } = await call(`${uri}${path}`, name, QUESTIONS.get(name));
    const message = /^\{/.test(body)
      ? (JSON.parse(body) as { error?: { message: string } }).error?.message
      : body.trim();
    if (message !== undefined) refusals.set(name, message);
  }
  return refusals;
}

async function call(url: string, method: string, params: unknown): Promise<{ status: number; body: string }> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  return { status: response.status, body: await response.text() };
}
